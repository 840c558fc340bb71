import type { OverflowRow, OverflowRows, OverflowSettings } from "../overflow/overflow.ts";
import type { DuckDbOptions } from "./duckdb-options.ts";
import { OverflowQuery } from "./overflow-query.ts";
import { OverflowSession } from "./overflow-session.ts";
import { OverflowTable } from "./overflow-table.ts";

const columns = [
  { name: "key", kind: "text" },
  { name: "number", kind: "number" },
  { name: "data", kind: "text" },
] as const;
const select = `select case when n = first then key end as key, number, data from (
    select "rows".*, first from "rows" join (select key, min(n) as first from "rows" group by key) using (key)
  ) order by first, n`;

/** Rows in a table of DuckDB's, by whose key it groups and sorts them. */
export class DuckDbRows implements OverflowRows {
  private readonly session: OverflowSession;
  private readonly query: OverflowQuery;
  private readonly table = new OverflowTable("rows", columns);

  constructor(settings: OverflowSettings, options: DuckDbOptions) {
    this.session = new OverflowSession(settings, options, this.table.setUp);
    this.query = new OverflowQuery(this.session, settings.what, select, [this.table]);
  }

  get isFull(): boolean {
    return this.table.isFull;
  }

  put(key: string, number: number, data: string): void {
    this.table.put(key, number, data);
  }

  flush(): Promise<void> {
    return this.session.use((session) => this.table.flush(session));
  }

  async read(): Promise<readonly OverflowRow[] | undefined> {
    // The columns of the query.
    return (await this.query.next()) as readonly OverflowRow[] | undefined;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
