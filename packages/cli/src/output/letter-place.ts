import { shownPath } from "./shown-path.ts";

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
  const path = shownPath(file);
  if (line === undefined) return `${path}, record ${record}`;
  return column === undefined ? `${path}:${line}` : `${path}:${line}:${column}`;
}

/** A message without the place at its beginning, which is told by itself. */
export function withoutPlace(message: string, { file, line, column }: LetterPlace): string {
  const place = [file ?? "record", line, column].filter((part) => part !== undefined).join(":");
  return message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message;
}
