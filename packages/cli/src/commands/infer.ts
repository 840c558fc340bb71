import { inferFile } from "@atomic-agents/project";
import { statSync } from "node:fs";
import { filesOfRecords } from "../input/file-of-records.ts";
import { countOf } from "../output/count-text.ts";
import { checkOutput, writeOutput } from "../output/write-output.ts";
import { shellWord } from "../output/shell-word.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";

/** Options of `atomic infer`. */
export interface InferCommandOptions {
  readonly limit?: number;
  readonly strict?: boolean;
  readonly format?: "jsonl" | "json" | "csv" | "text";
  readonly delimiter?: string;
  readonly output: string;
  readonly json?: boolean;
}

/**
 * `atomic infer`: a JSON Schema of the records of a file.
 *
 * @throws AtomicError for a file that cannot be read
 */
export async function inferCommand(
  file: string,
  options: InferCommandOptions,
  { interruption: { signal }, status }: Session,
): Promise<void> {
  const { limit, strict, format, delimiter, output, json = false } = options;
  checkOutput(output);
  checkIsOther(filesOfRecords(file, format), output);
  status.show("reading");
  const inferred = await inferFile(file, { limit, strict, format, delimiter, signal });
  status.clear();
  const { schema, records, refused, reasons, columnTypes } = inferred;
  await writeOutput(JSON.stringify(schema, undefined, json ? undefined : 2), output);
  const said = [
    ...(refused > 0 ? [`${countOf(refused, "record")} could not be read: ${reasons[0] ?? ""}`] : []),
    ...(records === 0 ? ["There are no records: the schema takes anything."] : []),
    ...(Object.keys(columnTypes).length > 0 ? [columnHint(columnTypes)] : []),
  ];
  if (said.length > 0) process.stderr.write(`${said.join("\n")}\n`);
}

/** @throws UsageError where the schema would take the place of what it is made of */
function checkIsOther(files: readonly string[], output: string): void {
  const there = output === "-" ? undefined : statSync(output, { throwIfNoEntry: false });
  if (there === undefined) return;
  const isRead = files.some((path) => {
    const { dev, ino } = statSync(path);
    return dev === there.dev && ino === there.ino;
  });
  if (!isRead) return;
  throw new UsageError(`${output} is the file that is read`, {
    where: "--output",
    expected: "another file for the schema",
    got: output,
    hint: `--output ${shellWord(output.replace(/(?:\.[^./\\]*)?$/, ".schema.json"))}`,
  });
}

/** What can be said of the columns where the file is read by a flow. */
function columnHint(types: Readonly<Record<string, string>>): string {
  const entries = Object.entries(types).map(([name, type]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    return `${key}: ${type}`;
  });
  return `These texts are all written as other values; a source can say so: types: { ${entries.join(", ")} }`;
}
