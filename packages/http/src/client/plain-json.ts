/** How deep a value may be: a service takes less. */
const maxDepth = 1_000;

/**
 * Says where a value is not one that JSON carries, and why; undefined when it is. `JSON.stringify` would send something
 * else in its place, or throw. A key whose value is undefined is one that is not there.
 */
export function notJsonPlace(
  value: unknown,
): { readonly path: readonly PropertyKey[]; readonly got: string } | undefined {
  return search(value, []);
}

function search(value: unknown, path: readonly PropertyKey[]): ReturnType<typeof notJsonPlace> {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path, got: String(value) };
    case "object":
      break;
    default:
      return { path, got: typeof value };
  }
  if (value === null) return undefined;
  if (path.length >= maxDepth) return { path: [], got: `a value of more than ${maxDepth} levels` };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = search(item, [...path, index]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    // What says how it is written as JSON means to be.
    if ("toJSON" in value) return undefined;
    return { path, got: `an object of ${nameOf(prototype)}` };
  }
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const found = search(item, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(prototype: unknown): string {
  const made = typeof prototype === "object" && prototype !== null ? prototype.constructor : undefined;
  return typeof made === "function" && made.name !== "" ? made.name : "a class";
}
