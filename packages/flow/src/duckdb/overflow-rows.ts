import type { OverflowRow, OverflowRows, OverflowSettings } from "../overflow/overflow.ts";
import type { DuckDbOptions } from "./duckdb-options.ts";
import { OverflowSession } from "./overflow-session.ts";
import { RowStream, UnfitRow } from "./row-stream.ts";

/** As many rows are written at a time. */
const batchRows = 16_384;
/** A batch has no more text than this, and what its last row has. */
const batchChars = 2 * 1024 * 1024;

const setUp = `create table "rows" (key varchar, n bigint, number double, data varchar)`;
const insert = `insert into "rows" select unnest(x.key), unnest(range($2::bigint, $3::bigint)), unnest(x.number), unnest(x.data)
  from (select from_json($1::varchar, '{"key":["VARCHAR"],"number":["DOUBLE"],"data":["VARCHAR"]}') as x)`;
const select = `select case when n = first then key end as key, number, data from (
    select "rows".*, first from "rows" join (select key, min(n) as first from "rows" group by key) using (key)
  ) order by first, n`;

/** Rows in a table of DuckDB's, by whose key it groups and sorts them. */
export class DuckDbRows implements OverflowRows {
  private readonly session: OverflowSession;
  private readonly what: string;
  private keys: string[] = [];
  private numbers: number[] = [];
  private data: string[] = [];
  private charCount = 0;
  private written = 0;
  private stream: RowStream | undefined = undefined;

  constructor(settings: OverflowSettings, options: DuckDbOptions) {
    this.session = new OverflowSession(settings, options, setUp);
    this.what = settings.what;
  }

  get isFull(): boolean {
    return this.keys.length >= batchRows || this.charCount >= batchChars;
  }

  put(key: string, number: number, data: string): void {
    this.keys.push(key);
    this.numbers.push(number);
    this.data.push(data);
    this.charCount += key.length + data.length;
  }

  async flush(): Promise<void> {
    const { keys, numbers, data, written } = this;
    if (keys.length === 0) return;
    const batch = JSON.stringify({ key: keys, number: numbers, data });
    this.keys = [];
    this.numbers = [];
    this.data = [];
    this.charCount = 0;
    this.written += keys.length;
    const bounds = [BigInt(written), BigInt(written + keys.length)];
    await this.session.use((session) => session.rows(insert, [batch, ...bounds]));
  }

  async read(): Promise<readonly OverflowRow[] | undefined> {
    if (this.stream === undefined) await this.flush();
    return this.session.use(async (session) => {
      this.stream ??= await RowStream.open(session, { what: this.what, sql: select, path: "past" });
      const rows = await this.stream.next();
      return rows?.map((row) => {
        if (row instanceof UnfitRow) throw new TypeError(row.message);
        // The columns of the query.
        return row as unknown as OverflowRow;
      });
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
