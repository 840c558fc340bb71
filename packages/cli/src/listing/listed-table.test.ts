import { expect, it } from "vitest";
import type { Listed } from "./listed.ts";
import { legend, listedTable } from "./listed-table.ts";

const hour = 3_600_000;
const nowMs = 100 * hour;
const listed: readonly Listed[] = [
  {
    kind: "agent",
    name: "clean",
    type: "agent",
    from: "./agents/clean.ts#clean",
    state: "ran",
    description: "Cleans.",
    lastRun: { runId: "r", status: "success", startedAtMs: nowMs - 2 * hour },
  },
  {
    kind: "agent",
    name: "late",
    type: "agent",
    from: "./agents/late.ts#late",
    state: "broken",
    reason: "late.ts was still being imported after 5000 ms",
    hint: "Look for a loop without end.",
  },
  { kind: "flow", name: "tickets", type: "flow", from: "flows/tickets.flow.yaml", state: "configured" },
];

it("tells what there is, what of it works, and why the rest does not", () => {
  expect(listedTable(listed, { nowMs, unicode: true }).split("\n")).toEqual([
    "   NAME     TYPE   LAST RUN  DESCRIPTION  FROM",
    "●  clean    agent  2 h ago   Cleans.      ./agents/clean.ts#clean",
    "○  late     agent                         ./agents/late.ts#late",
    "◐  tickets  flow                          flows/tickets.flow.yaml",
    "",
    "Broken:",
    "  late: late.ts was still being imported after 5000 ms",
    "    try: Look for a loop without end.",
  ]);
  expect(legend(listed, true)).toBe("● ran in the last 24 hours   ◐ configured   ○ broken");
});

it("does with ASCII where a terminal has no more", () => {
  const lines = listedTable(listed, { nowMs, unicode: false }).split("\n");
  expect(lines.slice(1, 4).map((line) => line.slice(0, 10))).toEqual([
    "*  clean  ",
    "!  late   ",
    "-  tickets",
  ]);
  expect(legend(listed.slice(0, 2), false)).toBe("* ran in the last 24 hours   ! broken");
});

it("has a column for models when there are any", () => {
  const [clean, ...rest] = listed;
  if (clean === undefined) throw new Error("there is one");
  const lines = listedTable([{ ...clean, model: "small-1" }, ...rest], { nowMs, unicode: true }).split("\n");
  expect(lines[0]).toBe("   NAME     TYPE   MODEL    LAST RUN  DESCRIPTION  FROM");
  expect(lines[1]).toContain("agent  small-1  2 h ago");
});

it("gives the signs their colours, and cuts lines by what is seen of them", () => {
  const mark = (sign: string, state: string) => `<${state}>${sign}`;
  const table = listedTable(listed, { nowMs, unicode: true, width: 50, mark });
  const lines = table.split("\n").slice(1, 4);
  expect(lines.map((line) => line.slice(0, line.indexOf(" ")))).toEqual([
    "<ran>●",
    "<broken>○",
    "<configured>◐",
  ]);
  for (const line of lines) expect(line.replace(/<\w+>/, "").length).toBeLessThanOrEqual(50);
});

it("says what each needs where that is asked for", () => {
  const [clean, ...rest] = listed;
  if (clean === undefined) throw new Error("there is one");
  const some = [{ ...clean, needs: { memoryMb: 512, cores: 1 } }, ...rest];
  const lines = listedTable(some, { nowMs, unicode: true, showsNeeds: true }).split("\n");
  expect(lines[0]).toBe("   NAME     TYPE   LAST RUN  NEEDS           DESCRIPTION  FROM");
  expect(lines[1]).toContain("2 h ago   512 MB, 1 core  Cleans.");
  expect(listedTable(some, { nowMs, unicode: true })).not.toContain("512");
});
