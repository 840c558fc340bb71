import {
  type Alias,
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { closest } from "../closest.ts";
import { checkKey, duplicateKey } from "./forbidden-keys.ts";
import type { Position } from "./position.ts";
import { TextFault } from "./text-fault.ts";
import { textLimits, tooDeep, tooManyMembers, tooManyParts, tooManyValues } from "./text-limits.ts";
import { listNode, objectNode, scalarNode, type TextEntry, type TextNode } from "./text-node.ts";
import { yamlFault } from "./yaml-fault.ts";

/**
 * Reads YAML 1.2 by its core schema, as far as it is JSON: one document, texts as keys, no tags but those of JSON's
 * types, no merges. What would cost much is refused before it does.
 *
 * @throws TextFault
 */
export function parseYaml(text: string, positionOf: (offset: number) => Position): TextNode {
  const tokens = tokensOf(text);
  checkTokens(tokens);
  const contents = compose(tokens, text);
  if (contents === null) return scalarNode(null, 0, 0);
  return new Reader(positionOf).read(contents, 0);
}

/** Syntax without meaning. Its depth and width are looked at while it grows. */
function tokensOf(text: string): readonly CST.Token[] {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let parts = 0;
  let isScalarNext = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!isScalarNext && lexeme.startsWith("!")) checkTag(lexeme, parser.offset);
    isScalarNext = lexeme === CST.SCALAR;
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (++parts > textLimits.parts) throw tooManyParts(parser.offset);
    // The document itself is one of them, and so may be a value that is not at its end yet.
    if (parser.stack.length > textLimits.depth + 2) throw tooDeep(parser.offset);
    const top = parser.stack.at(-1);
    if (top !== undefined && "items" in top && top.items.length > textLimits.members + 1) {
      const last = top.items.at(-2)?.key ?? top.items.at(-2)?.value;
      throw tooManyMembers(isList(top) ? "list" : "object", last?.offset ?? parser.offset);
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Those of the types that JSON has, which change nothing but how a text is taken. */
const jsonTags = new Set(["!!map", "!!seq", "!!str", "!!int", "!!float", "!!bool", "!!null"]);

function checkTag(tag: string, offset: number): void {
  if (jsonTags.has(tag)) return;
  throw new TextFault(
    "syntax",
    `The tag ${tag.length > 100 ? `${tag.slice(0, 100)}…` : tag} is not taken: a project file holds plain data, from which nothing is made`,
    offset,
    "Remove the tag; a text that begins with ! stands in quotes.",
  );
}

function isList(token: CST.Token): boolean {
  return token.type === "block-seq" || (token.type === "flow-collection" && token.start.source === "[");
}

function checkTokens(tokens: readonly CST.Token[]): void {
  for (const token of tokens) {
    if (token.type === "directive" && !/^%YAML\s+1\.2\s*(?:#|$)/.test(token.source)) {
      throw new TextFault(
        "syntax",
        `The directive ${JSON.stringify(token.source.trim())} is not taken: project files are YAML 1.2`,
        token.offset,
        "Remove the line.",
      );
    }
  }
  const documents = tokens.filter(({ type }) => type === "document");
  const second = documents[1];
  if (second !== undefined) {
    throw new TextFault(
      "syntax",
      "A second document begins here; a project file holds one",
      second.offset,
      'Remove the line "---", or put the second document into a file of its own.',
    );
  }
}

/** Text copied from a page may be indented by spaces that are none to YAML: on the line where something is wrong, they are why. */
function oddIndentation(text: string, { pos: [offset] }: YAMLError): TextFault | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const found = /^ *(?<space>[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff])/u.exec(text.slice(start));
  const space = found?.groups?.["space"];
  if (found === null || space === undefined) return undefined;
  const code = (space.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return new TextFault(
    "syntax",
    `The character U+${code} where only spaces may indent`,
    start + found[0].length - 1,
    "It looks like a space: put a plain one in its place.",
  );
}

function compose(tokens: readonly CST.Token[], text: string): Node | null {
  // An error for each of a hundred thousand mistakes; their stacks are most of what they cost, and nobody sees them.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    // Unique keys are ours to check: theirs is one comparison for each pair of keys.
    const composer = new Composer({ schema: "core", uniqueKeys: false, stringKeys: true, merge: false });
    const [document] = composer.compose(tokens, true, text.length);
    if (document === undefined) throw new TextFault("syntax", "There is no document", 0);
    const faults = [...document.errors, ...document.warnings];
    const first = faults.reduce<(typeof faults)[number] | undefined>(
      (least, fault) => (least === undefined || fault.pos[0] < least.pos[0] ? fault : least),
      undefined,
    );
    if (first !== undefined) throw oddIndentation(text, first) ?? yamlFault(atItsBeginning(first, document));
    return document.contents;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Of a quote that is not closed the parser tells where the text ends, which is seldom where to look. */
function atItsBeginning(fault: YAMLError, document: Document): YAMLError {
  if (!fault.message.startsWith("Missing closing")) return fault;
  visit(document, {
    Scalar: (_key, { range }) => {
      if (range?.[1] !== fault.pos[0]) return undefined;
      fault.pos = [range[0], range[1]];
      return visit.BREAK;
    },
  });
  return fault;
}

/** What an anchor stands for; nothing yet while its own value is read. */
type Anchor = TextNode | "open";

class Reader {
  readonly #positionOf: (offset: number) => Position;
  readonly #anchors = new Map<string, Anchor>();

  constructor(positionOf: (offset: number) => Position) {
    this.#positionOf = positionOf;
  }

  read(node: Node, depth: number): TextNode {
    const [start, end] = rangeOf(node);
    if (isAlias(node)) return this.#alias(node, start, end, depth);
    const { anchor } = node as { readonly anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    const read = this.#value(node, start, end, depth);
    if (depth + read.height > textLimits.depth) throw tooDeep(start);
    if (read.size > textLimits.values) throw tooManyValues(start);
    if (anchor !== undefined) this.#anchors.set(anchor, read);
    return read;
  }

  #value(node: Node, start: number, end: number, depth: number): TextNode {
    if (isScalar(node)) return scalarNode(scalarValue(node, start), start, end);
    if (isSeq<Node>(node)) return this.#list(node, start, end, depth);
    if (isMap<Node, Node | null>(node)) return this.#object(node, start, end, depth);
    throw new TextFault("syntax", "This is no value of JSON", start);
  }

  #list(node: YAMLSeq<Node>, start: number, end: number, depth: number): TextNode {
    if (node.items.length > textLimits.members) throw tooManyMembers("list", start);
    const items: TextNode[] = [];
    let size = 1;
    for (const item of node.items) {
      const read = this.read(item, depth + 1);
      size += read.size;
      if (size > textLimits.values) throw tooManyValues(read.start);
      items.push(read);
    }
    return listNode(items, start, end);
  }

  #object(node: YAMLMap<Node, Node | null>, start: number, end: number, depth: number): TextNode {
    if (node.items.length > textLimits.members) throw tooManyMembers("object", start);
    const entries = new Map<string, TextEntry>();
    let size = 1;
    for (const { key: keyNode, value } of node.items) {
      const [keyStart, keyEnd] = rangeOf(keyNode);
      const key = keyOf(keyNode, keyStart);
      checkKey(key, keyStart);
      const first = entries.get(key);
      if (first !== undefined) throw duplicateKey(key, keyStart, this.#positionOf(first.keyStart).line);
      const read = value === null ? scalarNode(null, keyEnd, keyEnd) : this.read(value, depth + 1);
      size += read.size;
      if (size > textLimits.values) throw tooManyValues(read.start);
      entries.set(key, { keyStart, keyEnd, node: read });
    }
    return objectNode(entries, start, end);
  }

  #alias({ source }: Alias, start: number, end: number, depth: number): TextNode {
    const meant = this.#anchors.get(source);
    if (meant === undefined) {
      const near = closest(source, [...this.#anchors.keys()]);
      throw new TextFault(
        "unknown-name",
        `The alias "*${source}" has no anchor "&${source}" before it`,
        start,
        near === undefined
          ? `A text that begins with "*" stands in quotes: "*${source}".`
          : `Did you mean "*${near}"?`,
      );
    }
    if (meant === "open") {
      throw new TextFault(
        "cycle",
        `The alias "*${source}" stands inside of what it stands for`,
        start,
        "Write out what is meant.",
      );
    }
    if (depth + meant.height > textLimits.depth) throw tooDeep(start);
    return { ...meant, start, end };
  }
}

function rangeOf(node: Node): readonly [start: number, end: number] {
  const { range } = node;
  return range === null || range === undefined ? [0, 0] : [range[0], range[1]];
}

function keyOf(node: Node, start: number): string {
  if (isScalar(node) && typeof node.value === "string") return node.value;
  throw new TextFault("syntax", "A key that is no text", start, "Write the key as a text.");
}

function scalarValue(node: Scalar, start: number): unknown {
  const { value, source } = node;
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) {
    throw new TextFault("wrong-value", `${source ?? String(value)} is no number of JSON`, start);
  }
  if (
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    /^[-+]?(?:\d+|0[xo]\w+)$/.test(source ?? "")
  ) {
    throw new TextFault(
      "wrong-value",
      `The number ${source ?? value} is too large to be kept exactly`,
      start,
      `Is it a text? Then put it in quotes: "${source ?? value}".`,
    );
  }
  // Nobody means another zero.
  return value === 0 ? 0 : value;
}
