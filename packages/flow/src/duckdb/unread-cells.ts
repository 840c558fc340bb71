import type { DuckDBVector } from "@duckdb/node-api";
import { ColumnCells, type RowRange } from "./column-cells.ts";
import { cellOf, type ColumnKind, kindOfValue } from "./column-kind.ts";
import type { DuckDb } from "./load-duckdb.ts";
import { Unfit } from "./to-json.ts";

const nothing = new Float64Array(0);

/** Those of a column that nothing reads: values are looked at as in any other, and DuckDB has null for all of them. */
export class UnreadCells extends ColumnCells {
  override put(_row: number, value: unknown): boolean {
    return isOfKind(this.kind, value);
  }

  override clear(): void {
    // All rows have null the next time as well.
  }

  override write(duck: DuckDb, vector: DuckDBVector, range: RowRange): void {
    if (this.copy(duck, vector, nothing, range)) return;
    for (let row = 0; row < range.count; row++) vector.setItem(row, null);
    vector.flush();
  }
}

/** Whether a value is of a kind as it is. */
function isOfKind(kind: ColumnKind, value: unknown): boolean {
  if (kind === "text") return typeof value === "string" && value.isWellFormed();
  if (kind === "integer") return Number.isSafeInteger(value);
  if (kind === "number") return Number.isFinite(value);
  if (kind === "boolean") return typeof value === "boolean";
  if (kind !== "json" && kindOfValue(value) !== "text") return false;
  try {
    cellOf(kind, value);
    return true;
  } catch (thrown) {
    if (thrown instanceof Unfit) return false;
    throw thrown;
  }
}
