import { Secret } from "@atomic-agents/core";
import { createHmac } from "node:crypto";
import { isPlainObject } from "../../expressions/kinds.ts";
import { checkKeys, optionError, wordError } from "../check-options.ts";
import { Beginning, Forms } from "../forms.ts";
import { sortOf } from "../transform/cast-value.ts";
import { type KeyPlace, keyPathFault, keyPlaceOf } from "./key-paths.ts";
import { type RedactOptions, redactOptionKeys } from "./redact-options.ts";
import { type RedactKind, redactKinds, redactText, type Tokens } from "./redact-text.ts";

/** How much was replaced, by what it was. */
export type RedactCounts = { readonly [K in RedactKind | "key"]?: number };

/** A value without what was looked for. */
export interface Redacted {
  readonly value: unknown;
  readonly counts: RedactCounts;
}

/** Takes what is not to be seen out of values. */
export interface Redactor {
  /** A copy where something was replaced, else the value itself. @throws Error for what is no JSON, and for what is nested deeper than 500 */
  readonly redact: (value: unknown) => Redacted;
}

type Counting = { [K in RedactKind | "key"]?: number };

const maxDepth = 500;
/** What stands in the place of a key's value: it is not replaced again. */
const token = /^\[redacted(?::[a-p]{24})?\]$/;

/**
 * Makes what takes e-mail addresses, telephone numbers, payment cards (by the checksum of Luhn), account numbers (IBAN, by
 * their checksum) and the values of keys out of values. It is done in time that grows with the length of texts alone, and
 * doing it again changes nothing. Names of keys stay as they are, and so do numbers that no key names.
 *
 * @throws AtomicError `CONFIG`, also for `hash` without a key
 * @example
 * ```ts
 * const redactor = createRedactor({ find: ["email", "card"], keys: ["user.*.pin"] });
 * const { value, counts } = redactor.redact({ text: "ada@example.org paid with 4111 1111 1111 1111" });
 * console.log(value, counts); // => { text: '[email] paid with [card]' } { email: 1, card: 1 }
 * ```
 */
export function createRedactor(options: RedactOptions = {}): Redactor {
  checkRedactOptions("createRedactor", options);
  const { keys = [] } = options;
  const find = options.find ?? (keys.length === 0 ? redactKinds : []);
  const kinds = new Set(find);
  const tokenOf = options.with === "hash" ? hashed(options.key) : (name: string) => `[${name}]`;
  const spots = new Map<KeyPlace | undefined, Spot>();
  const root = spotOf(keyPlaceOf(keys), spots);
  return {
    redact: (given) => {
      const redaction = new Redaction(kinds, tokenOf);
      const value = redaction.visit(given, root, 0);
      return { value, counts: redaction.counts };
    },
  };
}

type NameToken = (name: string, text: () => string) => string;

/** A place in values, with what is known of the objects there. */
interface Spot {
  readonly isNamed: boolean;
  readonly under: (key: string) => Spot;
  readonly forms: Forms<Form>;
}

/** Objects with certain keys, at some place. */
interface Form {
  readonly keys: readonly string[];
  /** The place under each of them. */
  readonly spots: readonly Spot[];
  readonly beginning: Beginning;
  /** Whether a key would be taken for what an object inherits from. */
  readonly isOdd: boolean;
}

/** One for each place. */
function spotOf(place: KeyPlace | undefined, spots: Map<KeyPlace | undefined, Spot>): Spot {
  const known = spots.get(place);
  if (known !== undefined) return known;
  const under = (key: string): Spot => spotOf(place?.under(key), spots);
  const forms = new Forms(
    (keys): Form => ({
      keys,
      spots: keys.map(under),
      beginning: new Beginning(),
      isOdd: keys.includes("__proto__"),
    }),
  );
  const spot: Spot = { isNamed: place?.isNamed === true, under, forms };
  spots.set(place, spot);
  return spot;
}

/** Takes what is looked for out of one value, and counts it. */
class Redaction implements Tokens {
  readonly counts: Counting = {};
  readonly #kinds: ReadonlySet<RedactKind>;
  readonly #tokenOf: NameToken;

  constructor(kinds: ReadonlySet<RedactKind>, tokenOf: NameToken) {
    this.#kinds = kinds;
    this.#tokenOf = tokenOf;
  }

  visit(value: unknown, spot: Spot, depth: number): unknown {
    if (spot.isNamed) return this.#named(value);
    switch (typeof value) {
      case "string":
        return this.#kinds.size === 0 ? value : redactText(value, this.#kinds, this);
      case "object":
        if (value === null) return value;
        if (depth > maxDepth) throw tooDeep();
        if (Array.isArray(value)) return this.#list(value, spot, depth);
        if (isPlainObject(value)) return this.#object(value, spot, depth);
        break;
      case "number":
      case "boolean":
      case "undefined":
        return value;
      default:
    }
    // What cannot be looked into may hold anything.
    throw new Error(`${sortOf(value)} cannot be redacted`);
  }

