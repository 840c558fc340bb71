import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, type VirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type Agent,
  AtomicError,
  type CacheEntry,
  type CacheStore,
  type Context,
  defineAgent,
  type Log,
  MemoryCache,
  parallel,
  sleep,
  withCache,
  withPolicy,
} from "../index.ts";

const noLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => noLog };

/** An agent whose calls each take some time, and a record of them. */
function slowAgent(execute: (call: number, input: unknown, ctx: Context) => unknown) {
  const record = { begun: 0, running: 0, most: 0 };
  const agent = defineAgent({
    name: "slow",
    description: "Takes its time.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx) => {
      record.begun++;
      record.running++;
      record.most = Math.max(record.most, record.running);
      ctx.signal.addEventListener("abort", leave, { once: true });
      let isOver = false;
      function leave(): void {
        if (!isOver) record.running--;
        isOver = true;
      }
      try {
        return await execute(record.begun, input, ctx);
      } finally {
        leave();
      }
    },
  });
  return { agent, record };
}

const after = (ms: number, output: unknown) => async (_call: number, _input: unknown, ctx: Context) => {
  await sleep(ms, ctx);
  return output;
};

/** A store that takes its time. */
function slowStore(clock: VirtualClock, ms: number): CacheStore & { readonly inside: MemoryCache } {
  const inside = new MemoryCache();
  const wait = () => new Promise<void>((resolve) => void clock.setTimer(resolve, ms));
  return {
    inside,
    get: (key, nowMs) => wait().then(() => inside.get(key, nowMs)),
    set: (key, entry) => wait().then(() => inside.set(key, entry)),
    delete: (key) => wait().then(() => inside.delete(key)),
  };
}

/** Begins a run that can be cancelled. */
function begin(
  agent: Agent<unknown, unknown>,
  clock: VirtualClock,
  input: unknown = "x",
  timeoutMs?: number,
) {
  const controller = new AbortController();
  const result = agent.tryRun(input, { clock, signal: controller.signal, log: noLog, timeoutMs });
  return { result, cancel: () => controller.abort("enough") };
}

const cancelled = { ok: false, error: { code: "CANCELLED" } };
const given = (output: unknown) => ({ ok: true, output });

describe("calls with the same key at the same time", () => {
  test("share one execution, and each gets a copy of its own", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(async (_call, _input, ctx) => {
      await sleep(10, ctx);
      return { list: [1] };
    });
    const cached = withCache(agent);
    const runs = Array.from({ length: 100 }, () => begin(cached, clock));
    await clock.advance(5);
    runs.push(begin(cached, clock), begin(cached, clock, "y"));
    await clock.runAll();
    const outputs = (await Promise.all(runs.map(({ result }) => result))).map(
      (result) => result.ok && result.output,
    );
    expect(outputs).toEqual(runs.map(() => ({ list: [1] })));
    expect(new Set(outputs).size).toBe(runs.length);
    expect(record.begun).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });

  test("also where they go through different agents around one store", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(10, "done"));
    const store = new MemoryCache();
    const both = parallel({ a: withCache(agent, { store }), b: withCache(agent, { store }) });
    expect(await clock.until(both.run("x", { clock }))).toEqual({ a: "done", b: "done" });
    expect(record.begun).toBe(1);
  });

  test("not where their stores are two", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(10, "done"));
    await clock.until(parallel({ a: withCache(agent), b: withCache(agent) }).run("x", { clock }));
    expect(record.begun).toBe(2);
  });

  test("share with a store that answers late, from the first look to the last write", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(10, "done"));
    const cached = withCache(agent, { store: slowStore(clock, 100) });
    const runs: ReturnType<typeof begin>[] = [];
    // At 0 the first looks, at 100 it works, at 110 it writes, at 210 it is done.
    for (const atMs of [0, 50, 99, 100, 105, 110, 150, 209]) {
      await clock.advance(atMs - clock.now());
      runs.push(begin(cached, clock));
    }
    await clock.runAll();
    for (const { result } of runs) expect(await result).toMatchObject(given("done"));
    expect(record.begun).toBe(1);
    // The last one got it when it came: all but the first need not wait for the write.
    expect(clock.now()).toBe(210);
    expect(await clock.until(cached.run("x", { clock }))).toBe("done");
    expect(record.begun).toBe(1);
  });

  test("share what the store has", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(10, "done"));
    const store = slowStore(clock, 100);
    await clock.until(withCache(agent, { store }).run("x", { clock }));
    const looks: string[] = [];
    const counted: CacheStore = {
      ...store,
      get: (key, nowMs) => {
        looks.push(key.text);
        return store.get(key, nowMs);
      },
    };
    const cached = withCache(agent, { store: counted });
    const runs = [begin(cached, clock), begin(cached, clock)];
    await clock.runAll();
    for (const { result } of runs) expect(await result).toMatchObject(given("done"));
    expect([record.begun, looks.length]).toEqual([1, 1]);
  });

  test("each parses what it gets by its own schema", async () => {
    const clock = createVirtualClock();
    let parses = 0;
    const agent = defineAgent({
      name: "slow",
      description: "Counts its parses.",
      input: z.string(),
      output: z.number().transform((n) => n + ++parses),
      execute: async (_input, ctx) => {
        await sleep(10, ctx);
        return 10;
      },
    });
    const cached = withCache(agent);
    const runs = Array.from({ length: 3 }, () => cached.run("x", { clock }));
    await clock.runAll();
    expect(await Promise.all(runs)).toEqual([11, 12, 13]);
  });
});

