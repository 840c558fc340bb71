/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

const gap = "  ";

/** Lays rows out in columns as wide as their widest cell, under a line. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...rows].map((row) => row[index]?.length ?? 0)),
  );
  const toLine = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const [cell, width] = [row[index] ?? "", widths[index] ?? 0];
        return align === "left" ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(gap)
      .trimEnd();
  return [toLine(titles), toLine(widths.map((width) => "─".repeat(width))), ...rows.map(toLine)].join("\n");
}
