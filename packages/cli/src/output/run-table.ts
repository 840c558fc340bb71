import { stripVTControlCharacters } from "node:util";
import type { RunLine } from "../runs/run-line.ts";
import { alignNumbers } from "./align-numbers.ts";
import { countText } from "./count-text.ts";
import { durationText } from "./duration.ts";
import { momentText, shortMomentText } from "./moment.ts";
import { drawTable, type TableOptions } from "./table.ts";
import { textWidth } from "./text-width.ts";

const columns = ["RUN", "NAME", "STATUS", "STARTED", "DURATION", "READ", "DELIVERED", "FILTERED", "DEAD"];
const narrowColumns = columns.filter((column) => column !== "DURATION");
const ofNumbers: ReadonlySet<string> = new Set(["DURATION", "READ", "DELIVERED", "FILTERED", "DEAD"]);
/** So many characters of an id are as good as the whole. */
const leastLength = 8;

/** Runs as a table; of their ids as much as tells them apart. Where it has no room, it does without what is needed least. */
export function runTable(runs: readonly RunLine[], options: TableOptions = {}): string {
  const { width = Number.POSITIVE_INFINITY, ...drawing } = options;
  const whole = drawRuns(runs, columns, momentText, drawing);
  const isTooWide = whole.split("\n").some((line) => textWidth(stripVTControlCharacters(line)) > width);
  return isTooWide ? drawRuns(runs, narrowColumns, shortMomentText, options) : whole;
}

function drawRuns(
  runs: readonly RunLine[],
  columns: readonly string[],
  toMoment: (timestampMs: number) => string,
  options: TableOptions,
): string {
  const length = distinctLength(runs.map(({ runId }) => runId));
  const cells = runs.map(({ runId, name, status, startedAtMs, durationMs, counts, errorCode }) => [
    runId.slice(0, length),
    name,
    errorCode === undefined ? status : `${status} ${errorCode}`,
    toMoment(startedAtMs),
    ...(columns.includes("DURATION") ? [durationText(durationMs)] : []),
    ...[counts?.read, counts?.delivered, counts?.filtered, counts?.deadLettered].map((count) =>
      count === undefined ? "" : countText(count),
    ),
  ]);
  return drawTable(alignNumbers(columns, cells, ofNumbers), options);
}

/** How many characters tell all ids apart. */
export function distinctLength(ids: readonly string[]): number {
  const longest = Math.max(0, ...ids.map((id) => id.length));
  for (let length = leastLength; length < longest; length++) {
    if (new Set(ids.map((id) => id.slice(0, length))).size === new Set(ids).size) return length;
  }
  return Math.max(leastLength, longest);
}
