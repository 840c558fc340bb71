import type { AnySchema } from "@atomic-agents/contracts";
import { type Fit, fit } from "@atomic-agents/contracts/fit";
import type { RecordType } from "./record-type.ts";

/** What is to be said of records and of something that takes them. */
export interface FitProblem {
  /** `error` is one in any case; `doubt` is one where every fit has to be proved, and a warning elsewhere; `silence` only the first. */
  readonly weight: "error" | "doubt" | "silence";
  readonly message: string;
  readonly hint?: string | undefined;
  /** Where in the value it does not fit: `items[0].name`. */
  readonly path: string;
}

const maxShownLength = 120;

/**
 * What is wrong, or cannot be proved right, where records go into something.
 *
 * @param taker what takes them, to begin a sentence: `agent "classify"`
 */
export function judgeFit(records: RecordType, to: AnySchema, taker: string): readonly FitProblem[] {
  const { schema, passed, isBroken } = records;
  if (isBroken) return [];
  if (passed === undefined) return problemsOf(schema, to, taker).map((problem) => weighed(problem, records));
  const stage = `Stage ${JSON.stringify(passed.stage)}`;
  const problems = problemsOf(passed.made, to, taker).map((problem) => weighed(problem, records));
  if (passed.schema === undefined) {
    problems.push({
      weight: "error",
      message: `${stage} passes on records that failed, of which nothing is known, so that ${taker} may not take them`,
      hint: "Give the source a schema, or use onError: drop or dead-letter there.",
      path: "",
    });
    return problems;
  }
  const answer = fit(passed.schema, to);
  if (answer.verdict !== "always") {
    problems.push({
      weight: "error",
      message: `${stage} passes on records that failed, and ${taker} need not take them: ${answer.why}`,
      hint: `Use onError: drop or dead-letter there, or make the ${taker} take both.`,
      path: "path" in answer ? answer.path : "",
    });
  }
  return problems;
}

/** What is made of records of which nothing is known need not fit, as they need not themselves. */
function weighed(problem: FitProblem, { isGuess }: RecordType): FitProblem {
  return isGuess && problem.weight === "doubt" ? { ...problem, weight: "silence" } : problem;
}

function problemsOf(schema: AnySchema | undefined, to: AnySchema, taker: string): readonly FitProblem[] {
  if (schema === undefined) {
    return [
      {
        weight: "silence",
        message: `Nothing is known of the records that ${taker} is given, so that they need not fit`,
        hint: "Give the source a schema.",
        path: "",
      },
    ];
  }
  const problem = problemOf(fit(schema, to), taker);
  return problem === undefined ? [] : [problem];
}

function problemOf(answer: Fit, taker: string): FitProblem | undefined {
  switch (answer.verdict) {
    case "always":
      return undefined;
    case "never":
      return {
        weight: "error",
        message: `The ${taker} takes none of these records: ${answer.why}`,
        hint: "example" in answer ? `It would refuse ${shown(answer.example)}.` : undefined,
        path: answer.path,
      };
    case "sometimes":
      return {
        weight: "doubt",
        message: `The ${taker} does not take all of these records: ${answer.why}`,
        hint: `It would refuse ${shown(answer.fails)}, and take ${shown(answer.passes)}.`,
        path: answer.path,
      };
    case "unknown":
      return {
        weight: "doubt",
        message: `Whether ${taker} takes all of these records cannot be told: ${answer.why}`,
        path: answer.path,
      };
  }
}

/** A value as JSON, its beginning. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= maxShownLength ? text : `${text.slice(0, maxShownLength)}…`;
}
