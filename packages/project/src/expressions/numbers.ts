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

/** Powers of ten that are exact. */
const tens: readonly number[] = Array.from({ length: 16 }, (_, digits) => Number(`1e${digits}`));
/** Up to here there are halves, by which to see how far a number is from one. */
const mostWithHalves = 2 ** 51;
/** More than a product of two numbers, each rounded once, can be off, as a share of it. */
const leastApart = 2 ** -50;

/** Half away from zero, by the digits that the number is written with: 1.005 to two digits is 1.01. */
export function round(value: number, digits: number): number {
  const size = Math.abs(value);
  if (size >= most || Number.isInteger(value)) return value;
  const rounded = rounding(size, digits);
  // 0 - 0 is 0, where -0 would be written "-0" nowhere in JSON.
  return value < 0 ? 0 - rounded : rounded;
}

function rounding(size: number, digits: number): number {
  const scale = tens[digits];
  if (scale !== undefined) {
    const moved = size * scale;
    const fromHalf = Math.abs(moved - Math.floor(moved) - 0.5);
    // Away from a half it is the same however it is moved; and a quotient of exact numbers is rounded once, as a text's number is.
    if (moved < mostWithHalves && fromHalf > moved * leastApart) return Math.round(moved) / scale;
  }
  return shifted(Math.round(shifted(size, digits)), -digits);
}

/** Moves the decimal point. By way of text, for 1.005 * 100 is 100.49999999999999. */
function shifted(value: number, digits: number): number {
  if (digits === 0) return value;
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}

/** A number as JSON writes it, but with spaces around it, a plus sign, zeros before it, or no digit on one side of the point. */
const numberPattern = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

/** The number that a text is; undefined for other texts, and for numbers that cannot be held. */
export function numberFrom(text: string): number | undefined {
  const plain = plainNumber(text);
  if (plain !== undefined) return plain;
  // Longer ones are no numbers that anybody wrote, and a pattern looks at every character.
  if (text.length > 400 || !numberPattern.test(text)) return;
  const value = Number(text);
  return Number.isFinite(value) ? value + 0 : undefined;
}

/** Whether a text that is a number is a whole one, by its digits. */
export function isWholeText(text: string): boolean {
  const plain = plainNumber(text);
  if (plain !== undefined) return Number.isInteger(plain);
  const [mantissa = "", exponent = "0"] = text.trim().toLowerCase().split("e");
  const [before = "", after = ""] = mantissa.split(".");
  const digits = `${before}${after}`;
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  // Zero has no digit, wherever its point is.
  return !/[1-9]/.test(digits) || end <= before.length + Number(exponent);
}

/** With so many digits every whole number is exact. */
const mostPlainDigits = 15;

/** The number that a text is which has few digits, with a point or without, and nothing else; such are most, and this is fast. */
function plainNumber(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > mostPlainDigits) return undefined;
  let digits = 0;
  let point = -1;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (digit === pointCode && point < 0 && length > 1) point = at;
    else return undefined;
  }
  // Both are exact, so that their quotient is rounded once (Clinger, 1990).
  return point < 0 ? digits : digits / (tens[length - 1 - point] as number);
}

/** A point's place among the digits. */
const pointCode = 46 - 48;
