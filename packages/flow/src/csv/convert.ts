import { JsonProblem, mayHoldProto, parseJson } from "../json/parse-json.ts";
import type { ColumnType } from "./column-type.ts";

/** Stands for a value that is not of its column's type. */
export const misfit: unique symbol = Symbol("misfit");

/** Why a field is no value of its column's type. */
export function misfitReason(field: string, type: ColumnType | undefined): string {
  const isNumeric = type === "number" || type === "integer";
  return isNumeric && isBeyond(field.trim())
    ? "is a whole number beyond 9007199254740991 (2^53 - 1), up to which they are exact"
    : `is no ${type}`;
}

/** Makes of a field the value of its column. */
export type Convert = (field: string) => unknown;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const whole = /^[+-]?\d+$/;
const writtenWhole = /^[+-]?\d+(?:\.0*)?$/;
const booleans: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

const converters: Readonly<Record<Exclude<ColumnType, "text">, Convert>> = {
  number: (field) => {
    const number = decimal.test(field) ? Number(field) : Number.NaN;
    if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number;
    return Number.isFinite(number) && !isInexact(field, number) ? number : misfit;
  },
  integer: (field) => {
    const number = whole.test(field) ? Number(field) : Number.NaN;
    return Number.isSafeInteger(number) ? number : misfit;
  },
  boolean: (field) => {
    const word = field.toLowerCase();
    return Object.hasOwn(booleans, word) ? booleans[word] : misfit;
  },
  json: (field) => {
    const value = parseJson(field, mayHoldProto(field));
    return value instanceof JsonProblem ? misfit : value;
  },
};

/** Whether it is written as a whole number beyond those that are exact. */
function isBeyond(field: string): boolean {
  return Math.abs(Number(field)) > Number.MAX_SAFE_INTEGER && writtenWhole.test(field);
}

/** Whether it would be read as another whole number; one that is written as it is read, as by a sink, is not. */
function isInexact(field: string, number: number): boolean {
  return isBeyond(field) && field.replaceAll(/^\+|\.0*$/g, "") !== String(number);
}

/** What makes of a field a value of a type; undefined for texts, which are what they are. An empty field is null. */
export function converterOf(type: ColumnType | undefined): Convert | undefined {
  if (type === undefined || type === "text") return undefined;
  const convert = converters[type];
  return (field) => {
    const bare = field.trim();
    return bare === "" ? null : convert(bare);
  };
}
