import { AtomicError } from "@atomic-agents/core";
import { lastingReadColumns, readColumns, type RecordsQuery } from "./read-columns.ts";
import type { RecordTable } from "./record-table.ts";
import type { Session } from "./session.ts";

/** The columns of a table that a query does not read, which need not be kept. */
export class UnreadColumns {
  private readonly what: string;
  private readonly table: RecordTable;
  private readonly query: RecordsQuery;
  private isAsked = false;
  /** Of what was asked, to see whether it is as it was. */
  private columns = "";
  /** Those that are not kept. */
  names: readonly string[] = [];

  constructor(what: string, table: RecordTable, query: RecordsQuery) {
    this.what = what;
    this.table = table;
    this.query = query;
  }

  /** Has the table not keep them, when it is first asked and as far as that is to be seen then. */
  async leaveOut(session: Session): Promise<void> {
    if (this.isAsked) return;
    this.isAsked = true;
    const { table } = this;
    const { typedColumns } = table;
    const read = await lastingReadColumns(session, this.query, typedColumns);
    if (read === undefined) return;
    this.columns = JSON.stringify(typedColumns);
    this.names = typedColumns.map(({ name }) => name).filter((name) => !read.has(name));
    table.keepOnly(read);
  }

  /** @throws AtomicError `EXECUTION` when columns that came later have the query read one that has not been kept */
  async check(session: Session): Promise<void> {
    const { names, table } = this;
    const { typedColumns } = table;
    if (names.length === 0 || JSON.stringify(typedColumns) === this.columns) return;
    const read = await readColumns(session, this.query, typedColumns);
    const missing = read === undefined ? names : names.filter((name) => read.has(name));
    if (missing.length === 0) return;
    const got = `${missing.join(", ")}: read since other columns have come, and not kept before`;
    throw new AtomicError("EXECUTION", `${this.what}: ${got}`, {
      details: { thrown: "columns" },
      retryable: false,
      hint: "Name columns in the SQL rather than count them, or have a schema say which there are.",
    });
  }
}
