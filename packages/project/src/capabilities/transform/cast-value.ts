import { kindOf, kinds } from "../../expressions/kinds.ts";
import { isWholeText, numberFrom } from "../../expressions/numbers.ts";
import {
  derivedType,
  integerType,
  nothingType,
  numberType,
  textType,
  booleanType,
  type Type,
} from "../../expressions/type.ts";
import { datePattern, noZone, readDate, readDateTime, zonePattern } from "./read-date.ts";

/** What a value can be made. */
export type CastType = "number" | "integer" | "boolean" | "text" | "date" | "datetime";

export const castTypes: readonly CastType[] = ["number", "integer", "boolean", "text", "date", "datetime"];

/** What a value is made, and what stands in for one that cannot be. */
export interface CastOptions {
  readonly to: CastType;
  /** In the place of a value that is missing, null or does not convert. Without it the first two stay, and the last is an error. */
  readonly otherwise?: string | number | boolean | null | undefined;
  /** Of `date`: how its texts are written, with YYYY, MM, DD, M and D: `DD.MM.YYYY`. */
  readonly format?: string | undefined;
  /** Of `datetime`: the zone of texts that name none: `Z`, `+02:00`. */
  readonly zone?: string | undefined;
}

/** Says why a value does not convert. */
export class Misfit {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Makes a value another one; null stays null. */
export type Cast = (value: unknown) => unknown;

/** A way to convert, with what is known of its results. */
export interface CastPlan {
  readonly cast: Cast;
  /** The sorts that it can convert some values of. */
  readonly takes: number;
  readonly gives: Type;
}

const beyond = "is a whole number beyond 9007199254740991 (2^53 - 1), up to which they are exact";
const truths: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  yes: true,
  no: false,
  1: true,
  0: false,
};

export function planCast({ to, format, zone }: CastOptions): CastPlan {
  switch (to) {
    case "number":
      return { cast: toNumber, takes: kinds.number | kinds.text, gives: numberType };
    case "integer":
      return { cast: toInteger, takes: kinds.number | kinds.text, gives: exactInteger };
    case "boolean":
      return { cast: toBoolean, takes: kinds.boolean | kinds.integer | kinds.text, gives: booleanType };
    case "text":
      return { cast: toText, takes: kinds.text | kinds.number | kinds.boolean, gives: textType };
    case "date": {
      const pattern = format === undefined ? undefined : datePattern(format);
      return { cast: (value) => toDate(value, pattern), takes: kinds.text, gives: dateType };
    }
    case "datetime": {
      const offset = zone === undefined ? undefined : zonePattern(zone);
      return { cast: (value) => toDateTime(value, offset), takes: kinds.text, gives: dateTimeType };
    }
  }
}

function toNumber(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : new Misfit(sortOf(value));
  if (typeof value !== "string") return value === null ? null : new Misfit(`${sortOf(value)} is no number`);
  const number = numberFrom(value);
  if (number === undefined) return new Misfit(textWithout(value, "a number"));
  // What is written as a whole number would be another one.
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER && /^\s*[+-]?\d+(?:\.0*)?\s*$/.test(value))
    return new Misfit(`the text ${beyond}`);
  return number;
}

function toInteger(value: unknown): unknown {
  const number = toNumber(value);
  if (typeof number !== "number") return number;
  // The nearest number to a text may be whole, and the text not.
  if (Number.isSafeInteger(number) && (typeof value !== "string" || isWholeText(value))) return number;
  const isBeyond = Number.isInteger(number) && !Number.isSafeInteger(number);
  return new Misfit(isBeyond ? `the number ${beyond}` : "the number is not whole");
}

function toBoolean(value: unknown): unknown {
  if (typeof value === "boolean" || value === null) return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== "string") return new Misfit(`${sortOf(value)} is neither true nor false`);
  const word = value.length > 20 ? "" : value.trim().toLowerCase();
  return Object.hasOwn(truths, word) ? truths[word] : new Misfit(textWithout(value, "true or false"));
}

function toText(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return Number.isFinite(value) ? String(value + 0) : new Misfit(sortOf(value));
    case "boolean":
      return String(value);
    default:
      return value === null ? null : new Misfit(`${sortOf(value)} is no text`);
  }
}

function toDate(value: unknown, pattern: RegExp | undefined): unknown {
  if (value === null) return null;
  if (typeof value !== "string") return new Misfit(`${sortOf(value)} is no date`);
  return readDate(value, pattern) ?? new Misfit(textWithout(value, "a date"));
}

function toDateTime(value: unknown, zone: number | undefined): unknown {
  if (value === null) return null;
  if (typeof value !== "string") return new Misfit(`${sortOf(value)} is no time`);
  const read = readDateTime(value, zone);
  if (read === noZone) return new Misfit("the text names no time zone");
  return read ?? new Misfit(textWithout(value, "a date with a time"));
}

function textWithout(value: string, what: string): string {
  return value.trim() === "" ? `an empty text is not ${what}` : `the text is not ${what}`;
}

/** A value's sort in words: never the value, which may be secret. */
export function sortOf(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Number.isNaN(value)
        ? "not a number (NaN)"
        : Number.isFinite(value)
          ? "a number"
          : "an infinite number";
    case "string":
      return "a text";
    case "boolean":
      return "true or false";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "a list";
      return kindOf(value) === kinds.object ? "an object" : "what JSON has not";
    default:
      return "what JSON has not";
  }
}

const exactInteger: Type = derivedType(integerType, {
  only: (set) => (set & kinds.integer ? exactInteger : nothingType),
  write: () => ({ type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
});

const dateType: Type = derivedType(textType, {
  only: (set) => (set & kinds.text ? dateType : nothingType),
  write: () => ({ type: "string", format: "date" }),
});

const dateTimeType: Type = derivedType(textType, {
  only: (set) => (set & kinds.text ? dateTimeType : nothingType),
  write: () => ({ type: "string", format: "date-time" }),
});
