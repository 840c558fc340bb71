import { AtomicError } from "@atomic-agents/core";
import { formatProblem, type Problem, problemPlace, sortProblems } from "./problem.ts";

const marker = Symbol.for("atomic-agents.project-error");

/** Everything that is wrong in the files of a project, as an error: its message is that of the first problem. */
export class ProjectError extends AtomicError<"CONFIG"> {
  /** All of them, sorted by their places. */
  readonly problems: readonly Problem[];

  /** @param problems at least one; warnings may be among them */
  constructor(problems: readonly Problem[], cause?: unknown) {
    const sorted = sortProblems(problems);
    const errors = sorted.filter(({ severity }) => severity === "error");
    const first = errors[0] ?? sorted[0];
    if (first === undefined) throw new RangeError("A ProjectError needs a problem");
    const others = Math.max(errors.length, 1) - 1;
    const more = others === 0 ? "" : ` (and ${others} more ${others === 1 ? "problem" : "problems"})`;
    super("CONFIG", `${formatProblem(first)}${more}`, {
      details: {
        path: problemPlace(first),
        expected: first.option === undefined ? "a project file without mistakes" : "what the flow can use",
        got: first.message,
      },
      hint: first.hint,
      cause,
    });
    this.problems = sorted;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Says whether a value is a `ProjectError`; holds across copies of the package. */
  static isProjectError(value: unknown): value is ProjectError {
    return AtomicError.isInstance(value, "CONFIG") && marker in value;
  }
}
