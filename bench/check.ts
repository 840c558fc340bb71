import type { Build, Row } from "./contender.ts";
import {
  type Operation,
  differentSchemas,
  expectedOutput,
  messages,
  type Schemas,
  sharedSchemas,
  type Stages,
  stages,
} from "./workload.ts";

/*
 * A figure counts only if the contender does the work and refuses what it must refuse. The check runs in a
 * process of its own, so that the bad stages leave no trace in the compiled code that is measured.
 */

/** What a contender did with what it had to refuse. */
export interface CheckResult {
  /** Empty when all 64 outputs are right. */
  readonly wrongOutput: string;
  /** The bad values that were let through, in words. Empty when all were refused. */
  readonly letThrough: readonly string[];
}

export function schemasFor(row: Row): Schemas {
  return row.schemas === "shared" ? sharedSchemas() : differentSchemas();
}

/** Says what is wrong with the operation's outputs, or `""`. */
export async function wrongOutputOf(operation: Operation): Promise<string> {
  for (const message of messages) {
    const expected = expectedOutput(message);
    const got = await operation(message);
    if (got.label !== expected.label || got.score !== expected.score) {
      return `for ${JSON.stringify(message)} expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`;
    }
  }
  return "";
}

/** Stages of which one returns a value that its output schema refuses. The casts let a value through that the compiler would refuse. */
const badStages: ReadonlyArray<readonly [what: string, stages: Stages]> = [
  ["a bad output of the first stage", { ...stages, count: () => ({ text: "a", words: "1" }) as never }],
  ["a bad output of the second stage", { ...stages, weigh: () => ({ words: 1, urgency: 2 }) }],
  ["a bad output of the last stage", { ...stages, label: () => ({ label: "loud", score: 1 }) as never }],
];

async function isRefused(operation: Operation, input: unknown): Promise<boolean> {
  try {
    // Deliberately no Message: the pipeline has to find out.
    await operation(input as never);
    return false;
  } catch {
    return true;
  }
}

export async function check(row: Row, build: Build): Promise<CheckResult> {
  const wrongOutput = await wrongOutputOf(await build(schemasFor(row), stages));
  const letThrough: string[] = [];
  const operation = await build(schemasFor(row), stages);
  if (!(await isRefused(operation, { text: 5 }))) letThrough.push("a bad pipeline input");
  for (const [what, bad] of badStages) {
    if (!(await isRefused(await build(schemasFor(row), bad), messages[0]))) letThrough.push(what);
  }
  return { wrongOutput, letThrough };
}
