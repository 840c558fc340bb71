import type { Rows } from "./rows.ts";
import { textWidth } from "./text-width.ts";

/** Has the columns of numbers end below one another, their headings too. */
export function alignNumbers(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  ofNumbers: ReadonlySet<string>,
): Rows {
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column), ...cells.map((line) => textWidth(line[index] ?? ""))),
  );
  const align = (line: readonly string[]) =>
    line.map((cell, index) =>
      ofNumbers.has(columns[index] ?? "") ? cell.padStart(widths[index] ?? 0) : cell,
    );
  return { columns: align(columns), cells: cells.map(align) };
}
