import { readDate, readDateTime } from "../transform/read-date.ts";

const longest = 250;
const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const email = /^[\w+-]+(?:\.[\w+-]+)*@(?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]{2,}$/i;
const uri =
  /^https?:\/\/[a-z\d]+(?:[.-][a-z\d]+)*(?::\d{1,5})?(?:\/[\w.~!$&'()*+,;=:@/-]*)?(?:\?[\w.~!$&'()*+,;=:@/-]*)?$/i;

/** Formats of JSON Schema that a text is of: fewer texts than validators take, so that those take all of these. */
export const textFormats: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && readDate(text, undefined) !== undefined,
  "date-time": (text) =>
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.test(text) &&
    typeof readDateTime(text, undefined) === "string",
  uuid: (text) => uuid.test(text),
  email: (text) => email.test(text),
  uri: (text) => uri.test(text) && URL.canParse(text),
};

/** Those of some formats that a text has. */
export function formatsOf(text: string, candidates: readonly string[]): readonly string[] {
  if (text.length > longest) return [];
  return candidates.filter((name) => textFormats[name]?.(text) === true);
}
