import { inferFile } from "@atomic-agents/project";
import { countOf } from "../output/count-text.ts";
import { checkOutput, writeOutput } from "../output/write-output.ts";
import type { Session } from "../terminal/session.ts";

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

/** What can be said of the columns where the file is read by a flow. */
function columnHint(types: Readonly<Record<string, string>>): string {
  const entries = Object.entries(types).map(([name, type]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    return `${key}: ${type}`;
  });
  return `These texts are all written as other values; a source can say so: types: { ${entries.join(", ")} }`;
}
