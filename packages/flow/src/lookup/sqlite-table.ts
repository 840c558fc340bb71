import { resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type AnySchema, type InferOutput, isSchema } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { describeIssues } from "../describe-issues.ts";
import { isThenable } from "../is-thenable.ts";
import { onceARun } from "./once-a-run.ts";
import { parameterNames } from "./sql-names.ts";
import type { Table } from "./table.ts";
import { isLocked, whenFree } from "./when-free.ts";

/** Which database is asked, and what. */
export interface SqliteTableOptions<TSchema extends AnySchema = AnySchema> {
  /** A query; its parameters have names: `select name from users where id = $id`. */
  readonly sql: string;
  /** What a row is; one that is something else fails its record. */
  readonly schema?: TSchema | undefined;
  /** What becomes of a second row: `error` fails the record, `first` leaves it out; `error`. */
  readonly onDuplicate?: "error" | "first" | "last" | undefined;
  /** The folder that the file is relative to; the process's own. */
  readonly directory?: string | undefined;
  /** How long it waits for another process that has the database locked, while all else goes on; 5,000. */
  readonly busyTimeoutMs?: number | undefined;
}

/** The values of a query's parameters, by their names. */
export type SqliteValues = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/** A row, by the names of its columns. */
export type SqliteRow = Readonly<Record<string, string | number | null>>;

const what = "sqliteTable";

/**
 * A query over a database of SQLite as a table for `lookup`, by `node:sqlite`. The database is opened for reading only when
 * a run first asks, and closed at its end; the query is prepared once. Values are bound to parameters, never spliced into
 * SQL; true and false are 1 and 0. Whole numbers beyond 2^53 − 1 and BLOBs fail the record.
 *
 * @throws AtomicError `CONFIG` for wrong options; `EXECUTION` at run time, for a database or a query that is wrong
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { DatabaseSync } from "node:sqlite";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const file = join(mkdtempSync(join(tmpdir(), "doc-")), "shop.db");
 * const db = new DatabaseSync(file);
 * db.exec("create table users (id integer primary key, name text); insert into users values (7, 'Ada')");
 * db.close();
 * const users = sqliteTable(file, { sql: "select name from users where id = $id" });
 * const withUser = lookup(users, { by: (order: { user: number }) => ({ id: order.user }), as: "by" });
 * console.log(await withUser.run({ user: 7 })); // => { user: 7, by: { name: 'Ada' } }
 * ```
 */
export function sqliteTable<TSchema extends AnySchema>(
  file: string,
  options: SqliteTableOptions<TSchema> & { readonly schema: TSchema },
): Table<SqliteValues, InferOutput<TSchema>>;
export function sqliteTable(file: string, options: SqliteTableOptions): Table<SqliteValues, SqliteRow>;
export function sqliteTable(file: string, options: SqliteTableOptions): Table<SqliteValues, unknown> {
  if (typeof file !== "string" || file === "") throw configError(what, "file", "a path", file);
  checkKeys(what, options, ["sql", "schema", "onDuplicate", "directory", "busyTimeoutMs"]);
  const { sql, schema, onDuplicate = "error", directory = ".", busyTimeoutMs = 5_000 } = options;
  const names = parameterNames(what, sql);
  if (schema !== undefined && !isSchema(schema)) throw configError(what, "schema", "a schema", schema);
  if (onDuplicate !== "error" && onDuplicate !== "first") {
    throw configError(what, "onDuplicate", "error or first", onDuplicate, "Order the rows in the SQL.");
  }
  if (typeof directory !== "string") throw configError(what, "directory", "a path", directory);
  checkCount(what, "busyTimeoutMs", busyTimeoutMs);
  const use = onceARun(
    file,
    ({ clock, signal }) => {
      const path = resolve(directory, file);
      return whenFree(() => openQuery(path, sql), { file, timeoutMs: busyTimeoutMs, clock, signal });
    },
    ({ database }) => database.close(),
  );
  const find = ({ statement }: Query, values: SqliteValues): unknown => {
    const row = rowOf(statement, boundOf(names, values), { file, isOneAsked: onDuplicate === "error" });
    return row === undefined || schema === undefined ? row : checked(schema, row, file);
  };
  return {
    name: file,
    "~table": {
      find: (values, ctx) => {
        const query = use(ctx);
        const wait = { file, timeoutMs: busyTimeoutMs, clock: ctx.clock, signal: ctx.signal };
        const ask = (there: Query): unknown => whenFree(() => find(there, values), wait);
        return isThenable(query) ? query.then(ask) : ask(query);
      },
    },
  };
}

