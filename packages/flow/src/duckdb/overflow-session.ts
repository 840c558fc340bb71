import { availableParallelism } from "node:os";
import type { OverflowSettings } from "../overflow/overflow.ts";
import { toSqlError } from "./duckdb-error.ts";
import { type DuckDbOptions, defaultMemoryLimitMb } from "./duckdb-options.ts";
import { Session } from "./session.ts";

/** What a thread needs at least to go on in files, as DuckDB's documentation says as well. */
const memoryOfThreadMb = 128;

/** The DuckDB of one stage, which is opened when there is something to keep. */
export class OverflowSession {
  private readonly settings: OverflowSettings;
  private readonly options: DuckDbOptions;
  private readonly setUp: string;
  private opening: Promise<Session> | undefined = undefined;
  private isClosed = false;

  /** @param setUp what makes its table */
  constructor(settings: OverflowSettings, options: DuckDbOptions, setUp: string) {
    this.settings = settings;
    this.options = { ...options, threads: options.threads ?? threadsFor(options) };
    this.setUp = setUp;
  }

  /** Has something done. @throws AtomicError `CONFIG` without the peer, `EXECUTION` when DuckDB cannot, `TIMEOUT` */
  async use<TValue>(work: (session: Session) => Promise<TValue>): Promise<TValue> {
    const { what } = this.settings;
    if (this.isClosed) throw new Error("the session is closed");
    try {
      return await work(await (this.opening ??= this.open()));
    } catch (thrown) {
      throw toSqlError(thrown, { what, path: "past" });
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    // One that is being opened is not there yet; one that could not be has been told.
    const session = await this.opening?.catch(() => undefined);
    await session?.close();
  }

  private async open(): Promise<Session> {
    const { what, clock, signal } = this.settings;
    const session = await Session.open({ what: `${what}: past`, options: this.options, clock, signal });
    try {
      await session.rows(this.setUp);
    } catch (thrown) {
      await session.close();
      throw thrown;
    }
    return session;
  }
}

function threadsFor({ memoryLimitMb = defaultMemoryLimitMb }: DuckDbOptions): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memoryLimitMb / memoryOfThreadMb)));
}
