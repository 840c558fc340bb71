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
  // The groups of a window follow one another.
  const [startOf, endOf] = [isoTimes(), isoTimes()];
  return (keys, startMs, endMs, figures) => {
    const record: Record<string, unknown> = {};
    for (let index = 0; index < by.length; index++) record[by[index] ?? ""] = keys[index];
    record["windowStart"] = startOf(startMs);
    record["windowEnd"] = endOf(endMs);
    for (const [name, figure] of figures.result()) record[name] = figure;
    return record;
  };
}

/** Texts of times, of which the last is at hand. */
function isoTimes(): (timeMs: number) => string {
  let lastMs = Number.NaN;
  let text = "";
  return (timeMs) => {
    if (timeMs !== lastMs) {
      text = isoTime(timeMs);
      lastMs = timeMs;
    }
    return text;
  };
}

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
