import { AtomicError } from "@atomic-agents/core";
import { pathText } from "../schemas/show.ts";

/** What is wrong with options, or may be: with the way to the place. */
export interface OptionProblem {
  /** A doubt is what may fail with some records. */
  readonly severity: "error" | "doubt";
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
  /** What would be right there, where it can be said without the message. */
  readonly expected?: string | undefined;
  /** What is there instead, as it is shown. */
  readonly got?: string | undefined;
  /** Whether the schema of flow files says it, too. */
  readonly isShape?: boolean;
}

/** Throws the first that is an error. @throws AtomicError `CONFIG` */
export function requireOptions(what: string, problems: readonly OptionProblem[]): void {
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem === undefined) return;
  const { message, hint, expected = "options that fit each other and the records", got = message } = problem;
  const path = problem.path.length === 0 ? "" : pathText(problem.path);
  throw new AtomicError("CONFIG", `${what}: ${path === "" ? "" : `${path}: `}${message}`, {
    details: { path, expected, got },
    hint,
  });
}
