/** A result holds something that no file or pipe can take. */
class NotJsonError extends Error {
  readonly hint =
    "Let the agent give plain data: objects, arrays, text, finite numbers, true, false and null.";

  constructor(why: string, cause?: unknown) {
    super(`The result cannot be written as JSON: ${why}`, cause === undefined ? undefined : { cause });
    this.name = "NotJsonError";
  }
}

function isNotJson(path: string, what: string): NotJsonError {
  return new NotJsonError(`${path === "" ? "it" : path} is ${what}`);
}

/**
 * A value as JSON text; `undefined` becomes `null`. Refuses what JSON would lose without a word.
 *
 * @throws NotJsonError for a Map, a function, a bigint, a number that is not finite, a circle, or what throws when it is read
 */
export function toJsonText(value: unknown, indent?: number): string {
  try {
    check(value, "", []);
    return JSON.stringify(value, undefined, indent) ?? "null";
  } catch (error) {
    if (error instanceof NotJsonError) throw error;
    throw new NotJsonError(
      `reading it threw: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

const maxDepth = 1_000;

function check(value: unknown, path: string, open: readonly object[]): void {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") {
    throw isNotJson(path, `a ${typeof value}`);
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw isNotJson(path, String(value));
  if (typeof value !== "object" || value === null) return;
  // Dates and their like say themselves what they are in JSON.
  if ("toJSON" in value && typeof value.toJSON === "function") return;
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
    throw isNotJson(path, `a ${value.constructor.name}`);
  }
  if (open.includes(value)) throw isNotJson(path, "a circle: it holds itself");
  if (open.length >= maxDepth) throw isNotJson(path.slice(0, 100), `more than ${maxDepth} levels deep`);
  const inside = [...open, value];
  for (const [key, item] of Object.entries(value)) {
    check(item, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, inside);
  }
}
