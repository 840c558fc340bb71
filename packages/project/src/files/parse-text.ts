import { parseJson } from "./parse-json.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type Position, positionsOf } from "./position.ts";
import type { Problem } from "./problem.ts";
import { documentOf, type TextDocument, type TextFormat } from "./text-document.ts";
import { TextFault } from "./text-fault.ts";
import { textLimits, tooLong } from "./text-limits.ts";
import type { TextNode } from "./text-node.ts";

/** What became of a file that was to be read. */
export interface Reading {
  /** Absent when it cannot be read. */
  readonly document: TextDocument | undefined;
  readonly problems: readonly Problem[];
}

/** What a text is called. */
export interface TextName {
  /** Relative to the project's directory, with `/` between its parts. */
  readonly file: string;
  /** Absolute; the same as `file` when absent. */
  readonly path?: string | undefined;
  /** By the name's ending when absent: `.json`, else YAML. */
  readonly format?: TextFormat | undefined;
}

export const byteOrderMark = "\u{feff}";

/**
 * Reads the text of a project file. What is wrong with it is among the problems; nothing is thrown.
 *
 * @example
 * ```ts
 * const { document } = parseText("agents:\n  clean: ./clean.ts\n", { file: "atomic.yaml" });
 * console.log(document?.value, document?.positionOf(["agents", "clean"]));
 * // => { agents: { clean: './clean.ts' } } { line: 2, column: 10 }
 * const { problems } = parseText("a: 1\na: 2\n", { file: "atomic.yaml" });
 * console.log(problems.map(formatProblem));
 * // => [ 'atomic.yaml:2:1: The key "a" stands twice in the same object; first on line 1' ]
 * ```
 */
export function parseText(given: string, name: TextName): Reading {
  const { file, path = file, format = file.endsWith(".json") ? "json" : "yaml" } = name;
  // The mark of UTF-8 is no part of either language, and no editor counts it.
  const text = given.startsWith(byteOrderMark) ? given.slice(1) : given;
  const positionOf = positionsOf(text);
  try {
    const bytes = Buffer.byteLength(text);
    if (bytes > textLimits.bytes) throw tooLong(bytes);
    const node = nodeOf(text, format, positionOf);
    return { document: documentOf({ file, path, format, text, node }), problems: [] };
  } catch (fault) {
    if (!(fault instanceof TextFault)) throw fault;
    return { document: undefined, problems: [problemOf(fault, file, positionOf(fault.offset))] };
  }
}

/** @throws TextFault */
function nodeOf(text: string, format: TextFormat, positionOf: (offset: number) => Position): TextNode {
  checkCharacters(text);
  return format === "json" ? parseJson(text, positionOf) : parseYaml(text, positionOf);
}

/** Control characters have no place in either language, and are the YAML parser's own marks. */
function checkCharacters(text: string): void {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const at = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/);
  if (at < 0) return;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  throw new TextFault(
    "syntax",
    `The control character U+${code}${code === "0000" ? " (NUL)" : ""}`,
    at,
    code === "0000"
      ? "Is it a text file, saved as UTF-8?"
      : `Remove it; in double quotes it is written "\\x${code.slice(2)}".`,
  );
}

export function problemOf(fault: TextFault, file: string, position: Position): Problem {
  const { code, message, hint } = fault;
  return { severity: "error", code, message, file, ...position, hint };
}
