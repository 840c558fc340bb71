import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { linePages } from "../jsonl/line-pages.ts";
import type { LinePage, ReadLine } from "../jsonl/line-page.ts";
import { mayHoldProto, parseLine } from "../jsonl/parse-line.ts";
import { definePagedSource, type Source, type SourceReader } from "../source.ts";
import { FileStream } from "./file-stream.ts";

/** How a file becomes records. */
export interface FromFileOptions<TSchema extends AnySchema = AnySchema> {
  /** Checks each record; one that it does not take becomes a dead letter. */
  readonly schema?: TSchema | undefined;
  /** `jsonl` is a JSON value a line, `lines` a text a line; by the name's ending unless said: `.jsonl`, `.ndjson`, `.txt`, `.log`. */
  readonly format?: FileFormat | undefined;
  /** A longer line is refused, and never held; 1 MiB. */
  readonly maxLineBytes?: number | undefined;
}

/** How records stand in a file. */
export type FileFormat = "jsonl" | "lines";

const defaultMaxLineBytes = 1_048_576;
const formats: Readonly<Record<string, FileFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".txt": "lines",
  ".log": "lines",
};

/**
 * The records of a file, one a line, read as they are needed. Blank lines are no records. A line that is no JSON, not
 * UTF-8, too long, nested deeper than 500, or that has a key `__proto__` is refused, with file, line and column; of a
 * key that stands twice in an object the last value counts.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be read ends the flow as failed
 */
export function fromFile<TSchema extends AnySchema>(
  path: string,
  options: FromFileOptions<TSchema> & { readonly schema: TSchema },
): Source<InferOutput<TSchema>>;
export function fromFile(
  path: string,
  options: FromFileOptions & { readonly schema?: undefined; readonly format: "lines" },
): Source<string>;
export function fromFile(
  path: string,
  options?: FromFileOptions & { readonly schema?: undefined },
): Source<unknown>;
export function fromFile(path: string, options: FromFileOptions = {}): Source<unknown> {
  if (typeof path !== "string" || path === "") throw configError("fromFile", "path", "a path", path);
  checkKeys("fromFile", options, ["schema", "format", "maxLineBytes"]);
  const { schema, maxLineBytes = defaultMaxLineBytes } = options;
  checkCount("fromFile", "maxLineBytes", maxLineBytes);
  const format = formatOf("fromFile", path, options.format);
  return definePagedSource(path, schema, (reader) =>
    pagesOf(
      path,
      reader,
      maxLineBytes,
      format === "jsonl" ? jsonReader(reader) : (line) => withoutReturn(line),
    ),
  );
}

/** The format that was asked for, or that of the name. @throws AtomicError `CONFIG` */
export function formatOf(what: string, path: string, asked: FileFormat | undefined): FileFormat {
  if (asked !== undefined) {
    if (asked !== "jsonl" && asked !== "lines") throw configError(what, "format", "jsonl or lines", asked);
    return asked;
  }
  const ending = /\.[^./\\]+$/.exec(path)?.[0].toLowerCase() ?? "";
  const format = Object.hasOwn(formats, ending) ? formats[ending] : undefined;
  if (format !== undefined) return format;
  throw configError(
    what,
    "path",
    `a name that ends in ${Object.keys(formats).join(", ")}`,
    path,
    "Give the format.",
  );
}

async function* pagesOf(
  path: string,
  reader: SourceReader,
  maxLineBytes: number,
  readLine: ReadLine,
): AsyncGenerator<Iterable<unknown>> {
  const stream = await FileStream.open(path);
  reader.cursor.file = path;
  if (stream.size !== undefined) reader.setSize({ bytes: stream.size });
  yield* linePages(stream, reader, { maxLineBytes, readLine });
}

function jsonReader(reader: SourceReader): ReadLine {
  return (line: string, page: LinePage) => {
    // Once a page: most hold nothing that has to be looked for a line at a time.
    page.note ??= page.text === undefined || mayHoldProto(page.text);
    const mayBeProto = page.note === true && mayHoldProto(line);
    return parseLine(line, reader, mayBeProto, page.isCut);
  };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
