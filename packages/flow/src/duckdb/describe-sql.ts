import { resolve } from "node:path";
import type { JsonSchema } from "@atomic-agents/contracts";
import { systemClock } from "@atomic-agents/core";
import { kindOfSchema, sqlTypes } from "./column-kind.ts";
import { failureOf } from "./duckdb-error.ts";
import { fileTables } from "./file-tables.ts";
import { quoteName, quoteText } from "./identifiers.ts";
import { type Parameters } from "./parameters.ts";
import { isPipe, pipeHint, pipeIn } from "./pipes.ts";
import { Session, toBindings } from "./session.ts";
import { parameterProblem, parametersOf } from "./statement-parameters.ts";
import { statementsProblem } from "./statements-problem.ts";
import { schemaOfType } from "./type-schema.ts";

/** What a query is looked at with. */
export interface DescribeSqlOptions {
  /** What the records are that it is run over, as a JSON Schema: the columns of the table `records`. */
  readonly records?: JsonSchema | undefined;
  readonly parameters?: Parameters | undefined;
  /** Files that it knows by names. */
  readonly tables?: Readonly<Record<string, string>> | undefined;
  /** A file of DuckDB's, which is only read. */
  readonly database?: string | undefined;
  /** What paths are relative to; the process's own folder. */
  readonly directory?: string | undefined;
  /** The only folders that it may read files from; any unless it is said. */
  readonly allowedDirectories?: readonly string[] | undefined;
}

/** What a query gives, or why it gives nothing. */
export type SqlDescription =
  | {
      readonly ok: true;
      /** Of a row, as JSON Schema: any value may be null. */
      readonly row: JsonSchema;
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly hint: string;
      /** Where in the query, in UTF-16 units from 0. */
      readonly offset?: number | undefined;
    };

/**
 * Says what rows a query gives, without running it: DuckDB compiles it, over a table `records` without rows.
 *
 * @throws AtomicError `CONFIG` when DuckDB is not installed
 * @example
 * ```ts
 * const records = { type: "object", properties: { price: { type: "number" } } } as const;
 * const right = await describeSql("select max(price) as most from records", { records });
 * console.log(right.ok && right.row.properties); // => { most: { type: [ 'number', 'null' ] } }
 * const wrong = await describeSql("select max(prise) from records", { records });
 * console.log(wrong.ok || wrong.offset, wrong.ok || wrong.hint);
 * // => 11 Did you mean price? The columns of records are: price.
 * ```
 */
export async function describeSql(query: string, options: DescribeSqlOptions = {}): Promise<SqlDescription> {
  const { records, parameters } = options;
  const pipe = await pipeIn(query, options);
  if (pipe !== undefined) {
    const message = `SQL reads files, and no pipes such as ${pipe.name}`;
    return { ok: false, message, hint: pipeHint, offset: pipe.offset };
  }
  const columns = Object.entries(records?.properties ?? {});
  const described = async (session: Session): Promise<SqlDescription> => {
    if (columns.length > 0) {
      const types = columns.map(([name, property]) => {
        const kind = kindOfSchema(typeof property === "boolean" ? undefined : property);
        return `${quoteName(name)} ${sqlTypes[kind ?? "json"]}`;
      });
      await session.rows(`create table records (${types.join(", ")})`);
    }
    return rowOf(
      session,
      query,
      parameters,
      columns.map(([name]) => name),
    );
  };
  return withSession("sql", options, described);
}

/** What of Parquet files is looked at. */
export interface DescribeParquetOptions {
  readonly columns?: readonly string[] | undefined;
  readonly where?: string | undefined;
  readonly parameters?: Parameters | undefined;
}

