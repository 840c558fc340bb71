import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Context,
  createResources,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  resource,
  type Resource,
  type ResourcePoolOptions,
  sleep,
  withPolicy,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

/** A pool of numbered things that notes how many there are, and of a number that is lent twice. */
function numbered(pool: ResourcePoolOptions, createMs = 0) {
  const seen = { made: 0, disposed: 0, held: new Set<number>(), most: 0, twice: 0 };
  const connection = resource("connection", {
    create: async (ctx) => {
      if (createMs > 0) await sleep(createMs, ctx);
      return ++seen.made;
    },
    dispose: () => void seen.disposed++,
    pool,
  });
  const hold = (value: number): void => {
    if (seen.held.has(value)) seen.twice++;
    seen.held.add(value);
    seen.most = Math.max(seen.most, seen.held.size);
  };
  return { seen, connection, hold };
}

/** Uses what it gets for as long as its input says. */
const holding = (asked: Resource<unknown>) =>
  agent("holding", async (input, ctx) => {
    const value = await ctx.use(asked);
    await sleep(Number(input), ctx);
    return value;
  });

describe("a pool", () => {
  test("makes as many as are needed at a time, and lends them again", async () => {
    const clock = createVirtualClock();
    const { seen, connection } = numbered({ size: 3 });
    const { result } = mapItems(holding(connection), { concurrency: 2 }).start([10, 10, 10, 10], { clock });
    expect(await clock.until(result)).toMatchObject({ ok: true });
    expect([seen.made, seen.disposed]).toEqual([2, 2]);
    const wide = mapItems(holding(connection), { concurrency: 10 }).start([10, 10, 10, 10, 10], { clock });
    expect(await clock.until(wide.result)).toMatchObject({ ok: true });
    expect([seen.made, seen.disposed, clock.pendingTimers]).toEqual([5, 5, 0]);
  });

  test("lends in the order in which was asked", async () => {
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const { connection } = numbered({ size: 1 }, 5);
    const order: number[] = [];
    const asking = agent("asking", async (input, ctx) => {
      await ctx.use(connection);
      order.push(Number(input));
      await sleep(10, ctx);
    });
    const runs = [0, 1, 2, 3, 4].map((input) => asking.start(input, { clock, resources }));
    await clock.advance(1);
    // One in the middle leaves; the others keep their places.
    runs[2]?.cancel();
    await clock.until(Promise.all(runs.map(({ result }) => result)));
    expect(order).toEqual([0, 1, 3, 4]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("gives one attempt the same one, however often it asks, and binds it each time", async () => {
    const clock = createVirtualClock();
    let made = 0;
    let bound = 0;
    const connection = resource("connection", {
      create: () => ++made,
      bind: (value) => [value, ++bound],
      pool: { size: 1 },
    });
    const asking = agent("asking", async (_input, ctx) => {
      const both = Promise.all([ctx.use(connection), ctx.use(connection)]);
      return [...(await both), await ctx.use(connection)];
    });
    expect(await clock.until(asking.run("in", { clock }))).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  test("gives each attempt and each stage one of its own", async () => {
    const clock = createVirtualClock();
    const { connection } = numbered({ size: 2 });
    const free = agent("free", (_input, ctx) => ctx.use(connection));
    expect(await clock.until(pipeline("p").stage("a", free).stage("b", free).run("in", { clock }))).toBe(1);
    // What asks while it holds one gets another, for the agent inside is an attempt of its own.
    const nested = agent("nested", async (input, ctx) => [
      await ctx.use(connection),
      await free.run(input, ctx),
    ]);
    expect(await clock.until(nested.run("in", { clock }))).toEqual([2, 3]);
  });

  test("that an agent inside would wait for in vain tells so after maxWaitMs", async () => {
    const clock = createVirtualClock();
    const { connection } = numbered({ size: 1, maxWaitMs: 500 });
    const free = agent("free", (_input, ctx) => ctx.use(connection));
    const nested = agent("nested", async (input, ctx) => [
      await ctx.use(connection),
      await free.run(input, ctx),
    ]);
    expect(await clock.until(nested.tryRun("in", { clock }))).toMatchObject({
      error: {
        code: "RESOURCE",
        agent: "free",
        message: 'Resource "connection" was not free in time: none of 1 for 500 ms',
        retryable: true,
        details: { resource: "connection", phase: "wait" },
      },
    });
    expect([clock.now(), clock.pendingTimers]).toEqual([500, 0]);
  });

  test("waits 30 seconds for one, and lets 1,000 wait, unless it says otherwise", async () => {
    const clock = createVirtualClock();
    const { connection } = numbered({ size: 1 });
    const all = mapItems(holding(connection), { concurrency: 1_005, settled: true });
    const outcomes = await clock.until(all.run(Array<number>(1_005).fill(31_000), { clock }));
    const texts = outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.error.message));
    expect(texts[0]).toBe("ok");
    expect(new Set(texts.slice(1, 1_001))).toEqual(
      new Set(['Resource "connection" was not free in time: none of 1 for 30000 ms']),
    );
    expect(new Set(texts.slice(1_001))).toEqual(
      new Set([
        'Resource "connection" was not free in time: all 1 are in use, and 1000 attempts wait for one',
      ]),
    );
  });

  test("with maxWaiting 0 refuses at once what it cannot serve, but makes what it may", async () => {
    const clock = createVirtualClock();
    const { connection } = numbered({ size: 2, maxWaiting: 0 }, 10);
    const all = mapItems(holding(connection), { settled: true });
    const outcomes = await clock.until(all.run([100, 100, 100], { clock }));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(clock.now()).toBe(110);
  });

  test("makes the run wait, and no longer than it does", async () => {
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const { connection } = numbered({ size: 1 });
    const first = holding(connection).start(100, { clock, resources });
    const second = holding(connection).start(100, { clock, resources });
    await clock.advance(50);
    expect([first.status, second.status, second.report().status]).toEqual(["running", "waiting", "waiting"]);
    await clock.advance(100);
    expect([first.status, second.status]).toEqual(["success", "running"]);
    await clock.until(second.result);
    expect([second.status, clock.pendingTimers]).toEqual(["success", 0]);
  });
});

describe("what is lent comes back at the end of the attempt", () => {
  const { connection } = numbered({ size: 1, maxWaiting: 0 });
  const never = () => new Promise<never>(() => {});
  const ends: Readonly<Record<string, (ctx: Context) => unknown>> = {
    "when it succeeds": () => "out",
    "when it fails": () => Promise.reject(new Error("refused")),
    "when it times out": never,
    "when it times out and listens": (ctx) => sleep(1_000_000, ctx),
    "when it goes on regardless": (ctx) =>
      new Promise((resolve) => void ctx.clock.setTimer(() => resolve("late"), 5_000)),
  };
  test.each(Object.entries(ends))("%s", async (_how, end) => {
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const asking = agent("asking", async (_input, ctx) => {
      await ctx.use(connection);
      return end(ctx);
    });
    await clock.until(withPolicy(asking, { timeoutMs: 100 }).tryRun("in", { clock, resources }));
    const free = agent("free", (_input, ctx) => ctx.use(connection));
    expect(await clock.until(free.tryRun("in", { clock, resources }))).toMatchObject({ ok: true });
    const cancelled = asking.start("in", { clock, resources });
    await clock.advance(1);
    cancelled.cancel();
    expect(await clock.until(free.tryRun("in", { clock, resources }))).toMatchObject({ ok: true });
    await resources.close();
    await clock.runAll();
  });

  test("whether or not its output fits, and before the next stage begins", async () => {
    const asking = agent("asking", (_input, ctx) => ctx.use(connection));
    const next = agent("next", (_input, ctx) => ctx.use(connection));
    const chain = pipeline("p").stage(asking).stage(next);
    expect(await chain.tryRun("in")).toMatchObject({ ok: true });
    const strict = defineAgent({
      name: "strict",
      description: "Never gives what it says.",
      input: anything(),
      output: {
        "~standard": { version: 1, vendor: "custom", validate: () => ({ issues: [{ message: "no" }] }) },
      },
      execute: (_input, ctx) => ctx.use(connection) as never,
    });
    const resources = createResources();
    expect(await strict.tryRun("in", { resources })).toMatchObject({ error: { code: "VALIDATION_OUTPUT" } });
    expect(await chain.tryRun("in", { resources })).toMatchObject({ ok: true });
    await resources.close();
  });

  test("when what was bound to it fails, at the latest", async () => {
    let fails = true;
    const session = resource("session", {
      create: () => "session",
      bind: (value) => {
        if (fails) throw new Error("no session");
        return value;
      },
      pool: { size: 1, maxWaiting: 0 },
    });
    const resources = createResources();
    const asking = agent("asking", (_input, ctx) => ctx.use(session));
    expect(await asking.tryRun("in", { resources })).toMatchObject({ error: { code: "RESOURCE" } });
    fails = false;
    expect(await asking.tryRun("in", { resources })).toMatchObject({ ok: true });
    await resources.close();
  });

  test("also when it was to undo something", async () => {
    const clock = createVirtualClock();
    const lines: unknown[] = [];
    const step = (name: string) =>
      withUndo(
        agent(name, (_input, ctx) => ctx.use(connection)),
        async (_output, _input, ctx) => void lines.push(await ctx.use(connection)),
      );
    const bad = agent("bad", () => Promise.reject(new Error("refused")));
    await clock.until(pipeline("p").stage(step("a")).stage(step("b")).stage(bad).tryRun("in", { clock }));
    expect(lines).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });
});

test("one that is lent at the very moment at which the attempt is given up on is not lost", async () => {
  // Give up at each step between the answer and the code that hears of it.
  for (let steps = 0; steps < 12; steps++) {
    for (const how of ["returned", "made"] as const) {
      const clock = createVirtualClock();
      const resources = createResources({ clock });
      let answer: (() => void) | undefined;
      const connection = resource("connection", {
        create: () =>
          new Promise<string>((resolve) => {
            answer = () => resolve("made");
            if (how === "returned") answer();
          }),
        pool: { size: 1, maxWaiting: 1 },
      });
      const holder = agent("holder", async (_input, ctx) => {
        await ctx.use(connection);
        await sleep(100, ctx);
      });
      if (how === "returned") holder.start("in", { clock, resources });
      const run = agent("asking", (_input, ctx) => ctx.use(connection)).start("in", { clock, resources });
      await clock.settle();
      const giveUp = async () => {
        for (let step = 0; step < steps; step++) await Promise.resolve();
        run.cancel();
      };
      if (how === "made") {
        answer?.();
        await giveUp();
      } else {
        clock.setTimer(() => void giveUp(), 100);
        await clock.advance(100);
      }
      await run.result;
      // Whoever comes next has it at once.
      const next = agent("next", (_input, ctx) => ctx.use(connection)).start("in", { clock, resources });
      await clock.settle();
      expect([how, steps, next.status, clock.pendingTimers]).toEqual([how, steps, "success", 0]);
    }
  }
});

describe("one that cannot be made", () => {
  test("is told to whoever waits longest; those behind have a try of their own", async () => {
    const clock = createVirtualClock();
    let calls = 0;
    const flaky = resource("flaky", {
      create: async (ctx) => {
        const call = ++calls;
        await sleep(10, ctx);
        if (call <= 2) throw new Error(`refused ${call}`);
        return call;
      },
      pool: { size: 2 },
    });
    const asking = agent("asking", async (_input, ctx) => {
      const value = await ctx.use(flaky);
      await sleep(100, ctx);
      return value;
    });
    const all = mapItems(asking, { settled: true });
    const outcomes = await clock.until(all.run([0, 1, 2, 3], { clock }));
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.output : outcome.error.message))).toEqual([
      'Resource "flaky" could not be made: refused 1',
      'Resource "flaky" could not be made: refused 2',
      3,
      4,
    ]);
    expect([clock.now(), clock.pendingTimers]).toEqual([120, 0]);
  });

  test("may be asked for again in the same attempt", async () => {
    let calls = 0;
    const flaky = resource("flaky", {
      create: () => {
        if (++calls === 1) throw new Error("refused");
        return calls;
      },
      pool: { size: 1 },
    });
    const stubborn = agent("stubborn", (_input, ctx) => ctx.use(flaky).catch(() => ctx.use(flaky)));
    expect(await stubborn.run("in")).toBe(2);
  });

  test("leaves a place that whoever waits for a lent one takes", async () => {
    const clock = createVirtualClock();
    let calls = 0;
    const flaky = resource("flaky", {
      create: async (ctx) => {
        const call = ++calls;
        await sleep(10, ctx);
        if (call === 2) throw new Error("refused");
        return call;
      },
      pool: { size: 2 },
    });
    const asking = agent("asking", async (input, ctx) => {
      const value = await ctx.use(flaky);
      await sleep(Number(input), ctx);
      return [value, clock.now()];
    });
    const all = mapItems(asking, { settled: true });
    // The first keeps its own for long; the second's fails; the third waits behind, and need not wait for the first.
    const outcomes = await clock.until(all.run([1_000, 5, 5], { clock }));
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.output : outcome.error.code))).toEqual([
      [1, 1_010],
      "RESOURCE",
      [3, 25],
    ]);
  });

  test("ends every wait, however long it goes on", async () => {
    const clock = createVirtualClock();
    let calls = 0;
    const down = resource("down", {
      create: () => {
        calls++;
        throw new Error("down");
      },
      pool: { size: 3 },
    });
    const all = mapItems(
      agent("asking", (_input, ctx) => ctx.use(down)),
      { settled: true, concurrency: 50 },
    );
    const outcomes = await clock.until(all.run(Array<number>(50).fill(0), { clock }));
    expect(outcomes.every(({ ok }) => !ok)).toBe(true);
    expect([calls, clock.now(), clock.pendingTimers]).toEqual([50, 0, 0]);
  });
});

