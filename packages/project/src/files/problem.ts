/** What kind of mistake a problem is. */
export type ProblemCode =
  /** A text that is not YAML 1.2 or JSON, or uses a part of YAML that is not taken here. */
  | "syntax"
  /** Too long, too deep, or too many parts. */
  | "limit"
  /** A file that is not there, is no file, or is no UTF-8 text. */
  | "unreadable"
  | "unknown-key"
  | "missing-key"
  | "wrong-type"
  | "wrong-value"
  /** The same key, name or id a second time. */
  | "duplicate"
  /** A name of something that does not exist. */
  | "unknown-name"
  /** Something that needs itself. */
  | "cycle"
  /** A path that leaves the project, or leads nowhere. */
  | "path"
  /** An environment variable or a file of a secret that is not there. */
  | "secret"
  /** A module that cannot be loaded, or does not give what it is named for. */
  | "load"
  | "expression"
  /** Two neighbours of which the second may not take what the first gives. */
  | "fit"
  | "resource";

/** A mistake in a project's files, with its place. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly code: ProblemCode;
  /** What is wrong: one sentence without the file and without a full stop. */
  readonly message: string;
  /** Relative to the project's directory, with `/` between its parts. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** What to try: a sentence. */
  readonly hint?: string | undefined;
  /** The option of `loadFlow` that it is about: it was given in the place of what stands there. */
  readonly option?: "input" | "output" | "deadLetters" | undefined;
  /** What stands there may be a secret: the line must not be shown. */
  readonly isSecret?: true | undefined;
}

/** `atomic.yaml:3:7: message`, or `input: message` of an option; without the hint. */
export function formatProblem(problem: Problem): string {
  return `${problemPlace(problem)}: ${problem.message}`;
}

/** Where a problem is. */
export function problemPlace({ option, file, line, column }: Problem): string {
  return option ?? `${file}:${line}:${column}`;
}

/** In the order of file, line and column, each once. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(
    problems.map((problem) => [`${formatProblem(problem)}\0${problem.severity}`, problem]),
  );
  return [...unique.values()].toSorted(
    (a, b) => compareTexts(a.file, b.file) || a.line - b.line || a.column - b.column,
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
