import { describeIssues } from "../issues.ts";
import type { AnySchema, Validated } from "../schema.ts";
import { accepts } from "./accepts.ts";
import type { Budget } from "./budget.ts";
import { type Misfit, misfitOf } from "./explain.ts";
import type { Node } from "./shape.ts";

/** What two schemas themselves say of values. */
export interface Judge {
  /** What the first schema hands on for a candidate; nothing where it refuses it, or where that is not known. */
  readonly outputFor: (candidate: unknown) => { readonly value: unknown } | undefined;
  /** Whether the second schema takes a value; `undefined` where that is not known. */
  readonly isTaken: (value: unknown) => boolean | undefined;
  /** Whether not to know it speaks against the second schema: its validator threw, or is not done at once. */
  readonly isDoubtful: boolean;
  /** Where and why the second schema refuses a value. */
  readonly misfitOf: (value: unknown) => Misfit;
}

/** The value as JSON carries it; nothing where it does not. */
function asJson(value: unknown): { readonly value: unknown } | undefined {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? undefined : { value: JSON.parse(text) };
}

/** By what the JSON Schemas say alone. */
export function judgeByJson(from: Node, to: Node, budget: Budget): Judge {
  return {
    outputFor: (candidate) => {
      const output = asJson(candidate);
      return output !== undefined && accepts(from, output.value, budget) === true ? output : undefined;
    },
    isTaken: (value) => accepts(to, value, budget),
    isDoubtful: false,
    misfitOf: (value) => misfitOf(to, value, "", budget),
  };
}

/** A copy, so that a schema that changes what it is given changes nobody else's value. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

/** What the schema answers at once; nothing where it throws, or answers later. */
function validateNow(schema: AnySchema, value: unknown): Validated<unknown> | undefined {
  try {
    const answer = schema["~standard"].validate(copyOf(value));
    if (!("then" in answer)) return answer;
    // Nobody waits for it.
    void Promise.resolve(answer).catch(() => {});
  } catch {
    // Code of a check that cannot stand such a value says nothing about it.
  }
  return undefined;
}

/** By the schemas' own validators. */
export function judgeByValidators(from: AnySchema, to: AnySchema, toNode: Node, budget: Budget): Judge {
  return {
    outputFor: (candidate) => {
      const answer = validateNow(from, candidate);
      return answer === undefined || answer.issues !== undefined
        ? undefined
        : { value: copyOf(answer.value) };
    },
    isTaken: (value) => {
      const answer = validateNow(to, value);
      return answer && answer.issues === undefined;
    },
    isDoubtful: true,
    misfitOf: (value) => {
      const issues = validateNow(to, value)?.issues;
      const [issue] = issues === undefined ? [] : describeIssues(to, issues, value);
      if (issue?.expected === undefined) return misfitOf(toNode, value, issue?.path ?? "", budget);
      return {
        path: issue.path,
        expected: issue.expected,
        got: issue.got === "undefined" ? "nothing" : issue.got,
      };
    },
  };
}
