/** How deep a value may be: a service takes less. */
const maxDepth = 1_000;

/** A place in a value at which is what JSON does not carry. */
interface Place {
  /** Such as `items[0].at`; empty for the value itself. */
  readonly path: string;
  /** What is there: `NaN`, `a Map`. */
  readonly got: string;
}

const tooDeep: Place = { path: "", got: `a value of more than ${maxDepth} levels` };

/**
 * Says where a value is not one that JSON carries, and why; undefined when it is. `JSON.stringify` would put something
 * else in its place, or throw. A key whose value is undefined is one that is not there.
 */
export function notJsonPlace(value: unknown): Place | undefined {
  const found = search(value, 0);
  return found?.path.startsWith(".") === true ? { ...found, path: found.path.slice(1) } : found;
}

/** Makes nothing as long as there is nothing to tell: all that is sent and answered goes through it. */
function search(value: unknown, depth: number): Place | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path: "", got: String(value) };
    case "object":
      return value === null ? undefined : searchObject(value, depth);
    case "undefined":
      return { path: "", got: "undefined" };
    default:
      return { path: "", got: `a ${typeof value}` };
  }
}

function searchObject(value: object, depth: number): Place | undefined {
  if (depth >= maxDepth) return tooDeep;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = search(value[index], depth + 1);
      if (found !== undefined) return within(`[${index}]`, found);
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const got = lossOf(value);
    if (got !== undefined) return { path: "", got };
    if (saysItself(value)) return undefined;
  }
  // Quicker than a list of the keys.
  for (const key in value) {
    // Any key of an object.
    const item = (value as Readonly<Record<string, unknown>>)[key];
    if (item === undefined) continue;
    const found = search(item, depth + 1);
    // What it has of its prototype JSON leaves out.
    if (found === undefined || !Object.hasOwn(value, key)) continue;
    return saysItself(value) ? undefined : within(`.${key}`, found);
  }
  return undefined;
}

/** What says how it is written as JSON means to be. */
function saysItself(value: object): boolean {
  return "toJSON" in value && typeof value.toJSON === "function";
}

function within(step: string, found: Place): Place {
  return found === tooDeep ? found : { path: step + found.path, got: found.got };
}

/** What an object of a class is whose contents are not in its keys; undefined where they are. */
function lossOf(value: object): string | undefined {
  // A plain object of another realm.
  if (Object.getPrototypeOf(Object.getPrototypeOf(value)) === null) return undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "a Date of no time" : undefined;
  if (saysItself(value)) return undefined;
  const hasKeys =
    Object.prototype.toString.call(value) === "[object Object]" && Object.keys(value).length > 0;
  return hasKeys ? undefined : nameOf(value);
}

function nameOf(value: object): string {
  const made: unknown = value.constructor;
  const name = typeof made === "function" && made.name !== "" ? made.name : "class without a name";
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}
