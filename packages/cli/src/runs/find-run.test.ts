import { MemoryRunStore, type RunRecord } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { allRuns } from "./all-runs.ts";
import { findRun } from "./find-run.ts";

const recordOf = (runId: string, startedAtMs: number): RunRecord => ({
  report: {
    runId,
    requestId: "r",
    agent: "tickets",
    status: "success",
    startedAtMs,
    durationMs: 0,
    stages: [],
  },
  events: [],
  droppedEvents: 0,
});

function storeOf(...ids: readonly string[]) {
  const store = new MemoryRunStore();
  const nowMs = Date.now();
  for (const [index, id] of ids.entries()) store.save(recordOf(id, nowMs + index));
  return store;
}

const found = async (store: MemoryRunStore, id: string) => (await findRun(store, id)).report.runId;

it("finds a run by its id, the beginning of it, or as the last", async () => {
  const store = storeOf("abcd", "abce", "abc", "x1");
  expect(await found(store, "abcd")).toBe("abcd");
  expect(await found(store, "abc")).toBe("abc");
  expect(await found(store, "x")).toBe("x1");
  expect(await found(store, "last")).toBe("x1");
});

it("says when there is none, or more than one", async () => {
  const store = storeOf("abcd", "abce", "abd");
  await expect(findRun(store, "zz")).rejects.toMatchObject({
    message: 'There is no run "zz"',
    hint: "atomic runs list",
  });
  await expect(findRun(store, "")).rejects.toThrow('There is no run ""');
  await expect(findRun(storeOf(), "last")).rejects.toThrow("No runs are kept here");
  await expect(findRun(store, "ab")).rejects.toMatchObject({
    message: '3 runs begin with "ab"',
    expected: expect.stringMatching(
      /^one of abd \(tickets, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\), abce .*, abcd /,
    ),
  });
});

it("goes through all records, of which a page has fewer", async () => {
  const store = storeOf(...Array.from({ length: 450 }, (_, index) => `run-${index}`));
  const ids: string[] = [];
  for await (const { report } of allRuns(store)) ids.push(report.runId);
  expect(ids).toHaveLength(450);
  expect(new Set(ids).size).toBe(450);
  expect(await found(store, "run-7")).toBe("run-7");
});
