import { printable, quoted } from "./text.ts";

const maxLength = 60;

/** Keys as they are, without touching what is under them. */
function describeKeys(keys: readonly string[]): string {
  if (keys.length === 0) return "without keys";
  let shown = "";
  for (const key of keys) {
    const piece = printable(key, maxLength);
    if (shown !== "" && shown.length + piece.length + 2 > maxLength)
      return `with ${keys.length} keys: ${shown}, …`;
    shown = shown === "" ? piece : `${shown}, ${piece}`;
  }
  return `with ${keys.length === 1 ? "key" : "keys"} ${shown}`;
}

/** The name of the class a value was made by, `""` for plain objects; calls no getter. */
function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return "";
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function") return "";
  const name: unknown = Object.getOwnPropertyDescriptor(constructor, "name")?.value;
  return typeof name === "string" ? printable(name, maxLength) : "";
}

function previewObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? "empty array" : `array of ${value.length}`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Date that is invalid" : `Date ${value.toISOString()}`;
  }
  if (value instanceof Map || value instanceof Set) return `${className(value)} of ${value.size}`;
  if (value instanceof Promise) return "Promise, not awaited";
  const name = className(value);
  const keys = describeKeys(Object.keys(value));
  return name === "" || name === "Object" ? `object ${keys}` : `object of class ${name} ${keys}`;
}

function previewBigint(value: bigint): string {
  const limit = 10n ** 50n;
  return value > limit || value < -limit ? "bigint of more than 50 digits" : `bigint ${value}n`;
}

/**
 * A short, safe description of a value: its type and at most about 60 characters of it, on one line.
 *
 * Calls no getter and goes no level deep, so a circular value or one of a gigabyte costs no more than any other;
 * never throws, whatever the value does when it is read.
 */
export function preview(value: unknown): string {
  try {
    switch (typeof value) {
      case "string": {
        const shown = quoted(value, maxLength);
        return shown.endsWith('…"') && !value.endsWith("…")
          ? `string ${shown} of ${value.length} characters`
          : `string ${shown}`;
      }
      case "number":
        return Object.is(value, -0) ? "number -0" : `number ${value}`;
      case "boolean":
        return `boolean ${value}`;
      case "bigint":
        return previewBigint(value);
      case "symbol":
        return `symbol ${quoted(value.description ?? "", maxLength)}`;
      case "undefined":
        return "undefined";
      case "function": {
        const name: unknown = Object.getOwnPropertyDescriptor(value, "name")?.value;
        return typeof name === "string" && name !== ""
          ? `function ${printable(name, maxLength)}`
          : "function";
      }
      case "object":
        return value === null ? "null" : previewObject(value);
    }
  } catch {
    return `${typeof value} that cannot be read`;
  }
}
