import { redacted, type RunRecord } from "@atomic-agents/core";
import { type DeadLetter, readDeadLetters } from "@atomic-agents/flow";
import { runStateOf } from "@atomic-agents/project";
import { statSync } from "node:fs";
import type { ReportedLetter } from "../output/flow-report.ts";
import { letterPlace, withoutPlace } from "../output/letter-place.ts";
import { UsageError } from "../usage-error.ts";
import { runOfLetters } from "./run-of-letters.ts";
import { cutTornLine, unpublishedLetters } from "./unpublished-letters.ts";

/** The file that has a run's dead letters; undefined where it has none. */
export async function lettersFileOf(record: RunRecord): Promise<string | undefined> {
  return publishedLetters(record) ?? (await unpublishedLetters(record));
}

/** The same, where the file is there and still holds them. */
export async function ownLetters(record: RunRecord): Promise<string | undefined> {
  const file = await lettersFileOf(record);
  if (file === undefined || !isFile(file)) return undefined;
  const of = await runOfLetters(file);
  return of === undefined || of === record.report.runId ? file : undefined;
}

function publishedLetters({ flow }: RunRecord): string | undefined {
  const sink = flow?.sinks.find(({ name }) => name === flow.lettersTo);
  // Those of a run that failed may not have been kept.
  if (flow === undefined || flow.letters === 0 || sink?.published !== true) return undefined;
  return flow.origin?.deadLetters ?? flow.lettersTo;
}

/** The dead letters of a run, read as they are asked for. @throws UsageError when there is no file of them (any more) */
export async function* lettersOf(record: RunRecord): AsyncGenerator<DeadLetter> {
  yield* readDeadLetters(await openLetters(record));
}

/** The file of a run's dead letters. @throws UsageError when there is none (any more) */
export async function openLetters(record: RunRecord): Promise<string> {
  const { runId, agent } = record.report;
  const file = await lettersFileOf(record);
  const state = runStateOf(record);
  if (file === undefined && (state === "running" || state === "pending")) {
    throw new UsageError(`Run ${runId} of ${agent} is still running`, {
      where: "<run>",
      hint: "Its dead letters are there when it has ended.",
    });
  }
  if (file === undefined && state === "interrupted") {
    throw new UsageError(`Run ${runId} of ${agent} was killed before it had written a dead letter`, {
      where: "<run>",
      hint: `atomic run ${agent}`,
    });
  }
  if (file === undefined) {
    throw new UsageError(`Run ${runId} of ${agent} has no dead letters`, {
      where: "<run>",
      hint: "atomic runs list --status partial",
    });
  }
  if (!isFile(file)) {
    throw new UsageError(`The dead letters of run ${runId} are gone: there is no file ${file}`, {
      where: "<run>",
      hint: "Run the flow again.",
    });
  }
  const of = await runOfLetters(file);
  if (of !== undefined && of !== runId) {
    throw new UsageError(`The dead letters of run ${runId} are gone: ${file} holds those of run ${of}`, {
      where: "<run>",
      got: runId,
      hint: `atomic redrive ${of}, or run the flow again. Where a flow file names no deadLetters, each run has a file of its own.`,
    });
  }
  if (publishedLetters(record) === undefined) await cutTornLine(record, file);
  return file;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

export type ReportedLetters = readonly ReportedLetter[];

/** A letter as reports tell it. */
export function reportedLetter(letter: DeadLetter): ReportedLetter {
  const { stage, source, error, inputProblem } = letter;
  return {
    place: letterPlace(letter),
    stage: stage === source ? undefined : stage,
    code: error.code,
    message: withoutPlace(error.message, letter),
    inputProblem,
  };
}

/** How much of a letter goes to programs, as JSON in UTF-8: more than a line of its file may have. */
const maxLetterBytes = 4_194_304;

/** A letter as JSON, without what must not be seen, and of its error neither stack nor cause. */
export function plainLetter(letter: DeadLetter): Readonly<Record<string, unknown>> {
  const plain = redacted({ ...letter, error: letter.error.toJSON() }, { maxBytes: maxLetterBytes });
  // An object stays one.
  return plain as Readonly<Record<string, unknown>>;
}

/** The first letters of a run; none where there is no file of them. */
export async function firstLetters(record: RunRecord, count: number): Promise<readonly ReportedLetter[]> {
  const file = await ownLetters(record);
  if (file === undefined) return [];
  const letters: ReportedLetter[] = [];
  for await (const letter of readDeadLetters(file, { onDamaged: () => {} })) {
    letters.push(reportedLetter(letter));
    if (letters.length === count) break;
  }
  return letters;
}
