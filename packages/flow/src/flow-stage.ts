/** What a stage of a flow does. */
export type StageKind =
  | "through"
  | "filter"
  | "map"
  | "split"
  | "batch"
  | "sort"
  | "deduplicate"
  | "aggregate"
  | "window"
  | "operator"
  | "join"
  | "tee";

/** One stage of a flow, as its design says. */
export interface FlowStage {
  /** Unique in the flow. */
  readonly id: string;
  readonly kind: StageKind;
  /** The name of the agent that it runs. */
  readonly agent?: string | undefined;
  /** Whether what becomes of a record depends on which others there are, so that records cannot be done again by themselves. */
  readonly needsAll: boolean;
}
