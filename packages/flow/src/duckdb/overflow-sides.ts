import type { OverflowMatch, OverflowSettings, OverflowSides } from "../overflow/overflow.ts";
import type { DuckDbOptions } from "./duckdb-options.ts";
import { OverflowQuery } from "./overflow-query.ts";
import { OverflowSession } from "./overflow-session.ts";
import { OverflowTable } from "./overflow-table.ts";

const columns = [
  { name: "key", kind: "text" },
  { name: "data", kind: "text" },
] as const;

/** Of a key with too many matches the first stands for all. */
const matches = (maxMatches: number): string => `
  select case when found.count > ${maxMatches} then lefts.key end as key,
    case when found.n is null or found.n = found.first then lefts.data end as "left",
    case when found.count <= ${maxMatches} then found.data end as "right"
  from lefts left join (
    select rights.key, rights.n, rights.data, count, first
    from rights join (select key, count(*) as count, min(n) as first from rights group by key) using (key)
    where count <= ${maxMatches} or n = first
  ) found on lefts.key = found.key
  order by lefts.n, found.n`;

/** Both sides of a join in tables of DuckDB's. */
export class DuckDbSides implements OverflowSides {
  private readonly session: OverflowSession;
  private readonly lefts = new OverflowTable("lefts", columns);
  private readonly rights = new OverflowTable("rights", columns);
  private readonly query: OverflowQuery;

  constructor(settings: OverflowSettings, options: DuckDbOptions, maxMatches: number) {
    this.session = new OverflowSession(settings, options, `${this.lefts.setUp}; ${this.rights.setUp}`);
    this.query = new OverflowQuery(this.session, settings.what, matches(maxMatches), [
      this.lefts,
      this.rights,
    ]);
  }

  get isFull(): boolean {
    return this.lefts.isFull || this.rights.isFull;
  }

  putRight(key: string, data: string): void {
    this.rights.put(key, data);
  }

  putLeft(key: string | undefined, data: string): void {
    this.lefts.put(key, data);
  }

  async flush(): Promise<void> {
    await this.session.use(async (session) => {
      await this.rights.flush(session);
      await this.lefts.flush(session);
    });
  }

  async read(): Promise<readonly OverflowMatch[] | undefined> {
    // The columns of the query.
    return (await this.query.next()) as readonly OverflowMatch[] | undefined;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