  /** What stands in the place of something that was found in a text. */
  tokenOf(kind: RedactKind, found: string): string {
    this.#count(kind);
    return this.#tokenOf(kind, () => normalized(kind, found));
  }

  #count(kind: RedactKind | "key"): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  #named(value: unknown): unknown {
    if (value === null || value === undefined) return value;
    if (typeof value === "string" && token.test(value)) return value;
    this.#count("key");
    return this.#tokenOf("redacted", () => canonical(value, 0));
  }

  #list(list: readonly unknown[], spot: Spot, depth: number): unknown {
    let copy: unknown[] | undefined;
    for (let index = 0; index < list.length; index++) {
      const made = this.visit(list[index], spot.under(String(index)), depth + 1);
      if (Object.is(made, list[index])) continue;
      copy ??= [...list];
      copy[index] = made;
    }
    return copy ?? list;
  }

  #object(object: object, spot: Spot, depth: number): unknown {
    const { keys, spots, beginning, isOdd } = spot.forms.of(Object.keys(object));
    // Read once: what has been looked at is what goes on.
    const values: unknown[] = Object.values(object);
    let isSame = true;
    // There is a value, and a place, for each key.
    for (let index = 0; index < keys.length; index++) {
      const made = this.visit(values[index], spots[index] as Spot, depth + 1);
      if (Object.is(made, values[index])) continue;
      values[index] = made;
      isSame = false;
    }
    if (isSame) return object;
    if (isOdd) return Object.fromEntries(keys.map((key, index) => [key, values[index]]));
    const copy = beginning.create();
    for (let index = 0; index < keys.length; index++) copy[keys[index] as string] = values[index];
    return copy;
  }
}

function tooDeep(): Error {
  return new Error(`the record is nested more than ${maxDepth} levels deep`);
}

/** What is hashed: the same for all ways to write the same. */
function normalized(kind: RedactKind, found: string): string {
  if (kind === "email") return found.toLowerCase();
  return kind === "iban" ? found.replaceAll(" ", "").toUpperCase() : found.replaceAll(/[^\d+]/g, "");
}

/** A value as text, with the keys of objects in order. */
function canonical(value: unknown, depth: number): string {
  if (depth > maxDepth) throw tooDeep();
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inside]) => `${JSON.stringify(key)}:${canonical(inside, depth + 1)}`).join(",")}}`;
  }
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "null");
}

/** HMAC-SHA-256, its first 96 bits in the letters a to p: no digit in it is taken for part of a number. */
function hashed(key: RedactOptions["key"]): (name: string, text: () => string) => string {
  return (name, text) => {
    const hex = createHmac("sha256", textOf(key)).update(`${name}\0${text()}`).digest("hex").slice(0, 24);
    const letters = hex.replaceAll(/[\da-f]/g, (digit) =>
      String.fromCharCode(97 + Number.parseInt(digit, 16)),
    );
    return `[${name}:${letters}]`;
  };
}

function textOf(key: RedactOptions["key"]): string {
  // Checked before.
  return key instanceof Secret ? String(key.reveal()) : String(key);
}

/** @throws AtomicError `CONFIG` */
export function checkRedactOptions(what: string, options: RedactOptions): void {
  checkKeys(what, options, redactOptionKeys);
  const { find, keys, with: manner = "mask", key, counts } = options;
  if (find !== undefined && !Array.isArray(find)) {
    throw optionError(what, "find", `a list of ${redactKinds.join(", ")}`, find);
  }
  for (const [index, kind] of (find ?? []).entries()) {
    if (!redactKinds.includes(kind)) throw wordError(what, `find.${index}`, redactKinds, kind);
  }
  if (keys !== undefined && !(Array.isArray(keys) && keys.every((path) => typeof path === "string"))) {
    throw optionError(what, "keys", "a list of keys", keys);
  }
  for (const path of keys ?? []) {
    const fault = keyPathFault(path);
    if (fault !== undefined) throw optionError(what, "keys", `paths such as a.b, and this ${fault}`, path);
  }
  if (manner !== "mask" && manner !== "hash") throw optionError(what, "with", "mask or hash", manner);
  const isKey = key instanceof Secret || typeof key === "string";
  if (key !== undefined && (!isKey || textOf(key) === ""))
    throw optionError(what, "key", "a secret", typeof key);
  if (manner === "hash" && key === undefined) {
    const hint =
      "Without a key anybody could hash all telephone numbers and compare. In a flow file: key: { env: NAME }.";
    throw optionError(what, "key", "a secret, for with: hash", key, hint);
  }
  if (manner === "mask" && key !== undefined)
    throw optionError(what, "key", "left out for with: mask", "a key");
  if (counts !== undefined && (typeof counts !== "string" || counts === "" || counts === "__proto__")) {
    throw optionError(what, "counts", "the name of a key", counts);
  }
}