describe("a set that is closed", () => {
  test("sends those away who wait, disposes of what is lent, and takes nothing back", async () => {
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const { seen, connection } = numbered({ size: 1 });
    const first = holding(connection).start(100, { clock, resources });
    const second = holding(connection).start(100, { clock, resources });
    await clock.advance(50);
    await clock.until(resources.close());
    expect([seen.made, seen.disposed, resources.size]).toEqual([1, 1, 0]);
    expect(await clock.until(second.result)).toMatchObject({
      error: {
        code: "RESOURCE",
        message: 'Resource "connection" was not free in time: the set of resources is closed',
        details: { phase: "wait" },
      },
    });
    expect(await clock.until(first.result)).toMatchObject({ ok: true });
    const third = await holding(connection).tryRun(100, { clock, resources });
    expect(third).toMatchObject({ error: { code: "RESOURCE", details: { phase: "create" } } });
    expect([seen.made, seen.disposed, clock.pendingTimers]).toEqual([1, 1, 0]);
  });

  test("while one is made: it is disposed of", async () => {
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const lines: string[] = [];
    const slow = resource("slow", {
      create: () => new Promise<string>((resolve) => void clock.setTimer(() => resolve("made"), 100)),
      dispose: (value) => void lines.push(`dispose ${value}`),
      pool: { size: 2 },
    });
    const run = holding(slow).start(0, { clock, resources });
    await clock.advance(50);
    const closing = resources.close();
    expect(await clock.until(run.result)).toMatchObject({ error: { code: "RESOURCE" } });
    await clock.until(closing);
    expect([lines, clock.now(), clock.pendingTimers]).toEqual([["dispose made"], 100, 0]);
  });
});

