import { UsageError } from "../usage-error.ts";

/**
 * A copy of an input with one value set, as `--set` writes it: `a.b=1`. The value is taken for JSON, or else for text.
 * A key that is all digits counts into an array where there is one; objects on the way are made.
 *
 * @throws UsageError for what is no assignment, or leads through what has no keys
 * @example
 * ```ts
 * setValue({ options: { language: "en" } }, "options.maxSentences=2"); // => { options: { language: 'en', maxSentences: 2 } }
 * ```
 */
export function setValue(input: unknown, assignment: string): unknown {
  const at = assignment.indexOf("=");
  const where = `--set ${assignment}`;
  const path = assignment.slice(0, Math.max(at, 0)).split(".");
  if (at < 1 || path.includes("")) {
    throw new UsageError(`${JSON.stringify(assignment)} sets nothing`, {
      where: "--set",
      expected: "key=value, or key.key=value",
      got: assignment,
      hint: "--set options.maxSentences=2",
    });
  }
  if (path.includes("__proto__")) {
    throw new UsageError('The key "__proto__" is refused', {
      where,
      expected: "any other key",
      hint: "An input that needs it is given whole, as JSON, with --input.",
    });
  }
  return setIn(input ?? {}, path, valueOf(assignment.slice(at + 1)), where, "");
}

function setIn(
  target: unknown,
  path: readonly string[],
  value: unknown,
  where: string,
  walked: string,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const here = walked === "" ? key : `${walked}.${key}`;
  if (Array.isArray(target)) {
    const index = Number(key);
    if (!/^\d+$/.test(key) || index > target.length) {
      throw new UsageError(`${JSON.stringify(key)} is no place in ${walked || "the input"}`, {
        where,
        expected: `an index from 0 to ${target.length}`,
        got: key,
      });
    }
    return target.toSpliced(index, 1, setIn(target[index] ?? {}, rest, value, where, here));
  }
  if (typeof target !== "object" || target === null) {
    throw new UsageError(`${JSON.stringify(key)} cannot be set in ${walked || "the input"}`, {
      where,
      expected: "an object or an array",
      got: target === null ? "null" : `a ${typeof target}`,
    });
  }
  // Only own keys are followed: an input has no others.
  const inner: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key) : {};
  return { ...target, [key]: setIn(inner, rest, value, where, here) };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
