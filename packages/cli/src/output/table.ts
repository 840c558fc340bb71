import { fitText, onOneLine } from "./fit-text.ts";
import { cellText, flatten, type Rows, toRows } from "./rows.ts";
import { textWidth } from "./text-width.ts";

/** How a table is drawn. */
export interface TableOptions {
  /**
   * The most columns of characters it may take; what is cut ends with `…`. No limit when absent. Where the numbers alone
   * take more, the table does too: half of a number would be read as another one.
   */
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
export function drawTable({ columns, cells, numbers }: Rows, options: TableOptions = {}): string {
  if (columns.length === 0) return "";
  const [head = "", ...rest] = draw([columns, ...cells], options, numbers).split("\n");
  return [options.heading?.(head) ?? head, ...rest].join("\n");
}

const gap = "  ";
const least = 8;

function draw(
  lines: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY }: TableOptions,
  numbers: ReadonlySet<number> = new Set(),
): string {
  const texts = lines.map((line) => line.map(onOneLine));
  const widest = (lines: typeof texts, column: number) =>
    lines.reduce((most, line) => Math.max(most, textWidth(line[column] ?? "")), 0);
  const widths = (texts[0] ?? []).map((_, column) => widest(texts, column));
  // Of a column of numbers, only the heading is cut.
  const leasts = widths.map((_, column) => (numbers.has(column) ? widest(texts.slice(1), column) : least));
  const all = () => widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
  // The widest column gives way first.
  for (;;) {
    const spare = widths.map((own, column) => (own > (leasts[column] ?? least) ? own : 0));
    const most = Math.max(...spare);
    if (all() <= width || most === 0) break;
    const column = spare.indexOf(most);
    widths[column] = Math.max(leasts[column] ?? least, most - (all() - width));
  }
  return texts
    .map((line) =>
      line
        .map((cell, column) => {
          const own = widths[column] ?? 0;
          return fitText(
            numbers.has(column) ? " ".repeat(Math.max(0, own - textWidth(cell))) + cell : cell,
            own,
          );
        })
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}
