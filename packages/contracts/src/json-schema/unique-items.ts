import type { AjvError } from "./ajv.ts";

/** The keyword for `addKeyword` of Ajv. */
export interface Keyword {
  readonly keyword: string;
  readonly type: "array";
  readonly schemaType: "boolean";
  readonly errors: "full";
  readonly compile: (isUnique: boolean) => Check;
}

interface Check {
  (items: readonly unknown[]): boolean;
  errors?: readonly Pick<AjvError, "keyword" | "params" | "message">[];
}

/** The keyword for one schema, and what it remembers of the value that is being checked. */
export interface UniqueItems {
  readonly keyword: Keyword;
  /** Forgets the values seen so far, which may be changed before they come again. */
  readonly forget: () => void;
}

/**
 * `uniqueItems` in one pass: Ajv's own compares objects pair by pair, a minute for a hundred thousand of them, which
 * whoever sends them could have at will. Items are compared as JSON; what is none is equal only to itself. What was
 * seen is remembered until `forget`: a schema that refers to itself asks again at each level.
 */
export function uniqueItems(): UniqueItems {
  let texts: Texts | undefined;
  const compile = (isUnique: boolean): Check => {
    const check: Check = (items) => {
      texts ??= new Texts();
      const twice = isUnique ? firstTwice(items, texts) : undefined;
      if (twice === undefined) return true;
      const [j, i] = twice;
      const message = `must NOT have duplicate items (items ## ${j} and ${i} are identical)`;
      check.errors = [{ keyword: "uniqueItems", params: { i, j }, message }];
      return false;
    };
    return check;
  };
  return {
    keyword: { keyword: "uniqueItems", type: "array", schemaType: "boolean", errors: "full", compile },
    forget: () => {
      texts = undefined;
    },
  };
}

/** The places of the first item that was there before, and of where it was. */
function firstTwice(items: readonly unknown[], texts: Texts): readonly [number, number] | undefined {
  if (items.length < 2) return undefined;
  const places = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const text = texts.of(item);
    const before = places.get(text);
    if (before !== undefined) return [before, index];
    places.set(text, index);
  }
  return undefined;
}

/**
 * Gives values a text each: the same for the same JSON alone, whatever the order of keys. Arrays and objects have a
 * number for their text, so that each is looked at once, however deep it is and in however many places.
 */
class Texts {
  readonly #seen = new Map<unknown, string>();
  readonly #forms = new Map<string, string>();
  #count = 0;

  of(value: unknown): string {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
    const known = this.#seen.get(value);
    if (known !== undefined) return known;
    const form = this.#formOf(value);
    let text = form === undefined ? undefined : this.#forms.get(form);
    if (text === undefined) {
      text = `#${this.#count++}`;
      if (form !== undefined) this.#forms.set(form, text);
    }
    this.#seen.set(value, text);
    return text;
  }

  /** What an array or plain object is made of; undefined for everything else. */
  #formOf(value: unknown): string | undefined {
    // Holes count as what is read from them.
    if (Array.isArray(value)) return `[${Array.from(value, (item) => this.of(item)).join()}]`;
    if (typeof value !== "object" || value === null || !isPlain(value)) return undefined;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${this.of(item)}`).join()}}`;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
