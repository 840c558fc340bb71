import {
  createLog,
  MemoryRunStore,
  recordFromJson,
  recordToJson,
  type RunRecord,
  type RunStore,
  sleep,
} from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import type { DeadLetter } from "./dead-letter.ts";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { defineSink } from "./sink.ts";
import { defineSource } from "./source.ts";
import { toArray } from "./to-array.ts";

const slow = defineAgent({
  name: "slow",
  description: "Takes seven seconds, and no threes.",
  input: z.number(),
  output: z.number(),
  execute: async (number, ctx) => {
    await sleep(7_000, ctx);
    if (number === 3) throw new Error("a three");
    return number;
  },
});

const designed = flow(fromIterable([1, 2, 3], { name: "numbers" }), { name: "slowly" }).through(slow, {
  concurrency: 1,
  onError: "dead-letter",
});

/** Keeps all that is saved. */
function keeping(save: (record: RunRecord) => void | Promise<void> = () => {}) {
  const records: RunRecord[] = [];
  const store: RunStore = {
    save: (record) => {
      records.push(record);
      return save(record);
    },
    get: () => undefined,
    list: () => [],
    delete: () => false,
  };
  return { records, store };
}

function keptLog() {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => void lines.push(line) }) };
}

describe("the record of a flow's run", () => {
  it("is saved when it begins, while it goes on and when it has ended", async () => {
    const clock = createVirtualClock({ timestampMs: 1_000_000 });
    const { records, store } = keeping();
    const letters: DeadLetter[] = [];
    const run = designed.start(toArray<number>([]), {
      deadLetters: toArray(letters),
      origin: { file: "slowly.flow.yaml", args: ["run", "slowly"], limit: 3 },
      run: { clock, store, userId: "ada", sessionId: "s", metadata: { tenant: "acme" } },
    });
    const summary = await clock.until(run.summary);
    expect(clock.pendingTimers).toBe(0);
    expect(
      records.map(({ report, flow: kept }) => [report.status, kept?.updatedAtMs, kept?.counts.read]),
    ).toEqual([
      ["running", 1_000_000, 0],
      ["running", 1_010_000, 2],
      ["running", 1_020_000, 3],
      ["partial", 1_021_000, 3],
    ]);
    const last = records.at(-1);
    expect(last).toMatchObject({
      report: {
        runId: run.id,
        agent: "slowly",
        status: "partial",
        startedAtMs: 1_000_000,
        durationMs: 21_000,
      },
      droppedEvents: 0,
      userId: "ada",
      sessionId: "s",
      metadata: { tenant: "acme" },
      flow: {
        name: "slowly",
        hash: designed.hash,
        pid: process.pid,
        counts: { read: 3, delivered: 2, filtered: 0, deadLettered: 1, unfinished: 0 },
        emitted: 2,
        published: true,
        source: "numbers",
        stages: [{ id: "slow", taken: 3, given: 2, filtered: 0, deadLettered: 1 }],
        sinks: [{ name: "array", written: 2, published: true }, { written: 1 }],
        letters: 1,
        lettersTo: "array",
        origin: { file: "slowly.flow.yaml", args: ["run", "slowly"], limit: 3 },
      },
    });
    expect(last?.flow?.host).toMatch(/./);
    expect(last?.events.at(-1)).toMatchObject({ type: "run-end" });
    expect(summary.status).toBe("partial");
    for (const record of records) {
      const read = recordFromJson(JSON.parse(JSON.stringify(recordToJson(record))));
      expect(read.flow).toEqual(record.flow);
    }
  });

  it("is found in a store by the flow's name, with its re-drive", async () => {
    const store = new MemoryRunStore();
    let isMended = false;
    const letters: DeadLetter[] = [];
    const halves = flow(fromIterable([1, 2]), { name: "halves" }).map(
      (number) => {
        if (number === 1 && !isMended) throw new Error("odd");
        return number / 2;
      },
      { onError: "dead-letter" },
    );
    const first = await halves.to(toArray<number>([]), {
      deadLetters: toArray(letters),
      run: { store },
    });
    isMended = true;
    const second = await halves.redrive(letters).to(toArray<number>([]), { run: { store } });
    const records = store.list({ agent: "halves" });
    expect(records.map(({ report, flow: kept }) => [report.runId, report.status, kept?.redriveOf])).toEqual([
      [second.runId, "success", first.runId],
      [first.runId, "partial", undefined],
    ]);
  });

  it("has the names that sinks give themselves in the run", async () => {
    const store = new MemoryRunStore();
    const named = defineSink<unknown>({
      name: "<run>.jsonl",
      open: ({ runId }) => ({ name: `${runId}.jsonl`, write: () => {} }),
    });
    const { runId, sinks } = await flow(fromIterable([1])).to(named, { deadLetters: named, run: { store } });
    expect(sinks.map(({ name }) => name)).toEqual([`${runId}.jsonl`, `${runId}.jsonl`]);
    expect(store.get(runId)?.flow).toMatchObject({ lettersTo: `${runId}.jsonl`, sinks });
  });

  it("is there before the first record is read, and before any output is opened", async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    const { store } = keeping(async ({ report }) => {
      await new Promise<void>((resolve) => void clock.setTimer(resolve, 100));
      order.push(`saved ${report.status}`);
    });
    const source = defineSource<number>({
      name: "told",
      read: function* () {
        order.push("read");
        yield 1;
      },
    });
    const sink = defineSink<number>({
      name: "told",
      open: () => {
        order.push("opened");
        return { write: () => {} };
      },
    });
    await clock.until(flow(source).to(sink, { run: { clock, store } }));
    expect(order).toEqual(["saved running", "opened", "read", "saved success"]);

    order.length = 0;
    const cancelled = flow(source).start(sink, { run: { clock, store } });
    await clock.advance(50);
    cancelled.cancel("before it began");
    expect(await clock.until(cancelled.summary)).toMatchObject({ status: "cancelled", read: 0 });
    const late = flow(source).start(sink, { run: { clock, store, timeoutMs: 50 } });
    expect(await clock.until(late.summary)).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
    await clock.advance(1_000);
    expect(order).toEqual(["saved running", "saved cancelled", "saved running", "saved failed"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("says how it ended when it fails, is cancelled, or never begins", async () => {
    const failing = defineSink<number>({
      name: "failing",
      open: () => ({
        write: () => {
          throw new Error("disk full");
        },
      }),
    });
    const clock = createVirtualClock();
    const store = new MemoryRunStore({ clock });
    const failed = await flow(fromIterable([1])).to(failing, { run: { store, clock } });
    expect(store.get(failed.runId)).toMatchObject({
      report: { status: "failed", error: { code: "EXECUTION" } },
      flow: { counts: { read: 1, unfinished: 1 }, published: false },
    });
    const cancelled = designed.start(toArray<number>([]), { run: { store, clock } });
    await clock.advance(8_000);
    cancelled.cancel("enough");
    await clock.until(cancelled.summary);
    expect(store.get(cancelled.id)).toMatchObject({
      report: { status: "cancelled", durationMs: 8_000, error: { code: "CANCELLED" } },
      flow: { counts: { read: 2 } },
    });
    const never = designed.start(toArray<number>([]), {
      run: { store, clock, signal: AbortSignal.abort(new Error("no")) },
    });
    await clock.until(never.summary);
    expect(store.get(never.id)).toMatchObject({
      report: { status: "cancelled" },
      flow: { counts: { read: 0 } },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it("is that of the run around it, where it is part of one", async () => {
    const store = new MemoryRunStore();
    const outer = defineAgent({
      name: "outer",
      description: "Runs a flow.",
      input: z.number(),
      output: z.number(),
      execute: async (number, ctx) => {
        const { delivered } = await flow(fromIterable([number])).to(toArray<number>([]), { run: ctx });
        return delivered;
      },
    });
    expect(await outer.run(5, { store })).toBe(1);
    expect(store.list().map(({ report }) => report.agent)).toEqual(["outer"]);
  });
});

describe("a store that fails", () => {
  const failures: Readonly<Record<string, readonly [save: () => void | Promise<void>, waitsMs: number]>> = {
    "throws at once": [
      () => {
        throw new Error("the disk is full");
      },
      0,
    ],
    rejects: [() => Promise.reject(new Error("the disk is full")), 0],
    // Once before the first record is read, and once at the end.
    hangs: [() => new Promise(() => {}), 10_000],
  };
  it.each(Object.entries(failures))(
    "(%s) is told in the log, and the flow ends as it would",
    async (_how, failure) => {
      const [save, waitsMs] = failure;
      const clock = createVirtualClock();
      const { lines, log } = keptLog();
      const { records, store } = keeping(save);
      const got: number[] = [];
      const summary = await clock.until(designed.to(toArray(got), { run: { clock, log, store } }));
      expect(summary).toMatchObject({ status: "partial", delivered: 2 });
      expect(got).toEqual([1, 2]);
      expect(clock.now()).toBe(21_000 + waitsMs);
      // It is asked once more at the end.
      expect(records).toHaveLength(2);
      expect(lines.filter((line) => line.includes("A run could not be saved"))).toHaveLength(2);
      expect(clock.pendingTimers).toBe(0);
      // In a line: what is wrong with the store, and nothing of where that was found.
      expect(JSON.parse(lines[0] ?? "")).toMatchObject({ agent: "slowly", error: expect.any(String) });
      expect(lines[0]).not.toContain("run-saver");
    },
  );

  it("does not let an early record take the place of the last", async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    const { store } = keeping(async ({ report }) => {
      await new Promise<void>(
        (resolve) => void clock.setTimer(resolve, report.status === "running" ? 4_000 : 1),
      );
      order.push(report.status);
    });
    await clock.until(flow(fromIterable([1])).to(toArray<number>([]), { run: { clock, store } }));
    expect(order).toEqual(["running", "success"]);
  });
});
