import type { Site } from "./compiled.ts";
import type { Frame } from "./frame.ts";
import { inWords, isPlainObject, kindOf } from "./kinds.ts";
import { limits } from "./limits.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Lets in what JSON has. Every value that comes from the variables passes here, so that nothing else is looked into. */
export function admit(value: unknown, site: Site): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (value - value === 0) return value;
      break;
    case "object":
      if (value === null || Array.isArray(value) || isPlainObject(value)) return value;
      break;
    case "undefined":
      throw missing(site);
    default:
  }
  throw site.failure(`${site.text} is ${foreignWords(value)}, which JSON has not`);
}

export function missing(site: Site): Error {
  return site.failure(`${site.text} is missing`, hintForMissing(site.text));
}

export function hintForMissing(text: string): string {
  const dot = /^(\w+)\.([\w.]+)$/.exec(text);
  return dot === null
    ? "read it by get(…), or ask has(…) before"
    : `write get(${dot[1]}, "${dot[2]}", otherwise), or ask has(${text}) before`;
}

/** What to do where something may be null. */
export function hintForNull(text: string): string {
  const dot = /^(\w+)\.([\w.]+)$/.exec(text);
  const test = `ask ${text} != null before`;
  return dot === null ? test : `write get(${dot[1]}, "${dot[2]}", otherwise), or ${test}`;
}

function foreignWords(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Number.isNaN(value) ? "not a number (NaN)" : "an infinite number";
    case "bigint":
      return "a BigInt";
    case "object":
      return value instanceof Date ? "a Date" : "an object of a class";
    default:
      return `a ${typeof value}`;
  }
}

/** Of values that have been let in. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of any values. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value) && isPlainObject(value);
}

/** A value in words, for messages about operands that do not fit: never the data itself, which may be secret. */
export function sortOf(value: unknown): string {
  return inWords(kindOf(value));
}

/** Listing the keys of large objects is slow. */
export const workPerKey = 4;

/** How many units of text cost as much as an operation. */
const unitsPerWork = 16;

export function spendText(frame: Frame, length: number, site: Site): void {
  if (length > unitsPerWork) site.spend(frame, Math.ceil(length / unitsPerWork));
}

/** Whether two values are the same JSON: keys in any order, 1 and 1.0 alike. */
export function areEqual(a: unknown, b: unknown, frame: Frame, site: Site): boolean {
  return compare(a, b, frame, site, 0);
}

function compare(a: unknown, b: unknown, frame: Frame, site: Site, depth: number): boolean {
  if (typeof a === "string" && typeof b === "string") {
    if (a.length !== b.length) return false;
    spendText(frame, a.length, site);
    return a === b;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (a === b) return true;
  if (depth > limits.dataDepth) throw tooDeep(site);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    site.spend(frame, a.length);
    for (let index = 0; index < a.length; index++) {
      if (!compare(a[index], b[index], frame, site, depth + 1)) return false;
    }
    return true;
  }
  if (Array.isArray(b) || !isPlainObject(a) || !isPlainObject(b)) return false;
  const keys = Object.keys(a);
  site.spend(frame, keys.length * workPerKey);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      compare((a as JsonObject)[key], (b as JsonObject)[key], frame, site, depth + 1),
  );
}

function tooDeep(site: Site): Error {
  return site.failure(`the data is nested more than ${limits.dataDepth} levels deep`);
}

/** Refuses a result that holds more than `limits` allow. */
export function measure(value: unknown, site: Site): void {
  let left: number = limits.resultSize;
  const visit = (each: unknown, depth: number): void => {
    left -= typeof each === "string" ? 1 + each.length / 64 : 1;
    if (left < 0) {
      throw site.failure(`the result holds more than ${limits.resultSize.toLocaleString("en")} values`);
    }
    if (typeof each !== "object" || each === null) return;
    if (depth > limits.dataDepth) throw tooDeep(site);
    const parts: readonly unknown[] = Array.isArray(each) ? each : Object.values(each);
    for (let index = 0; index < parts.length; index++) visit(parts[index], depth + 1);
  };
  visit(value, 0);
}
