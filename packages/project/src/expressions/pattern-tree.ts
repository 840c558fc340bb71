import { limits } from "./limits.ts";

/** Whether a character (code point) is meant. */
export type CharacterTest = (character: number) => boolean;

/** A pattern that has been read. */
export type PatternTree =
  | { readonly kind: "character"; readonly test: CharacterTest }
  | { readonly kind: "begin" | "end" | "boundary" | "notBoundary" | "empty" }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly PatternTree[] }
  | { readonly kind: "repeat"; readonly of: PatternTree; readonly least: number; readonly most: number };

/**
 * How a pattern is written: as CEL has it, which is RE2, or as JSON Schema has it, which is JavaScript with the flag `u`.
 * What JavaScript does not take is to be refused by JavaScript before.
 */
type PatternSyntax = "re2" | "javascript";

/** How a pattern is read. */
export interface PatternOptions {
  /** RE2 unless said. */
  readonly syntax?: PatternSyntax;
  /** The most UTF-16 units that it may have. */
  readonly maxLength?: number;
  /** The most steps that it may have, repetitions written out. */
  readonly maxSteps?: number;
}

/** Makes the error of a pattern: what is wrong with it, and what to write. */
export type PatternFailure = (message: string, hint?: string) => Error;

const isDigit: CharacterTest = (c) => c >= 48 && c <= 57;
/** As RE2 and JavaScript have it: ASCII. */
export const isWord: CharacterTest = (c) =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || isDigit(c) || c === 95;
const isSpace: CharacterTest = (c) => c === 32 || (c >= 9 && c <= 13);
const isUnicodeLineEnd: CharacterTest = (c) => c === 0x2028 || c === 0x2029;
/** As JavaScript has it: what Unicode has of blanks and ends of lines. */
const isUnicodeSpace: CharacterTest = (c) =>
  isSpace(c) ||
  c === 0xa0 ||
  c === 0xfeff ||
  c === 0x1680 ||
  (c >= 0x2000 && c <= 0x200a) ||
  isUnicodeLineEnd(c) ||
  c === 0x202f ||
  c === 0x205f ||
  c === 0x3000;
const isLineEnd: CharacterTest = (c) => c === 10 || c === 13 || isUnicodeLineEnd(c);
const not =
  (test: CharacterTest): CharacterTest =>
  (c) =>
    !test(c);

const shorthands: Readonly<Record<string, CharacterTest>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};

const shorthandsOf: Readonly<Record<PatternSyntax, Readonly<Record<string, CharacterTest>>>> = {
  re2: shorthands,
  javascript: { ...shorthands, s: isUnicodeSpace, S: not(isUnicodeSpace) },
};

const controls: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7 };

const maxDepth = 50;
const maxRepeat = 1000;
const noBackReferences = "a match takes time that grows with the text alone, which these make impossible";

/** Reads a pattern, without what RE2 has not: backreferences and looking around. */
export class PatternReader {
  readonly #characters: readonly string[];
  readonly #fail: PatternFailure;
  readonly #isJavaScript: boolean;
  readonly #maxLength: number;
  #at = 0;
  #depth = 0;
  #ignoresCase = false;
  #dotIsAll = false;

  constructor(
    pattern: string,
    fail: PatternFailure,
    { syntax = "re2", maxLength = limits.patternLength }: PatternOptions = {},
  ) {
    this.#characters = [...pattern];
    this.#fail = fail;
    this.#isJavaScript = syntax === "javascript";
    this.#maxLength = maxLength;
  }

