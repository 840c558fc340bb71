import fc from "fast-check";
import { CannotGenerate } from "./cannot-generate.ts";
import type { NumberLimits } from "./flat-schema.ts";
import { isMultipleOf } from "./json-value.ts";
import { boundedFilter } from "./bounded-filter.ts";

/** Numbers within limits. @throws CannotGenerate when there is none */
export function numberArbitrary(
  limits: NumberLimits,
  isInteger: boolean,
  path: string,
): fc.Arbitrary<number> {
  const steps = isInteger ? [1, ...limits.multiplesOf] : limits.multiplesOf;
  const isWanted = (value: number) =>
    value >= limits.minimum &&
    value <= limits.maximum &&
    value > limits.exclusiveMinimum &&
    value < limits.exclusiveMaximum &&
    (!isInteger || Number.isInteger(value)) &&
    limits.multiplesOf.every((step) => isMultipleOf(value, step));
  const low = Math.max(limits.minimum, limits.exclusiveMinimum);
  const high = Math.min(limits.maximum, limits.exclusiveMaximum);
  const none = (why: string) => new CannotGenerate("none", { keyword: lowKeyword(limits), path }, why);
  if (low > high) throw none(`no number is from ${low} to ${high}`);
  const made = steps.length > 0 ? multiples(stepOf(steps), low, high) : anyNumbers(low, high);
  if (made === undefined) throw none(`no multiple of ${stepOf(steps)} is from ${low} to ${high}`);
  return boundedFilter(made, isWanted, () => none(`no number was found from ${low} to ${high}`));
}

function lowKeyword({ minimum, exclusiveMinimum, multiplesOf }: NumberLimits): string {
  if (multiplesOf.length > 0) return "multipleOf";
  return exclusiveMinimum > minimum ? "exclusiveMinimum" : "minimum";
}

/** A step that is one of each of them; for whole ones the least. */
function stepOf(steps: readonly number[]): number {
  return steps.reduce((all, step) => {
    if (isMultipleOf(all, step)) return all;
    if (isMultipleOf(step, all)) return step;
    return Number.isInteger(all) && Number.isInteger(step) ? (all / divisorOf(all, step)) * step : all * step;
  });
}

function divisorOf(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : divisorOf(b, a % b);
}

function multiples(step: number, low: number, high: number): fc.Arbitrary<number> | undefined {
  const limit = Number.MAX_SAFE_INTEGER;
  const min = Math.max(-limit, Math.ceil(low / step));
  const max = Math.min(limit, Math.floor(high / step));
  if (min > max) return undefined;
  const digits = decimalsOf(step);
  const times = fc.integer({ min, max });
  const few = fc.integer({ min: clamp(-100, min, max), max: clamp(100, min, max) });
  // Rounded to the digits of the step, or 3 × 0.1 were no multiple of 0.1 to some.
  return fc.oneof(few, times).map((count) => withoutMinusZero(Number((count * step).toFixed(digits))));
}

function decimalsOf(step: number): number {
  const [, decimals = "", exponent = "0"] = /^\d*\.?(\d*)(?:e(.+))?$/.exec(String(Math.abs(step))) ?? [];
  return Math.min(100, Math.max(0, decimals.length - Number(exponent)));
}

function anyNumbers(low: number, high: number): fc.Arbitrary<number> {
  const limit = Number.MAX_VALUE;
  const min = Math.max(-limit, low);
  const max = Math.min(limit, high);
  const doubles = fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
  const whole = multiples(1, Math.max(min, -1e9), Math.min(max, 1e9));
  const hundredths = multiples(0.01, Math.max(min, -1e6), Math.min(max, 1e6));
  const bounds = fc.constantFrom(...[low, high, 0].filter((one) => one >= min && one <= max), min);
  const simple = [whole, hundredths].filter((one) => one !== undefined);
  return fc.oneof(...simple, doubles, bounds).map(withoutMinusZero);
}

/** JSON has no minus zero. */
function withoutMinusZero(value: number): number {
  return value === 0 ? 0 : value;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
