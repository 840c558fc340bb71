import type { FlowCounts } from "@atomic-agents/flow";
import { countText } from "./count-text.ts";

/** The records of one run, or of several together. */
export interface BalanceColumn {
  /** Left out where there is one column only. */
  readonly title?: string | undefined;
  readonly counts: FlowCounts;
}

const rows: readonly (readonly [string, keyof FlowCounts])[] = [
  ["read", "read"],
  ["  delivered", "delivered"],
  ["  filtered", "filtered"],
  ["  dead-lettered", "deadLettered"],
  ["  unfinished", "unfinished"],
];

/**
 * What became of the records: how many were read, and below it the ends they came to, which make as many.
 */
export function balanceTable(
  columns: readonly BalanceColumn[],
  mark: (line: string, count: keyof FlowCounts, isSome: boolean) => string = (line) => line,
): string {
  const titles = columns.map(({ title = "" }) => title);
  const texts = rows.map(([, key]) => columns.map(({ counts }) => countText(counts[key])));
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...texts].map((line) => (line[index] ?? "").length)),
  );
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const draw = (name: string, cells: readonly string[]) =>
    [name.padEnd(nameWidth), ...cells.map((cell, index) => cell.padStart(widths[index] ?? 0))].join("  ");
  const lines = rows.map(([name, key], index) =>
    mark(
      draw(name, texts[index] ?? []),
      key,
      columns.some(({ counts }) => counts[key] > 0),
    ),
  );
  return [...(titles.some((title) => title !== "") ? [draw("", titles)] : []), ...lines].join("\n");
}
