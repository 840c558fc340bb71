import { MemoryRunStore, type RunRecord } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { withLastRuns } from "./last-runs.ts";
import type { Look } from "./look-at-project.ts";

const hour = 3_600_000;
// The store lets old runs go by the real clock.
const nowMs = Date.now();

const record = (agent: string, hoursAgo: number): RunRecord => ({
  report: {
    runId: `${agent}-${hoursAgo}`,
    requestId: "request",
    agent,
    status: "success",
    startedAtMs: nowMs - hoursAgo * hour,
    durationMs: 1,
    stages: [],
  },
  events: [],
  droppedEvents: 0,
});

const look = (
  name: string,
  { uses = [], runNames = [name], reason }: Partial<Look> & { reason?: string } = {},
): Look => ({
  found: { kind: "agent", name, type: "agent", from: "", ...(reason === undefined ? {} : { reason }) },
  runNames,
  uses,
});

async function statesOf(looks: readonly Look[], records: readonly RunRecord[]) {
  const store = new MemoryRunStore();
  for (const one of records) store.save(one);
  const listed = await withLastRuns(looks, store, nowMs);
  return listed.map(({ name, state, lastRun }) => [name, state, lastRun?.runId].join(" ").trim());
}

it("tells the last run, and whether it was of the last 24 hours", async () => {
  const records = [record("a", 30), record("a", 23), record("b", 25), record("other", 1)];
  expect(await statesOf([look("a"), look("b"), look("c")], records)).toEqual([
    "a ran a-23",
    "b configured b-25",
    "c configured",
  ]);
});

it("knows runs by the agent's own name, too", async () => {
  const looks = [look("a", { runNames: ["a", "clean-text"] })];
  expect(await statesOf(looks, [record("a", 9), record("clean-text", 3)])).toEqual(["a ran clean-text-3"]);
});

it("counts the runs of what something is a part of", async () => {
  const looks = [
    look("a"),
    look("b"),
    look("p", { uses: ["a"] }),
    look("f", { uses: ["p"] }),
    look("g", { uses: ["b"] }),
  ];
  expect(await statesOf(looks, [record("f", 2), record("a", 40), record("g", 50)])).toEqual([
    "a ran f-2",
    "b configured g-50",
    "p ran f-2",
    "f ran f-2",
    "g configured g-50",
  ]);
});

it("comes to an end where things use each other", async () => {
  const looks = [look("a", { uses: ["b"] }), look("b", { uses: ["a"] })];
  expect(await statesOf(looks, [record("a", 1)])).toEqual(["a ran a-1", "b ran a-1"]);
});

it("is broken though it ran", async () => {
  expect(await statesOf([look("a", { reason: "boom" })], [record("a", 1)])).toEqual(["a broken a-1"]);
});