test("no more than size are lent at a time, fairly, and all come back, whatever happens", async () => {
  const plan = fc.record({
    startMs: fc.nat(60),
    holdMs: fc.nat(40),
    end: fc.constantFrom("succeeds", "fails", "times out", "is cancelled"),
    endMs: fc.nat(80),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        size: fc.integer({ min: 1, max: 3 }),
        maxWaiting: fc.integer({ min: 0, max: 6 }),
        maxWaitMs: fc.integer({ min: 1, max: 60 }),
        createMs: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
        failing: fc.array(fc.boolean(), { maxLength: 6 }),
        plans: fc.array(plan, { minLength: 1, maxLength: 14 }),
      }),
      async ({ size, maxWaiting, maxWaitMs, createMs, failing, plans }) => {
        const clock = createVirtualClock();
        const resources = createResources({ clock });
        let made = 0;
        let live = 0;
        let mostLive = 0;
        const lent = new Map<number, object>();
        const granted: (readonly [asked: number, grantedMs: number])[] = [];
        let asked = 0;
        let calls = 0;
        let isCalm = false;
        const connection = resource("connection", {
          create: async (ctx) => {
            const call = calls++;
            await sleep(isCalm ? 0 : (createMs[call % createMs.length] ?? 0), ctx);
            if (!isCalm && failing[call] === true) throw new Error("refused");
            live++;
            mostLive = Math.max(mostLive, live);
            return ++made;
          },
          dispose: () => void live--,
          // An attempt is known by its context, as the pool knows it.
          bind: (value, ctx) => {
            const holder = lent.get(value);
            if (holder !== undefined && holder !== ctx && !isOver(holder)) throw new Error("lent twice");
            lent.set(value, ctx);
            return value;
          },
          pool: { size, maxWaiting, maxWaitMs },
        });
        const over = new WeakSet();
        const isOver = (ctx: object): boolean => over.has(ctx);
        const problems: string[] = [];
        const runs = plans.map(({ startMs, holdMs, end, endMs }) => {
          const asking = agent("asking", async (_input, ctx) => {
            const ask = asked++;
            const onOver = (): void => void over.add(ctx);
            ctx.signal.addEventListener("abort", onOver);
            try {
              await ctx.use(connection);
              granted.push([ask, clock.now()]);
              const now = [...lent.values()].filter((holder) => !isOver(holder)).length;
              if (now > size) problems.push(`${now} lent of ${size}`);
              await sleep(holdMs, ctx);
              if (end === "fails") throw new Error("refused");
            } catch (thrown) {
              if (String((thrown as Error).message).includes("lent twice")) problems.push("lent twice");
              throw thrown;
            } finally {
              onOver();
            }
          });
          const tested = end === "times out" ? withPolicy(asking, { timeoutMs: endMs + 1 }) : asking;
          return new Promise<void>((resolve) => {
            clock.setTimer(() => {
              const run = tested.start("in", { clock, resources });
              if (end === "is cancelled") clock.setTimer(() => run.cancel(), endMs);
              void run.result.then(() => {
                if (run.status === "waiting") problems.push("still waiting");
                resolve();
              });
            }, startMs);
          });
        });
        await clock.until(Promise.all(runs));
        await clock.runAll();
        expect(problems).toEqual([]);
        expect(mostLive).toBeLessThanOrEqual(size);
        // Who asked earlier and got one got it no later.
        const inOrder = granted.toSorted(([a], [b]) => a - b).map(([, ms]) => ms);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
        // All came back: as many as there may be are to be had at once.
        isCalm = true;
        const held = agent("held", async (_input, ctx) => {
          await ctx.use(connection);
          await sleep(1_000, ctx);
        });
        const again = Array.from({ length: size }, () => held.start("in", { clock, resources }));
        await clock.advance(50);
        expect(again.map(({ status }) => status)).toEqual(again.map(() => "running"));
        await clock.until(Promise.all(again.map(({ result }) => result)));
        await resources.close();
        expect([live, resources.size, clock.pendingTimers]).toEqual([0, 0, 0]);
      },
    ),
  );
});

test("siblings that are stopped give back what they hold, and leave the line", async () => {
  const clock = createVirtualClock();
  const resources = createResources({ clock });
  const { seen, connection } = numbered({ size: 2 });
  const failing = agent("failing", async (_input, ctx) => {
    await sleep(50, ctx);
    throw new Error("refused");
  });
  const hold = holding(connection);
  const all = parallel({ a: hold, b: hold, c: hold, d: hold, failing });
  expect(await clock.until(all.tryRun(1_000, { clock, resources }))).toMatchObject({ ok: false });
  expect(await clock.until(hold.tryRun(0, { clock, resources }))).toMatchObject({ ok: true });
  expect([seen.made, clock.now()]).toEqual([2, 50]);
  await resources.close();
  expect(clock.pendingTimers).toBe(0);
});
