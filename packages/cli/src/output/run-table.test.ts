import { expect, it } from "vitest";
import { distinctLength, runTable } from "./run-table.ts";

const startedAtMs = new Date(2026, 10, 21, 15, 4, 5).getTime();

it("has a line for each run, with as much of its id as tells it apart", () => {
  const counts = { read: 1_000_000, delivered: 999_000, filtered: 990, deadLettered: 10, unfinished: 0 };
  expect(
    runTable([
      {
        runId: "0123456789abcdef-00",
        name: "tickets",
        kind: "flow",
        status: "partial",
        startedAtMs,
        durationMs: 12_345,
        counts,
        letters: 10,
      },
      {
        runId: "0123456789ffffff-00",
        name: "summarize",
        kind: "agent",
        status: "failed",
        startedAtMs,
        durationMs: 1.5,
        errorCode: "EXECUTION",
      },
    ]),
  ).toBe(`RUN          NAME       STATUS            STARTED              DURATION       READ  DELIVERED  FILTERED  DEAD
0123456789a  tickets    partial           2026-11-21 15:04:05   12.35 s  1,000,000    999,000       990    10
0123456789f  summarize  failed EXECUTION  2026-11-21 15:04:05   1.50 ms`);
});

it("fits into 80 columns without cutting a number", () => {
  const counts = { read: 1_461, delivered: 1_090, filtered: 345, deadLettered: 26, unfinished: 0 };
  const run = {
    runId: "0123456789abcdef-00",
    kind: "flow",
    status: "partial",
    startedAtMs,
    letters: 26,
  } as const;
  const runs = ["airports", "monthly"].map((name) => ({ ...run, name, durationMs: 86.7, counts }));
  expect(runTable(runs, { width: 80 })).toBe(
    `RUN       NAME      STATUS   STARTED       READ  DELIVERED  FILTERED  DEAD
01234567  airports  partial  11-21 15:04  1,461      1,090       345    26
01234567  monthly   partial  11-21 15:04  1,461      1,090       345    26`,
  );
  expect(runTable(runs, { width: 40 }).split("\n")[1]).toMatch(/ 1,461 +1,090 +345 +26$/);
});

it("tells ids apart", () => {
  expect(distinctLength([])).toBe(8);
  expect(distinctLength(["0123456789", "abcdefghij"])).toBe(8);
  expect(distinctLength(["0123456789", "0123456780"])).toBe(10);
  expect(distinctLength(["0123456789", "0123456789"])).toBe(8);
  expect(distinctLength(["01234567890", "0123456789"])).toBe(11);
});
