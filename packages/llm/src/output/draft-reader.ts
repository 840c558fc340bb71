import { maxDepth } from "../history/plain-copy.ts";

/** Where in the grammar the reader stands. */
type State =
  | "begin"
  | "value"
  | "first-key"
  | "key"
  | "colon"
  | "comma"
  | "string"
  | "plain"
  | "done"
  | "broken";

type Container = unknown[] | Record<string, unknown>;

/** How much longer an answer has to be for another draft: the copies of all drafts together stay linear in its length. */
const growth = 64;

/**
 * Makes drafts of an answer while its JSON comes in. Each character is read once; texts show as far as they have come,
 * numbers and words when they are whole. What is no JSON has no drafts: whether it is an answer is not decided here.
 */
export class DraftReader {
  #text = "";
  #at = 0;
  #nextLength = 1;
  #state: State = "begin";
  #root: Container | undefined;
  readonly #stack: Container[] = [];
  #key: string | undefined;
  #isKey = false;
  #start = 0;

  /** The draft of the text so far, a value of its own; undefined where there is none, or nothing much new. */
  read(text: string): Container | undefined {
    // Looking into a text that was just put together copies it.
    if (text.length < this.#nextLength || this.#state === "broken" || this.#state === "done")
      return undefined;
    this.#nextLength = text.length + Math.max(1, Math.floor(text.length / growth));
    this.#text = text;
    while (this.#at < text.length && this.#step()) {
      // Until the text ends, or something in it has not come whole.
    }
    if (this.#root === undefined || this.#isBroken()) return undefined;
    return this.#copy();
  }

  #isBroken(): boolean {
    return this.#state === "broken";
  }

  /** Reads on; says whether it may go on. */
  #step(): boolean {
    switch (this.#state) {
      case "begin":
        return this.#begin();
      case "string":
        return this.#string();
      case "plain":
        return this.#plain();
      case "done":
      case "broken":
        return false;
      default:
        return this.#sign();
    }
  }

  #begin(): boolean {
    const text = this.#text;
    const thoughts = /^\s*<think(?:ing)?>/.exec(text);
    const end = thoughts === null ? 0 : /<\/think(?:ing)?>/.exec(text)?.index;
    const from = end === undefined ? -1 : text.slice(Math.max(end, this.#at)).search(/[{[]/);
    if (from < 0) {
      // What has no bracket yet need not be looked at again, but for a mark that is still coming.
      if (thoughts === null && !/^\s*(?:<\w*)?$/.test(text)) this.#at = text.length;
      return false;
    }
    this.#at = Math.max(end ?? 0, this.#at) + from;
    this.#state = "value";
    return true;
  }

  #sign(): boolean {
    const sign = this.#text[this.#at] ?? "";
    if (/\s/.test(sign)) {
      this.#at++;
      return true;
    }
    const here = this.#stack.at(-1);
    const isArray = Array.isArray(here);
    if (sign === (isArray ? "]" : "}") && here !== undefined && this.#mayClose(isArray)) return this.#close();
    switch (this.#state) {
      case "value":
        return this.#value(sign);
      case "first-key":
      case "key":
        if (sign !== '"') return this.#break();
        this.#beginString(true);
        return true;
      case "colon":
        if (sign !== ":") return this.#break();
        this.#at++;
        this.#state = "value";
        return true;
      default:
        if (sign !== ",") return this.#break();
        this.#at++;
        this.#state = isArray ? "value" : "key";
        return true;
    }
  }

  #mayClose(isArray: boolean): boolean {
    return this.#state === "comma" || (isArray ? this.#state === "value" : this.#state === "first-key");
  }

  #value(sign: string): boolean {
    if (sign === "{" || sign === "[") {
      if (this.#stack.length >= maxDepth) return this.#break();
      const container: Container = sign === "[" ? [] : {};
      if (this.#root === undefined) this.#root = container;
      else this.#put(container);
      this.#stack.push(container);
      this.#at++;
      this.#state = sign === "[" ? "value" : "first-key";
      return true;
    }
    if (sign === '"') {
      this.#beginString(false);
      return true;
    }
    if (!/[-\dtfn]/.test(sign)) return this.#break();
    this.#start = this.#at;
    this.#state = "plain";
    return true;
  }

  #close(): boolean {
    this.#stack.pop();
    this.#at++;
    this.#state = this.#stack.length === 0 ? "done" : "comma";
    return true;
  }

  #beginString(isKey: boolean): void {
    this.#isKey = isKey;
    this.#start = this.#at;
    this.#at++;
    this.#state = "string";
  }

  #string(): boolean {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x22) {
        this.#at++;
        const value = parsed(text.slice(this.#start, this.#at));
        if (typeof value !== "string") return this.#break();
        if (!this.#isKey) {
          this.#put(value);
          this.#state = "comma";
        } else {
          if (value === "__proto__") return this.#break();
          this.#key = value;
          this.#state = "colon";
        }
        return true;
      }
      // What follows a backslash may still be coming.
      if (code === 0x5c && this.#at + 1 >= text.length) return false;
      this.#at += code === 0x5c ? 2 : 1;
    }
    return false;
  }

  #plain(): boolean {
    const text = this.#text;
    while (this.#at < text.length && /[\w.+-]/.test(text[this.#at] ?? "")) this.#at++;
    // More of it may be coming.
    if (this.#at >= text.length) return false;
    const value = parsed(text.slice(this.#start, this.#at));
    if (value === undefined) return this.#break();
    this.#put(value);
    this.#state = "comma";
    return true;
  }

  #put(value: unknown): void {
    const here = this.#stack.at(-1);
    if (Array.isArray(here)) here.push(value);
    else if (here !== undefined && this.#key !== undefined) here[this.#key] = value;
  }

  #break(): false {
    this.#state = "broken";
    return false;
  }

  #copy(): Container {
    const unfinished = this.#state === "string" && !this.#isKey ? this.#textSoFar() : undefined;
    if (unfinished !== undefined) this.#put(unfinished);
    // It holds nothing but what JSON has.
    const copy = structuredClone(this.#root) as Container;
    if (unfinished !== undefined) this.#takeBack();
    return copy;
  }

  #takeBack(): void {
    const here = this.#stack.at(-1);
    if (Array.isArray(here)) here.pop();
    else if (here !== undefined && this.#key !== undefined) delete here[this.#key];
  }

  /** A text as far as it has come, without an escape or half a character that has not come whole. */
  #textSoFar(): string | undefined {
    const written = this.#text
      .slice(this.#start, this.#at)
      .replace(/\\(?:u[\dA-Fa-f]{0,3})?$/, "")
      .replace(/\\u[dD][89abAB][\dA-Fa-f]{2}$/, "")
      .replace(/[\uD800-\uDBFF]$/, "");
    const value = parsed(`${written}"`);
    return typeof value === "string" ? value : undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
