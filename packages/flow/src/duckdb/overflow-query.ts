import type { OverflowSession } from "./overflow-session.ts";
import { RowStream, UnfitRow } from "./row-stream.ts";

/** The rows of a query over what a stage has put into its DuckDB. */
export class OverflowQuery {
  private readonly session: OverflowSession;
  private readonly what: string;
  private readonly sql: string;
  private stream: RowStream | undefined = undefined;

  /** @param what for messages */
  constructor(session: OverflowSession, what: string, sql: string) {
    this.session = session;
    this.what = what;
    this.sql = sql;
  }

  /** The next rows; undefined when there are no more. */
  next(): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    return this.session.use(async (session) => {
      this.stream ??= await RowStream.open(session, { what: this.what, sql: this.sql, path: "past" });
      const rows = await this.stream.next();
      return rows?.map((row) => {
        if (row instanceof UnfitRow) throw new TypeError(row.message);
        return row;
      });
    });
  }
}
