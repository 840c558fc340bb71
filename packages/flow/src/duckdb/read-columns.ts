import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteName } from "./identifiers.ts";
import type { Parameters } from "./parameters.ts";
import { type Session, toBindings } from "./session.ts";

/** A column, and its type in SQL. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** A query over the table `records`. */
export interface RecordsQuery {
  readonly sql: string;
  readonly parameters: Parameters | undefined;
}

/** What has rows besides the table, of the same query or of nothing: a delim join's groups have no input of their own. */
const innerRows =
  /^(?:CTE_SCAN|REC_CTE_SCAN|DELIM_SCAN|COLUMN_DATA_SCAN|POSITIONAL_SCAN|DUMMY_SCAN|EMPTY_RESULT|RANGE|HASH_GROUP_BY)$/;
const tableName = '"temp".main.records';
/** What DuckDB says of reading a table, and nothing else: where it says more, rows may be chosen by columns that it does not name. */
const scanKeys = ["Table", "Type", "Projections", "Estimated Cardinality"];

interface Operator {
  readonly name: string;
  readonly children: readonly Operator[];
  readonly extra_info: Readonly<Record<string, unknown>>;
}

/**
 * The columns of the table `records` that a query reads, as DuckDB plans it; undefined where that is not to be seen, which is so
 * for all queries that read something else as well. DuckDB is asked over a table without rows, with nothing done to the plan but
 * that columns are left out whose values make no difference.
 */
export async function readColumns(
  session: Session,
  query: RecordsQuery,
  columns: readonly TypedColumn[],
): Promise<ReadonlySet<string> | undefined> {
  const [read] = await asked(session, query, [columns]);
  return read;
}

/**
 * The same, unless it could become other columns when one comes that is not there yet. That is so where columns are counted:
 * `select x from (from records a, records b) as t(u, v, w, x)`.
 */
export async function lastingReadColumns(
  session: Session,
  query: RecordsQuery,
  columns: readonly TypedColumn[],
): Promise<ReadonlySet<string> | undefined> {
  const later = { name: laterName(columns), type: "VARCHAR" };
  const [read, ...others] = await asked(session, query, [
    columns,
    [...columns, later],
    [later, ...columns.toReversed()],
  ]);
  const textOf = (names: ReadonlySet<string> | undefined): string | undefined =>
    names && JSON.stringify([...names].filter((name) => name !== later.name).toSorted());
  return others.every((other) => textOf(other) === textOf(read)) ? read : undefined;
}

/** A name that no column has. */
function laterName(columns: readonly TypedColumn[]): string {
  const longest = Math.max(0, ...columns.map(({ name }) => name.length));
  return "~".repeat(longest + 1);
}

/** What is read of each of several tables. */
async function asked(
  session: Session,
  query: RecordsQuery,
  tables: readonly (readonly TypedColumn[])[],
): Promise<readonly (ReadonlySet<string> | undefined)[]> {
  // It lists names line by line.
  if (tables.some((columns) => columns.some(({ name }) => name.includes("\n")))) return [];
  return session.do(async () => {
    const found: (ReadonlySet<string> | undefined)[] = [];
    const ask = async (connection: DuckDBConnection): Promise<void> => {
      await disableOptimizers(connection);
      try {
        for (const columns of tables) found.push(await askedOnce(session, connection, query, columns));
      } finally {
        // They are those of all connections.
        await connection.run("reset disabled_optimizers");
      }
    };
    // What is wrong with a query is told when it is run.
    return session.beside(ask).then(
      () => found,
      () => [],
    );
  });
}

async function askedOnce(
  { duck }: Session,
  connection: DuckDBConnection,
  { sql, parameters }: RecordsQuery,
  columns: readonly TypedColumn[],
): Promise<ReadonlySet<string> | undefined> {
  const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${type}`);
  // One of the connection's own goes before any other of the name.
  await connection.run(`create or replace temporary table records (${definitions.join(", ")})`);
  const { count } = await connection.extractStatements(sql);
  if (count !== 1) return undefined;
  const statement = await connection.prepare(sql);
  const { statementType } = statement;
  statement.destroySync();
  if (statementType !== duck.StatementType.SELECT) return undefined;
  const result = await connection.run(`explain (format json) ${sql}`, toBindings(parameters));
  const rows = await result.getRows();
  return rows.length === 1 ? namesRead(planOf(rows[0]?.[1]), columns) : undefined;
}

async function disableOptimizers(connection: DuckDBConnection): Promise<void> {
  const result = await connection.run("select name from duckdb_optimizers() where name <> 'unused_columns'");
  const names = (await result.getRows()).map(([name]) => String(name));
  await connection.run(`set disabled_optimizers = '${names.join(",")}'`);
}

function planOf(text: unknown): readonly Operator[] {
  // A list of operators, or something else that is found out as it is read.
  return JSON.parse(String(text)) as readonly Operator[];
}

function namesRead(
  plan: readonly Operator[],
  columns: readonly TypedColumn[],
): ReadonlySet<string> | undefined {
  const known = new Set(columns.map(({ name }) => name));
  const read = new Set<string>();
  const isRead = ({ name, children, extra_info: info }: Operator): boolean => {
    if (name === "SEQ_SCAN") {
      const names = namesOf(info["Projections"]);
      for (const each of names) read.add(each);
      const isKnown = info["Table"] === tableName && Object.keys(info).every((key) => scanKeys.includes(key));
      return isKnown && children.length === 0 && names.every((each) => known.has(each));
    }
    if ((children.length === 0 || name.endsWith("_SCAN")) && !innerRows.test(name)) return false;
    return children.every(isRead);
  };
  return plan.length > 0 && plan.every(isRead) ? read : undefined;
}

/** One name is not in a list, and none is an empty text. */
function namesOf(projections: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(projections) ? projections : [projections];
  return names.map(String).filter((name) => name !== "");
}
