import type { RunOptionsOrContext, RunOrigin } from "@atomic-agents/core";
import type { FlowAlerts } from "./alerts.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { RecordPolicy } from "./nodes/node.ts";
import type { Sink } from "./sink.ts";

/** What a flow is called, and what becomes of records that cannot be read. */
export interface FlowOptions {
  /** `flow` unless said otherwise. */
  readonly name?: string | undefined;
  /** What becomes of a record that its source cannot read or does not take; `dead-letter`. */
  readonly onError?: RecordPolicy | undefined;
  /** Part of the flow's `hash`: a text that changes with what functions given to the flow do, where their source is data. */
  readonly design?: string | undefined;
}

/** How a flow is run. */
export interface FlowRunOptions {
  /** Where dead letters go; without it they are counted, and the summary shows the first ten. */
  readonly deadLetters?: Sink<DeadLetter> | undefined;
  /** When the log shall say that too many records fail; never unless it is said. */
  readonly alerts?: FlowAlerts | undefined;
  /** How the run came to be: kept with its record, where the run's options have a store. */
  readonly origin?: RunOrigin | undefined;
  /** Options of the run, or the context of the run that the flow shall be part of. */
  readonly run?: RunOptionsOrContext | undefined;
}
