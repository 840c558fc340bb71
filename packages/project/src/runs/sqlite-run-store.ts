import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { type RunQuery, runQueryOf, type RunRecord, type RunStore } from "@atomic-agents/core";
import { loadSqlite } from "./load-sqlite.ts";
import { storeFailure } from "./store-failure.ts";
import {
  type CheckedLimits,
  checkLimits,
  checkOptions,
  checkPath,
  limitKeys,
  type RunStoreLimits,
  wrong,
} from "./store-limits.ts";
import { endOf, runOfText, storedRun } from "./stored-run.ts";

/** Where a `SqliteRunStore` keeps its records, and how many. */
export interface SqliteRunStoreOptions extends RunStoreLimits {
  /** The file of the database; made, with its folder, when a run is first saved. */
  readonly file: string;
  /** How long a call waits for other processes that write; 2,000 ms unless said otherwise. Nothing else happens meanwhile. */
  readonly busyTimeoutMs?: number | undefined;
}

/** Says of a file that it is one of ours: "ATOM" in ASCII. */
const applicationId = 0x41_54_4f_4d;
/** The form of the tables. */
const version = 1;
const defaultBusyTimeoutMs = 2_000;
const maxBusyTimeoutMs = 60_000;

const tables = `
CREATE TABLE runs (
  id BLOB PRIMARY KEY,
  run_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at_ms REAL NOT NULL,
  ended_at_ms REAL NOT NULL,
  bytes INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_start ON runs (started_at_ms, id);
CREATE INDEX runs_by_end ON runs (ended_at_ms, bytes);
`;

const statements = {
  save: `INSERT INTO runs (id, run_id, agent, status, started_at_ms, ended_at_ms, bytes, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET agent = excluded.agent, status = excluded.status,
      started_at_ms = excluded.started_at_ms, ended_at_ms = excluded.ended_at_ms, bytes = excluded.bytes,
      record = excluded.record`,
  get: "SELECT record FROM runs WHERE id = ? AND ended_at_ms >= ?",
  delete: "DELETE FROM runs WHERE id = ?",
  deleteOld: "DELETE FROM runs WHERE ended_at_ms < ?",
  sums: "SELECT count(*) AS runs, total(bytes) AS bytes FROM runs",
  oldest: "SELECT id, bytes FROM runs WHERE id <> ? ORDER BY ended_at_ms, id",
} as const;

/**
 * Keeps the records of runs in an SQLite database, with the SQLite of Node.js: for many runs, and for who wants to query
 * them. Several processes can share the file. Old records go when others are saved. A record that is damaged is left out,
 * and the log says so.
 *
 * Calls answer at once, and wait up to `busyTimeoutMs` while another process writes. What fails throws `EXECUTION` and
 * says why: that breaks no run. The file is opened when it is first needed, and stays open until `close`.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const store = new SqliteRunStore({ file: "out/runs.db" });
 * await clean.run({ text: " a " }, { store });
 * for (const { report } of store.list({ limit: 1 })) console.log(report.agent, report.status);
 * // => clean-text success
 * store.close();
 * ```
 */
export class SqliteRunStore implements RunStore {
  readonly #file: string;
  readonly #limits: CheckedLimits;
  readonly #busyTimeoutMs: number;
  readonly #prepared = new Map<string, StatementSync>();
  #database: DatabaseSync | undefined = undefined;
  #isClosed = false;

