import type { JsonSchema } from "@atomic-agents/contracts";
import { defineSink, type FileFormat, flow, fromFile } from "@atomic-agents/flow";
import { limitedSource } from "../../flow-file/limited-source.ts";
import { checkKeys, optionError } from "../check-options.ts";
import { type InferOptions, SchemaInference } from "./infer-schema.ts";

/** How a file is read for its schema. */
export interface InferFileOptions extends InferOptions {
  /** The folder that the path is relative to; the process's own. */
  readonly directory?: string | undefined;
  /** By the file's name unless said. */
  readonly format?: FileFormat | undefined;
  /** Of CSV. */
  readonly delimiter?: string | undefined;
  /** How many records are read; all. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A schema that was made of a file. */
export interface InferredFile {
  readonly schema: JsonSchema;
  /** How many records it was made of. */
  readonly records: number;
  /** How many could not be read, and why the first of them. */
  readonly refused: number;
  readonly reasons: readonly string[];
  /** What the texts of columns of CSV are written as, where all are alike. */
  readonly columnTypes: Readonly<Record<string, "integer" | "number" | "boolean">>;
}

/**
 * Infers a JSON Schema from the records of a file of any format: see `inferSchema`. Records that cannot be read are counted.
 *
 * @throws AtomicError `CONFIG`; what ends a flow as failed, such as a file that is not there
 */
export async function inferFile(path: string, options: InferFileOptions = {}): Promise<InferredFile> {
  checkKeys("inferFile", options, ["strict", "directory", "format", "delimiter", "limit", "signal"]);
  const { strict, limit, signal, ...reading } = options;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw optionError("inferFile", "limit", "a whole number from 1", limit);
  }
  const inference = new SchemaInference();
  const gather = defineSink<unknown>({
    name: "schema",
    open: () => ({
      write: (records) => {
        for (const record of records) inference.add(record);
      },
    }),
  });
  const source = fromFile(path, reading);
  const summary = await flow(limit === undefined ? source : limitedSource(source, limit), {
    name: "infer",
  }).to(gather, { run: { signal } });
  if (summary.error !== undefined) throw summary.error;
  return {
    schema: inference.schema({ strict }),
    records: inference.records,
    refused: summary.deadLettered,
    reasons: summary.deadLetters.slice(0, 3).map(({ error }) => error.message),
    columnTypes: inference.columnTypes(),
  };
}
