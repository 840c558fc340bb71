import type { Problem } from "@atomic-agents/project";
import { countOf } from "./count-text.ts";
import { excerpt } from "./excerpt.ts";
import { onOneLine } from "./fit-text.ts";

/** How problems are shown. */
export interface ProblemTextOptions {
  /** The columns that an excerpt may take. */
  readonly width: number;
  /** What a file is called here, of its name in the project. */
  readonly nameOf: (file: string) => string;
  /** A line of a file; undefined when it cannot be told. */
  readonly lineOf: (file: string, line: number) => string | undefined;
  readonly mark?: ((text: string, kind: ProblemMark) => string) | undefined;
}

/** The parts of a problem that stand out. */
export type ProblemMark = "place" | "error" | "warning" | "excerpt" | "label";

/** What is typed for the options of a flow. */
const optionNames = { input: "--input", output: "--output", deadLetters: "--dead-letters" } as const;

/** A mistake in a file for people: `file:line:column: error: message`, the line with a caret in it, and what to try. */
export function problemText(
  { severity, file, line, column, message, hint, option, isSecret }: Problem,
  { width, nameOf, lineOf, mark = (text) => text }: ProblemTextOptions,
): string {
  const place =
    option === undefined ? `${onOneLine(nameOf(file))}:${line}:${column}:` : `${optionNames[option]}:`;
  const lines = [`${mark(place, "place")} ${mark(`${severity}:`, severity)} ${onOneLine(message)}`];
  const text = option === undefined ? lineOf(file, line) : undefined;
  if (text !== undefined && isSecret !== true)
    lines.push(mark(excerpt(text, { line, column }, width), "excerpt"));
  if (hint !== undefined) lines.push(`  ${mark("try:", "label")} ${onOneLine(hint)}`);
  return lines.join("\n");
}

/** How many there are: `2 errors and 1 warning in 2 files`. */
export function problemCounts(problems: readonly Problem[]): string {
  const count = (wanted: Problem["severity"]) =>
    problems.filter(({ severity }) => severity === wanted).length;
  const parts = [
    ...(count("error") > 0 ? [countOf(count("error"), "error")] : []),
    ...(count("warning") > 0 ? [countOf(count("warning"), "warning")] : []),
  ];
  if (parts.length === 0) return "no problems";
  const inFiles = problems.filter(({ option }) => option === undefined);
  const files = new Set(inFiles.map(({ file }) => file)).size;
  return `${parts.join(" and ")}${files === 0 ? "" : ` in ${countOf(files, "file")}`}`;
}
