import { contentParts } from "../history/content-parts.ts";

/** A value a line, as JSON without its media: what one says cannot pass for another. */
export function recordLines(records: Iterable<unknown>): string {
  return Array.from(records, (record) => JSON.stringify(contentParts(record).value ?? null)).join("\n");
}
