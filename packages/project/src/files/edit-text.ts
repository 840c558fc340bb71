import { AtomicError } from "@atomic-agents/core";
import { isDeepStrictEqual } from "node:util";
import { parseDocument } from "yaml";
import { insertEntry } from "./insert-entry.ts";
import { byteOrderMark, parseText } from "./parse-text.ts";
import { ProjectError } from "./project-error.ts";
import { problemAt, type TextDocument, type TextFormat } from "./text-document.ts";
import { nodeAt } from "./text-node.ts";

/** Something that is to be written into a project file. */
export interface NewEntry {
  /** The keys that lead to it; those that are not there are made. */
  readonly path: readonly string[];
  /** JSON. */
  readonly value: unknown;
}

/** What an edited text is called. */
export interface EditedText {
  readonly format: TextFormat;
  /** For messages; `the text` when absent. */
  readonly file?: string | undefined;
}

/**
 * A project file's text with entries added, each at the end of its object. All that was there stays as it is written,
 * comments and order too.
 *
 * @throws ProjectError for a text that cannot be read, an entry that is there already, and a way that leads through
 * something else than objects; AtomicError `CONFIG` for an entry that can only be added by hand
 */
export function withEntries(text: string, entries: readonly NewEntry[], edited: EditedText): string {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : "";
  return mark + entries.reduce((before, entry) => addOne(before, entry, edited), text.slice(mark.length));
}

/**
 * One entry, as `withEntries`.
 *
 * @throws ProjectError, AtomicError `CONFIG`
 * @example
 * ```ts
 * console.log(withEntry("agents: # mine\n  a: ./a.ts\n", ["agents", "b"], "./b.ts", "yaml"));
 * // => agents: # mine
 * // =>   a: ./a.ts
 * // =>   b: ./b.ts
 * ```
 */
export function withEntry(
  text: string,
  path: readonly string[],
  value: unknown,
  format: TextFormat,
  file?: string,
): string {
  return withEntries(text, [{ path, value }], { format, file });
}

function addOne(text: string, { path, value }: NewEntry, { format, file = "the text" }: EditedText): string {
  const document = read(text, format, file);
  checkPath(document, path);
  const wanted = withValue(document.value, path, value);
  for (const edit of [insertEntry, reprint]) {
    const after = attempt(() => edit(document, path, value));
    // Written texts are odd things: only what reads as it should is taken.
    if (after === undefined) continue;
    const { document: result } = parseText(after, { file, format });
    if (result !== undefined && isDeepStrictEqual(result.value, wanted)) return after;
  }
  throw new AtomicError(
    "CONFIG",
    `The entry ${path.join(".")} cannot be added to ${file} as that is written`,
    {
      details: {
        path: path.join("."),
        expected: "a place for it",
        got: "objects that are written otherwise",
      },
      hint: `Add it by hand: ${JSON.stringify(withValue({}, path, value))}`,
    },
  );
}

function read(text: string, format: TextFormat, file: string): TextDocument {
  const { document, problems } = parseText(text, { file, format });
  if (document === undefined) throw new ProjectError(problems);
  return document;
}

/** @throws ProjectError */
function checkPath(document: TextDocument, path: readonly string[]): void {
  for (const length of path.keys()) {
    const at = path.slice(0, length);
    const node = nodeAt(document["~node"], at);
    if (node === undefined || node.value === null || node.entries !== undefined) continue;
    const what = at.length === 0 ? "The file" : at.join(".");
    const message = `${what} is no object, so that nothing can be added to it`;
    throw new ProjectError([problemAt(document, at, { code: "wrong-type", message })]);
  }
  if (nodeAt(document["~node"], path) === undefined) return;
  const message = `${path.join(".")} is there already`;
  const hint = "Choose another name, or remove it first.";
  throw new ProjectError([problemAt(document, path, { code: "duplicate", message, hint, of: "key" })]);
}

/** The last resort: the file is written anew, which may change white space. */
function reprint(
  { format, "~text": text, "~node": node, value: before }: TextDocument,
  path: readonly string[],
  value: unknown,
): string {
  if (format === "json") return `${JSON.stringify(withValue(before, path, value), undefined, 2)}\n`;
  const document = parseDocument(text);
  // Nothing can be put into nothing: that is replaced.
  const depth = path.findIndex((_key, index) => nodeAt(node, path.slice(0, index + 1))?.value === null) + 1;
  const inner = depth === 0 ? value : withValue({}, path.slice(depth), value);
  document.setIn(depth === 0 ? path : path.slice(0, depth), document.createNode(inner));
  return document.toString({ lineWidth: 0 });
}

function attempt(edit: () => string | undefined): string | undefined {
  try {
    return edit();
  } catch {
    // The parser refuses to change what it cannot write; there is another way.
    return undefined;
  }
}

/** A copy of a value with another one at a path. */
function withValue(before: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const object =
    typeof before === "object" && before !== null ? (before as Readonly<Record<string, unknown>>) : {};
  return { ...object, [key]: withValue(Object.hasOwn(object, key) ? object[key] : undefined, rest, value) };
}
