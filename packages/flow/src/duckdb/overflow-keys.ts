import type { OverflowKeys, OverflowSettings } from "../overflow/overflow.ts";
import type { DuckDbOptions } from "./duckdb-options.ts";
import { OverflowSession } from "./overflow-session.ts";

const setUp = "create table seen (key varchar)";
const putBatch = `create or replace temp table batch as
  select key, min(place) as place from (
    select unnest(keys) as key, unnest(range(len(keys))) as place
    from (select from_json($1::varchar, '["VARCHAR"]') as keys)
  ) group by key`;
// Of two tables DuckDB knows which one is smaller, and has that one in memory.
const findNew =
  "create or replace temp table fresh as select key, place from batch anti join seen using (key)";

/** Keys in a table of DuckDB's. */
export class DuckDbKeys implements OverflowKeys {
  private readonly session: OverflowSession;

  constructor(settings: OverflowSettings, options: DuckDbOptions) {
    this.session = new OverflowSession(settings, options, setUp);
  }

  see(keys: readonly string[]): Promise<readonly number[]> {
    return this.session.use(async (session) => {
      await session.rows(putBatch, [JSON.stringify(keys)]);
      await session.rows(findNew);
      await session.rows("insert into seen select key from fresh");
      const places = await session.rows("select place from fresh order by place");
      return places.map(([place]) => Number(place));
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