  read(): PatternTree {
    if (this.#characters.length > this.#maxLength) {
      throw this.#fail(`has more than ${this.#maxLength} characters`);
    }
    if (!this.#isJavaScript) this.#flags();
    const tree = this.#choice();
    if (this.#at < this.#characters.length)
      throw this.#fail('has a ")" without a "("', "write \\) for the sign");
    return tree;
  }

  #peek(text: string): boolean {
    return [...text].every((character, index) => this.#characters[this.#at + index] === character);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** `(?i)` at the beginning. */
  #flags(): void {
    const found = /^\(\?([a-zA-Z]+)\)/.exec(this.#characters.slice(0, 12).join(""));
    if (found === null) return;
    for (const flag of found[1] ?? "") {
      if (flag === "i") this.#ignoresCase = true;
      else if (flag === "s") this.#dotIsAll = true;
      else throw this.#fail(`has the flag ${flag}, which is not known`, "there are (?i), (?s) and (?is)");
    }
    this.#at = found[0].length;
  }

  #choice(): PatternTree {
    if (++this.#depth > maxDepth) throw this.#fail(`is nested more than ${maxDepth} levels deep`);
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    this.#depth--;
    const [first] = parts;
    return first !== undefined && parts.length === 1 ? first : { kind: "choice", parts };
  }

  #sequence(): PatternTree {
    const parts: PatternTree[] = [];
    while (this.#at < this.#characters.length && !this.#peek("|") && !this.#peek(")")) {
      parts.push(this.#repeated(this.#one()));
    }
    return { kind: "sequence", parts };
  }

  #repeated(one: PatternTree): PatternTree {
    let of = one;
    let count = 0;
    for (;;) {
      const range = this.#range();
      if (range === undefined) return of;
      if (++count > 1) {
        throw this.#fail("repeats a repetition", "put what is repeated in a group: (?:a*)*");
      }
      if (one.kind !== "character" && one.kind !== "sequence" && one.kind !== "choice") {
        if (one.kind !== "repeat") throw this.#fail("repeats a place, which has no length");
      }
      // Whether as much or as little as possible is taken makes no difference to whether it matches.
      this.#take("?");
      of = { kind: "repeat", of, ...range };
    }
  }

  #range(): { readonly least: number; readonly most: number } | undefined {
    if (this.#take("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take("?")) return { least: 0, most: 1 };
    if (!this.#peek("{")) return;
    const found = /^\{(\d{1,20})(,(\d{0,20}))?\}/.exec(
      this.#characters.slice(this.#at, this.#at + 44).join(""),
    );
    // As RE2 and JavaScript: a brace that counts nothing is itself.
    if (found === null) return;
    const least = Number(found[1]);
    const most =
      found[2] === undefined ? least : found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (least > maxRepeat || (most > maxRepeat && most !== Number.POSITIVE_INFINITY)) {
      throw this.#fail(
        `repeats something more than ${maxRepeat} times`,
        this.#isJavaScript ? "say how long a text is with minLength and maxLength" : undefined,
      );
    }
    if (most < least) throw this.#fail(`repeats something at least ${least} and at most ${most} times`);
    this.#at += found[0].length;
    return { least, most };
  }

  #one(): PatternTree {
    const character = this.#characters[this.#at++] ?? "";
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "character", test: this.#class() };
      case ".":
        return { kind: "character", test: this.#dot() };
      case "^":
        return { kind: "begin" };
      case "$":
        return { kind: "end" };
      case "*":
      case "+":
      case "?":
        throw this.#fail(`has a "${character}" with nothing before it`, `write \\${character} for the sign`);
      case "\\":
        return this.#escaped();
      default:
        return { kind: "character", test: this.#literal(character.codePointAt(0) ?? 0) };
    }
  }

  #dot(): CharacterTest {
    if (this.#isJavaScript) return not(isLineEnd);
    return this.#dotIsAll ? () => true : (c) => c !== 10;
  }

  #group(): PatternTree {
    if (this.#take("?")) {
      const named = this.#isJavaScript ? /^<[^>=!][^>]*>/ : /^P?<[A-Za-z_]\w*>/;
      const name = named.exec(this.#characters.slice(this.#at, this.#at + 60).join(""));
      if (name !== null) this.#at += name[0].length;
      else if (!this.#take(":")) {
        const isLook = ["=", "!", "<=", "<!"].some((sign) => this.#peek(sign));
        throw isLook
          ? this.#fail("looks ahead or behind, which is not supported", noBackReferences)
          : this.#fail(
              'has a group that begins with "(?"',
              this.#isJavaScript
                ? "there are (?:…) for groups; write [Aa] for both cases"
                : "there are (?:…) for groups, and (?i) at the beginning",
            );
      }
    }
    const tree = this.#choice();
    if (!this.#take(")")) throw this.#fail('has a "(" without a ")"', "write \\( for the sign");
    // A sequence of its own, so that what follows repeats all of it.
    return { kind: "sequence", parts: [tree] };
  }

  #escaped(): PatternTree {
    const next = this.#characters[this.#at] ?? "";
    switch (next) {
      case "b":
        this.#at++;
        return { kind: "boundary" };
      case "B":
        this.#at++;
        return { kind: "notBoundary" };
      case "A":
        this.#at++;
        return { kind: "begin" };
      case "z":
      case "Z":
        this.#at++;
        return { kind: "end" };
      default:
        if (/^[1-9k]$/.test(next)) {
          throw this.#fail("refers back to a group, which is not supported", noBackReferences);
        }
        return { kind: "character", test: this.#escape() };
    }
  }

  /** What comes after a backslash, inside of brackets and outside. */
  #escape(): CharacterTest {
    const character = this.#escapedCharacter();
    return typeof character === "number" ? this.#literal(character) : character;
  }

  #escapedCharacter(): CharacterTest | number {
    const next = this.#characters[this.#at++];
    if (next === undefined) throw this.#fail("ends in a backslash", "write \\\\\\\\ for the sign");
    const known = shorthandsOf[this.#isJavaScript ? "javascript" : "re2"];
    const shorthand = Object.hasOwn(known, next) ? known[next] : undefined;
    if (shorthand !== undefined) return shorthand;
    if (Object.hasOwn(controls, next)) return controls[next] ?? 0;
    if (next === "p" || next === "P") return this.#property(next === "P");
    if (next === "x" || next === "u") return this.#hexadecimal(next);
    if (this.#isJavaScript && next === "0") return 0;
    if (this.#isJavaScript && next === "c") return (this.#characters[this.#at++]?.charCodeAt(0) ?? 0) % 32;
    if (/^[A-Za-z0-9]$/.test(next)) throw this.#fail(`has the escape \\${next}, which is not known`);
    return next.codePointAt(0) ?? 0;
  }

  #hexadecimal(letter: "x" | "u"): number {
    const rest = this.#characters.slice(this.#at, this.#at + 10).join("");
    const found =
      /^\{([0-9A-Fa-f]{1,6})\}/.exec(rest) ??
      (letter === "x" ? /^([0-9A-Fa-f]{2})/ : /^([0-9A-Fa-f]{4})/).exec(rest);
    const code = Number.parseInt(found?.[1] ?? "", 16);
    if (found === null || !(code <= 0x10ffff))
      throw this.#fail(`has \\${letter} without a character's number`);
    this.#at += found[0].length;
    return this.#isJavaScript && code >= 0xd800 && code <= 0xdbff && found[0].length === 4
      ? this.#pair(code)
      : code;
  }

  /** Two escapes that are one character in JavaScript: `\ud83d\ude00`. */
  #pair(high: number): number {
    const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(this.#characters.slice(this.#at, this.#at + 6).join(""));
    if (low === null) return high;
    this.#at += 6;
    return 0x10000 + (high - 0xd800) * 0x400 + Number.parseInt(low[1] ?? "", 16) - 0xdc00;
  }

  /** `\p{L}`: what Unicode says of a character is asked of the engine, one character at a time. */
  #property(isNegated: boolean): CharacterTest {
    const rest = this.#characters.slice(this.#at, this.#at + 60).join("");
    const found = /^(?:\{(\^?)([A-Za-z_]+(?:=[A-Za-z_]+)?)\}|([A-Z]))/.exec(rest);
    if (found === null) throw this.#fail("has \\p without a property", "as in \\p{L} for letters");
    this.#at += found[0].length;
    const name = found[2] ?? found[3] ?? "";
    const expression = unicodeProperty(name) ?? unicodeProperty(`Script=${name}`);
    if (expression === undefined) throw this.#fail(`has the property ${name}, which is not known`);
    const isMeant = (found[1] === "^") === isNegated;
    return (c) => expression.test(String.fromCodePoint(c)) === isMeant;
  }

  #class(): CharacterTest {
    const isNegated = this.#take("^");
    const tests: CharacterTest[] = [];
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#characters.length)
        throw this.#fail('has a "[" without a "]"', "write \\[ for the sign");
      if ((!isFirst || this.#isJavaScript) && this.#take("]")) break;
      if (this.#peek("[:") && !this.#isJavaScript)
        throw this.#fail("has a class as [:alpha:]", "write \\p{L}, \\d, \\w or \\s");
      tests.push(this.#member());
    }
    const has: CharacterTest = (c) => tests.some((test) => test(c));
    return isNegated ? not(has) : has;
  }

  #member(): CharacterTest {
    const from = this.#classCharacter();
    const next = this.#characters[this.#at + 1];
    if (typeof from !== "number" || !this.#peek("-") || next === "]" || next === undefined) {
      return typeof from === "number" ? this.#literal(from) : from;
    }
    this.#at++;
    const to = this.#classCharacter();
    if (typeof to !== "number" || to < from) throw this.#fail("has a range in brackets that goes backwards");
    return this.#folded((c) => c >= from && c <= to);
  }

  #classCharacter(): CharacterTest | number {
    const character = this.#characters[this.#at++] ?? "";
    // In brackets it is no place but the sign for going back.
    if (this.#isJavaScript && character === "\\" && this.#take("b")) return 8;
    return character === "\\" ? this.#escapedCharacter() : (character.codePointAt(0) ?? 0);
  }

  #literal(code: number): CharacterTest {
    return this.#folded((c) => c === code);
  }

  #folded(test: CharacterTest): CharacterTest {
    if (!this.#ignoresCase) return test;
    return (c) => {
      if (test(c)) return true;
      const character = String.fromCodePoint(c);
      return test(single(character.toLowerCase(), c)) || test(single(character.toUpperCase(), c));
    };
  }
}

/** The other case of a character, where that is one character too. */
function single(text: string, otherwise: number): number {
  const code = text.codePointAt(0) ?? otherwise;
  return text.length === (code > 0xffff ? 2 : 1) ? code : otherwise;
}

function unicodeProperty(name: string): RegExp | undefined {
  try {
    return new RegExp(`^\\p{${name}}$`, "u");
  } catch {
    return;
  }
}
