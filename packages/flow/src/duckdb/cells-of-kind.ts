import type { ColumnCells } from "./column-cells.ts";
import type { ColumnKind } from "./column-kind.ts";
import { NumberCells } from "./number-cells.ts";
import { OtherCells } from "./other-cells.ts";
import { TextCells, type TextSize } from "./text-cells.ts";

/** Cells of a column of a kind, which add the text that they hold to a size. */
export function cellsOfKind(kind: ColumnKind, size: TextSize): ColumnCells {
  if (kind === "text" || kind === "json") return new TextCells(kind, size);
  if (kind === "integer" || kind === "number") return new NumberCells(kind);
  return new OtherCells(kind);
}
