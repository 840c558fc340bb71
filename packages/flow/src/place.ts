/** Where a record is from, as far as its source knows. */
export interface Place {
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line?: number | undefined;
  /** In UTF-16 units, counted from 1; where something is wrong. */
  readonly column?: number | undefined;
  /** Where the record begins. */
  readonly byteOffset?: number | undefined;
}

/** A place as people read it: `tickets.jsonl:12:7`. */
export function showPlace({ file, line, column }: Place): string {
  return [file ?? "record", line, column].filter((part) => part !== undefined).join(":");
}