interface Query {
  readonly database: DatabaseSync;
  readonly statement: StatementSync;
}

/** @throws AtomicError `EXECUTION`, or what SQLite throws while the database is locked */
function openQuery(path: string, sql: string): Query {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return { database, statement: database.prepare(sql) };
  } catch (thrown) {
    database?.close();
    if (isLocked(thrown)) throw thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    throw failed(
      `Could not ask the database ${path}: ${text}`,
      text,
      "Is there such a file, and is the SQL right?",
    );
  }
}

type Bound = Readonly<Record<string, string | number | bigint | null>>;

/** @throws AtomicError `EXECUTION` for values that cannot be bound */
function boundOf(names: readonly string[], values: SqliteValues): Bound {
  const bound: Record<string, string | number | bigint | null> = {};
  for (const name of names) {
    // What has no type may be anything.
    const value: unknown = Object.hasOwn(values, name) ? values[name] : undefined;
    if (typeof value === "boolean") bound[name] = Number(value);
    else if (typeof value === "string" || typeof value === "bigint" || Number.isFinite(value)) {
      // One of these three.
      bound[name] = value as string | number | bigint;
    } else {
      const got = value === undefined ? "nothing" : typeof value === "number" ? String(value) : typeof value;
      throw failed(
        `The parameter ${name} must be a text, a number, true or false, got ${got}`,
        "a wrong parameter",
        "Name each parameter of the SQL, and give it such a value.",
      );
    }
  }
  return bound;
}

interface RowOptions {
  readonly file: string;
  /** Whether a second row is one too many. */
  readonly isOneAsked: boolean;
}

function rowOf(statement: StatementSync, bound: Bound, { file, isOneAsked }: RowOptions): unknown {
  let row: unknown;
  let hasMore = false;
  try {
    // Its type knows nothing of values that are bound by name.
    const rows = statement.iterate(bound);
    ({ value: row } = rows.next() as IteratorResult<unknown, undefined>);
    hasMore = isOneAsked && row !== undefined && rows.next().done !== true;
    // Lets go of the database until it is asked again.
    rows.return?.();
  } catch (thrown) {
    if (isLocked(thrown)) throw thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    throw failed(`The query of ${file} failed: ${text}`, text, hintOf(thrown, text));
  }
  if (hasMore) {
    throw failed(
      `The query of ${file} gives more than one row`,
      "more than one row",
      "Ask for what is unique, or say onDuplicate: first.",
    );
  }
  if (row === undefined || row === null) return undefined;
  const plain: Record<string, unknown> = { ...row };
  for (const [column, value] of Object.entries(plain)) {
    if (value === null || typeof value === "string" || Number.isFinite(value)) continue;
    const kind = typeof value === "number" ? String(value) : "a BLOB";
    throw failed(
      `${file}: ${column} is ${kind}, which JSON has not`,
      kind,
      "Cast it in the SQL, or leave it out.",
    );
  }
  return plain;
}

function checked(schema: AnySchema, row: unknown, file: string): unknown {
  const result = schema["~standard"].validate(row);
  if (isThenable(result)) return Promise.resolve(result).then((late) => valueOf(late, file));
  return valueOf(result, file);
}

interface Validated {
  readonly issues?: Parameters<typeof describeIssues>[0] | undefined;
  readonly value?: unknown;
}

function valueOf(result: unknown, file: string): unknown {
  // What a validator gives.
  const { issues, value } = result as Validated;
  if (issues === undefined) return value;
  const message = `${file} has a row that is something else: ${describeIssues(issues)}`;
  throw new AtomicError("VALIDATION_OUTPUT", message, {
    details: { issues: [{ path: "", message, expected: "what the schema says", got: "something else" }] },
    retryable: false,
    hint: "Correct the schema, or the row.",
  });
}

function failed(message: string, thrown: string, hint: string): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", message, { details: { thrown }, retryable: false, hint });
}

function hintOf(thrown: unknown, text: string): string {
  if (thrown instanceof RangeError || /too large/.test(text))
    return "Cast what is too large to text in the SQL.";
  if (/readonly/.test(text)) return "A lookup only reads: ask by a SELECT.";
  return "Is the database whole?";
}
