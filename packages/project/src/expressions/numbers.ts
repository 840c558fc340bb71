import type { Site } from "./compiled.ts";

const most = Number.MAX_SAFE_INTEGER;

/** Lets out the result of an operation on two numbers: whole numbers stay exact, and nothing is infinite. */
export function exact(result: number, a: number, b: number, site: Site): number {
  return result <= most && result >= -most ? result : beyond(result, a, b, site);
}

function beyond(result: number, a: number, b: number, site: Site): number {
  if (!Number.isFinite(result)) throw site.failure("the result is no number that JSON can hold");
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    throw site.failure(
      "the result is beyond 9007199254740991 (2^53 - 1), up to which whole numbers are exact in JSON",
    );
  }
  return result;
}

/** Half away from zero, by the digits that the number is written with: 1.005 to two digits is 1.01. */
export function round(value: number, digits: number): number {
  const size = Math.abs(value);
  if (size >= most || Number.isInteger(value)) return value;
  const rounded = shifted(Math.round(shifted(size, digits)), -digits);
  // 0 - 0 is 0, where -0 would be written "-0" nowhere in JSON.
  return value < 0 ? 0 - rounded : rounded;
}

/** Moves the decimal point. By way of text, for 1.005 * 100 is 100.49999999999999. */
function shifted(value: number, digits: number): number {
  if (digits === 0) return value;
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}

/** A number as JSON writes it, with spaces around it and a plus sign at most. */
const numberPattern = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

/** The number that a text is; undefined for other texts, and for numbers that cannot be held. */
export function numberFrom(text: string): number | undefined {
  // Longer ones are no numbers that anybody wrote, and a pattern looks at every character.
  if (text.length > 400 || !numberPattern.test(text)) return;
  const value = Number(text);
  return Number.isFinite(value) ? value + 0 : undefined;
}
