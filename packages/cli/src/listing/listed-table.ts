import { agoText } from "../output/ago.ts";
import { needsText } from "../output/needs-text.ts";
import { drawTable, type TableOptions } from "../output/table.ts";
import { isBuiltIn, type Listed, type ListedState } from "./listed.ts";

/** How a list is drawn. */
export interface ListedTableOptions extends TableOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Whether the terminal can show more than ASCII. */
  readonly unicode: boolean;
  /** Whether it says what each needs of a machine. */
  readonly showsNeeds?: boolean;
  readonly mark?: ((sign: string, state: ListedState) => string) | undefined;
}

const signs: Readonly<Record<ListedState, { readonly unicode: string; readonly ascii: string }>> = {
  ran: { unicode: "●", ascii: "*" },
  configured: { unicode: "◐", ascii: "-" },
  broken: { unicode: "○", ascii: "!" },
};
const meanings: Readonly<Record<ListedState, string>> = {
  ran: "ran in the last 24 hours",
  configured: "configured",
  broken: "broken",
};

const signOf = (state: ListedState, unicode: boolean) => signs[state][unicode ? "unicode" : "ascii"];

/** Columns that are left out where they would be empty. */
const seldom: ReadonlySet<string> = new Set(["MODEL", "NEEDS", "CAPABILITIES", "FROM"]);

/** A list as a table, a line each; then why what is broken is so. */
export function listedTable(listed: readonly Listed[], options: ListedTableOptions): string {
  const { unicode, nowMs, showsNeeds = false, mark = (sign: string) => sign } = options;
  const columns: readonly (readonly [string, (item: Listed) => string | undefined])[] = [
    ["", ({ state }) => signOf(state, unicode)],
    ["NAME", ({ name }) => name],
    ["TYPE", ({ type }) => type],
    ["MODEL", ({ model }) => model],
    ["LAST RUN", ({ lastRun }) => (lastRun === undefined ? undefined : agoText(nowMs - lastRun.startedAtMs))],
    ["NEEDS", ({ needs }) => (showsNeeds && needs !== undefined ? needsText(needs) : undefined)],
    ["DESCRIPTION", ({ description }) => description],
    ["CAPABILITIES", (item) => (isBuiltIn(item) ? item.capabilities?.join(", ") : undefined)],
    ["FROM", (item) => (isBuiltIn(item) ? undefined : item.from)],
  ];
  const shown = columns.filter(
    ([title, cell]) => !seldom.has(title) || listed.some((item) => cell(item) !== undefined),
  );
  const rows = {
    columns: shown.map(([title]) => title),
    cells: listed.map((item) => shown.map(([, cell]) => cell(item) ?? "")),
  };
  const [heading = "", ...lines] = drawTable(rows, options).split("\n");
  const marked = lines.map((line, index) => {
    const state = listed[index]?.state ?? "configured";
    // Coloured only now: the table counts characters.
    return mark(line.slice(0, 1), state) + line.slice(1);
  });
  return [heading, ...marked, ...reasonLines(listed)].join("\n");
}

function reasonLines(listed: readonly Listed[]): readonly string[] {
  const broken = listed.filter(({ state }) => state === "broken");
  if (broken.length === 0) return [];
  return [
    "",
    "Broken:",
    ...broken.flatMap(({ name, reason = "", hint }) => [
      `  ${name}: ${reason}`,
      ...(hint === undefined ? [] : [`    try: ${hint}`]),
    ]),
  ];
}

/** What the signs of a list mean, of those that are in it. */
export function legend(listed: readonly Listed[], unicode: boolean): string {
  const states: readonly ListedState[] = ["ran", "configured", "broken"];
  return states
    .filter((state) => listed.some((item) => item.state === state))
    .map((state) => `${signOf(state, unicode)} ${meanings[state]}`)
    .join("   ");
}
