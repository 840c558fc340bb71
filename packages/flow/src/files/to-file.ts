import { isAbsolute, join } from "node:path";
import { checkKeys, configError } from "../config-error.ts";
import { kindOf } from "../formats/file-format.ts";
import { maxRecordsPerWrite, recordWriter } from "../formats/record-writer.ts";
import {
  checkWriteOptions,
  type WriteOptions,
  writeOptionKeys,
  writeSettings,
} from "../formats/write-options.ts";
import { defineSink, type Sink } from "../sink.ts";
import type { TextLine } from "../text/read-text.ts";
import { OutputFile } from "./output-file.ts";

/** How records become a file. */
export interface ToFileOptions extends WriteOptions {
  /** The folder that the path is relative to; the process's own. */
  readonly directory?: string | undefined;
}

/**
 * Writes records to a file. It has its name only when all of them are written and safe on the disk: until then, and
 * after a failure, a file that was there before stays as it was. Folders that are missing are made. The format goes by the
 * name, as that of `fromFile`. A record that the format cannot hold becomes a dead letter.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be written ends the flow as failed
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = mkdtempSync(join(tmpdir(), "doc-"));
 * const summary = await flow(fromIterable([{ id: 1, note: "a, b" }])).to(toFile("out.csv", { directory }));
 * console.log(summary.published, JSON.stringify(readFileSync(`${directory}/out.csv`, "utf8")));
 * // => true "id,note\n1,\"a, b\"\n"
 * ```
 */
export function toFile(
  path: string,
  options: ToFileOptions & { readonly format: "text" },
): Sink<string | Pick<TextLine, "text">>;
export function toFile(path: string, options?: ToFileOptions): Sink<unknown>;
export function toFile(path: string, options: ToFileOptions = {}): Sink<never> {
  const what = "toFile";
  if (typeof path !== "string" || path === "") throw configError(what, "path", "a path", path);
  checkKeys(what, options, [...writeOptionKeys, "directory"]);
  checkWriteOptions(what, options);
  const { directory } = options;
  if (directory !== undefined && typeof directory !== "string") {
    throw configError(what, "directory", "a path", directory);
  }
  const settings = writeSettings(what, kindOf(what, "path", path, options), options);
  const at = directory === undefined || isAbsolute(path) ? path : join(directory, path);
  return defineSink<unknown, string>({
    name: path,
    maxRecords: maxRecordsPerWrite,
    open: async ({ runId, signal }) => recordWriter(await OutputFile.open(what, at, runId, signal), settings),
  });
}
