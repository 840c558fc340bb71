import type { Problem } from "@atomic-agents/project";
import { join } from "node:path";
import { styleText } from "node:util";
import { fileLines } from "./file-lines.ts";
import { type ProblemMark, problemText } from "./problem-text.ts";
import { shownPath } from "./shown-path.ts";

const defaultWidth = 100;

const styles: Readonly<Record<ProblemMark, Parameters<typeof styleText>[0]>> = {
  place: "bold",
  error: "red",
  warning: "yellow",
  excerpt: "dim",
  label: "dim",
};

/** Mistakes in the files of a project, laid out for a stream, with their lines; files are named from the current folder. */
export function problemLines(
  problems: readonly Problem[],
  directory: string,
  stream: NodeJS.WriteStream,
): string {
  const lineOf = fileLines();
  return problems
    .map((problem) =>
      problemText(problem, {
        width: (stream.isTTY ? stream.columns : undefined) || defaultWidth,
        nameOf: (file) => shownPath(join(directory, file)),
        lineOf: (file, line) => lineOf(join(directory, file), line),
        mark: (text, kind) => styleText(styles[kind], text, { stream }),
      }),
    )
    .join("\n");
}
