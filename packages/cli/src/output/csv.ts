import { toRows } from "./rows.ts";

/** A result as CSV (RFC 4180, with line feeds): a line of column names, then a line for each record. */
export function toCsv(value: unknown): string {
  const { columns, cells } = toRows(value);
  if (columns.length === 0) return "";
  return [columns, ...cells].map((line) => line.map(quote).join(",")).join("\n");
}

function quote(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
