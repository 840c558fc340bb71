import type { RunRecord, RunStore } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { redriveStore } from "./redrive-store.ts";

/** As much of a running flow's record as is looked at here. */
function recordOf(runId: string): RunRecord {
  return { report: { runId }, flow: { name: "numbers" } } as unknown as RunRecord;
}

function plainStore(): RunStore {
  const records = new Map<string, RunRecord>();
  return {
    save: (record) => void records.set(record.report.runId, record),
    get: (runId) => records.get(runId),
    list: () => [...records.values()],
    delete: (runId) => records.delete(runId),
  };
}

it("lets at least one of two re-drives that begin at once see the other", async () => {
  const shared = plainStore();
  const seen: string[] = [];
  const storeOf = (own: string) =>
    redriveStore(shared, "first", async () => {
      const others = (await shared.list()).filter(
        ({ report, flow }) => report.runId !== own && flow?.redriveOf === "first",
      );
      if (others.length > 0) seen.push(own);
    });
  await Promise.all([storeOf("a").save(recordOf("a")), storeOf("b").save(recordOf("b"))]);
  expect(seen.length).toBeGreaterThan(0);
});

it("asks once, after the first record is saved", async () => {
  const shared = plainStore();
  const asked: (string | undefined)[] = [];
  const store = redriveStore(shared, "first", async () => {
    const record = await store.get("a");
    asked.push(record?.flow?.redriveOf);
  });
  await store.save(recordOf("a"));
  await store.save(recordOf("a"));
  expect(asked).toEqual(["first"]);
});
