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

/**
 * `uniqueItems` in one pass: Ajv's own compares objects pair by pair, a minute for a hundred thousand of them, which
 * whoever sends them could have at will. Items are compared as JSON; what is none is equal only to itself.
 */
export const uniqueItems: Keyword = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  errors: "full",
  compile: (isUnique) => {
    const check: Check = (items) => {
      const twice = isUnique ? firstTwice(items) : undefined;
      if (twice === undefined) return true;
      const [j, i] = twice;
      const message = `must NOT have duplicate items (items ## ${j} and ${i} are identical)`;
      check.errors = [{ keyword: "uniqueItems", params: { i, j }, message }];
      return false;
    };
    return check;
  },
};

/** The places of the first item that was there before, and of where it was. */
function firstTwice(items: readonly unknown[]): readonly [number, number] | undefined {
  if (items.length < 2) return undefined;
  const places = new Map<string, number>();
  const strangers = new Map<unknown, number>();
  for (const [index, item] of items.entries()) {
    const text = textOf(item, strangers);
    const before = places.get(text);
    if (before !== undefined) return [before, index];
    places.set(text, index);
  }
  return undefined;
}

/** A text that is the same for the same JSON alone, whatever the order of keys. */
function textOf(value: unknown, strangers: Map<unknown, number>): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, strangers)).join()}]`;
  if (typeof value === "object" && isPlain(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item, strangers)}`).join()}}`;
  }
  let number = strangers.get(value);
  if (number === undefined) {
    number = strangers.size;
    strangers.set(value, number);
  }
  return `#${number}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
