import { configError } from "./config-error.ts";
import { memberReader } from "./member.ts";
import { promised } from "./promised.ts";

/** What records are ordered and told apart by. */
export type KeyValue = string | number | boolean | null | undefined;

/** The names of a record's keys that may hold such a value; any text where nobody knows what a record is. */
export type RecordKey<TRecord> = unknown extends TRecord
  ? string
  : {
      [TKey in keyof TRecord & string]: unknown extends TRecord[TKey]
        ? TKey
        : TRecord[TKey] extends KeyValue
          ? TKey
          : never;
    }[keyof TRecord & string];

/** A key of a record, or a function that gives such a value; it answers at once. */
export type KeyOf<TRecord, TKey = RecordKey<TRecord>> = TKey | ((record: TRecord) => KeyValue);

/** Reads one such value of a record. @throws TypeError when it is of another kind */
export type ReadKey = (record: unknown) => KeyValue;

/** How a key is read. @throws AtomicError `CONFIG` for what is neither a text nor a function */
export function readerOf(what: string, path: string, key: unknown): ReadKey {
  if (typeof key === "string") {
    const shown = `"${key}"`;
    // Everything but null and undefined can be asked for a key, and those say so.
    const read = memberReader(key);
    return (record) => checkKeyValue(read(record), shown);
  }
  if (typeof key === "function") {
    return (record) => {
      // What a function gives is checked.
      const value: unknown = (key as (record: unknown) => unknown)(record);
      if (value instanceof Promise) throw promised(value);
      return checkKeyValue(value, "what the key's function gave");
    };
  }
  throw configError(what, path, "a key or a function", key);
}

/** The keys that options have. @throws AtomicError `CONFIG` */
export function keysOf(what: string, by: unknown): readonly unknown[] {
  if (Array.isArray(by) && by.length > 0) return by;
  throw configError(what, "by", "an array of at least one key", by);
}

/** What of a key is data; a function is not. */
export function designOfKey(key: unknown): string | null {
  return typeof key === "string" ? key : null;
}

function checkKeyValue(value: unknown, what: string): KeyValue {
  if (typeof value === "string" || typeof value === "number") return value;
  if (value === null || value === undefined || typeof value === "boolean") return value;
  const shown = typeof value === "object" ? (Array.isArray(value) ? "an array" : "an object") : typeof value;
  throw new TypeError(`${what} must be a text, a number, true, false or null, got ${shown}`);
}

/** A text that is the same for the same values alone; `null` and `undefined` differ, `0` and `-0` do not. */
export function nameOfKeys(keys: readonly KeyValue[]): string {
  let name = "";
  for (const key of keys) {
    name += typeof key === "string" ? `${key.length}:${key},` : `${typeof key} ${String(key)},`;
  }
  return name;
}

/** The order of kinds: what is missing, then what is true or false, numbers, texts. */
function rankOf(key: KeyValue): number {
  if (typeof key === "string") return 3;
  if (typeof key === "number") return 2;
  return typeof key === "boolean" ? 1 : 0;
}

/**
 * Which of two values comes first: below 0 for the first. `null` and `undefined` are alike and come before `false`, `true`,
 * numbers (`NaN` before all others, `0` and `-0` alike) and texts (by UTF-16 code units, the same on every machine).
 */
export function compareKeys(first: KeyValue, second: KeyValue): number {
  if (typeof first === "string" && typeof second === "string") {
    return first < second ? -1 : first > second ? 1 : 0;
  }
  if (typeof first === "number" && typeof second === "number") {
    if (first < second) return -1;
    if (first > second) return 1;
    if (first === second) return 0;
    return Number(Number.isNaN(second)) - Number(Number.isNaN(first));
  }
  if (typeof first === "boolean" && typeof second === "boolean") return Number(first) - Number(second);
  return rankOf(first) - rankOf(second);
}
