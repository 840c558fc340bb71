import type { KeyValue } from "../keys.ts";

/**
 * Values as one text, from which they can be had again: what JSON has not is a list. Of anything that is no such value only
 * that it is there is kept.
 */
export function textOfValues(values: readonly unknown[]): string {
  return JSON.stringify(values.map(stored));
}

/** A text that is the same for the same keys alone; `null` and `undefined` differ, `0` and `-0` do not. */
export function textOfKeys(keys: readonly KeyValue[]): string {
  return JSON.stringify(keys.map((key) => (key === 0 ? 0 : stored(key))));
}

/** The values of such a text. */
export function valuesOfText(text: string): readonly KeyValue[] {
  // It was written by one of the functions above.
  const values = JSON.parse(text) as unknown[];
  for (const [index, value] of values.entries()) {
    if (Array.isArray(value)) values[index] = special(value[0]);
  }
  return values as KeyValue[];
}

function stored(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") {
    if (Object.is(value, -0)) return ["-0"];
    return Number.isFinite(value) ? value : [String(value)];
  }
  return value === undefined ? [] : true;
}

function special(text: unknown): KeyValue {
  return text === undefined ? undefined : Number(text);
}
