/** A result holds something that no file or pipe can take. */
class NotJsonError extends Error {
  readonly hint =
    "Let the agent give plain data: objects, arrays, text, finite numbers, true, false and null.";

  constructor(path: string, what: string) {
    super(`The result cannot be written as JSON: ${path === "" ? "it" : path} is ${what}`);
    this.name = "NotJsonError";
  }
}

/**
 * A value as JSON text; `undefined` becomes `null`. Refuses what JSON would lose without a word.
 *
 * @throws NotJsonError for a Map, a function, a bigint, a number that is not finite, or a circle
 */
export function toJsonText(value: unknown, indent?: number): string {
  check(value, "", []);
  return JSON.stringify(value, undefined, indent) ?? "null";
}

const maxDepth = 1_000;

function check(value: unknown, path: string, open: readonly object[]): void {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") {
    throw new NotJsonError(path, `a ${typeof value}`);
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new NotJsonError(path, String(value));
  if (typeof value !== "object" || value === null) return;
  // Dates and their like say themselves what they are in JSON.
  if ("toJSON" in value && typeof value.toJSON === "function") return;
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
    throw new NotJsonError(path, `a ${value.constructor.name}`);
  }
  if (open.includes(value)) throw new NotJsonError(path, "a circle: it holds itself");
  if (open.length >= maxDepth)
    throw new NotJsonError(path.slice(0, 100), `more than ${maxDepth} levels deep`);
  const inside = [...open, value];
  for (const [key, item] of Object.entries(value)) {
    check(item, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, inside);
  }
}
