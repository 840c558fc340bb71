import { fstatSync } from "node:fs";
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
    if (stdin.destroyed || stdin.readableEnded || stdin.readableDidRead) {
      throw configError(what, "stdin", "standard input that nobody has read", "one that was read before");
    }
    const bytes = redirectedBytes();
    if (bytes !== undefined) reader.setSize({ bytes });
    return recordPages(what, "stdin", readableStream(stdin, reader.signal), reader, settings);
  });
}

/** How much there is, where a file is the input. */
function redirectedBytes(): number | undefined {
  try {
    const stats = fstatSync(0);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    // It is closed.
    return undefined;
  }
}
