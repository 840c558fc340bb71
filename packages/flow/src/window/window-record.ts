import type { GroupFigures } from "../aggregation/figures.ts";
import type { KeyValue } from "../keys.ts";

/** Makes the record of a group in a window. */
export type WindowRecord = (
  keys: readonly KeyValue[],
  startMs: number,
  endMs: number,
  figures: GroupFigures,
) => Readonly<Record<string, unknown>>;

/** The keys that say which window a record is of. */
export const windowKeys = ["windowStart", "windowEnd"] as const;

export function windowRecordOf(by: readonly string[]): WindowRecord {
  return (keys, startMs, endMs, figures) => {
    const record: Record<string, unknown> = {};
    for (let index = 0; index < by.length; index++) record[by[index] ?? ""] = keys[index];
    record["windowStart"] = isoTime(startMs);
    record["windowEnd"] = isoTime(endMs);
    for (const [name, figure] of figures.result()) record[name] = figure;
    return record;
  };
}

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