describe("a failure of the agent", () => {
  test("is everybody's, each told in the words of its own run, and is not kept", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(async (call, _input, ctx) => {
      await sleep(10, ctx);
      if (call === 1) throw new Error("busy");
      return call;
    });
    const cached = withCache(agent);
    const runs = Array.from({ length: 3 }, () => begin(cached, clock));
    await clock.runAll();
    const ids = new Set<string | undefined>();
    for (const { result } of runs) {
      const outcome = await result;
      expect(outcome).toMatchObject({
        ok: false,
        error: { code: "EXECUTION", agent: "slow", message: /busy/ },
      });
      ids.add(outcome.ok ? undefined : outcome.error.runId);
    }
    expect([ids.size, record.begun]).toEqual([3, 1]);
    expect(await clock.until(cached.run("x", { clock }))).toBe(2);
  });

  test("may be that it broke its contract, or had its time by a policy of its own", async () => {
    const clock = createVirtualClock();
    let calls = 0;
    const wrong = defineAgent({
      name: "wrong",
      description: "Gives the wrong thing.",
      input: z.unknown(),
      output: z.number(),
      execute: async (_input, ctx) => {
        calls++;
        await sleep(10, ctx);
        return Number.NaN;
      },
    });
    const { agent, record } = slowAgent(after(1_000, "late"));
    const tight = withCache(withPolicy(agent, { timeoutMs: 100 }));
    for (const [cached, code] of [
      [withCache(wrong), "VALIDATION_OUTPUT"],
      [tight, "TIMEOUT"],
    ] as const) {
      const runs = [begin(cached, clock), begin(cached, clock)];
      await clock.runAll();
      for (const { result } of runs) expect(await result).toMatchObject({ ok: false, error: { code } });
    }
    expect([calls, record.begun]).toEqual([1, 1]);
  });

  test("is told as one of the stage where it shows, with what shall become of the record", async () => {
    const clock = createVirtualClock();
    const { agent } = slowAgent(async (_call, _input, ctx) => {
      await sleep(10, ctx);
      throw new Error("busy");
    });
    const cached = withCache(withPolicy(agent, { onError: "drop" }));
    const both = parallel({ a: cached, b: cached }, { settled: true });
    const { a, b } = await clock.until(both.run("x", { clock }));
    for (const [result, stage] of [
      [a, "a"],
      [b, "b"],
    ] as const) {
      expect(result).toMatchObject({
        ok: false,
        disposition: "drop",
        error: { code: "EXECUTION", stage, agent: "slow" },
      });
    }
    expect(b).toMatchObject({ error: { cause: { code: "EXECUTION", stage: "a" } } });
  });

  test("is no failure of others when it is the run's: what was spent, or cancelled", async () => {
    const clock = createVirtualClock();
    const ends = [
      new AtomicError("BUDGET_EXCEEDED", "spent", {
        details: { kind: "calls", limit: 1, spent: 1, asked: 1 },
      }),
      new AtomicError("CANCELLED", "cancelled", { details: { reason: "enough" } }),
    ];
    for (const end of ends) {
      const { agent, record } = slowAgent(async (call, _input, ctx) => {
        await sleep(10, ctx);
        if (call === 1) throw end;
        return call;
      });
      const cached = withCache(agent);
      const runs = Array.from({ length: 3 }, () => begin(cached, clock));
      await clock.runAll();
      expect(await runs[0]?.result).toMatchObject({ ok: false });
      expect(await runs[1]?.result).toMatchObject(given(2));
      expect(await runs[2]?.result).toMatchObject(given(2));
      expect(record.begun).toBe(2);
    }
  });
});

