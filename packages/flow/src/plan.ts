import type { FlowAlerts } from "./alerts.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { Redrive } from "./letters/redrive.ts";
import type { Node, RecordPolicy } from "./nodes/node.ts";
import type { Sink } from "./sink.ts";
import type { Source } from "./source.ts";

/** What a flow is made of. */
export interface Plan {
  readonly name: string;
  /** Gives the hash of the flow's design; asked for when there is something to say about it. */
  readonly hash: () => string;
  readonly source: Source<unknown>;
  /** What becomes of records that cannot be read, or that the source's schema does not take. */
  readonly policy: RecordPolicy;
  readonly nodes: readonly Node[];
  readonly letters: Sink<DeadLetter> | undefined;
  /** Brings back dead letters, which are then what the source gives. */
  readonly redrive?: Redrive | undefined;
  readonly alerts?: FlowAlerts | undefined;
}
