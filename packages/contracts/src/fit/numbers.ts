import type { End, NumberShape } from "./shape.ts";

/** Up to here vendors agree on what is a multiple, whatever arithmetic they use. */
const exactLimit = 2 ** 50;

/** The greater of two lower ends. */
export function higherLow(a: End, b: End): End {
  if (a.at !== b.at) return a.at > b.at ? a : b;
  return a.isOpen ? a : b;
}

/** The lesser of two upper ends. */
export function lowerHigh(a: End, b: End): End {
  if (a.at !== b.at) return a.at < b.at ? a : b;
  return a.isOpen ? a : b;
}

/** The shape with the ends of an interval of integers closed and whole. */
export function tightened(shape: NumberShape): NumberShape {
  if (!shape.isInteger) return shape;
  const low = Math.ceil(shape.low.at);
  const high = Math.floor(shape.high.at);
  // Beyond 2^53 the next integer is not one more.
  const isNextLow = shape.low.isOpen && low === shape.low.at && Math.abs(low) < Number.MAX_SAFE_INTEGER;
  const isNextHigh = shape.high.isOpen && high === shape.high.at && Math.abs(high) < Number.MAX_SAFE_INTEGER;
  const lowEnd: End = {
    at: isNextLow ? low + 1 : low,
    isOpen: shape.low.isOpen && low === shape.low.at && !isNextLow,
  };
  const highEnd: End = {
    at: isNextHigh ? high - 1 : high,
    isOpen: shape.high.isOpen && high === shape.high.at && !isNextHigh,
  };
  return { ...shape, low: lowEnd, high: highEnd };
}

function isExact(shape: NumberShape): boolean {
  return shape.isInteger && shape.low.at >= -exactLimit && shape.high.at <= exactLimit;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Whole numbers all of which the values are multiples of, as their least common multiple; 1 where none is known. */
function stepOf(shape: NumberShape): number {
  return shape.multiplesOf
    .filter((each) => Number.isSafeInteger(each) && each > 0)
    .reduce((step, each) => {
      const next = (step / greatestDivisor(step, each)) * each;
      return next <= exactLimit ? next : step;
    }, 1);
}

/** The integers of a shape, where they can be told and are at most `limit`. */
export function fewIntegers(shape: NumberShape, limit: number): readonly number[] | undefined {
  if (!isExact(shape)) return;
  const step = stepOf(shape);
  // The ends of a tightened shape are whole and closed.
  const first = Math.ceil(shape.low.at / step) * step;
  if (shape.high.at < first) return [];
  const count = Math.floor((shape.high.at - first) / step) + 1;
  if (count > limit) return;
  // Adding 0 makes -0 of a division 0.
  return Array.from({ length: count }, (_, index) => first + index * step + 0);
}

/** Whether no number is of the shape. True only where that is certain. */
export function hasNoNumber(shape: NumberShape): boolean {
  if (shape.low.at > shape.high.at) return true;
  if (shape.low.at === shape.high.at && (shape.low.isOpen || shape.high.isOpen)) return true;
  return fewIntegers(shape, 0) !== undefined;
}

/** Whether a number is of the shape; `undefined` where vendors may disagree. */
export function acceptsNumber(shape: NumberShape, value: number): boolean | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (shape.isInteger && !Number.isInteger(value)) return false;
  if (value < shape.low.at || (value === shape.low.at && shape.low.isOpen)) return false;
  if (value > shape.high.at || (value === shape.high.at && shape.high.isOpen)) return false;
  let isCertain = true;
  for (const each of shape.multiplesOf) {
    if (Number.isSafeInteger(value) && Math.abs(value) <= exactLimit && Number.isSafeInteger(each)) {
      if (value % each !== 0) return false;
    } else isCertain = false;
  }
  return isCertain ? true : undefined;
}

/** The keyword by which a number of `a` may be none of `b`. */
export function numberObstacle(a: NumberShape, b: NumberShape, isSame: boolean): string | undefined {
  if (b.isInteger && !a.isInteger) return "type";
  if (a.low.at < b.low.at || (a.low.at === b.low.at && b.low.isOpen && !a.low.isOpen)) return "minimum";
  if (a.high.at > b.high.at || (a.high.at === b.high.at && b.high.isOpen && !a.high.isOpen)) return "maximum";
  const step = isExact(a) ? stepOf(a) : undefined;
  const isMultiple = (of: number): boolean =>
    (isSame && a.multiplesOf.includes(of)) ||
    (step !== undefined && Number.isSafeInteger(of) && of > 0 && step % of === 0);
  return b.multiplesOf.every(isMultiple) ? undefined : "multipleOf";
}
