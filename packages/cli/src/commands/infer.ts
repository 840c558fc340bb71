import { closest, inferFile } from "@atomic-agents/project";
import { existsSync, globSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
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
  checkFile(file);
  checkIsOther(file, output);
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

/** @throws UsageError for a path that leads to no file; a pattern finds what it finds */
function checkFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) {
    throw new UsageError(`${file} is a folder`, {
      where: "<file>",
      expected: "a file, or a pattern of files in quotes",
      got: file,
      hint: `atomic infer ${shellWord(join(file, "*.jsonl"))}`,
    });
  }
  if (stats !== undefined || /[*?[{(]/.test(file)) return;
  const folder = dirname(file);
  const near = existsSync(folder) ? closest(basename(file), readdirSync(folder)) : undefined;
  throw new UsageError(`There is no file ${JSON.stringify(file)}`, {
    where: "<file>",
    expected: "a file, or a pattern of files in quotes",
    got: file,
    hint:
      near === undefined
        ? `It is looked for in ${resolve(folder)}.`
        : `Did you mean ${JSON.stringify(join(folder, near))}?`,
  });
}

/** @throws UsageError where the schema would take the place of what it is made of */
function checkIsOther(file: string, output: string): void {
  const there = output === "-" ? undefined : statSync(output, { throwIfNoEntry: false });
  if (there === undefined) return;
  const read = existsSync(file) ? [file] : globSync(file);
  const isRead = read.some((path) => {
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
