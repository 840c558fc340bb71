import type { Problem, ProblemCode } from "./problem.ts";
import { type Position, positionsOf } from "./position.ts";
import { childOf, nodeAt, type TextNode, type TextPath } from "./text-node.ts";

export type TextFormat = "yaml" | "json";

/** A project file that could be read: its value, and where each part of it stands. */
export interface TextDocument {
  /** Relative to the project's directory, with `/` between its parts. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly format: TextFormat;
  /** JSON, frozen. */
  readonly value: unknown;
  /** Where a value or its key stands; of a path that is not there, the nearest part of it that is. */
  readonly positionOf: (path: TextPath, of?: "key" | "value") => Position;
  /** Where the unit at an offset of the text stands that is the value at the path. */
  readonly positionWithin: (path: TextPath, offset: number) => Position;
  /** The value as it is written, quotes and all; undefined where none is. */
  readonly sourceOf: (path: TextPath) => string | undefined;
  /** Not part of the public interface. */
  readonly "~node": TextNode;
  /** Not part of the public interface. */
  readonly "~text": string;
}

/** What a document is made from. */
export interface DocumentParts {
  readonly file: string;
  readonly path: string;
  readonly format: TextFormat;
  readonly text: string;
  readonly node: TextNode;
}

export function documentOf({ file, path, format, text, node: root }: DocumentParts): TextDocument {
  const place = positionsOf(text);
  return Object.freeze({
    file,
    path,
    format,
    value: root.value,
    positionOf: (at: TextPath, of: "key" | "value" = "value") => place(offsetOf(root, at, of)),
    positionWithin: (at: TextPath, offset: number) => {
      const node = nodeAt(root, at);
      if (node === undefined || typeof node.value !== "string") return place(offsetOf(root, at, "value"));
      return place(node.start + offsetIn(text.slice(node.start, node.end), node.value, offset));
    },
    sourceOf: (at: TextPath) => {
      const node = nodeAt(root, at);
      return node === undefined ? undefined : text.slice(node.start, node.end);
    },
    "~node": root,
    "~text": text,
  });
}

function offsetOf(root: TextNode, path: TextPath, of: "key" | "value"): number {
  let node = root;
  let keyStart = root.start;
  for (const [index, step] of path.entries()) {
    const next = childOf(node, step);
    // Of something that is missing, the key is the better place: there it belongs to.
    if (next === undefined) return index === 0 ? root.start : keyStart;
    keyStart = typeof step === "string" ? (node.entries?.get(step)?.keyStart ?? next.start) : next.start;
    node = next;
  }
  return of === "key" || node.start === node.end ? keyStart : node.start;
}

/**
 * Where in what was written the unit at an offset of the value stands. YAML folds lines and removes indentation, so
 * beyond one line what is not white space is followed through both.
 */
function offsetIn(written: string, value: string, offset: number): number {
  const wanted = Math.min(Math.max(offset, 0), value.length);
  const whole = written.indexOf(value);
  if (whole >= 0) return whole + wanted;
  const isBlock = written.startsWith("|") || written.startsWith(">");
  let at = isBlock ? written.indexOf("\n") + 1 : 0;
  let found = at;
  for (let index = 0; index <= wanted && index < value.length; index++) {
    const unit = value.charAt(index);
    if (/\s/.test(unit)) continue;
    found = written.indexOf(unit, at);
    if (found < 0) return 0;
    at = found + 1;
  }
  const last = value.charAt(wanted);
  // White space and the end come after what was last found.
  return last === "" || /\s/.test(last) ? Math.min(at, written.length) : found;
}

/** What is said of a place in a document. */
export interface ProblemParts {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly severity?: Problem["severity"] | undefined;
  readonly of?: "key" | "value" | undefined;
  /** Whether what stands there may be a secret. */
  readonly isSecret?: true;
}

/** A problem at a path of a document. */
export function problemAt(document: TextDocument, path: TextPath, parts: ProblemParts): Problem {
  const { code, message, hint, severity = "error", of = "value", isSecret } = parts;
  const problem = { severity, code, message, file: document.file, ...document.positionOf(path, of), hint };
  return isSecret === true ? { ...problem, isSecret } : problem;
}