  constructor(options: SqliteRunStoreOptions) {
    const what = "SqliteRunStore";
    checkOptions(what, options, ["file", "busyTimeoutMs", ...limitKeys]);
    const { file, busyTimeoutMs = defaultBusyTimeoutMs } = options;
    checkPath(what, "file", file);
    if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0 || busyTimeoutMs > maxBusyTimeoutMs) {
      throw wrong(what, "busyTimeoutMs", `a whole number from 0 to ${maxBusyTimeoutMs}`, busyTimeoutMs);
    }
    this.#limits = checkLimits(what, options);
    this.#file = resolve(file);
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** @throws AtomicError `CONFIG` for what is no record, `EXECUTION` when it cannot be written */
  save(record: RunRecord): void {
    const { text, bytes, startedAtMs, endMs } = storedRun("SqliteRunStore.save", record);
    const { maxBytes } = this.#limits;
    this.#using("save", () => {
      if (bytes > maxBytes) {
        throw new Error(`the record takes ${bytes} bytes, more than maxBytes (${maxBytes}) for all`);
      }
      const { runId, agent, status } = record.report;
      const database = this.#open();
      database.exec("BEGIN IMMEDIATE");
      let isSmaller: boolean;
      try {
        const id = idOf(runId);
        this.#run(statements.save, id, runId, agent, status, startedAtMs, endMs, bytes, text);
        isSmaller = this.#letGo(id);
        database.exec("COMMIT");
      } catch (thrown) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw thrown;
      }
      // Gives the room of what is gone back to the disk.
      if (isSmaller) database.exec("PRAGMA incremental_vacuum");
    });
  }

  get(runId: string): RunRecord | undefined {
    if (typeof runId !== "string") throw wrong("SqliteRunStore.get", "runId", "a text", runId);
    return this.#reading(undefined, () => {
      const row = this.#prepare(statements.get).get(idOf(runId), this.#oldestMs());
      return row === undefined ? undefined : this.#recordOf(row);
    });
  }

  /** @throws AtomicError `CONFIG` for a query that makes no sense, `EXECUTION` when the file cannot be read */
  list(query: RunQuery = {}): readonly RunRecord[] {
    const { limit, isWanted } = runQueryOf("SqliteRunStore.list", query);
    return this.#reading([], () => {
      const { sql, values } = this.#select(query);
      const found: RunRecord[] = [];
      for (const row of this.#prepare(sql).iterate(...values)) {
        const record = this.#recordOf(row);
        // SQLite knows no half of a surrogate pair: it may find more than was asked for.
        if (record !== undefined && isWanted(record) && found.push(record) === limit) break;
      }
      return found;
    });
  }

  delete(runId: string): boolean {
    if (typeof runId !== "string") throw wrong("SqliteRunStore.delete", "runId", "a text", runId);
    if (!existsSync(this.#file)) return false;
    return this.#using("delete", () => {
      this.#open();
      return this.#run(statements.delete, idOf(runId)) > 0;
    });
  }

  /** Closes the file; the store cannot be used any more. */
  close(): void {
    this.#isClosed = true;
    this.#closeDatabase();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #select({ agent, status, beforeMs, beforeRunId }: RunQuery): {
    readonly sql: string;
    readonly values: readonly SQLInputValue[];
  } {
    const conditions = ["ended_at_ms >= ?"];
    const values: SQLInputValue[] = [this.#oldestMs()];
    const add = (condition: string, ...added: readonly SQLInputValue[]): void => {
      conditions.push(condition);
      values.push(...added);
    };
    if (agent !== undefined) add("agent = ?", agent);
    if (status !== undefined) add("status = ?", status);
    if (beforeMs !== undefined && beforeRunId !== undefined) {
      add("(started_at_ms, id) < (?, ?)", beforeMs, idOf(beforeRunId));
    } else if (beforeMs !== undefined) add("started_at_ms < ?", beforeMs);
    const where = conditions.join(" AND ");
    return { sql: `SELECT record FROM runs WHERE ${where} ORDER BY started_at_ms DESC, id DESC`, values };
  }

  /** Lets go what is too old or too much, but for the run that was saved last; true when something went. */
  #letGo(saved: Uint8Array): boolean {
    const { maxBytes, maxRuns } = this.#limits;
    let gone = this.#run(statements.deleteOld, this.#oldestMs());
    // A count and a sum.
    let { runs, bytes } = this.#prepare(statements.sums).get() as { runs: number; bytes: number };
    if (runs <= maxRuns && bytes <= maxBytes) return gone > 0;
    const excess: Uint8Array[] = [];
    for (const row of this.#prepare(statements.oldest).iterate(saved)) {
      if (runs <= maxRuns && bytes <= maxBytes) break;
      // What the statement selects.
      const oldest = row as unknown as { readonly id: Uint8Array; readonly bytes: number };
      excess.push(oldest.id);
      runs--;
      bytes -= oldest.bytes;
    }
    for (const id of excess) gone += this.#run(statements.delete, id);
    return gone > 0;
  }

  #recordOf(row: Readonly<Record<string, unknown>>): RunRecord | undefined {
    try {
      const record = runOfText(String(row["record"]));
      return endOf(record) < this.#oldestMs() ? undefined : record;
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      try {
        this.#limits.log.warn("The record of a run is damaged and left out", { file: this.#file, reason });
      } catch {
        // There is nowhere left to say so.
      }
      return undefined;
    }
  }

  #oldestMs(): number {
    const { clock, retentionMs } = this.#limits;
    return clock.timestamp() - retentionMs;
  }

  #run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#open().prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  #open(): DatabaseSync {
    if (this.#isClosed) throw new Error("the store was closed");
    const isThere = existsSync(this.#file);
    // What is written to a file that was removed meanwhile nobody would find.
    if (this.#database !== undefined && !isThere) this.#closeDatabase();
    if (this.#database !== undefined) return this.#database;
    const { DatabaseSync: Database } = loadSqlite();
    if (!isThere) {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      // An empty file is an empty database; made here for its owner alone.
      writeFileSync(this.#file, "", { flag: "a", mode: 0o600 });
    }
    const database = new Database(this.#file, { timeout: this.#busyTimeoutMs });
    try {
      this.#prepareDatabase(database);
    } catch (thrown) {
      database.close();
      throw thrown;
    }
    this.#database = database;
    return database;
  }

  #prepareDatabase(database: DatabaseSync): void {
    if (this.#isOurs(database)) {
      database.exec("PRAGMA synchronous = NORMAL");
      return;
    }
    // Before there are tables, and outside of a transaction.
    database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    database.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have been quicker.
      if (!this.#isOurs(database)) {
        database.exec(tables);
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
      }
      database.exec("COMMIT");
    } catch (thrown) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw thrown;
    }
  }

  /** False for an empty database. @throws Error for one of something else */
  #isOurs(database: DatabaseSync): boolean {
    const numberOf = (pragma: string): number =>
      Number(Object.values(database.prepare(pragma).get() ?? {})[0]);
    // The tables first: another process may make them and the id right now, at once.
    const hasTables = numberOf("SELECT count(*) FROM sqlite_schema") > 0;
    const id = numberOf("PRAGMA application_id");
    if (id === applicationId) {
      const found = numberOf("PRAGMA user_version");
      if (found === version) return true;
      throw new Error(`its tables have version ${found}, and this one knows version ${version}`);
    }
    if (id === 0 && !hasTables) return false;
    throw new Error("it is a database of something else");
  }

  /** What is read where there is a file; nothing is made. */
  #reading<TValue>(otherwise: TValue, read: () => TValue): TValue {
    if (!existsSync(this.#file)) return otherwise;
    return this.#using("read", () => {
      this.#open();
      return read();
    });
  }

  #using<TValue>(action: "save" | "read" | "delete", use: () => TValue): TValue {
    try {
      return use();
    } catch (thrown) {
      // What is wrong with the file may have been mended by the next time.
      this.#closeDatabase();
      throw storeFailure(action, this.#file, told(thrown));
    }
  }

  #closeDatabase(): void {
    const database = this.#database;
    this.#database = undefined;
    this.#prepared.clear();
    try {
      database?.close();
    } catch {
      // What it was opened for has been told of already.
    }
  }
}

/** The id in UTF-16, greater half first, whose order as bytes is that of texts in JavaScript. */
function idOf(runId: string): Uint8Array {
  return Buffer.from(runId, "utf16le").swap16();
}

/** What SQLite's own codes mean where its words do not say it. */
const meanings: Readonly<Record<number, string>> = {
  5: "another process writes to it all the time",
  8: "it may only be read",
  10: "the disk is full, or fails",
  13: "the disk is full",
  14: "it cannot be opened; may this user write to its folder?",
  26: "it is no SQLite database",
};

function told(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number")
    return thrown;
  // The lower byte is the kind of the code.
  const meaning = meanings[thrown.errcode & 0xff];
  return meaning === undefined ? thrown : new Error(`${meaning} (${thrown.message})`, { cause: thrown });
}
