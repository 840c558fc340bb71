import type { RunQuery } from "@atomic-agents/core";
import { styleText } from "node:util";
import { runTable } from "../output/run-table.ts";
import { writeOutput } from "../output/write-output.ts";
import { allRuns } from "../runs/all-runs.ts";
import { withRuns } from "../runs/open-runs.ts";
import { type RunLine, runLineOf } from "../runs/run-line.ts";
import type { listedStatuses } from "../runs/statuses.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic runs list`. */
export interface RunsListOptions extends ProjectOptions {
  readonly limit: number;
  readonly status?: (typeof listedStatuses)[number];
}

/** `atomic runs list`: the runs that are kept, the one that began last first. */
export async function runsListCommand(name: string | undefined, options: RunsListOptions): Promise<void> {
  const { limit, status, json = false } = options;
  const { lines, isMore } = await withRuns(options, async (store) => {
    const query: RunQuery = name === undefined ? {} : { agent: name };
    const lines: RunLine[] = [];
    for await (const record of allRuns(store, query)) {
      const line = runLineOf(record);
      if (status !== undefined && line.status !== status) continue;
      if (lines.length === limit) return { lines, isMore: true };
      lines.push(line);
    }
    return { lines, isMore: false };
  });
  if (json) return writeOutput(JSON.stringify(lines), "-");
  if (lines.length === 0) return writeOutput(nothing(name, status), "-");
  const table = runTable(lines, {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    heading: (text) => styleText("bold", text, { stream: process.stdout }),
  });
  await writeOutput(isMore ? `${table}\n… and older ones: --limit shows more` : table, "-");
}

function nothing(name: string | undefined, status: string | undefined): string {
  const of = name === undefined ? "" : ` of ${JSON.stringify(name)}`;
  const that = status === undefined ? "" : ` with the status ${status}`;
  return `No runs${of}${that} are kept here. Each \`atomic run <flow>\` is.`;
}
