import { configError } from "@atomic-agents/core";
import { isMedia, type Media } from "./media.ts";

/** Says that nothing is left of a value. */
export const nothing = Symbol("nothing");

/** What becomes of the parts of a value that JSON does not have. */
export interface PlainCopyRules {
  /** What stands for media; `nothing` takes them away, and with the last one of it an array or object. */
  readonly onMedia: (media: Media) => unknown;
  /** What a key is called in the copy. */
  readonly onKey?: (key: string) => string;
}

/** Deeper than any record, and not so deep that the stack would not do. */
export const maxDepth = 500;

/**
 * A copy that is made of what JSON has: a `Map` becomes an object or pairs, a `Set` an array, a bigint its digits; what
 * has `toJSON` is asked. The order of keys and elements stays, and media are met in it.
 *
 * @throws AtomicError `CONFIG` for what is nested too deeply or contains itself
 */
export function plainCopy(value: unknown, rules: PlainCopyRules): unknown {
  return copyOf(value, rules, 0);
}

function copyOf(given: unknown, rules: PlainCopyRules, depth: number): unknown {
  if (isMedia(given)) return rules.onMedia(given);
  const value = jsonOf(given);
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "number":
      return Number.isFinite(value) ? value : null;
    case "string":
    case "boolean":
      return value;
    case "object":
      break;
    default:
      // Functions and symbols are no data.
      return nothing;
  }
  if (value === null) return null;
  if (depth >= maxDepth) {
    const expected = `nested at most ${maxDepth} deep`;
    throw configError("Message", "content", expected, value, "Does it contain itself?");
  }
  if (Array.isArray(value)) return arrayOf(value, rules, depth);
  if (value instanceof Set) return arrayOf([...value], rules, depth);
  if (value instanceof Map) return mapOf(value, rules, depth);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    const hint = "Wrap what a model is to look at or hear with image(), audio(), pdf() or video().";
    throw configError("Message", "content", "without bytes", value, hint);
  }
  return objectOf(Object.entries(value), rules, depth);
}

/** What an object says of itself as JSON. */
function jsonOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("toJSON" in value)) return value;
  return typeof value.toJSON === "function" ? Reflect.apply(value.toJSON, value, [""]) : value;
}

function arrayOf(values: readonly unknown[], rules: PlainCopyRules, depth: number): unknown {
  const copy: unknown[] = [];
  let isEmptied = false;
  for (const element of values) {
    const part = copyOf(element, rules, depth + 1);
    if (part !== nothing) copy.push(part);
    else if (isObject(element)) isEmptied = true;
    // As JSON does, so that the others keep their places.
    else copy.push(null);
  }
  return isEmptied && copy.length === 0 ? nothing : copy;
}

function mapOf(map: ReadonlyMap<unknown, unknown>, rules: PlainCopyRules, depth: number): unknown {
  const entries = [...map];
  return entries.every((entry): entry is [string, unknown] => typeof entry[0] === "string")
    ? objectOf(entries, rules, depth)
    : arrayOf(entries, rules, depth);
}

function objectOf(
  entries: readonly (readonly [string, unknown])[],
  rules: PlainCopyRules,
  depth: number,
): unknown {
  // Without a prototype a key `__proto__` is one like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  let isEmptied = false;
  let isEmpty = true;
  for (const [key, member] of entries) {
    const part = copyOf(member, rules, depth + 1);
    if (part === nothing) {
      isEmptied ||= isObject(member);
    } else {
      copy[rules.onKey?.(key) ?? key] = part;
      isEmpty = false;
    }
  }
  return isEmptied && isEmpty ? nothing : copy;
}

/** Of an object or array nothing is left when it was media, or held nothing else. */
function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
