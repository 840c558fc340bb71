import type { JsonSchema } from "@atomic-agents/contracts";
import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { Gathering } from "../gathering.ts";
import { close, fate, groupOf, Item } from "../item.ts";
import { Background } from "../nodes/background.ts";
import { Node, type RecordPolicy } from "../nodes/node.ts";
import { toSqlError } from "./duckdb-error.ts";
import type { DuckDbOptions } from "./duckdb-options.ts";
import type { Parameters } from "./parameters.ts";
import { refusePipesIn } from "./pipes.ts";
import { recordError } from "./record-error.ts";
import { RecordTable } from "./record-table.ts";
import { RowStream, UnfitRow } from "./row-stream.ts";
import { Session } from "./session.ts";
import { UnreadColumns } from "./unread-columns.ts";

/** What a stage of SQL does, with its options filled in. */
export interface SqlSettings {
  readonly sql: string;
  readonly parameters: Parameters | undefined;
  readonly schema: JsonSchema | undefined;
  readonly directory: string | undefined;
  readonly options: DuckDbOptions;
}

/** Puts all items into a table, and gives the rows of a query over it. */
export class SqlNode extends Node {
  private readonly settings: SqlSettings;
  private readonly onError: RecordPolicy;
  private readonly what: string;
  private readonly table: RecordTable;
  private readonly unread: UnreadColumns;
  private readonly gathering = new Gathering();
  private session: Session | undefined = undefined;
  private opening: Promise<Session> | undefined = undefined;
  /** What DuckDB is doing for it. */
  private readonly background = new Background();
  /** All that came, from when the query has been asked. */
  private all: Item | undefined = undefined;
  private stream: RowStream | undefined = undefined;
  private rows: readonly unknown[] = [];
  private at = 0;
  private hasGiven = false;
  private isOver = false;

  constructor(id: string, settings: SqlSettings, onError: RecordPolicy) {
    super(id);
    this.settings = settings;
    this.onError = onError;
    this.what = `sql, stage "${id}"`;
    this.table = new RecordTable(settings.schema);
    this.unread = new UnreadColumns(this.what, this.table, settings);
  }

  override get isFree(): boolean {
    return !this.background.isBusy;
  }

  override get isEmpty(): boolean {
    return this.isOver;
  }

  override take(item: Item): void {
    this.taken++;
    try {
      this.table.add(item.value);
    } catch (thrown) {
      this.dispose(item, this.errorOf(recordError(thrown)), this.onError);
      return;
    }
    this.gathering.add(item);
    if (this.table.isFull) this.begin(() => this.write());
  }

  override resume(): boolean {
    if (!this.inputEnded || this.background.isBusy || this.isOver) return false;
    if (this.all === undefined) {
      this.all = groupOf(this.gathering.toItem(undefined), this.id);
      this.begin(() => this.ask());
      return true;
    }
    let moved = false;
    while (this.at < this.rows.length && this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      this.giveRow(this.rows[this.at], this.all);
      this.at++;
      moved = true;
    }
    if (this.at < this.rows.length || this.host.hasEnded) return moved;
    this.begin(() => this.read());
    return true;
  }

  override async close(): Promise<void> {
    // One that is being opened is not there yet.
    const session = this.session ?? (await this.opening?.catch(() => undefined));
    await session?.close();
    await this.background.ended();
  }

  /** Has DuckDB do something, and goes on when it has. */
  private begin(work: () => Promise<void>): void {
    this.background.begin(this.host, work, (thrown) => this.fail(this.errorOf(thrown)));
  }

  private async open(): Promise<Session> {
    const { ctx } = this.host;
    const { options, directory, sql, parameters } = this.settings;
    const { what } = this;
    this.opening ??= Session.open({ what, options, clock: ctx.clock, signal: ctx.signal, directory });
    const isFirst = this.session === undefined;
    const session = await this.opening;
    this.session = session;
    if (!isFirst) return session;
    await refusePipesIn(what, "sql", sql, { directory, parameters });
    // What is no SQL is told before many records have been read.
    await session.do((connection) => connection.extractStatements(sql));
    return session;
  }

  private async write(): Promise<void> {
    const session = await this.open();
    await this.unread.leaveOut(session);
    await this.table.flush(session);
  }

  private async ask(): Promise<void> {
    const { sql, parameters } = this.settings;
    const session = await this.open();
    // Without records and without a schema there are no columns to ask for.
    if (!(await this.table.finish(session))) {
      this.end();
      return;
    }
    const columns = this.table.names;
    const query = { what: this.what, sql, parameters, columns, isLast: true };
    this.stream = await RowStream.open(session, query);
    await this.unread.check(session);
    await this.read();
  }

  private async read(): Promise<void> {
    const rows = await this.stream?.next();
    this.at = 0;
    this.rows = rows ?? [];
    if (rows === undefined) this.end();
  }

  private end(): void {
    this.isOver = true;
    const { all } = this;
    if (all === undefined) return;
    // What has been given is on its way or gone, and all ends as that does.
    if (!this.hasGiven && !isNone(all)) this.leaveOut(all);
    else close(all, fate.filtered, this.host);
  }

  private giveRow(row: unknown, all: Item): void {
    all.open++;
    this.hasGiven = true;
    if (!(row instanceof UnfitRow)) {
      this.give(new Item(row, all));
      return;
    }
    const error = new AtomicError("VALIDATION_OUTPUT", `${this.what}: a row has ${row.message}`, {
      details: { issues: [{ path: "", message: row.message, expected: "JSON", got: "something else" }] },
      retryable: false,
      hint: "Cast it in the SQL: to varchar for its exact text.",
    });
    this.dispose(
      new Item(row.raw, all),
      error,
      this.onError,
      1,
      undefined,
      "a row with a value that is no JSON",
    );
  }

  /** The query, or what it needs, has failed, and so has all that came. */
  private fail(error: AtomicError): void {
    if (this.host.hasEnded) return;
    const all = this.all ?? groupOf(this.gathering.toItem(undefined), this.id);
    // Before the end, what comes later would be left without a place to go.
    if (!this.inputEnded || isNone(all)) {
      this.host.fail(error);
      return;
    }
    this.isOver = true;
    this.dispose(
      all,
      error,
      this.onError,
      1,
      undefined,
      "something may have been made of it, which has gone on",
    );
  }

  private errorOf(thrown: unknown): AtomicError {
    const { what, table, settings } = this;
    const place = { stage: this.id, agent: this.id };
    if (AtomicError.isInstance(thrown)) return toAtomicError(thrown, place);
    return toAtomicError(toSqlError(thrown, { what, sql: settings.sql, columns: table.names }), place);
  }
}

function isNone({ wholeCount, members }: Item): boolean {
  return wholeCount === 0 && members?.length === 0;
}
