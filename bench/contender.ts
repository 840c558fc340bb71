import type { Operation, Schemas, Stages } from "./workload.ts";

/** The most a row may cost, as a multiple of each floor. */
export interface Target {
  readonly sixParses?: number;
  readonly fourParses?: number;
}

/** What a row of the table needs to know before its code is loaded. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly group: "floor" | "ours" | "peer";
  readonly schemas: "shared" | "different";
  readonly target?: Target;
  /** For peers: what is validated, and by whom. */
  readonly checkedBy?: string;
  /** Packages whose versions the table names; resolved from the peers' folder. */
  readonly packages?: readonly string[];
  /** Loads the contender. Called in a child process only. */
  readonly load: () => Promise<Build>;
}

/** Makes the operation to measure. Called once per process, before anything is timed. */
export type Build = (schemas: Schemas, stages: Stages) => Operation | Promise<Operation>;
