import { isSameDialect, type Dialect } from "./dialect.ts";
import { isAffordable } from "./pattern-cost.ts";
import type { StringShape } from "./shape.ts";

/** How many characters a string has, least and most, by what the dialect counts. */
function lengthsIn(text: string, dialect: Dialect): readonly [number, number] {
  const points = Array.from(text).length;
  if (dialect.lengths === "code points") return [points, points];
  return [dialect.lengths === "either" ? points : text.length, text.length];
}

/** The lengths of strings of a shape, as another dialect counts them: a code point is one UTF-16 unit or two. */
export function lengthsAs(shape: StringShape, dialect: Dialect): readonly [number, number] {
  const { low, high } = shape;
  const from = shape.dialect.lengths;
  const to = dialect.lengths;
  if (from === to && from !== "either") return [low, high];
  const isLess = from !== "code points" && to !== "UTF-16 units";
  const isMore = from !== "UTF-16 units" && to !== "code points";
  return [isLess ? Math.ceil(low / 2) : low, isMore ? high * 2 : high];
}

/** What the flag `u` may change the meaning of. */
const unicodeSensitive = /\.|\[\^|\\[SDWBpPuxck]|[^\x20-\x7e]/;

function withoutEscaped(pattern: string): string {
  return pattern.replace(/\\[.\\]/g, "");
}

/** Whether the same pattern means the same in both dialects. */
function isSamePattern(pattern: string, a: Dialect, b: Dialect): boolean {
  if (a.patterns === b.patterns && a.patterns !== "mixed") return true;
  return !unicodeSensitive.test(withoutEscaped(pattern));
}

/** The keyword by which a string of `a` may be none of `b`. */
export function stringObstacle(a: StringShape, b: StringShape): string | undefined {
  const [low, high] = lengthsAs(a, b.dialect);
  if (low < b.low) return "minLength";
  if (high > b.high) return "maxLength";
  if (!b.patterns.every((each) => a.patterns.includes(each) && isSamePattern(each, a.dialect, b.dialect))) {
    return "pattern";
  }
  const isSame = isSameDialect(a.dialect, b.dialect);
  return b.formats.every((each) => isSame && a.formats.includes(each)) ? undefined : "format";
}

/** Whether a string is of the shape; `undefined` where that is not known. */
export function acceptsString(shape: StringShape, text: string): boolean | undefined {
  const [least, most] = lengthsIn(text, shape.dialect);
  if (most < shape.low || least > shape.high) return false;
  let isCertain = least >= shape.low && most <= shape.high && shape.formats.length === 0;
  for (const pattern of shape.patterns) {
    const answer = matches(pattern, text, shape.dialect);
    if (answer === undefined) isCertain = false;
    else if (!answer) {
      if (shape.dialect.patterns !== "mixed") return false;
      isCertain = false;
    } else if (shape.dialect.patterns === "mixed") isCertain = false;
  }
  return isCertain ? true : undefined;
}

/**
 * A pattern that cannot be read is taken to match: what it says is not known. Undefined where to try it might take long.
 */
export function matches(pattern: string, text: string, dialect: Dialect): boolean | undefined {
  if (!isAffordable(pattern, text.length)) return undefined;
  try {
    return new RegExp(pattern, dialect.patterns === "unicode" ? "u" : "").test(text);
  } catch {
    return true;
  }
}
