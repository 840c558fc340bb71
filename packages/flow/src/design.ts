import type { DeadLetter } from "./dead-letter.ts";
import type { HashedStage } from "./flow-hash.ts";
import type { RedriveOptions } from "./letters/redrive-scan.ts";
import type { Node, RecordPolicy } from "./nodes/node.ts";
import type { Source } from "./source.ts";

/** One stage of a flow's design. */
export interface Part extends HashedStage {
  readonly make: (id: string) => Node;
}

/** What a flow is, before it runs. */
export interface Design {
  readonly name: string;
  /** What its caller has put into the hash. */
  readonly text?: string | undefined;
  readonly policy: RecordPolicy;
  readonly source: Source<unknown>;
  readonly parts: readonly Part[];
  /** What comes in the place of the source's records. */
  readonly letters?: { readonly source: Source<DeadLetter>; readonly options: RedriveOptions } | undefined;
}

/** A stage that has no place in a flow yet. */
export type NewPart = Omit<Part, "make" | "needsAll"> & { readonly needsAll?: boolean };

/** A design with one part more; an id that is taken gets a number. */
export function withPart(design: Design, part: NewPart, make: Part["make"]): Design {
  const { parts } = design;
  const { id } = part;
  const taken = new Set(parts.map((other) => other.id));
  let unique = id;
  for (let number = 2; taken.has(unique); number++) unique = `${id}-${number}`;
  return { ...design, parts: [...parts, { needsAll: false, ...part, id: unique, make }] };
}
