import type { Rows } from "./rows.ts";

/** Has the columns of numbers end below one another, their headings too. */
export function alignNumbers(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  ofNumbers: ReadonlySet<string>,
): Rows {
  const numbers = columns.flatMap((column, index) => (ofNumbers.has(column) ? [index] : []));
  return { columns, cells, numbers: new Set(numbers) };
}
