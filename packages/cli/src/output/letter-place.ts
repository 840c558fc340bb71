/** What a dead letter, or one that was read again from a file, says of where its record is from. */
export interface LetterPlace {
  readonly record: number;
  readonly source: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Where a record is from, so that a person can go there: `tickets.jsonl:17:3`, or else `record 17 of the source`. */
export function letterPlace({ record, source, file, line, column }: LetterPlace): string {
  if (file === undefined) return `record ${record} of ${source}`;
  if (line === undefined) return `${file}, record ${record}`;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}
