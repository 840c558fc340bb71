import { configError } from "../config-error.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { defineSink, type Sink } from "../sink.ts";
import { FileWriter } from "./file-writer.ts";
import { jsonLine, maxRecordsPerWrite } from "./to-file.ts";

/**
 * Writes dead letters to a file, a JSON object a line: where the record is from, the stage, what it was given, the
 * error and the number of attempts. An input that is no JSON is left out, and `inputProblem` says so.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be written ends the flow as failed
 */
export function toDeadLetters(path: string): Sink<DeadLetter> {
  if (typeof path !== "string" || path === "") throw configError("toDeadLetters", "path", "a path", path);
  return defineSink<DeadLetter, string>({
    name: path,
    encode: letterLine,
    maxRecords: maxRecordsPerWrite,
    open: ({ runId }) => FileWriter.open(path, runId),
  });
}

function letterLine(letter: DeadLetter): string {
  try {
    return jsonLine(letter);
  } catch (thrown) {
    const inputProblem = thrown instanceof Error ? thrown.message : String(thrown);
    return jsonLine({ ...letter, input: undefined, inputProblem });
  }
}
