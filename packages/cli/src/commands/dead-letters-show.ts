import type { DeadLetter } from "@atomic-agents/flow";
import { styleText } from "node:util";
import { countText } from "../output/count-text.ts";
import { letterLine } from "../output/flow-report.ts";
import { inputExcerpt, letterText } from "../output/letter-text.ts";
import { markFor } from "../output/report-text.ts";
import { writeOutput } from "../output/write-output.ts";
import { findRun } from "../runs/find-run.ts";
import { withRuns } from "../runs/open-runs.ts";
import { lettersOf, plainLetter, reportedLetter } from "../runs/run-letters.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic dead-letters show`. */
export interface DeadLettersShowOptions extends ProjectOptions {
  readonly limit: number;
  readonly stage?: string;
}

const defaultWidth = 100;

/** `atomic dead-letters show`: the dead letters of a run, or one of them with all that is known of it. */
export async function deadLettersShowCommand(
  run: string,
  number: number | undefined,
  options: DeadLettersShowOptions,
): Promise<void> {
  await withRuns(options, async (store) => {
    const record = await findRun(store, run);
    const letters = lettersOf(record);
    if (number === undefined) await showAll(letters, options);
    else await showOne(letters, number, record.report.runId, options);
  });
}

async function showAll(letters: AsyncIterable<DeadLetter>, options: DeadLettersShowOptions): Promise<void> {
  const { limit, stage, json = false } = options;
  let number = 0;
  let shown = 0;
  let more = 0;
  for await (const letter of letters) {
    number++;
    if (stage !== undefined && letter.stage !== stage) continue;
    if (shown === limit) more++;
    else {
      shown++;
      await writeOutput(json ? jsonOf(letter, number) : lineOf(letter, number), "-");
    }
  }
  if (shown === 0 && !json)
    await writeOutput(`No dead letter is of the stage ${JSON.stringify(stage)}.`, "-");
  if (more > 0 && !json) await writeOutput(`… and ${countText(more)} more: --limit shows more`, "-");
}

async function showOne(
  letters: AsyncIterable<DeadLetter>,
  wanted: number,
  runId: string,
  { json = false }: DeadLettersShowOptions,
): Promise<void> {
  let number = 0;
  for await (const letter of letters) {
    number++;
    if (number !== wanted) continue;
    const label = (text: string) => styleText("bold", text, { stream: process.stdout });
    return writeOutput(json ? jsonOf(letter, number) : letterText(letter, label), "-");
  }
  throw new UsageError(`Run ${runId} has no dead letter ${wanted}`, {
    where: "[number]",
    expected: `a number from 1 to ${number}`,
    got: String(wanted),
  });
}

function lineOf(letter: DeadLetter, number: number): string {
  const lead = `${String(number).padStart(4)}  `;
  const width = (process.stdout.isTTY ? process.stdout.columns : undefined) || defaultWidth;
  const input = inputExcerpt(letter, width - lead.length);
  const line = letterLine(reportedLetter(letter), markFor(process.stdout));
  return `${lead}${line}\n${" ".repeat(lead.length)}${input}`;
}

function jsonOf(letter: DeadLetter, number: number): string {
  return JSON.stringify({ number, ...plainLetter(letter) });
}
