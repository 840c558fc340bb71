import { configError } from "../config-error.ts";

/** A value that SQL is given by `$name`, `$1` or `?`. */
export type Parameter = string | number | boolean | bigint | null;

/** Values for SQL, by name or in order. */
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

/** @throws AtomicError `CONFIG` for values that SQL takes otherwise than they are */
export function checkParameters(what: string, parameters: unknown): void {
  if (parameters === undefined) return;
  if (typeof parameters !== "object" || parameters === null) {
    throw configError(what, "parameters", "a list of values, or an object with them", parameters);
  }
  for (const [key, value] of Object.entries(parameters)) {
    const isKnown =
      value === null ||
      (typeof value === "string" && value.isWellFormed()) ||
      typeof value === "boolean" ||
      typeof value === "bigint" ||
      (typeof value === "number" && Number.isFinite(value));
    if (!isKnown)
      throw configError(what, `parameters.${key}`, "a text, a number, true, false or null", value);
  }
}
