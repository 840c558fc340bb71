/** The types of JSON Schema, `integer` apart, which is a way to be a number. */
export type JsonType = "null" | "boolean" | "number" | "string" | "array" | "object";

/** What any JSON value can be. */
export const jsonTypes: readonly JsonType[] = ["null", "boolean", "number", "string", "array", "object"];

/** A value's type; undefined for what JSON does not know. */
export function jsonTypeOf(value: unknown): JsonType | undefined {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isFinite(value) ? "number" : undefined;
  const type = typeof value;
  return type === "boolean" || type === "string" || type === "object" ? type : undefined;
}

/** Whether a value is an object, so that it can be asked for any key. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function equalJson(first: unknown, second: unknown): boolean {
  if (first === second) return true;
  if (Array.isArray(first) && Array.isArray(second)) {
    return first.length === second.length && first.every((item, index) => equalJson(item, second[index]));
  }
  if (!isRecord(first) || !isRecord(second)) return false;
  const keys = Object.keys(first);
  return (
    keys.length === Object.keys(second).length &&
    keys.every((key) => Object.hasOwn(second, key) && equalJson(first[key], second[key]))
  );
}

/** The length of a text as JSON Schema counts it: in code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The regular expression of a `pattern`; undefined where JavaScript has none of it. */
export function patternOf(source: string): RegExp | undefined {
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(source, flags);
    } catch {
      // Some patterns are none in Unicode mode, such as those that escape what needs no escape.
    }
  }
  return undefined;
}

/** Whether a number is a multiple of another, as people count: 0.3 is one of 0.1. */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isInteger(step)) return value % step === 0;
  const times = value / step;
  const whole = Math.round(times);
  if (whole === 0) return value === 0;
  return Math.abs(times - whole) <= 4 * Number.EPSILON * Math.abs(times);
}
