import { stringify } from "yaml";
import type { TextDocument } from "./text-document.ts";
import type { TextEntry, TextNode } from "./text-node.ts";

/**
 * The text with an entry at the end of the innermost object that is there already, and nothing else changed; undefined
 * where there is no such place.
 */
export function insertEntry(
  document: TextDocument,
  path: readonly string[],
  value: unknown,
): string | undefined {
  const { "~text": text, "~node": root, format } = document;
  const { node, parent, entry, rest } = innermost(root, path);
  const [key, ...inner] = rest;
  if (key === undefined) return undefined;
  const added = { [key]: inner.reduceRight<unknown>((made, name) => ({ [name]: made }), value) };
  const style: Style = {
    isJson: format === "json",
    step: stepOf(text, root),
    newline: text.includes("\r\n") ? "\r\n" : "\n",
  };
  if (node.entries === undefined) return fillNothing(text, node, { entry, parent }, added, style);
  if (text[node.start] === "{") return intoBraces(text, node, added, style);
  return intoLines(text, node, added, style);
}

interface Style {
  readonly isJson: boolean;
  /** White space of one level. */
  readonly step: string;
  readonly newline: string;
}

interface Innermost {
  readonly node: TextNode;
  /** Of the key under which it stands; undefined for the whole file. */
  readonly entry: TextEntry | undefined;
  readonly parent: TextNode | undefined;
  readonly rest: readonly string[];
}

/** The last object on the way, or what stands for one: nothing. */
function innermost(root: TextNode, path: readonly string[]): Innermost {
  let node = root;
  let entry: TextEntry | undefined;
  let parent: TextNode | undefined;
  let depth = 0;
  for (; depth < path.length; depth++) {
    const next = node.entries?.get(path[depth] ?? "");
    if (next === undefined) break;
    entry = next;
    parent = node;
    ({ node } = next);
  }
  return { node, entry, parent, rest: path.slice(depth) };
}

/** Between two levels of what is there; two spaces where nothing says otherwise. */
function stepOf(text: string, root: TextNode): string {
  for (const { keyStart, node } of root.entries?.values() ?? []) {
    const [inner] = node.entries?.values() ?? [];
    const outer = text[root.start] === "{" ? lineIndent(text, root.start) : lineIndent(text, keyStart);
    const first = text[root.start] === "{" ? keyStart : inner?.keyStart;
    if (first === undefined || !isFirstOnLine(text, first)) continue;
    const indent = lineIndent(text, first);
    if (indent.length > outer.length && indent.startsWith(outer)) return indent.slice(outer.length);
  }
  return "  ";
}

/** Behind the last line of an object in lines, at its column. */
function intoLines(text: string, node: TextNode, added: object, style: Style): string | undefined {
  const entries = [...(node.entries?.values() ?? [])];
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const indent = text.slice(lineStart(text, first.keyStart), first.keyStart);
  if (!/^ *$/.test(indent)) return undefined;
  const at = afterComments(text, lineEnd(text, contentEnd(text, last)), indent.length);
  const isApart = entries.length > 1 && /\n[ \t\r]*\n[^\n]*$/.test(text.slice(0, last.keyStart));
  return insertLines(text, at, lines(added, indent, style), isApart, style);
}

/** In place of nothing: an empty file, or a key with nothing behind it. */
function fillNothing(
  text: string,
  node: TextNode,
  { entry, parent }: Pick<Innermost, "entry" | "parent">,
  added: object,
  style: Style,
): string | undefined {
  const written = text.slice(node.start, node.end);
  if (entry === undefined) {
    // An empty file, but for comments.
    if (written !== "") return undefined;
    return insertLines(text, text.length, lines(added, "", style), text.trim() !== "", style);
  }
  const indent = lineIndent(text, entry.keyStart);
  if (parent !== undefined && text[parent.start] === "{") {
    if (written === "") return undefined;
    return replace(text, node.start, node.end, braces(added, lineIndent(text, node.start), style));
  }
  const bare = replace(text, node.start, node.end, "");
  const at = afterComments(bare, lineEnd(bare, entry.keyEnd), indent.length + 1);
  return insertLines(bare, at, lines(added, indent + style.step, style), false, style);
}

