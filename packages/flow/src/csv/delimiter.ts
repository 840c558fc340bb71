import { configError } from "../config-error.ts";

/** What may stand between two fields: one character of ASCII that is no part of a quoted field or a line end. */
export function checkDelimiter(what: string, delimiter: string): void {
  if (typeof delimiter === "string" && /^[\t\u0020-\u007e]$/.test(delimiter) && delimiter !== '"') return;
  throw configError(what, "delimiter", "one character of ASCII, such as a semicolon", delimiter);
}
