import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { checkKeys, configError } from "../config-error.ts";
import { hasEnding, kindOf } from "../formats/file-format.ts";
import { checkReadOptions, type ReadOptions, readOptionKeys, readSettings } from "../formats/read-options.ts";
import { recordPages } from "../formats/record-pages.ts";
import { definePagedSource, type Source, type SourceReader } from "../source.ts";
import type { TextLine } from "../text/read-text.ts";
import { FileStream } from "./file-stream.ts";
import { pipeStream } from "./pipe-stream.ts";
import { findFiles, isPattern } from "./find-files.ts";

/** How files become records. */
export interface FromFileOptions<TSchema extends AnySchema = AnySchema> extends ReadOptions<TSchema> {
  /** The folder that paths are relative to; the process's own. */
  readonly directory?: string | undefined;
}

/**
 * The records of a file, or of all files that a pattern such as `data/*.jsonl` finds, in the order of their names, read
 * as they are needed. The format goes by the name: `.jsonl` and `.ndjson`, `.json`, `.csv` and `.tsv`, `.txt` and `.log`,
 * each with `.gz` after it as well.
 *
 * What cannot be read is refused with file, line and column, and becomes a dead letter: what is no JSON, nests deeper than 500
 * or has a key `__proto__`; a row with too many or too few fields or wrong quotes; what is longer than `maxRecordBytes`
 * or not UTF-8. Of a key that stands twice in an object the last value counts.
 *
 * @throws AtomicError `CONFIG`; a file that is not there, cut or corrupt ends the flow as failed
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = mkdtempSync(join(tmpdir(), "doc-"));
 * writeFileSync(`${directory}/sales.csv`, 'country,price\nDE,9.5\n"FR,2\n');
 * const sales: unknown[] = [];
 * const source = fromFile("*.csv", { directory, types: { price: "number" } });
 * const { deadLetters } = await flow(source).to(toArray(sales));
 * console.log(sales); // => [ { country: 'DE', price: 9.5 } ]
 * console.log(deadLetters[0]?.error.message); // => sales.csv:3:1: wrong quotes: a field is not closed
 * ```
 */
export function fromFile<TSchema extends AnySchema>(
  path: string,
  options: FromFileOptions<TSchema> & { readonly schema: TSchema },
): Source<InferOutput<TSchema>>;
export function fromFile(
  path: string,
  options: FromFileOptions & { readonly schema?: undefined; readonly format: "text" },
): Source<TextLine>;
export function fromFile(path: string, options?: FromFileOptions): Source<unknown>;
export function fromFile(path: string, options: FromFileOptions = {}): Source<unknown> {
  const what = "fromFile";
  if (typeof path !== "string" || path === "") throw configError(what, "path", "a path", path);
  checkKeys(what, options, [...readOptionKeys, "directory"]);
  checkReadOptions(what, options);
  const { directory } = options;
  if (directory !== undefined && typeof directory !== "string") {
    throw configError(what, "directory", "a path", directory);
  }
  // What a pattern such as `data/*` finds tells its format by its own name.
  if (!isPattern(path) || hasEnding(path)) readSettings(what, kindOf(what, "path", path, options), options);
  return definePagedSource(path, options.schema, (reader) => pagesOf(what, path, options, reader));
}

async function* pagesOf(
  what: string,
  path: string,
  options: FromFileOptions,
  reader: SourceReader,
): AsyncGenerator<Iterable<unknown>> {
  const files = await findFiles(what, path, options.directory);
  // All of them before the first is read: a name that says nothing is told at once.
  const parts = files.map((file) => ({
    ...file,
    settings: readSettings(what, kindOf(what, "path", file.name, options), options),
  }));
  let bytes: number | undefined = 0;
  for (const { size } of files) bytes = size === undefined || bytes === undefined ? undefined : bytes + size;
  if (bytes !== undefined) reader.setSize({ bytes });
  for (const { name, path: at, isPipe, settings } of parts) {
    if (reader.signal.aborted) return;
    const bytesOf = isPipe ? pipeStream(at, reader.signal) : await FileStream.open(at, name);
    yield* recordPages(what, name, bytesOf, reader, settings);
  }
}