/** Before the closing brace of an object in braces. */
function intoBraces(text: string, node: TextNode, added: object, style: Style): string | undefined {
  const closing = node.end - 1;
  const last = [...(node.entries?.values() ?? [])].at(-1);
  if (last === undefined) {
    const inLines = style.isJson ? undefined : asLines(text, node, added, style);
    return inLines ?? asBraces(text, node, added, style);
  }
  const end = last.node.start === last.node.end ? Math.max(last.keyEnd, last.node.end) : last.node.end;
  const hasComma = text
    .slice(end, closing)
    .replaceAll(/#[^\n]*/g, "")
    .includes(",");
  const at = hasComma ? text.indexOf(",", end) + 1 : end;
  const comma = hasComma ? "" : ",";
  const isOnOwnLine = isFirstOnLine(text, last.keyStart);
  const indent = lineIndent(text, last.keyStart);
  const gap = isOnOwnLine ? style.newline + indent : " ";
  return replace(text, at, at, comma + gap + members(added, isOnOwnLine ? indent : undefined, style));
}

/** `agents: {}` becomes lines below the key. */
function asLines(text: string, node: TextNode, added: object, style: Style): string | undefined {
  const indent = lineIndent(text, node.start);
  if (text.slice(node.start, node.end).includes("\n")) return undefined;
  const bare = replace(text, node.start, node.end, "");
  const end = lineEnd(bare, node.start);
  const line = bare.slice(lineStart(bare, node.start), end).trimEnd();
  if (!/:(?:\s*#.*)?$/.test(line)) return undefined;
  const trimmed = replace(bare, lineStart(bare, node.start), end, line);
  const at = lineStart(bare, node.start) + line.length;
  return insertLines(trimmed, at, lines(added, indent + style.step, style), false, style);
}

function asBraces(text: string, node: TextNode, added: object, style: Style): string {
  return replace(text, node.start, node.end, braces(added, lineIndent(text, node.start), style));
}

/** The members of an object as they stand in lines. */
function lines(added: object, indent: string, { step, newline }: Style): string {
  const text = stringify(added, { indent: Math.max(step.length, 1), lineWidth: 0, compat: "yaml-1.1" });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : indent + line))
    .join(newline);
}

/** An object in braces: of JSON in lines, of YAML on one. */
function braces(added: object, indent: string, style: Style): string {
  if (!style.isJson) return `{ ${members(added, undefined, style)} }`;
  const { newline, step } = style;
  return `{${newline}${indent}${step}${members(added, indent + step, style)}${newline}${indent}}`;
}

/** The members of an object as they stand in braces. @param indent of their lines; undefined where all is on one line */
function members(added: object, indent: string | undefined, { isJson, step, newline }: Style): string {
  if (!isJson) {
    const text = stringify(added, { collectionStyle: "flow", lineWidth: 0, compat: "yaml-1.1" });
    return text
      .trim()
      .replace(/^\{\s*/, "")
      .replace(/\s*\}$/, "");
  }
  const [entry] = Object.entries(added);
  const [key, value] = entry ?? [];
  const text = `${JSON.stringify(key)}: ${JSON.stringify(value, undefined, indent === undefined ? undefined : step)}`;
  return text.split("\n").join(newline + (indent ?? ""));
}

/** Puts whole lines behind the line that ends at an offset. */
function insertLines(text: string, at: number, added: string, isApart: boolean, { newline }: Style): string {
  const before = text.slice(0, at).replace(/[ \t]+$/, "");
  const needsBreak = before !== "" && !before.endsWith("\n");
  const gap = (needsBreak ? newline : "") + (isApart ? newline : "");
  const after = text.slice(at);
  return before + gap + added + (after.startsWith("\n") || after.startsWith("\r\n") ? "" : newline) + after;
}

function replace(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** Where the last thing is over that is written of an entry. */
function contentEnd(text: string, { keyEnd, node }: TextEntry): number {
  if (node.start === node.end) return keyEnd;
  if (text[node.start] === "{" || text[node.start] === "[" || text[node.start] === "*") return node.end;
  const last = node.entries === undefined ? undefined : [...node.entries.values()].at(-1);
  if (last !== undefined) return contentEnd(text, last);
  const item = node.items?.at(-1);
  if (item !== undefined) return contentEnd(text, { keyStart: item.start, keyEnd: item.start, node: item });
  // Of a text in lines the end is the beginning of the next line.
  return text[node.end - 1] === "\n" ? node.end - 1 : node.end;
}

/** Behind the comments that follow directly, and are indented as what they follow. */
function afterComments(text: string, end: number, least: number): number {
  let at = end;
  for (;;) {
    const start = at + (text.startsWith("\r\n", at) ? 2 : 1);
    if (at >= text.length) return at;
    const comment = /^(?<indent> *)#[^\n]*/.exec(text.slice(start, lineEnd(text, start)));
    if (comment === null || (comment.groups?.["indent"] ?? "").length < least) return at;
    at = lineEnd(text, start);
  }
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Before the line break. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  if (feed < 0) return text.length;
  return text[feed - 1] === "\r" ? Math.max(feed - 1, at) : feed;
}

function lineIndent(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? "";
}

function isFirstOnLine(text: string, at: number): boolean {
  return /^[ \t]*$/.test(text.slice(lineStart(text, at), at));
}
