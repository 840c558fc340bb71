import { fstatSync, type Stats } from "node:fs";
import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { checkKeys, configError } from "../config-error.ts";
import { namelessKind } from "../formats/file-format.ts";
import { checkReadOptions, type ReadOptions, readOptionKeys, readSettings } from "../formats/read-options.ts";
import { recordPages } from "../formats/record-pages.ts";
import { definePagedSource, type Source, type SourceReader } from "../source.ts";
import { readableStream } from "../streams/readable-stream.ts";
import type { TextLine } from "../text/read-text.ts";

/**
 * The records that come in by the process's standard input, read as they are needed. They are JSON lines unless `format`
 * says otherwise, and not packed unless `compression` is `gzip`. Standard input can be read once in a process; it is closed
 * when the flow ends.
 *
 * @throws AtomicError `CONFIG`
 */
export function fromStdin<TSchema extends AnySchema>(
  options: ReadOptions<TSchema> & { readonly schema: TSchema },
): Source<InferOutput<TSchema>>;
export function fromStdin(
  options: ReadOptions & { readonly schema?: undefined; readonly format: "text" },
): Source<TextLine>;
export function fromStdin(options?: ReadOptions): Source<unknown>;
export function fromStdin(options: ReadOptions = {}): Source<unknown> {
  const what = "fromStdin";
  checkKeys(what, options, readOptionKeys);
  checkReadOptions(what, options);
  const settings = readSettings(what, namelessKind(options), options);
  return definePagedSource("stdin", options.schema, (reader: SourceReader) => {
    const { stdin } = process;
    if (stdin.destroyed || stdin.readableEnded || stdin.readableDidRead || taken.has(stdin)) {
      throw configError(what, "stdin", "standard input that nobody has read", "one that was read before");
    }
    // Another source may have it, and not have read anything yet.
    taken.add(stdin);
    const stats = redirected();
    // Node.js reads a folder as if nothing were in it.
    if (stats?.isDirectory() === true) {
      throw configError(
        what,
        "stdin",
        "a file or a stream",
        "a folder",
        "Give the files in it: cat folder/* | …",
      );
    }
    const bytes = stats?.isFile() === true ? stats.size : undefined;
    if (bytes !== undefined) reader.setSize({ bytes });
    return recordPages(what, "stdin", readableStream(stdin, reader.signal), reader, settings);
  });
}

/** Streams that a source reads or has read. */
const taken = new WeakSet<object>();

/** What standard input is; undefined when it is closed. */
function redirected(): Stats | undefined {
  try {
    return fstatSync(0);
  } catch {
    return undefined;
  }
}