describe("when the call that executes is given up on", () => {
  // The times of the first one: looking from 0, working from 100, writing from 200, done at 300.
  const make = () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(100, "done"));
    const store = slowStore(clock, 100);
    return { clock, record, store, cached: withCache(agent, { store }) };
  };

  test.each([
    ["while it looks", 50, 1],
    ["while it works", 150, 2],
    ["while it writes", 250, 1],
  ])("%s, the next takes over", async (_when, cancelAtMs, expectedCalls) => {
    const { clock, record, cached } = make();
    const first = begin(cached, clock);
    await clock.advance(10);
    const others = [begin(cached, clock), begin(cached, clock)];
    await clock.advance(cancelAtMs - 10);
    first.cancel();
    expect(await first.result).toMatchObject(cancelled);
    await clock.runAll();
    for (const { result } of others) expect(await result).toMatchObject(given("done"));
    expect(record.begun).toBe(expectedCalls);
    expect(record.most).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    expect(await clock.until(cached.run("x", { clock }))).toBe("done");
    expect(record.begun).toBe(expectedCalls);
  });

  test("by its time, the next takes over, with its own time from when it came", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(async (call, _input, ctx) => {
      await sleep(call === 1 ? 10_000 : 60, ctx);
      return call;
    });
    const cached = withPolicy(withCache(agent), { timeoutMs: 100 });
    const first = begin(cached, clock);
    await clock.advance(30);
    const second = begin(cached, clock);
    await clock.advance(20);
    const third = begin(cached, clock);
    await clock.runAll();
    expect(await first.result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    // It took over at 100 and had until 130, which was not enough; the third began at 130 and had until 150.
    expect(await second.result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    expect(await third.result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    expect([record.begun, record.most, clock.now()]).toEqual([3, 1, 150]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("by the time of its run, likewise", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(100, "done"));
    const cached = withCache(agent);
    const first = begin(cached, clock, "x", 50);
    const second = begin(cached, clock);
    await clock.runAll();
    expect(await first.result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    expect(await second.result).toMatchObject(given("done"));
    expect([record.begun, clock.now()]).toEqual([2, 150]);
  });

  test("and all others, too, nothing goes on, and the next call begins anew", async () => {
    for (const atMs of [50, 150, 250]) {
      const { clock, record, cached } = make();
      const runs = Array.from({ length: 3 }, () => begin(cached, clock));
      await clock.advance(atMs);
      // The last one first, so that the order of arrival is not that of leaving.
      for (const { cancel } of runs.toReversed()) cancel();
      for (const [index, { result }] of runs.entries()) {
        // While the first one writes, the others have what they wanted.
        expect(await result).toMatchObject(atMs === 250 && index > 0 ? given("done") : cancelled);
      }
      // What the store does at that time goes on: the wait is over, the store is not.
      await clock.advance(0);
      expect(record.running).toBe(0);
      const before = record.begun;
      expect(await clock.until(cached.run("x", { clock }))).toBe("done");
      expect(record.begun - before).toBe(atMs === 250 ? 0 : 1);
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test("a late result of it lands nowhere", async () => {
    const clock = createVirtualClock();
    const release: ((output: string) => void)[] = [];
    const { agent } = slowAgent(
      () =>
        new Promise((resolve) => {
          release.push(resolve);
        }),
    );
    const store = new MemoryCache();
    const cached = withCache(agent, { store });
    const first = begin(cached, clock);
    const second = begin(cached, clock);
    await clock.settle();
    first.cancel();
    await clock.settle();
    release[0]?.("of the first");
    await clock.settle();
    expect(store.size).toBe(0);
    release[1]?.("of the second");
    await clock.settle();
    expect(await second.result).toMatchObject(given("of the second"));
    expect(await cached.run("x", { clock })).toBe("of the second");
  });

  test("a late failure of it is nobody's", async () => {
    const clock = createVirtualClock();
    const fail: ((error: Error) => void)[] = [];
    const { agent } = slowAgent(
      (call) =>
        new Promise((resolve, reject) => {
          fail.push(reject);
          if (call === 2) resolve("done");
        }),
    );
    const cached = withCache(agent);
    const first = begin(cached, clock);
    const second = begin(cached, clock);
    await clock.settle();
    first.cancel();
    fail[0]?.(new Error("late"));
    expect(await second.result).toMatchObject(given("done"));
  });
});

test("a call that is given up on begins no work, however close that is to the store's answer", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(10, "done"));
    const answers: (() => void)[] = [];
    const store: CacheStore = {
      get: () =>
        new Promise((resolve) => {
          answers.push(() => resolve(undefined));
        }),
      set: () => {},
      delete: () => {},
    };
    const cached = withCache(agent, { store });
    const first = begin(cached, clock);
    const second = begin(cached, clock);
    await clock.settle();
    answers[0]?.();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const begun = record.begun;
    first.cancel();
    expect(await first.result).toMatchObject(cancelled);
    // The other one looks for itself.
    await clock.settle();
    expect(record.begun).toBe(begun);
    expect(answers).toHaveLength(2);
    answers[1]?.();
    await clock.runAll();
    expect(await second.result).toMatchObject(given("done"));
    expect([record.begun, record.most]).toEqual([begun + 1, 1]);
  }
});

describe("who waits", () => {
  test("leaves at once when it is given up on, and leaves the others alone", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(after(100, "done"));
    const cached = withCache(agent);
    const runs = Array.from({ length: 4 }, () => begin(cached, clock));
    const hasty = withPolicy(cached, { timeoutMs: 50 });
    const timed = begin(hasty, clock);
    await clock.advance(20);
    runs[2]?.cancel();
    expect(await runs[2]?.result).toMatchObject(cancelled);
    expect(clock.now()).toBe(20);
    await clock.advance(30);
    expect(await timed.result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    runs[0]?.cancel();
    await clock.runAll();
    expect(await runs[1]?.result).toMatchObject(given("done"));
    expect(await runs[3]?.result).toMatchObject(given("done"));
    expect([record.begun, clock.now()]).toEqual([2, 150]);
  });

  test("does the work itself, all at a time, where what was made cannot be shared", async () => {
    const clock = createVirtualClock();
    const { agent, record } = slowAgent(async (call, _input, ctx) => {
      await sleep(10, ctx);
      return () => call;
    });
    const cached = withCache(agent);
    const runs = Array.from({ length: 5 }, () => begin(cached, clock));
    await clock.runAll();
    const calls = await Promise.all(
      runs.map(async ({ result }) => {
        const outcome = await result;
        return outcome.ok ? (outcome.output as () => number)() : undefined;
      }),
    );
    expect(calls).toEqual([1, 2, 3, 4, 5]);
    expect([record.most, clock.now()]).toEqual([4, 20]);
  });

  test("does the work itself where its own schema refuses what was made", async () => {
    const clock = createVirtualClock();
    const store = new MemoryCache();
    let calls = 0;
    const make = <TOutput extends z.ZodType<number, number>>(output: TOutput) =>
      defineAgent({
        name: "same name",
        description: "Gives a number.",
        input: z.string(),
        output,
        execute: async (_input, ctx) => {
          await sleep(10, ctx);
          return ++calls;
        },
      });
    const late = z.number().refine(async (n) => n > 1);
    const agents = [z.number(), z.number().min(2), late].map((output) => withCache(make(output), { store }));
    const runs = agents.map((cached) => cached.run("x", { clock }));
    await clock.runAll();
    expect(await Promise.all(runs)).toEqual([1, 2, 3]);
  });

  test("does not wait for itself", async () => {
    const clock = createVirtualClock();
    let depth = 0;
    const agent: Agent<unknown, unknown> = defineAgent({
      name: "recursive",
      description: "Asks itself the same thing.",
      input: anything(),
      output: anything(),
      execute: async (input, ctx) => {
        depth++;
        await sleep(1, ctx);
        return depth < 3 ? [await cached.run(input, ctx)] : "end";
      },
    });
    const cached = withCache(agent);
    expect(await clock.until(cached.run("x", { clock }))).toEqual([["end"]]);
    expect(clock.now()).toBe(3);
  });
});

test("whatever is begun and given up on when, nobody works twice at a time, and everybody else gets the output", async () => {
  const call = fc.record({
    atMs: fc.nat(400),
    input: fc.nat(1),
    /** After how long the caller gives up; never when undefined. */
    cancelAfterMs: fc.option(fc.nat(300), { nil: undefined }),
  });
  const plan = fc.record({
    calls: fc.array(call, { minLength: 1, maxLength: 12 }),
    workMs: fc.constantFrom(0, 1, 50, 100),
    storeMs: fc.constantFrom(undefined, 0, 10, 60),
    maxAgeMs: fc.constantFrom(1, 80, 10_000),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ calls, workMs, storeMs, maxAgeMs }) => {
      const clock = createVirtualClock();
      const agents = [slowAgent(after(workMs, "zero")), slowAgent(after(workMs, "one"))] as const;
      const store = storeMs === undefined ? new MemoryCache() : slowStore(clock, storeMs);
      // Each input has a cache of its own configuration around the one store.
      const [zero, one] = [
        withCache(agents[0].agent, { store, maxAgeMs }),
        withCache(agents[1].agent, { store, maxAgeMs, config: 1 }),
      ];
      const outcomes: Promise<unknown>[] = [];
      let succeeded = 0;
      for (const { atMs, input, cancelAfterMs } of calls) {
        clock.setTimer(() => {
          const run = begin(input === 0 ? zero : one, clock);
          let wasCancelled = false;
          if (cancelAfterMs !== undefined) {
            clock.setTimer(() => {
              wasCancelled = true;
              run.cancel();
            }, cancelAfterMs);
          }
          outcomes.push(
            run.result.then((result) => {
              if (result.ok) {
                succeeded++;
                expect(result.output).toBe(input === 0 ? "zero" : "one");
              } else {
                expect(wasCancelled).toBe(true);
                expect(result.error.code).toBe("CANCELLED");
              }
            }),
          );
        }, atMs);
      }
      await clock.runAll();
      await Promise.all(outcomes);
      expect(outcomes).toHaveLength(calls.length);
      for (const { record } of agents) {
        expect(record.most).toBeLessThanOrEqual(1);
        expect(record.running).toBe(0);
      }
      expect(succeeded > 0 || calls.every(({ cancelAfterMs }) => cancelAfterMs !== undefined)).toBe(true);
      if (maxAgeMs === 10_000) {
        for (const [index, { record }] of agents.entries()) {
          const own = calls.filter(({ input }) => input === index);
          const givenUp = own.filter(({ cancelAfterMs }) => cancelAfterMs !== undefined).length;
          // One more than were given up on is enough.
          expect(record.begun).toBeLessThanOrEqual(givenUp + 1);
        }
      }
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});

test("an entry that a store gives is not the callers' to change", async () => {
  const entries: CacheEntry[] = [];
  const clock = createVirtualClock();
  const store: CacheStore = {
    get: () => entries[0],
    set: (_key, entry) => void entries.push(entry),
    delete: () => {},
  };
  const { agent } = slowAgent(after(1, { list: [1] }));
  const cached = withCache(agent, { store });
  for (let round = 0; round < 3; round++) {
    const output = (await clock.until(cached.run("x", { clock }))) as { list: number[] };
    output.list.push(2);
  }
  expect(entries).toHaveLength(1);
  expect(entries[0]?.output).toEqual({ list: [1] });
});
