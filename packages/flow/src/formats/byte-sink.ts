/** Where bytes go. Calls come one after the other, as those of a `SinkWriter`. */
export interface ByteSink {
  /** What is written is there at once, and cannot be taken back. */
  readonly isDirect?: boolean | undefined;
  /** When it resolves, the bytes need not be held any longer. */
  readonly write: (bytes: Buffer) => Promise<void>;
  /** Nothing more comes: makes what was written last, and does not show it yet. */
  readonly prepare: () => Promise<void>;
  /** Shows what was written. */
  readonly publish: () => Promise<void>;
  /** Removes what was written, where that can be done; may come at any moment, also more than once. */
  readonly discard: () => Promise<void>;
}
