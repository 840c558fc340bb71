/** As deep as what is read from a file may nest. */
const maxDepth = 500;

/**
 * A value as JSON from which the same value comes back. Keys whose value is undefined are left out.
 *
 * @throws TypeError for what JSON would lose or change, such as dates, `NaN` and objects of classes
 */
export function faithfulJson(value: unknown): string {
  const problem = problemOf(value, 0);
  if (problem === undefined) return JSON.stringify(value);
  const { reason, path } = problem;
  throw new TypeError(
    path.length === 0 ? `it is no JSON: ${reason}` : `no JSON at ${path.join(".")}: ${reason}`,
  );
}

interface Problem {
  readonly reason: string;
  readonly path: readonly (string | number)[];
}

function problemOf(value: unknown, depth: number): Problem | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : { reason: `the number ${value}`, path: [] };
  }
  if (typeof value !== "object") return { reason: `a value of type ${typeof value}`, path: [] };
  if (depth >= maxDepth) return { reason: `nested deeper than ${maxDepth}`, path: [] };
  if (Array.isArray(value)) {
    // By index: a hole is undefined, too.
    for (let index = 0; index < value.length; index++) {
      const problem = problemOf(value[index], depth + 1);
      if (problem !== undefined) return within(index, problem);
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return { reason: `an object of class ${value.constructor?.name ?? "unknown"}`, path: [] };
  }
  for (const key of Object.keys(value)) {
    const item = (value as Readonly<Record<string, unknown>>)[key];
    const problem = item === undefined ? undefined : problemOf(item, depth + 1);
    if (problem !== undefined) return within(key, problem);
  }
  return undefined;
}

function within(key: string | number, { reason, path }: Problem): Problem {
  return { reason, path: path.length < 10 ? [key, ...path] : path };
}
