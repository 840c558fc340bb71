import { checkKey, duplicateKey } from "./forbidden-keys.ts";
import type { Position } from "./position.ts";
import { TextFault } from "./text-fault.ts";
import { textLimits, tooDeep, tooManyMembers, tooManyValues } from "./text-limits.ts";
import { listNode, objectNode, scalarNode, type TextEntry, type TextNode } from "./text-node.ts";

/**
 * Reads JSON (RFC 8259), with the places of its values; each key once.
 *
 * @throws TextFault
 */
export function parseJson(text: string, positionOf: (offset: number) => Position): TextNode {
  const reader = new Reader(text, positionOf);
  return reader.document();
}

const literals: readonly (readonly [text: string, value: unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
/** What JSON lets stand in a text as it is, and its escapes. */
// oxlint-disable-next-line no-control-regex -- control characters are what a JSON text may not hold
const textPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const wordPattern = /[\w$.+-]+/y;

class Reader {
  readonly #text: string;
  readonly #positionOf: (offset: number) => Position;
  #at = 0;
  #values = 0;

  constructor(text: string, positionOf: (offset: number) => Position) {
    this.#text = text;
    this.#positionOf = positionOf;
  }

  document(): TextNode {
    this.#skipSpace();
    const root = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      throw new TextFault(
        "syntax",
        `${capitalized(this.#seen())} after the end of the JSON value`,
        this.#at,
        "A JSON file holds one value; look for a brace or bracket that closes too early.",
      );
    }
    return root;
  }

  #value(depth: number): TextNode {
    if (++this.#values > textLimits.values) throw tooManyValues(this.#at);
    const start = this.#at;
    switch (this.#text[start]) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#list(depth + 1);
      case '"': {
        const value = this.#string();
        return scalarNode(value, start, this.#at);
      }
      default:
        return this.#plain(start);
    }
  }

  #plain(start: number): TextNode {
    for (const [literal, value] of literals) {
      if (this.#text.startsWith(literal, start) && !/[\w$]/.test(this.#text[start + literal.length] ?? "")) {
        this.#at += literal.length;
        return scalarNode(value, start, this.#at);
      }
    }
    const written = this.#match(numberPattern);
    if (written === undefined || /[\w$.+]/.test(this.#text[start + written.length] ?? "")) {
      throw this.#unexpected("a value");
    }
    this.#at += written.length;
    return scalarNode(numberOf(written, start), start, this.#at);
  }

  #list(depth: number): TextNode {
    const start = this.#at;
    if (depth > textLimits.depth) throw tooDeep(start);
    const items: TextNode[] = [];
    this.#at++;
    this.#skipSpace();
    while (this.#text[this.#at] !== "]") {
      if (items.length >= textLimits.members) throw tooManyMembers("list", start);
      items.push(this.#value(depth));
      this.#separator("]", start);
    }
    this.#at++;
    return listNode(items, start, this.#at);
  }

  #object(depth: number): TextNode {
    const start = this.#at;
    if (depth > textLimits.depth) throw tooDeep(start);
    const entries = new Map<string, TextEntry>();
    this.#at++;
    this.#skipSpace();
    while (this.#text[this.#at] !== "}") {
      if (entries.size >= textLimits.members) throw tooManyMembers("object", start);
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') throw this.#unexpected("a key in double quotes");
      const key = this.#string();
      const keyEnd = this.#at;
      checkKey(key, keyStart);
      const first = entries.get(key);
      if (first !== undefined) throw duplicateKey(key, keyStart, this.#positionOf(first.keyStart).line);
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") throw this.#unexpected('":" after the key');
      this.#at++;
      this.#skipSpace();
      entries.set(key, { keyStart, keyEnd, node: this.#value(depth) });
      this.#separator("}", start);
    }
    this.#at++;
    return objectNode(entries, start, this.#at);
  }

  /** After a member: a comma with another one behind it, or the end. */
  #separator(closing: "]" | "}", start: number): void {
    this.#skipSpace();
    if (this.#text[this.#at] === closing) return;
    if (this.#text[this.#at] !== ",") {
      if (this.#at >= this.#text.length) {
        const { line, column } = this.#positionOf(start);
        throw new TextFault(
          "syntax",
          `The file ends before the "${closing}" to what began on line ${line}, column ${column}`,
          this.#at,
        );
      }
      throw this.#unexpected(`"," or "${closing}"`);
    }
    const comma = this.#at;
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] === closing) {
      throw new TextFault("syntax", `A comma before "${closing}"`, comma, "JSON has none there; remove it.");
    }
  }

  #string(): string {
    const start = this.#at;
    const written = this.#match(textPattern);
    if (written === undefined) throw this.#brokenString(start);
    this.#at += written.length;
    // What the pattern lets through is a text of JSON.
    return JSON.parse(written) as string;
  }

  #brokenString(start: number): TextFault {
    for (let at = start + 1; at < this.#text.length; at++) {
      const unit = this.#text[at] ?? "";
      if (unit === "\\") {
        if (/^\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/.test(this.#text.slice(at, at + 6))) {
          at++;
          continue;
        }
        return new TextFault(
          "syntax",
          `${JSON.stringify(this.#text.slice(at, at + 2))} is no escape of JSON`,
          at,
          'Write "\\\\" for a backslash.',
        );
      }
      if (unit < " ") {
        const isEnd = unit === "\n" || unit === "\r";
        return new TextFault(
          "syntax",
          isEnd ? "A text without a closing quote on its line" : "A tab inside of a text",
          isEnd ? start : at,
          isEnd ? 'Close it with ", or write a line break as \\n.' : "Write it as \\t.",
        );
      }
    }
    return new TextFault("syntax", "A text without a closing quote", start);
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
    const next = this.#text.slice(this.#at, this.#at + 2);
    if (next === "//" || next === "/*" || next.startsWith("#")) {
      throw new TextFault(
        "syntax",
        "A comment; JSON has none",
        this.#at,
        "Remove it, or write the file in YAML, which has comments.",
      );
    }
  }

  #unexpected(wanted: string): TextFault {
    const seen = this.#seen();
    return new TextFault(
      "syntax",
      `${capitalized(wanted)} was expected here, not ${seen}`,
      this.#at,
      wanted.startsWith('"') ? undefined : hintFor(this.#text, this.#at),
    );
  }

  #seen(): string {
    if (this.#at >= this.#text.length) return "the end of the file";
    const word = this.#match(wordPattern) ?? String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    return JSON.stringify(word.length > 20 ? `${word.slice(0, 20)}…` : word);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }
}

function hintFor(text: string, at: number): string | undefined {
  const rest = text.slice(at, at + 20);
  if (rest.startsWith("'")) return "JSON has only double quotes.";
  if (/^(?:True|False|TRUE|FALSE|yes|no|None|undefined|NaN|-?Infinity)\b/.test(rest)) {
    return "JSON has true, false, null, numbers and texts in double quotes.";
  }
  if (/^[+.]?\d|^-?0\d|^-?\d+\./.test(rest)) {
    return "A number of JSON has no plus and no zeros in front, and digits on both sides of its point.";
  }
  if (/^[A-Za-z_$]/.test(rest)) return "Texts and keys stand in double quotes.";
  return undefined;
}

function numberOf(written: string, start: number): number {
  const value = Number(written);
  if (!Number.isFinite(value))
    throw new TextFault("wrong-value", `The number ${written} is too large`, start);
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(written)) {
    throw new TextFault(
      "wrong-value",
      `The number ${written} is too large to be kept exactly`,
      start,
      `Is it a text? Then put it in quotes: "${written}".`,
    );
  }
  return value;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
