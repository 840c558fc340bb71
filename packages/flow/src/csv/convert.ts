import { JsonProblem, mayHoldProto, parseJson } from "../json/parse-json.ts";
import type { ColumnType } from "./column-type.ts";

/** Stands for a value that is not of its column's type. */
export const misfit: unique symbol = Symbol("misfit");

/** Makes of a field the value of its column. */
export type Convert = (field: string) => unknown;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const whole = /^[+-]?\d+$/;
const booleans: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

const converters: Readonly<Record<Exclude<ColumnType, "text">, Convert>> = {
  number: (field) => {
    const number = decimal.test(field) ? Number(field) : Number.NaN;
    return Number.isFinite(number) ? number : misfit;
  },
  integer: (field) => {
    const number = whole.test(field) ? Number(field) : Number.NaN;
    return Number.isSafeInteger(number) ? number : misfit;
  },
  boolean: (field) => booleans[field.toLowerCase()] ?? misfit,
  json: (field) => {
    const value = parseJson(field, mayHoldProto(field));
    return value instanceof JsonProblem ? misfit : value;
  },
};

/** What makes of a field a value of a type; undefined for texts, which are what they are. An empty field is null. */
export function converterOf(type: ColumnType | undefined): Convert | undefined {
  if (type === undefined || type === "text") return undefined;
  const convert = converters[type];
  return (field) => {
    const bare = field.trim();
    return bare === "" ? null : convert(bare);
  };
}
