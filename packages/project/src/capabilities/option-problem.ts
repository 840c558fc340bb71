import { AtomicError } from "@atomic-agents/core";

/** What is wrong with options, or may be: with the way to the place. */
export interface OptionProblem {
  /** A doubt is what may fail with some records. */
  readonly severity: "error" | "doubt";
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
  /** Whether the schema of flow files says it, too. */
  readonly isShape?: boolean;
}

/** Throws the first that is an error. @throws AtomicError `CONFIG` */
export function requireOptions(what: string, problems: readonly OptionProblem[]): void {
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem === undefined) return;
  const path = problem.path.join(".");
  throw new AtomicError("CONFIG", `${what}: ${path === "" ? "" : `${path}: `}${problem.message}`, {
    details: { path, expected: problem.hint ?? "another value", got: problem.message },
    hint: problem.hint,
  });
}
