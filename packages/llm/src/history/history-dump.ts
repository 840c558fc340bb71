/** A history as JSON: what a store keeps. Schemas are named, never what code made the contents. */
export interface HistoryDump {
  readonly format: "atomic-agents-history-1";
  readonly turns: readonly TurnDump[];
  /** What `reset` goes back to. */
  readonly initial: readonly TurnDump[];
  readonly maxTurns?: number;
  readonly maxTokens?: number;
}

/** A turn in a dump. */
export interface TurnDump {
  readonly id: string;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
}
