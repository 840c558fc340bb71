import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { defineAgent } from "../define-agent.ts";
import { MemoryRunStore } from "./memory-run-store.ts";
import type { RunRecord } from "./run-store.ts";

const recordOf = (runId: string, startedAtMs: number, durationMs = 0): RunRecord => ({
  report: { runId, requestId: "r", agent: "a", status: "success", startedAtMs, durationMs, stages: [] },
  events: [],
  droppedEvents: 0,
});

const idsOf = (store: MemoryRunStore) => store.list({ limit: 10_000 }).map(({ report }) => report.runId);

test("holds so many records, and lets go the one that was saved longest ago", () => {
  const clock = createVirtualClock();
  const store = new MemoryRunStore({ maxRuns: 3, clock });
  const nowMs = clock.timestamp();
  for (const [index, id] of ["a", "b", "c"].entries()) store.save(recordOf(id, nowMs - index));
  store.save(recordOf("a", nowMs));
  store.save(recordOf("d", nowMs - 50));
  expect(idsOf(store)).toEqual(["a", "c", "d"]);
});

test("holds 1,000 records unless it is told", () => {
  const store = new MemoryRunStore();
  for (let index = 0; index < 1_200; index++) store.save(recordOf(`${index}`, Date.now()));
  expect(idsOf(store)).toHaveLength(1_000);
  expect(store.get("199")).toBeUndefined();
  expect(store.get("200")).toBeDefined();
});

test("a record stays for seven days after the run's end, and one as long as it is told", async () => {
  for (const [retentionMs, days] of [
    [undefined, 7],
    [1_000, 1_000 / 86_400_000],
  ] as const) {
    const clock = createVirtualClock();
    const store = new MemoryRunStore({ clock, retentionMs });
    store.save(recordOf("short", clock.timestamp(), 0));
    store.save(recordOf("long", clock.timestamp(), 500));
    await clock.advance(days * 86_400_000);
    expect(idsOf(store)).toEqual(["short", "long"]);
    await clock.advance(1);
    expect(store.get("short")).toBeUndefined();
    expect(store.get("long")).toBeDefined();
    await clock.advance(500);
    expect(idsOf(store)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  }
});

test("what was too old when it was saved is not kept", () => {
  const clock = createVirtualClock();
  const store = new MemoryRunStore({ clock, retentionMs: 1_000 });
  store.save(recordOf("old", clock.timestamp() - 2_000, 500));
  expect(store.get("old")).toBeUndefined();
});

test("no record stays too long or goes too early, whatever is done in whatever order", async () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant("save" as const),
      id: fc.nat(8),
      agoMs: fc.nat(150),
      durationMs: fc.nat(50),
    }),
    fc.record({ do: fc.constant("delete" as const), id: fc.nat(8) }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.nat(80) }),
    fc.record({ do: fc.constant("step" as const), ms: fc.integer({ min: -100, max: 100 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const clock = createVirtualClock();
      const store = new MemoryRunStore({ clock, retentionMs: 100, maxRuns: 5 });
      /** What should be there: run id and end, in the order in which they were saved. */
      let model: { readonly id: string; readonly startMs: number; readonly endMs: number }[] = [];
      for (const one of steps) {
        if (one.do === "wait") await clock.advance(one.ms);
        else if (one.do === "step") clock.setTimestamp(clock.timestamp() + one.ms);
        else {
          const id = `run ${one.id}`;
          const had = model.some((record) => record.id === id);
          model = model.filter((record) => record.id !== id);
          if (one.do === "delete") expect(store.delete(id)).toBe(had);
          else {
            const startMs = clock.timestamp() - one.agoMs;
            store.save(recordOf(id, startMs, one.durationMs));
            model.push({ id, startMs, endMs: startMs + one.durationMs });
          }
        }
        const nowMs = clock.timestamp();
        model = model.filter(({ endMs }) => endMs >= nowMs - 100).slice(-5);
        expect(idsOf(store)).toEqual(
          model.toSorted((a, b) => b.startMs - a.startMs || (a.id < b.id ? 1 : -1)).map(({ id }) => id),
        );
      }
    }),
  );
});

test("keeps what runs tell it", async () => {
  const clock = createVirtualClock();
  const store = new MemoryRunStore({ clock });
  const half = defineAgent({
    name: "half",
    description: "Halves an even number.",
    input: z.int(),
    output: z.int(),
    execute: (value, ctx) => {
      ctx.emit("seen", { value });
      if (value % 2 === 1) throw new Error("odd");
      return value / 2;
    },
  });
  await half.run(4, { clock, store, userId: "ada", sessionId: "s", metadata: { tenant: "acme" } });
  await clock.advance(10);
  await half.tryRun(5, { clock, store });
  const [failed, done] = store.list();
  expect(done).toMatchObject({
    report: { agent: "half", status: "success", stages: [{ id: "half" }] },
    droppedEvents: 0,
    userId: "ada",
    sessionId: "s",
    metadata: { tenant: "acme" },
  });
  expect(done?.events.map(({ type }) => type)).toEqual([
    "run-start",
    "stage-start",
    "custom",
    "stage-end",
    "run-end",
  ]);
  expect(failed?.report).toMatchObject({ status: "failed", error: { code: "EXECUTION" } });
  expect(store.get(failed?.report.runId ?? "")).toBe(failed);
});

test("page after page gives each run once, however many began in one moment", () => {
  const moment = fc.record({ id: fc.nat(60), atMs: fc.constantFrom(0, 0, 1, 1.5, 2) });
  fc.assert(
    fc.property(
      fc.uniqueArray(moment, { selector: ({ id }) => id, maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      (runs, limit) => {
        const clock = createVirtualClock();
        const store = new MemoryRunStore({ clock });
        const nowMs = clock.timestamp();
        for (const { id, atMs } of runs) store.save(recordOf(`run ${id}`, nowMs + atMs));
        const seen: string[] = [];
        for (let page = store.list({ limit }); page.length > 0; ) {
          seen.push(...page.map(({ report }) => report.runId));
          const { startedAtMs: beforeMs, runId: beforeRunId } = page.at(-1)?.report ?? {};
          page = store.list({ limit, beforeMs, beforeRunId });
        }
        expect(seen).toEqual(idsOf(store));
        expect(seen).toHaveLength(runs.length);
      },
    ),
  );
});

test("an id to go on from needs its moment", () => {
  const store = new MemoryRunStore();
  expect(() => store.list({ beforeRunId: "a" })).toThrow("beforeMs must be given where beforeRunId is");
  expect(() => store.list({ beforeMs: 1, beforeRunId: 5 as unknown as string })).toThrow(
    "beforeRunId must be a run id",
  );
});
