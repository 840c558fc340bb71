import { rowEncoder } from "../csv/row-encoder.ts";
import type { SinkWriter } from "../sink.ts";
import type { ByteSink } from "./byte-sink.ts";
import { checkText } from "./check-text.ts";
import { gzipSink } from "./gzip-sink.ts";
import type { WriteSettings } from "./write-options.ts";

/** Short records: longer ones are written when there is enough text of them. */
export const maxRecordsPerWrite = 8_192;

/** How a format makes texts of records, and what stands around them. */
interface Shape {
  /** @throws TypeError for what the format cannot hold */
  readonly encode: (record: unknown) => string;
  /** What stands before the first record. */
  readonly begin: () => string;
  /** What stands between two records. */
  readonly between: string;
  /** How much of that belongs to the record before it: it is written with it, so that who reads along sees whole lines. */
  readonly after: string;
  /** What stands after the last, besides that. */
  readonly end: string;
  /** All there is when there are no records. */
  readonly none: () => string;
}

/** Writes records to a sink of bytes. */
export function recordWriter(out: ByteSink, { kind, columns }: WriteSettings): SinkWriter<string> {
  const { encode, begin, between, after, end, none } = shapeOf(kind.format, kind.delimiter, columns);
  const before = between.slice(after.length);
  const sink = kind.isGzip ? gzipSink(out) : out;
  let isFirst = true;
  return {
    encode,
    isDirect: out.isDirect,
    write: (texts) => {
      const start = isFirst ? begin() : before;
      isFirst = false;
      return sink.write(Buffer.from(`${start}${texts.join(between)}${after}`, "utf8"));
    },
    prepare: async () => {
      const rest = isFirst ? none() : end;
      if (rest !== "") await sink.write(Buffer.from(rest, "utf8"));
      await sink.prepare();
    },
    publish: sink.publish,
    discard: sink.discard,
  };
}

function shapeOf(
  format: WriteSettings["kind"]["format"],
  delimiter: string,
  columns: readonly string[] | undefined,
): Shape {
  const nothing = (): string => "";
  const lines = { begin: nothing, between: "\n", after: "\n", end: "", none: nothing };
  switch (format) {
    case "jsonl":
      return { ...lines, encode: jsonText };
    case "text":
      return { ...lines, encode: textLine };
    case "json":
      return {
        encode: jsonText,
        begin: () => "[\n",
        between: ",\n",
        after: "",
        end: "\n]\n",
        none: () => "[]\n",
      };
    case "csv": {
      const { encode, header } = rowEncoder(columns, delimiter);
      const names = (): string => {
        const row = header();
        return row === undefined ? "" : `${row}\n`;
      };
      return { ...lines, encode, begin: names, none: names };
    }
  }
}

/** @throws TypeError for what is no JSON */
export function jsonText(record: unknown): string {
  const text = JSON.stringify(record);
  if (text === undefined) throw new TypeError(`a value of type ${typeof record} is no JSON`);
  return text;
}

function textLine(record: unknown): string {
  const text = typeof record === "object" && record !== null && "text" in record ? record.text : record;
  if (typeof text !== "string") {
    throw new TypeError(`a line is a text, or an object with a text, not a value of type ${typeof text}`);
  }
  if (/[\r\n]/.test(text)) throw new TypeError("a line cannot hold a line end");
  return checkText(text);
}
