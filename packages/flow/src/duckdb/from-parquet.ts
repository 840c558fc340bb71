import { resolve } from "node:path";
import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { checkKeys, configError } from "../config-error.ts";
import { type FoundFile, findFiles } from "../files/find-files.ts";
import { definePagedSource, type Source, type SourceReader } from "../source.ts";
import { unreadable } from "../unreadable.ts";
import { failureOf, toSqlError } from "./duckdb-error.ts";
import { checkDuckDbOptions, checkPath, type DuckDbOptions, duckDbOptionKeys } from "./duckdb-options.ts";
import { quoteName } from "./identifiers.ts";
import { checkParameters, type Parameters } from "./parameters.ts";
import { refusePipes } from "./pipes.ts";
import { rowPages } from "./row-pages.ts";
import { inputOf } from "./schema-parts.ts";
import { Session } from "./session.ts";

/** What of Parquet files is read. */
export interface FromParquetOptions<TSchema extends AnySchema = AnySchema> extends DuckDbOptions {
  /** The columns that are read; all. */
  readonly columns?: readonly string[] | undefined;
  /** Which rows: a condition in SQL, such as `price > $min`. What cannot fit it is not even read, where the file says so. */
  readonly where?: string | undefined;
  /** What stands in `where` as `$name`, `$1` or `?`. */
  readonly parameters?: Parameters | undefined;
  /** The folder that paths are relative to; the process's own. */
  readonly directory?: string | undefined;
  /** Checks each record, and says where numbers shall come as exact texts. */
  readonly schema?: TSchema | undefined;
}

/**
 * The rows of a Parquet file, or of all files that a pattern such as `data/*.parquet` finds, in the order of their names. Only
 * the columns that are asked for are read, and only the parts in which a row can fit `where`.
 *
 * Values come as those of `fromDuckDb`. Columns of several files are told apart by their names.
 *
 * @throws AtomicError `CONFIG`; a file that is not there, cut or corrupt ends the flow as failed
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = mkdtempSync(join(tmpdir(), "doc-"));
 * const sales = [{ id: 1, price: 2.5 }, { id: 2, price: 9 }];
 * await flow(fromIterable(sales)).to(toParquet("sales.parquet", { directory }));
 * const got: unknown[] = [];
 * const options = { directory, columns: ["id"], where: "price > $min", parameters: { min: 5 } };
 * await flow(fromParquet("*.parquet", options)).to(toArray(got));
 * console.log(got); // => [ { id: 2 } ]
 * ```
 */
export function fromParquet<TSchema extends AnySchema>(
  path: string,
  options: FromParquetOptions<TSchema> & { readonly schema: TSchema },
): Source<InferOutput<TSchema>>;
export function fromParquet(path: string, options?: FromParquetOptions): Source<unknown>;
export function fromParquet(path: string, options: FromParquetOptions = {}): Source<unknown> {
  const what = "fromParquet";
  if (typeof path !== "string" || path === "") throw configError(what, "path", "a path", path);
  checkKeys(what, options, ["columns", "where", "parameters", "directory", "schema", ...duckDbOptionKeys]);
  checkDuckDbOptions(what, options);
  const { columns, where, parameters, directory, schema } = options;
  if (columns !== undefined && !isNames(columns)) throw configError(what, "columns", "names", columns);
  if (where !== undefined && (typeof where !== "string" || where.trim() === "")) {
    throw configError(what, "where", "a condition in SQL", where);
  }
  checkParameters(what, parameters);
  if (parameters !== undefined && where === undefined) {
    throw configError(what, "parameters", "left out where there is no where", parameters);
  }
  checkPath(what, "directory", directory);
  return definePagedSource(path, schema, (reader) => read(what, path, options, reader));
}

async function* read(
  what: string,
  path: string,
  options: FromParquetOptions,
  reader: SourceReader,
): AsyncGenerator<Iterable<unknown>> {
  const { columns, where, parameters, directory, schema } = options;
  const files = await findFiles(what, path, directory);
  refusePipes(what, "path", files);
  const { signal, clock, cursor } = reader;
  const session = await Session.open({ what, options, clock, signal });
  try {
    await nameFiles(session, files);
    const there = (await session.rows(`describe select * from ${table}`)).map(([name]) => String(name));
    for (const column of columns ?? []) {
      if (!there.includes(column)) {
        throw configError(what, "columns", `columns that there are (${there.join(", ")})`, column);
      }
    }
    const [file] = files;
    if (files.length === 1) cursor.file = file?.name;
    if (where === undefined) reader.setSize({ records: await countOf(session) });
    const begin = `select ${columns?.map(quoteName).join(", ") ?? "*"} from ${table}`;
    const condition = where === undefined ? undefined : `${begin} where (\n`;
    yield* rowPages(
      session,
      {
        what,
        // A line of its own: it may end with a comment.
        sql: condition === undefined ? begin : `${condition}${where}\n)`,
        parameters,
        schema: inputOf(schema),
        path: "where",
        columns: there,
        ...(condition === undefined
          ? {}
          : { given: { sql: where ?? "", start: Buffer.byteLength(condition) } }),
      },
      reader,
    );
  } catch (thrown) {
    throw fileError(thrown, what, path, where !== undefined);
  } finally {
    await session.close();
  }
}

/** The paths are a variable's value, and so no part of the SQL. */
const table = "read_parquet(getvariable('files'), union_by_name = true, hive_partitioning = false)";

/** Tells DuckDB which files there are; their names are no patterns to it. */
async function nameFiles(session: Session, files: readonly FoundFile[]): Promise<void> {
  const { LIST, VARCHAR, listValue } = session.duck;
  const paths = files.map(({ path }) => resolve(path).replace(/[[*?]/g, "[$&]"));
  await session.do((connection) =>
    connection.run("set variable files = $1", [listValue(paths)], [LIST(VARCHAR)]),
  );
}

async function countOf(session: Session): Promise<number> {
  const [row] = await session.rows("select sum(num_rows) from parquet_file_metadata(getvariable('files'))");
  return Number(row?.[0] ?? 0);
}

/** What a file that is cut or corrupt is, where it is no mistake of whoever asked. */
function fileError(thrown: unknown, what: string, path: string, hasWhere: boolean): unknown {
  const error = toSqlError(thrown, { what });
  if (error.code !== "EXECUTION") return error;
  const { type, message } = failureOf(error.cause);
  const isOfFile = hasWhere
    ? ["IO", "Invalid Input"].includes(type)
    : type !== "Out of Memory" && type !== "";
  if (!isOfFile) return error;
  return unreadable({ file: path }, message.trim(), "Write the file anew: it is cut, corrupt or no Parquet.");
}

function isNames(names: unknown): boolean {
  return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === "string");
}
