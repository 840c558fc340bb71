import type { JsonSchema } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import type { DuckDBDataChunk, DuckDBPreparedStatement, DuckDBResult } from "@duckdb/node-api";
import { type FailureContext, toSqlError } from "./duckdb-error.ts";
import { type Parameters } from "./parameters.ts";
import { columnReader, type ReadColumn } from "./read-column.ts";
import { rowsOfColumns } from "./rows-of-columns.ts";
import { childSchema } from "./schema-parts.ts";
import { type Session, toBindings } from "./session.ts";
import { parameterProblem, parametersOf } from "./statement-parameters.ts";
import { statementsProblem } from "./statements-problem.ts";

/** What is asked. */
export interface Query extends FailureContext {
  readonly sql: string;
  readonly parameters?: Parameters | undefined;
  /** What its rows shall be: where that is a text, numbers come as texts. */
  readonly schema?: JsonSchema | undefined;
  /** Whether nothing is asked in the session after it. */
  readonly isLast?: boolean | undefined;
}

/** A row with a value that no record can have. */
export class UnfitRow {
  readonly message: string;
  /** The row as text, as far as that is short. */
  readonly raw: string;

  constructor(message: string, raw: string) {
    this.message = message;
    this.raw = raw;
  }
}

type Row = Readonly<Record<string, unknown>>;

const maxRawLength = 1024;
/** When so many chunks have come, it pays to find out how the others will. */
const manyChunks = 32;
/** The column that says which row is the last. */
const endName = "~end";

/** The rows of a query as records, chunk by chunk. */
export class RowStream {
  readonly names: readonly string[];
  /** Whether some of the rows that came last are no records. */
  hasUnfit = false;
  private readonly readers: readonly ReadColumn[];
  private readonly session: Session;
  private readonly query: Query;
  private readonly result: DuckDBResult;
  /** Whether the row that DuckDB gives after all others has come. */
  private isOver = false;
  private chunkCount = 0;
  /** What has been asked for ahead: DuckDB computes it while what came before is used. */
  private coming: Promise<DuckDBDataChunk | null> | undefined = undefined;

  private constructor(
    names: readonly string[],
    readers: readonly ReadColumn[],
    session: Session,
    query: Query,
    result: DuckDBResult,
  ) {
    this.names = names;
    this.readers = readers;
    this.session = session;
    this.query = query;
    this.result = result;
  }

  /** @throws AtomicError `CONFIG` for SQL that is wrong, gives no rows, or values that are no JSON */
  static async open(session: Session, query: Query): Promise<RowStream> {
    try {
      const { duck } = session;
      await checkOne(session, query);
      // Compiled as it was given, so that places in it are told as they are.
      const statement = await session.prepare(query.sql);
      if (statement.statementType !== duck.StatementType.SELECT) throw wrongSql(query, "is no query");
      checkNames(query, statement);
      checkGiven(query, statement);
      statement.destroySync();
      const result = await session.do((connection) =>
        connection.stream(withEnd(query.sql), toBindings(query.parameters)),
      );
      const names = result.columnNames().map(asKey);
      if (names.pop() !== endName || names.includes("__proto__")) {
        throw wrongSql(query, `has a column called ${endName} or __proto__`);
      }
      const readers = names.map((name, index) => {
        const type = result.columnType(index);
        const reader = columnReader(duck, type, childSchema(query.schema, name));
        if (reader === undefined)
          throw wrongSql(query, `column ${name} is of type ${type.toString()}, which has no JSON`);
        return reader;
      });
      return new RowStream(names, readers, session, query, result);
    } catch (thrown) {
      throw toSqlError(thrown, query);
    }
  }

  /** The next rows; undefined when there are no more. @throws AtomicError when not all could be read */
  async next(): Promise<readonly (Row | UnfitRow)[] | undefined> {
    const { query, names } = this;
    if (this.isOver) return undefined;
    try {
      const chunk = await (this.coming ?? this.fetch());
      if (chunk === null || chunk.rowCount === 0) throw await this.failure();
      let { rowCount } = chunk;
      // Only the last row of all has it.
      if (chunk.getColumnVector(names.length).getItem(rowCount - 1) === true) {
        this.isOver = true;
        rowCount--;
      } else {
        this.chunkCount++;
        this.coming = this.fetch();
        // It is told when it is waited for, if it ever is.
        this.coming.catch(() => {});
      }
      return this.rowsOf(chunk, rowCount);
    } catch (thrown) {
      throw toSqlError(thrown, query);
    }
  }

