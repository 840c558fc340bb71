import type { DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import { ColumnCells, type RowRange } from "./column-cells.ts";
import { cellOf, kindOfValue } from "./column-kind.ts";
import type { DuckDb } from "./load-duckdb.ts";
import { Unfit } from "./to-json.ts";

/** Booleans, dates and points in time. */
export class OtherCells extends ColumnCells {
  private cells: unknown[] = [];

  override put(row: number, value: unknown): boolean {
    if (kindOfValue(value) !== (this.kind === "boolean" ? "boolean" : "text")) return false;
    let cell: unknown;
    try {
      cell = cellOf(this.kind, value);
    } catch (thrown) {
      if (thrown instanceof Unfit) return false;
      throw thrown;
    }
    this.reach(row);
    this.cells[row] = cell;
    return true;
  }

  override clear(): void {
    super.clear();
    this.cells = [];
  }

  override write(duck: DuckDb, vector: DuckDBVector, { from, count }: RowRange): void {
    for (let index = 0; index < count; index++) {
      const row = from + index;
      vector.setItem(index, this.isNull(row) ? null : this.peerValue(duck, this.cells[row]));
    }
    vector.flush();
  }

  /** A cell as the peer takes it. */
  private peerValue(duck: DuckDb, cell: unknown): DuckDBValue {
    // Each is what `cellOf` makes for its kind.
    if (this.kind === "date") return new duck.DuckDBDateValue(cell as number);
    if (this.kind === "timestamp") return new duck.DuckDBTimestampTZValue(cell as bigint);
    return cell as boolean;
  }
}
