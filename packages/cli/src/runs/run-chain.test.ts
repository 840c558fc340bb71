import { MemoryRunStore, type RunRecord } from "@atomic-agents/core";
import type { FlowCounts } from "@atomic-agents/flow";
import { expect, it } from "vitest";
import { balanceOf, chainOf } from "./run-chain.ts";

const nowMs = Date.now();

interface Told {
  readonly id: string;
  readonly redriveOf?: string;
  readonly published?: boolean;
  readonly name?: string;
}

/** Runs that began in the order in which they are told. */
function storeOf(...told: readonly Told[]): MemoryRunStore {
  const store = new MemoryRunStore();
  for (const [index, { id, redriveOf, published = true, name = "tickets" }] of told.entries()) {
    const record: RunRecord = {
      report: {
        runId: id,
        requestId: "r",
        agent: name,
        status: published ? "partial" : "failed",
        startedAtMs: nowMs + index,
        durationMs: 1,
        stages: [],
      },
      events: [],
      droppedEvents: 0,
      flow: {
        name,
        hash: "h",
        pid: 1,
        host: "here",
        updatedAtMs: nowMs,
        counts: { read: 1, delivered: 0, filtered: 0, deadLettered: 1, unfinished: 0 },
        emitted: 0,
        published,
        source: "s",
        stages: [],
        sinks: [],
        letters: 1,
        ...(redriveOf === undefined ? {} : { redriveOf }),
      },
    };
    store.save(record);
  }
  return store;
}

async function chain(store: MemoryRunStore, id: string) {
  const record = store.get(id);
  if (record === undefined) throw new Error(`no run ${id}`);
  const { records, family, redrivenBy } = await chainOf(store, record);
  const idsOf = (some: readonly RunRecord[]) => some.map(({ report }) => report.runId).join(" ");
  return { records: idsOf(records), family: idsOf(family), redrivenBy: idsOf(redrivenBy) };
}

it("finds the run that read the records, and those that worked on what had failed", async () => {
  const store = storeOf(
    { id: "a" },
    { id: "b", redriveOf: "a" },
    { id: "other" },
    { id: "c", redriveOf: "b" },
    { id: "d", redriveOf: "a" },
    { id: "failed", redriveOf: "a", published: false },
    { id: "e", redriveOf: "c" },
  );
  expect(await chain(store, "a")).toEqual({ records: "a", family: "a b c d e", redrivenBy: "b d failed" });
  expect(await chain(store, "c")).toEqual({ records: "a b c", family: "a b c d e", redrivenBy: "e" });
  expect(await chain(store, "failed")).toMatchObject({ records: "a b c d failed" });
  expect(await chain(store, "other")).toEqual({ records: "other", family: "other", redrivenBy: "" });
});

it("does without what is not kept any more, and comes to an end", async () => {
  const gone = storeOf({ id: "b", redriveOf: "gone" }, { id: "c", redriveOf: "b" });
  expect(await chain(gone, "c")).toEqual({ records: "b c", family: "b c", redrivenBy: "" });
  const circle = storeOf({ id: "a", redriveOf: "b" }, { id: "b", redriveOf: "a" });
  expect((await chain(circle, "a")).redrivenBy).toBe("b");
});

it("has no sum of one run, nor of letters that were worked on twice", () => {
  const counts = (read: number, delivered: number): FlowCounts => {
    return { read, delivered, filtered: 0, deadLettered: read - delivered, unfinished: 0 };
  };
  expect(balanceOf([counts(10, 7)])).toBeUndefined();
  expect(balanceOf([counts(10, 7), counts(3, 2)])).toEqual([
    { title: "first run", counts: counts(10, 7) },
    { title: "re-drive", counts: counts(3, 2) },
    { title: "together", counts: counts(10, 9) },
  ]);
  expect(balanceOf([counts(10, 7), counts(3, 2), counts(1, 1)])?.map(({ title }) => title)).toEqual([
    "first run",
    "re-drive 1",
    "re-drive 2",
    "together",
  ]);
  expect(balanceOf([counts(10, 7), counts(3, 3), counts(3, 3)])).toBeUndefined();
});
