import { checkKeys, configError } from "../config-error.ts";
import { defineSink, type Sink } from "../sink.ts";
import { FileWriter } from "./file-writer.ts";
import { type FileFormat, kindOf } from "../formats/file-format.ts";

/** How records become a file. */
export interface ToFileOptions {
  /** `jsonl` or `lines`; by the name's ending unless said. */
  readonly format?: FileFormat | undefined;
}

/**
 * Writes records to a file, one a line. It has its name only when all of them are written and safe on the disk: until
 * then, and after a failure, a file that was there before stays as it was. A record that cannot be written down, such
 * as one that is no JSON, becomes a dead letter.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be written ends the flow as failed
 */
export function toFile(path: string, options: ToFileOptions & { readonly format: "lines" }): Sink<string>;
export function toFile(path: string, options?: ToFileOptions): Sink<unknown>;
export function toFile(path: string, options: ToFileOptions = {}): Sink<never> {
  if (typeof path !== "string" || path === "") throw configError("toFile", "path", "a path", path);
  checkKeys("toFile", options, ["format"]);
  const { format } = kindOf("toFile", "path", path, options);
  return defineSink<unknown, string>({
    name: path,
    encode: format === "jsonl" ? jsonLine : textLine,
    maxRecords: maxRecordsPerWrite,
    open: ({ runId }) => FileWriter.open(path, runId),
  });
}

/** Short records: longer ones are written when there is enough text of them. */
export const maxRecordsPerWrite = 8_192;

/** @throws TypeError for what is no JSON */
export function jsonLine(record: unknown): string {
  const text = JSON.stringify(record);
  if (text === undefined) throw new TypeError(`a value of type ${typeof record} is no JSON`);
  return text;
}

function textLine(record: unknown): string {
  if (typeof record !== "string")
    throw new TypeError(`a line is a text, not a value of type ${typeof record}`);
  if (/[\r\n]/.test(record)) throw new TypeError("a line cannot hold a line end");
  return record;
}