/** Says what `fromParquet` reads of files: their absolute paths. */
export async function describeParquet(
  files: readonly string[],
  { columns, where, parameters }: DescribeParquetOptions = {},
): Promise<SqlDescription> {
  for (const file of files) {
    if (await isPipe(file)) return { ok: false, message: `${file} is a pipe, and no file`, hint: pipeHint };
  }
  const paths = files.map((path) => quoteText(resolve(path).replace(/[[*?]/g, "[$&]")));
  const table = `read_parquet([${paths.join(", ")}], union_by_name = true, hive_partitioning = false)`;
  return withSession("fromParquet", {}, async (session) => {
    const all = await rowOf(session, `from ${table}`, undefined, []);
    if (!all.ok) return { ...all, offset: undefined };
    const names = Object.keys(all.row.properties ?? {});
    const missing = columns?.find((column) => !names.includes(column));
    if (missing !== undefined) {
      const hint = `The columns there are: ${names.join(", ")}.`;
      return { ok: false, message: `There is no column ${missing}`, hint };
    }
    if (where !== undefined) {
      const begin = `select * from ${table} where (\n`;
      const found = await rowOf(session, `${begin}${where}\n)`, parameters, names);
      if (!found.ok) {
        const offset = found.offset === undefined ? undefined : found.offset - begin.length;
        return { ...found, offset: offset === undefined || offset < 0 ? undefined : offset };
      }
    }
    if (columns === undefined) return all;
    const { properties = {} } = all.row;
    const kept = columns.map((name) => [name, properties[name] ?? {}] as const);
    return { ok: true, row: { ...all.row, properties: Object.fromEntries(kept), required: [...columns] } };
  });
}

async function withSession<TValue>(
  what: string,
  settings: Pick<DescribeSqlOptions, "database" | "directory" | "allowedDirectories" | "tables">,
  work: (session: Session) => Promise<TValue>,
): Promise<TValue> {
  const { directory = process.cwd(), database, allowedDirectories, tables } = settings;
  const session = await Session.open({
    what,
    options: { allowedDirectories, threads: 1 },
    clock: systemClock,
    signal: new AbortController().signal,
    tables: await fileTables(what, tables, directory),
    database: database === undefined ? undefined : resolve(directory, database),
    directory,
  });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function rowOf(
  session: Session,
  query: string,
  parameters: Parameters | undefined,
  columns: readonly string[],
): Promise<SqlDescription> {
  try {
    const { count } = await session.do((connection) => connection.extractStatements(query));
    const one = "Write one SELECT, name its columns with AS, and cast what is no JSON.";
    const several = statementsProblem(query, count);
    if (several !== undefined) {
      return { ok: false, message: `It ${several.problem}`, hint: several.hint ?? one };
    }
    const statement = await session.prepare(query);
    const { duck } = session;
    const { statementType } = statement;
    const wanted = parametersOf(statement);
    statement.destroySync();
    if (statementType !== duck.StatementType.SELECT) {
      return { ok: false, message: "It is no query", hint: one };
    }
    const problem = parameterProblem(wanted, parameters);
    if (problem !== undefined) return { ok: false, ...problem };
    // What a query gives may depend on what its parameters are; of no row it computes nothing.
    const result = await session.do((connection) =>
      connection.run(`from (\n${query.replace(/[\s;]+$/, "")}\n) limit 0`, toBindings(parameters)),
    );
    const columnNames = result.columnNames();
    const twice = columnNames.find((name, index) => columnNames.indexOf(name) !== index);
    if (twice !== undefined) return { ok: false, message: `It has two columns called ${twice}`, hint: one };
    const properties = columnNames.map(
      (name, index) => [name, schemaOfType(duck, result.columnType(index))] as const,
    );
    const row: JsonSchema = {
      type: "object",
      properties: Object.fromEntries(properties),
      required: columnNames,
      additionalProperties: false,
    };
    return { ok: true, row };
  } catch (thrown) {
    return problemOf(thrown, query, columns);
  }
}

function problemOf(thrown: unknown, query: string, columns: readonly string[]): SqlDescription {
  const { message, position, candidates } = failureOf(thrown);
  const [said = message] = message.split(/\n(?:Candidate|Did you mean|\s*Possible solutions)/);
  const hints = [
    candidates.length === 0 ? "" : `Did you mean ${candidates.map((each) => each.trim()).join(", ")}?`,
    columns.length === 0 ? "" : `The columns of records are: ${columns.join(", ")}.`,
  ];
  const bytes = Buffer.from(query, "utf8");
  return {
    ok: false,
    message: said.trim().replace(/[.!]$/, ""),
    hint: hints.filter((hint) => hint !== "").join(" ") || "Correct the SQL.",
    offset: position === undefined ? undefined : bytes.subarray(0, position).toString("utf8").length,
  };
}
