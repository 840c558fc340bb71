import type { MetricsSummary } from "@atomic-agents/core";
import { alignNumbers } from "./align-numbers.ts";
import { durationText } from "./duration.ts";
import { drawTable, type TableOptions } from "./table.ts";

/** What was counted as a table: a line for each agent that was run, and one for each stage, `pipeline/stage`. */
export function metricsTable(
  { agents, stages }: Pick<MetricsSummary, "agents" | "stages">,
  options: TableOptions = {},
): string {
  const lines = [
    ...Object.entries(agents).map(([name, counted]) => ({ name: `run ${name}`, calls: "", counted })),
    ...Object.entries(stages).map(([name, counted]) => ({ name, calls: String(counted.attempts), counted })),
  ];
  const cells = lines.map(({ name, calls, counted: { executions, errors, durations } }) => [
    name,
    String(executions),
    calls,
    errorsText(errors),
    durationText(durations.meanMs),
    durationText(durations.p50Ms),
    durationText(durations.p95Ms),
  ]);
  const columns = ["STAGE", "COUNT", "CALLS", "ERRORS", "MEAN", "P50", "P95"];
  return drawTable(alignNumbers(columns, cells, ofNumbers), options);
}

function errorsText(errors: Readonly<Record<string, number>>): string {
  const codes = Object.entries(errors).map(([code, count]) => `${count} ${code}`);
  return codes.length === 0 ? "0" : codes.join(", ");
}

/** Columns of numbers begin where their longest one does. */
const ofNumbers: ReadonlySet<string> = new Set(["COUNT", "CALLS", "MEAN", "P50", "P95"]);
