import type { Stats } from "node:fs";
import { lstat, rm } from "node:fs/promises";
import { configError } from "../config-error.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { FileWriter } from "../files/file-writer.ts";
import { defineSink, type Sink, type SinkContext, type SinkWriter } from "../sink.ts";
import { letterLine } from "./letter-line.ts";

/** Short letters: longer ones are written when there is enough text of them. */
const maxLettersPerWrite = 1_024;

/**
 * Writes dead letters to a file, a JSON object a line; `docs/dead-letters.md` says what is in it. The file has its name when
 * the flow has ended. A flow without dead letters leaves none: one of that name, of an earlier run, is removed. A flow that
 * fails or is cancelled leaves its letters too, but not in the place of a file that was there before, which is for what was
 * published then. The folder is made.
 *
 * An input that JSON does not give back as it was, or that holds the text of a `Secret`, is only shown; `inputProblem` says
 * why it cannot be tried again.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be written ends the flow as failed
 */
export function toDeadLetters(path: string): Sink<DeadLetter> {
  if (typeof path !== "string" || path === "") throw configError("toDeadLetters", "path", "a path", path);
  return defineSink<DeadLetter, string>({
    name: path,
    encode: letterLine,
    maxRecords: maxLettersPerWrite,
    open: (context) => openLetters(path, context),
  });
}

async function openLetters(path: string, { runId, signal, log }: SinkContext): Promise<SinkWriter<string>> {
  const writer = await FileWriter.open(path, runId, signal);
  let count = 0;
  let isPrepared = false;
  const prepare = async (): Promise<void> => {
    if (!isPrepared) await writer.prepare();
    isPrepared = true;
  };
  return {
    isDirect: writer.isDirect,
    write: (lines) => {
      count += lines.length;
      return writer.write(lines);
    },
    prepare,
    publish: async () => {
      const there = await statsOf(path);
      // A link stays one: what it leads to is emptied.
      if (count > 0 || there?.isFile() !== true) {
        if (count > 0 || there !== undefined) await writer.publish();
        else await writer.discard();
        return;
      }
      await writer.discard();
      await rm(path, { force: true });
    },
    discard: () => writer.discard(),
    keep: async () => {
      const there = await statsOf(path);
      const isTaken = there?.isFile() === true || there?.isSymbolicLink() === true;
      if (count === 0 || isTaken) {
        if (count > 0) {
          log.warn("The dead letters of a flow that failed were not kept: there is a file of that name", {
            file: path,
            letters: count,
          });
        }
        await writer.discard();
        return false;
      }
      await prepare();
      await writer.publish();
      return true;
    },
  };
}

async function statsOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
