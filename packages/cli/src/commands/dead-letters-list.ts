import type { RunRecord } from "@atomic-agents/core";
import { styleText } from "node:util";
import { alignNumbers } from "../output/align-numbers.ts";
import { countOf, countText } from "../output/count-text.ts";
import { momentText } from "../output/moment.ts";
import { shortMessage } from "../output/flow-report.ts";
import { drawTable } from "../output/table.ts";
import { writeOutput } from "../output/write-output.ts";
import { allRuns } from "../runs/all-runs.ts";
import { findRun } from "../runs/find-run.ts";
import { groupLetters, type LetterGroup } from "../runs/letter-groups.ts";
import { withRuns } from "../runs/open-runs.ts";
import { lettersFileOf, lettersOf } from "../runs/run-letters.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic dead-letters list`. */
export interface DeadLettersListOptions extends ProjectOptions {
  readonly limit: number;
}

interface RunWithLetters {
  readonly runId: string;
  readonly name: string;
  readonly startedAtMs: number;
  readonly letters: number;
  readonly file: string;
  /** Undefined where the file is gone. */
  readonly groups: readonly LetterGroup[] | undefined;
}

/** `atomic dead-letters list`: which runs have dead letters, at which stages, and why. */
export async function deadLettersListCommand(
  run: string | undefined,
  options: DeadLettersListOptions,
): Promise<void> {
  const found = await withRuns(options, async (store) => {
    if (run !== undefined) {
      const record = await findRun(store, run);
      // Says what is wrong with it.
      return [await withGroups(record, await groupLetters(lettersOf(record)))];
    }
    const runs: RunWithLetters[] = [];
    for await (const record of allRuns(store)) {
      if ((await lettersFileOf(record)) === undefined) continue;
      runs.push(await withGroups(record, await groupsOf(record)));
      if (runs.length === options.limit) break;
    }
    return runs;
  });
  if (options.json === true) return writeOutput(JSON.stringify(found), "-");
  const text =
    found.length === 0 ? "No run that is kept here has dead letters." : found.map(runText).join("\n\n");
  await writeOutput(text, "-");
}

async function withGroups(
  record: RunRecord,
  groups: readonly LetterGroup[] | undefined,
): Promise<RunWithLetters> {
  const { runId, agent: name, startedAtMs } = record.report;
  const file = (await lettersFileOf(record)) ?? "";
  // The record of a run that was killed is of a moment before its end.
  const letters = groups?.reduce((sum, { count }) => sum + count, 0) ?? record.flow?.letters ?? 0;
  return { runId, name, startedAtMs, letters, file, groups };
}

async function groupsOf(record: RunRecord): Promise<readonly LetterGroup[] | undefined> {
  try {
    return await groupLetters(lettersOf(record));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

const columns = ["  LETTERS", "STAGE", "CODE", "FIRST"];
const ofNumbers: ReadonlySet<string> = new Set(["  LETTERS"]);

function runText({ runId, name, startedAtMs, letters, file, groups }: RunWithLetters): string {
  const heading = (text: string) => styleText("bold", text, { stream: process.stdout });
  const head = `${heading(runId)} ${name}, ${momentText(startedAtMs)}: ${countOf(letters, "dead letter")}`;
  if (groups === undefined) return `${head}\n  gone: ${file} is not there, or holds those of another run`;
  const cells = groups.map(({ count, stage, code, first }) => [
    countText(count),
    stage,
    code,
    `${first.place}  ${shortMessage(first.message)}`,
  ]);
  const table = drawTable(alignNumbers(columns, cells, ofNumbers), {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    heading,
  });
  return `${head}\n${table}`;
}
