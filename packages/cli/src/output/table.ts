import { fitText, onOneLine } from "./fit-text.ts";
import { cellText, flatten, type Rows, toRows } from "./rows.ts";
import { textWidth } from "./text-width.ts";

/** How a table is drawn. */
export interface TableOptions {
  /** The most columns of characters it may take; what is cut ends with `…`. No limit when absent. */
  readonly width?: number | undefined;
  /** Makes a heading stand out. */
  readonly heading?: ((text: string) => string) | undefined;
}

/** A result as a table: an array with a line for each item, anything else with a line for each of its keys. */
export function toTable(value: unknown, options: TableOptions = {}): string {
  if (Array.isArray(value)) return drawTable(toRows(value), options);
  const lines = [...flatten(value)].map(([key, item]) => [key, cellText(item)]);
  return draw(lines, options);
}

/** Draws rows with their headings. */
export function drawTable({ columns, cells }: Rows, options: TableOptions = {}): string {
  if (columns.length === 0) return "";
  const [head = "", ...rest] = draw([columns, ...cells], options).split("\n");
  return [options.heading?.(head) ?? head, ...rest].join("\n");
}

const gap = "  ";
const least = 8;

function draw(
  lines: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY }: TableOptions,
): string {
  const texts = lines.map((line) => line.map(onOneLine));
  const widths = (texts[0] ?? []).map((_, column) =>
    texts.reduce((most, line) => Math.max(most, textWidth(line[column] ?? "")), 0),
  );
  const all = () => widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
  // The widest column gives way first.
  while (all() > width && Math.max(...widths) > least) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(least, (widths[widest] ?? 0) - (all() - width));
  }
  return texts
    .map((line) =>
      line
        .map((cell, column) => fitText(cell, widths[column] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}
