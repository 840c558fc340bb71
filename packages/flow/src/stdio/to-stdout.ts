import { AtomicError } from "@atomic-agents/core";
import { checkKeys } from "../config-error.ts";
import type { ByteSink } from "../formats/byte-sink.ts";
import { namelessKind } from "../formats/file-format.ts";
import { maxRecordsPerWrite, recordWriter } from "../formats/record-writer.ts";
import {
  checkWriteOptions,
  type WriteOptions,
  writeOptionKeys,
  writeSettings,
} from "../formats/write-options.ts";
import { defineSink, type Sink } from "../sink.ts";
import type { TextLine } from "../text/read-text.ts";

/**
 * Writes records to the process's standard output, as JSON lines unless `format` says otherwise. What is written cannot
 * be taken back: a flow that fails has shown a part. When whoever reads it has gone, as `head` does when it has enough,
 * the flow ends as failed; `error.cause` is then the system's error, with the code `EPIPE`.
 *
 * @throws AtomicError `CONFIG`
 */
export function toStdout(
  options: WriteOptions & { readonly format: "text" },
): Sink<string | Pick<TextLine, "text">>;
export function toStdout(options?: WriteOptions): Sink<unknown>;
export function toStdout(options: WriteOptions = {}): Sink<never> {
  const what = "toStdout";
  checkKeys(what, options, writeOptionKeys);
  checkWriteOptions(what, options);
  const settings = writeSettings(what, namelessKind(options), options);
  return defineSink<unknown, string>({
    name: "stdout",
    maxRecords: maxRecordsPerWrite,
    open: () => recordWriter(stdoutSink(), settings),
  });
}

function stdoutSink(): ByteSink {
  const { stdout } = process;
  // A stream without a listener ends the process when it fails; who writes is told of it as well.
  const onError = (): void => {};
  stdout.on("error", onError);
  return {
    isDirect: true,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(stdoutError(error));
        });
      }),
    prepare: async () => {
      stdout.off("error", onError);
    },
    publish: async () => {},
    // One that has failed may tell it later once more, so the listener stays.
    discard: async () => {},
  };
}

function stdoutError(error: Error): Error {
  if (!("code" in error) || error.code !== "EPIPE") return error;
  return new AtomicError("EXECUTION", "Standard output was closed by its reader (EPIPE)", {
    details: { thrown: error.message },
    cause: error,
    retryable: false,
    hint: "Nothing, when it was meant: a reader such as head closes it when it has enough.",
  });
}