  private async fetch(): Promise<DuckDBDataChunk | null> {
    const { sql, parameters, isLast = false } = this.query;
    if (isLast && this.chunkCount === manyChunks) await this.session.useOneThread(withEnd(sql), parameters);
    return this.session.do(() => this.result.fetchChunk());
  }

  private rowsOf(chunk: DuckDBDataChunk, rowCount: number): readonly (Row | UnfitRow)[] {
    const { names, readers } = this;
    /** Why rows are no records. */
    const unfit = new Map<number, string>();
    const columns = names.map((name, index) => {
      const refuse = (row: number, why: string): void => {
        if (!unfit.has(row)) unfit.set(row, `${name}: ${why}`);
      };
      // There are as many readers as names.
      return (readers[index] as ReadColumn)(chunk.getColumnVector(index), rowCount, refuse);
    });
    const all = rowsOfColumns(names, columns, rowCount);
    this.hasUnfit = unfit.size > 0;
    if (!this.hasUnfit) return all;
    const rows: (Row | UnfitRow)[] = [...all];
    for (const [at, message] of unfit) rows[at] = new UnfitRow(message, rawOf(names, chunk, at));
    return rows;
  }

  /** A stream that breaks off does not say why: what it was is run again, for its failure alone. */
  private async failure(): Promise<unknown> {
    const { sql, parameters } = this.query;
    try {
      await this.session.do((connection) =>
        connection.run(`select count(hash("~")) from (\n${bare(sql)}\n) "~"`, toBindings(parameters)),
      );
    } catch (thrown) {
      // Its position counts in other SQL.
      return toSqlError(thrown, { ...this.query, sql: undefined });
    }
    return new AtomicError("EXECUTION", `${this.query.what}: DuckDB broke off before the last row`, {
      details: { thrown: "broke off" },
      hint: "Raise memoryLimitMb or maxTemporaryMb; see whether the files are whole.",
    });
  }
}

/** @throws AtomicError `CONFIG` for anything but one statement */
async function checkOne(session: Session, query: Query): Promise<void> {
  const statements = await session.do((connection) => connection.extractStatements(query.sql));
  const problem = statementsProblem(query.sql, statements.count);
  if (problem !== undefined) throw wrongSql(query, problem.problem, problem.hint);
}

/** Two columns of one name are told; where there are parameters, names are not known yet. @throws AtomicError `CONFIG` */
function checkNames(query: Query, statement: DuckDBPreparedStatement): void {
  const names = new Set<string>();
  for (let index = 0; index < statement.columnCount; index++) {
    const name = statement.columnName(index);
    if (names.has(name)) throw wrongSql(query, `has two columns called ${name}`);
    names.add(name);
  }
}

/** @throws AtomicError `CONFIG` where parameters are missing, or stand nowhere */
function checkGiven({ what, parameters }: Query, statement: DuckDBPreparedStatement): void {
  const problem = parameterProblem(parametersOf(statement), parameters);
  if (problem === undefined) return;
  const { message, hint } = problem;
  throw new AtomicError("CONFIG", `${what}: ${message}`, {
    details: {
      path: "parameters",
      expected: "a value for each parameter that stands in the SQL",
      got: message,
    },
    hint,
  });
}

/**
 * DuckDB ends a stream in which something failed as if there were no more rows. So it is asked for one more, which comes
 * last, and only when all others have come.
 */
function withEnd(sql: string): string {
  return `from (\n${bare(sql)}\n) union all by name select true as "${endName}"`;
}

function bare(sql: string): string {
  return sql.replace(/[\s;]+$/, "");
}

/** The text that keys of objects have: any other of the same characters is looked for whenever it is used as a key. */
function asKey(name: string): string {
  return Object.keys({ [name]: true })[0] ?? name;
}

function wrongSql({ what, path = "sql" }: Query, problem: string, hint?: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `${what}: ${path} ${problem}`, {
    details: { path, expected: "one query whose columns have names and are JSON", got: problem },
    hint:
      hint ??
      "Write one SELECT, name its columns with AS, and cast what is no JSON, such as: geometry::varchar.",
  });
}

function rawOf(names: readonly string[], chunk: DuckDBDataChunk, at: number): string {
  const shown = names.map((name, index) => {
    const value = chunk.getColumnVector(index).getItem(at);
    const isPlain = typeof value === "string" || typeof value === "boolean" || value === null;
    return `${JSON.stringify(name)}:${isPlain ? JSON.stringify(value) : String(value)}`;
  });
  const text = `{${shown.join(",")}}`;
  return text.length <= maxRawLength
    ? text
    : `${text.slice(0, maxRawLength).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
