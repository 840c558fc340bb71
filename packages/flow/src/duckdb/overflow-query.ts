import type { OverflowSession } from "./overflow-session.ts";
import type { OverflowTable } from "./overflow-table.ts";
import { RowStream, UnfitRow } from "./row-stream.ts";

/** The rows of a query over what a stage has put into its DuckDB. */
export class OverflowQuery {
  private readonly session: OverflowSession;
  private readonly what: string;
  private readonly sql: string;
  private readonly tables: readonly OverflowTable[];
  private stream: RowStream | undefined = undefined;

  /**
   * @param what for messages
   * @param tables what it reads, into which all has been put when the first rows are asked for
   */
  constructor(session: OverflowSession, what: string, sql: string, tables: readonly OverflowTable[]) {
    this.session = session;
    this.what = what;
    this.sql = sql;
    this.tables = tables;
  }

  /** The next rows; undefined when there are no more. */
  next(): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    return this.session.use(async (session) => {
      for (const table of this.tables) await table.finish(session);
      this.stream ??= await RowStream.open(session, { what: this.what, sql: this.sql, path: "past" });
      const rows = await this.stream.next();
      return rows?.map((row) => {
        if (row instanceof UnfitRow) throw new TypeError(row.message);
        return row;
      });
    });
  }
}
