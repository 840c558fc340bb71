import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { AtomicError, type Clock } from "@atomic-agents/core";
import type {
  DuckDBConnection,
  DuckDBInstance,
  DuckDBPreparedStatement,
  DuckDBValue,
} from "@duckdb/node-api";
import { type DuckDbOptions, defaultMemoryLimitMb, defaultTimeoutMs } from "./duckdb-options.ts";
import { type FileTables, unreadableTable } from "./file-tables.ts";
import { type DuckDb, loadDuckDb } from "./load-duckdb.ts";
import { quoteText } from "./identifiers.ts";
import type { Parameters } from "./parameters.ts";
import { isStreamed } from "./streamed-plan.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { withinLimit } from "../within-limit.ts";

/** What a session is opened with. */
export interface SessionSettings {
  /** Who needs it, for messages. */
  readonly what: string;
  readonly options: DuckDbOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A file with a database, which is only read; without it there is one in memory. */
  readonly database?: string | undefined;
  /** Files that SQL knows by names; with `allowedDirectories` it may read them as well. */
  readonly tables?: FileTables | undefined;
  /** What paths in SQL are relative to. */
  readonly directory?: string | undefined;
}

const againMs = 20;

/**
 * One flow's use of DuckDB: a database with one connection and a folder of temporary files, which is gone when it is closed. It
 * loads no extensions that are not built in, and what runs is interrupted when the flow ends.
 */
export class Session {
  readonly duck: DuckDb;
  readonly connection: DuckDBConnection;
  private readonly instance: DuckDBInstance;
  private readonly settings: SessionSettings;
  private readonly folder: string;
  /** What runs, and what has been asked for after it. */
  private busy: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined = undefined;
  /** What lets go of things that were made with the connection, before that is closed. */
  readonly atClose = new Set<() => void>();

  private constructor(
    duck: DuckDb,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    settings: SessionSettings,
    folder: string,
  ) {
    this.duck = duck;
    this.instance = instance;
    this.connection = connection;
    this.settings = settings;
    this.folder = folder;
    settings.signal.addEventListener("abort", this.interrupt);
  }

  /** @throws AtomicError `CONFIG` without the peer; what DuckDB throws when it cannot open a database */
  static async open(settings: SessionSettings): Promise<Session> {
    const { what, options, database } = settings;
    const duck = await loadDuckDb(what);
    const base = options.temporaryDirectory ?? tmpdir();
    const folder = await makeTemporaryFolder(base).catch((thrown: unknown) => {
      throw noFolder(what, base, thrown);
    });
    let instance: DuckDBInstance | undefined;
    try {
      instance = await duck.DuckDBInstance.create(database ?? ":memory:", {
        errors_as_json: "true",
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
        allow_community_extensions: "false",
        memory_limit: `${options.memoryLimitMb ?? defaultMemoryLimitMb}MiB`,
        temp_directory: folder,
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(database === undefined ? {} : { access_mode: "READ_ONLY" }),
      });
      const connection = await instance.connect();
      if (options.maxTemporaryMb !== undefined) {
        // Said when the database is opened, it would be shown and not kept to.
        await connection.run(`set max_temp_directory_size = '${options.maxTemporaryMb}MiB'`);
      }
      await setUp(connection, settings);
      if (options.allowedDirectories !== undefined) {
        const files = (settings.tables?.paths ?? []).map(quoteText);
        await connection.run(`set allowed_paths = [${files.join(", ")}]`);
        const allowed = [...options.allowedDirectories, folder].map((path) => quoteText(resolve(path)));
        await connection.run(`set allowed_directories = [${allowed.join(", ")}]`);
        await connection.run("set enable_external_access = false");
      }
      return new Session(duck, instance, connection, settings, folder);
    } catch (thrown) {
      instance?.closeSync();
      await rm(folder, { recursive: true, force: true });
      throw thrown;
    }
  }

  /** Has DuckDB do one thing, after what it does already. @throws AtomicError `TIMEOUT`, and what DuckDB throws */
  async do<TValue>(work: (connection: DuckDBConnection) => Promise<TValue>): Promise<TValue> {
    const { what, options, clock, signal } = this.settings;
    const task = this.busy.then(() => {
      signal.throwIfAborted();
      if (this.closing !== undefined) throw new Error("the session is closed");
      return work(this.connection);
    });
    this.busy = task.catch(() => {});
    try {
      return await withinLimit(clock, options.timeoutMs ?? defaultTimeoutMs, () => task, `${what}: DuckDB`);
    } catch (thrown) {
      if (AtomicError.isInstance(thrown, "TIMEOUT")) this.interrupt();
      throw thrown;
    }
  }

