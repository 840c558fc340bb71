import { isAbsolute, join } from "node:path";
import type { AnySchema } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import { checkKeys, configError } from "../config-error.ts";
import { OutputFile } from "../files/output-file.ts";
import { defineSink, type Sink, type SinkContext, type SinkWriter } from "../sink.ts";
import { toSqlError } from "./duckdb-error.ts";
import { checkDuckDbOptions, checkPath, type DuckDbOptions, duckDbOptionKeys } from "./duckdb-options.ts";
import { quoteName, quoteText } from "./identifiers.ts";
import { recordError } from "./record-error.ts";
import { RecordTable } from "./record-table.ts";
import { inputOf } from "./schema-parts.ts";
import { Session } from "./session.ts";

/** How the parts of a Parquet file are packed. */
export type ParquetCompression = "snappy" | "zstd" | "gzip" | "none";

/** How records become a Parquet file. */
export interface ToParquetOptions extends DuckDbOptions {
  /** `snappy`. */
  readonly compression?: ParquetCompression | undefined;
  /**
   * Says what the columns are, besides those that records have: `date` and `date-time` become dates and points in time, a whole
   * number stays one. Without it the first values say it.
   */
  readonly schema?: AnySchema | undefined;
  /** The folder that the path is relative to; the process's own. */
  readonly directory?: string | undefined;
}

const compressions: readonly ParquetCompression[] = ["snappy", "zstd", "gzip", "none"];

/**
 * Writes records to a Parquet file, a key a column. It has its name only when all of it is written and safe on the disk. A record
 * with a value that does not fit its column becomes a dead letter: each column is of the kind that the schema says, or of that
 * of its first value, where whole numbers become numbers when one is none; lists and objects are written as JSON.
 *
 * Until all have come the records are kept in DuckDB, and in its temporary files when they are more than its memory.
 *
 * @throws AtomicError `CONFIG`; a file that cannot be written ends the flow as failed
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = mkdtempSync(join(tmpdir(), "doc-"));
 * const sales = [{ id: 1, price: 2 }, { id: 2, price: "dear" }, { id: 3, price: 9.5 }];
 * const summary = await flow(fromIterable(sales)).to(toParquet("sales.parquet", { directory }));
 * console.log(summary.delivered, summary.deadLetters[0]?.error.message);
 * // => 2 price: a value of kind text, where the column has kind integer
 * ```
 */
export function toParquet(path: string, options: ToParquetOptions = {}): Sink<unknown> {
  const what = "toParquet";
  if (typeof path !== "string" || path === "") throw configError(what, "path", "a path", path);
  checkKeys(what, options, ["compression", "schema", "directory", ...duckDbOptionKeys]);
  checkDuckDbOptions(what, options);
  const { compression = "snappy", directory } = options;
  if (!compressions.includes(compression)) {
    throw configError(what, "compression", `one of ${compressions.join(", ")}`, compression);
  }
  checkPath(what, "directory", directory);
  const at = directory === undefined || isAbsolute(path) ? path : join(directory, path);
  return defineSink<unknown, unknown>({ name: path, open: (context) => open(what, at, options, context) });
}

async function open(
  what: string,
  path: string,
  options: ToParquetOptions,
  { runId, signal, clock }: SinkContext,
): Promise<SinkWriter<unknown>> {
  const file = await OutputFile.open(what, path, runId, signal);
  let session: Session;
  try {
    session = await Session.open({ what, options, clock, signal });
  } catch (thrown) {
    await file.discard();
    throw toSqlError(thrown, { what });
  }
  const table = new RecordTable(inputOf(options.schema));
  const told = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      throw toSqlError(thrown, { what });
    }
  };
  return {
    // What does not fit is told of each record, before others are written.
    encode: (record: unknown) => {
      try {
        table.add(record);
      } catch (thrown) {
        throw recordError(thrown);
      }
    },
    write: () => (table.isFull ? told(() => table.flush(session)) : undefined),
    prepare: () =>
      told(async () => {
        if (!(await table.finish(session))) throw noColumns(what);
        await session.do((connection) => connection.run(copySql(table.names, file.writtenTo, options)));
        await session.close();
        await file.prepare();
      }),
    publish: file.publish,
    discard: async () => {
      await session.close();
      await file.discard();
    },
  };
}

/** A path can be no parameter here; it is quoted. */
function copySql(
  names: readonly string[],
  path: string,
  { compression = "snappy" }: ToParquetOptions,
): string {
  const packed = compression === "none" ? "uncompressed" : compression;
  const list = names.map(quoteName).join(", ");
  const settings = `format parquet, compression ${packed}, use_tmp_file false`;
  return `copy (select ${list} from records) to ${quoteText(path)} (${settings})`;
}

function noColumns(what: string): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `${what}: a Parquet file has columns, and there are none`, {
    details: { thrown: "no columns" },
    retryable: false,
    hint: "Say them by a schema: then a file without records has them, too.",
  });
}
