import type { KeyValue } from "../keys.ts";
import type { OverflowOrder, OverflowSettings } from "../overflow/overflow.ts";
import type { DuckDbOptions } from "./duckdb-options.ts";
import { OverflowQuery } from "./overflow-query.ts";
import { OverflowSession } from "./overflow-session.ts";
import { OverflowTable } from "./overflow-table.ts";

/** Texts in a table of DuckDB's, which sorts them. */
export class DuckDbOrder implements OverflowOrder {
  private readonly session: OverflowSession;
  private readonly table: OverflowTable;
  private readonly query: OverflowQuery;

  constructor(settings: OverflowSettings, options: DuckDbOptions, isDescending: readonly boolean[]) {
    this.table = new OverflowTable("entries", [
      ...isDescending.flatMap(
        (_, index) =>
          [
            { name: `kind${index}`, kind: "text" },
            { name: `number${index}`, kind: "number" },
          ] as const,
      ),
      { name: "data", kind: "text" },
    ]);
    const order = isDescending.flatMap((descends, index) => {
      const direction = descends ? "desc" : "asc";
      return [`kind${index} ${direction}`, `number${index} ${direction}`];
    });
    this.session = new OverflowSession(settings, options, this.table.setUp);
    const sql = `select data from entries order by ${order.join(", ")}, n`;
    this.query = new OverflowQuery(this.session, settings.what, sql, [this.table]);
  }

  get isFull(): boolean {
    return this.table.isFull;
  }

  put(keys: readonly KeyValue[], data: string): void {
    const values: (string | number | undefined)[] = [];
    for (const key of keys) {
      values.push(kindOf(key), typeof key === "number" && Number.isFinite(key) ? key : undefined);
    }
    this.table.put(...values, data);
  }

  flush(): Promise<void> {
    return this.session.use((session) => this.table.flush(session));
  }

  async read(): Promise<readonly string[] | undefined> {
    const rows = await this.query.next();
    return rows?.map(({ data }) => String(data));
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Texts in the order of what they stand for: kinds as `compareKeys` has them; a finite number stands beside. */
function kindOf(key: KeyValue): string {
  if (typeof key === "string") return `7${inByteOrder(key)}`;
  if (typeof key === "number") {
    if (Number.isFinite(key)) return "5";
    return Number.isNaN(key) ? "3" : key < 0 ? "4" : "6";
  }
  if (typeof key === "boolean") return key ? "2" : "1";
  return "0";
}

const outOfOrder = /[^\x20-\uD7FF]/g;

/**
 * A text whose UTF-8 has the order that the UTF-16 code units of the given one have. What UTF-8 would put elsewhere or cannot hold,
 * from the surrogates on, moves behind all else; control characters, line breaks among them, become two others.
 */
function inByteOrder(text: string): string {
  return text.replace(outOfOrder, (unit) => {
    const code = unit.charCodeAt(0);
    return code < 0x20 ? `\x1f${String.fromCharCode(code + 0x20)}` : String.fromCodePoint(code + 0x2800);
  });
}