  /** Runs SQL and gives all of its rows, which are few. */
  async rows(sql: string, parameters?: Parameters): Promise<readonly (readonly DuckDBValue[])[]> {
    return this.do(async (connection) => {
      const result = await connection.run(sql, toBindings(parameters));
      return result.getRows();
    });
  }

  /** Compiles SQL, so that what is wrong with it is told before it runs. */
  async prepare(sql: string): Promise<DuckDBPreparedStatement> {
    return this.do((connection) => connection.prepare(sql));
  }

  /** Within `do`: does one thing with a connection of its own, which is gone afterwards. */
  async beside<TValue>(work: (connection: DuckDBConnection) => Promise<TValue>): Promise<TValue> {
    const connection = await this.instance.connect();
    try {
      await setUp(connection, this.settings);
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  }

  /** Has as many threads as there may be compute from now on, or the one that is told to. */
  async useThreads(which: "all" | "one"): Promise<void> {
    const { threads } = this.settings.options;
    if (threads === 1) return;
    const all = threads === undefined ? "reset threads" : `set threads = ${threads}`;
    await this.do((connection) => connection.run(which === "all" ? all : "set threads = 1"));
  }

  /**
   * Has one thread do what is left of a query, the last one, of which rows have come, where that is done in order: others would
   * look on meanwhile, busily. It is asked how, beside what runs.
   */
  async useOneThread(sql: string, parameters: Parameters | undefined): Promise<void> {
    if (this.settings.options.threads === 1) return;
    const use = async (connection: DuckDBConnection): Promise<void> => {
      if (!(await isStreamed(connection, sql, toBindings(parameters)))) return;
      await connection.run("set threads = 1");
      // The others go when something begins.
      await connection.run("select 1");
    };
    // Where that fails all goes on as it did.
    await this.do(() => this.beside(use).catch(() => {}));
  }

  /** Ends what runs, waits until it has ended, and lets go of everything. */
  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    this.settings.signal.removeEventListener("abort", this.interrupt);
    await this.endBusy();
    for (const letGo of this.atClose) {
      try {
        letGo();
      } catch {
        // What could not be written any more is not needed any more.
      }
    }
    this.connection.closeSync();
    this.instance.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What has been asked for and has not begun is not interrupted: it is told again until it has. */
  private async endBusy(): Promise<void> {
    const { clock } = this.settings;
    const again = (): void => {
      this.interrupt();
      timer = clock.setTimer(again, againMs);
    };
    let timer = clock.setTimer(again, againMs);
    this.interrupt();
    await this.busy;
    timer.cancel();
  }

  private readonly interrupt = (): void => this.connection.interrupt();
}

/** Gives a connection what SQL may refer to. */
async function setUp(connection: DuckDBConnection, { directory, tables }: SessionSettings): Promise<void> {
  // Without a zone of the machine's, SQL gives the same everywhere.
  await connection.run("set TimeZone = 'UTC'");
  if (directory !== undefined) await connection.run(`set file_search_path = ${quoteText(directory)}`);
  for (const { sql, path } of tables?.views ?? []) {
    await connection.run(sql).catch((thrown: unknown) => {
      throw unreadableTable(thrown, path);
    });
  }
}

function noFolder(what: string, folder: string, thrown: unknown): AtomicError {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  return new AtomicError("EXECUTION", `${what}: no temporary files can be made in ${folder}: ${message}`, {
    details: { thrown: code },
    cause: thrown,
    retryable: false,
    hint: "Name another folder as temporaryDirectory, or by TMPDIR, in which this process may make files.",
  });
}

/** Parameters as the peer binds them, which changes nothing. */
export function toBindings(
  parameters: Parameters | undefined,
): DuckDBValue[] | Record<string, DuckDBValue> | undefined {
  if (parameters === undefined) return undefined;
  // Their own values are checked to be what it takes.
  if (isList(parameters)) return [...parameters];
  return { ...parameters };
}

function isList(parameters: Parameters): parameters is readonly DuckDBValue[] & Parameters {
  return Array.isArray(parameters);
}
