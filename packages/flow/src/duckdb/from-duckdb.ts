import { resolve } from "node:path";
import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { checkKeys, configError } from "../config-error.ts";
import { definePagedSource, type Source, type SourceReader } from "../source.ts";
import { checkDuckDbOptions, checkPath, type DuckDbOptions, duckDbOptionKeys } from "./duckdb-options.ts";
import { checkParameters, type Parameters } from "./parameters.ts";
import { checkTables, fileTables } from "./file-tables.ts";
import { refusePipesIn } from "./pipes.ts";
import { rowPages } from "./row-pages.ts";
import { inputOf } from "./schema-parts.ts";
import { Session } from "./session.ts";
import { toSqlError } from "./duckdb-error.ts";

/** What DuckDB is asked. */
export interface FromDuckDbOptions<TSchema extends AnySchema = AnySchema> extends DuckDbOptions {
  /** One query. It may read files: `select id from 'data/*.parquet' where price > $min`. */
  readonly sql: string;
  /** What stands in it as `$name`, `$1` or `?`. */
  readonly parameters?: Parameters | undefined;
  /** Files that it knows by names: `{ sales: "data/*.parquet" }`. Parquet, CSV and JSON, by their endings. */
  readonly tables?: Readonly<Record<string, string>> | undefined;
  /** A file of DuckDB's, which is only read. Without it there is an empty database in memory. */
  readonly database?: string | undefined;
  /** What paths are relative to; the process's own folder. */
  readonly directory?: string | undefined;
  /** Checks each record, and says where numbers shall come as exact texts. */
  readonly schema?: TSchema | undefined;
  /** The source's name; `duckdb`. */
  readonly name?: string | undefined;
}

/**
 * The rows of a query, as DuckDB computes them. Whole numbers and decimals come as numbers, or as exact texts where the schema
 * says string; points in time as ISO 8601, with `Z` where their type has a zone; blobs in base64. A row with a value that no record
 * can have, such as a number beyond 2⁵³ or NaN, is refused and becomes a dead letter.
 *
 * It reads no pipes, such as `/dev/stdin`: DuckDB would wait for them without an end. Where SQL, or a table, names one it is refused;
 * one that only a pattern in SQL or a parameter leads to keeps the process from ending, although the flow can be cancelled.
 *
 * @throws AtomicError `CONFIG`; SQL that is wrong or fails ends the flow as failed
 * @example
 * ```ts
 * const sql = "select n, n / 4 as quarter from range($from, 4) as numbers(n)";
 * const got: unknown[] = [];
 * await flow(fromDuckDb({ sql, parameters: { from: 2 } })).to(toArray(got));
 * console.log(got); // => [ { n: 2, quarter: 0.5 }, { n: 3, quarter: 0.75 } ]
 * ```
 */
export function fromDuckDb<TSchema extends AnySchema>(
  options: FromDuckDbOptions<TSchema> & { readonly schema: TSchema },
): Source<InferOutput<TSchema>>;
export function fromDuckDb(options: FromDuckDbOptions): Source<unknown>;
export function fromDuckDb(options: FromDuckDbOptions): Source<unknown> {
  const what = "fromDuckDb";
  const keys = [
    "sql",
    "parameters",
    "tables",
    "database",
    "directory",
    "schema",
    "name",
    ...duckDbOptionKeys,
  ];
  checkKeys(what, options, keys);
  checkDuckDbOptions(what, options);
  const { sql, parameters, database, directory, schema, name = "duckdb" } = options;
  if (typeof sql !== "string" || sql.trim() === "") throw configError(what, "sql", "a query", sql);
  checkParameters(what, parameters);
  checkTables(what, options.tables);
  checkPath(what, "database", database);
  checkPath(what, "directory", directory);
  return definePagedSource(name, schema, (reader) => read(what, options, reader));
}

async function* read(
  what: string,
  options: FromDuckDbOptions,
  { signal, clock, ...reader }: SourceReader,
): AsyncGenerator<Iterable<unknown>> {
  const { sql, parameters, schema, directory = process.cwd() } = options;
  const database = options.database === undefined ? undefined : resolve(directory, options.database);
  await refusePipesIn(what, "sql", sql, { directory, parameters });
  const tables = await fileTables(what, options.tables, options.directory);
  const settings = { what, options, clock, signal, database, tables, directory: resolve(directory) };
  let session: Session;
  try {
    session = await Session.open(settings);
  } catch (thrown) {
    throw toSqlError(thrown, { what });
  }
  try {
    const query = { what, sql, parameters, schema: inputOf(schema) };
    yield* rowPages(session, query, { signal, clock, ...reader });
  } finally {
    await session.close();
  }
}
