import { JsonProblem, mayHoldProto, parseJson } from "../json/parse-json.ts";
import { rawOf } from "../formats/raw.ts";
import type { SourceReader } from "../source.ts";
import type { LinePage, ReadLine } from "./line-page.ts";

/** Makes of a line of JSON its value, or a refusal that says what is wrong and where. */
export function lineParser(reader: SourceReader): ReadLine {
  return (line: string, page: LinePage) => {
    // Once a page: most hold nothing that has to be looked for a line at a time.
    page.note ??= page.text === undefined || mayHoldProto(page.text);
    const value = parseJson(line, page.note === true && mayHoldProto(line));
    if (!(value instanceof JsonProblem)) return value;
    const { message, at } = value;
    return reader.refuse({
      message: value.isCut && page.isCut ? `${message}, and the file ends without a line end` : message,
      column: at === undefined ? undefined : at + 1,
      raw: rawOf(line),
    });
  };
}
