import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent, type VirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ConcurrencyLimit,
  type ConcurrencyLimitOptions,
  defineAgent,
  type Middleware,
  pipeline,
  withConcurrencyLimit,
  withPolicy,
} from "../index.ts";

const busy = new Error("busy");

/** An agent that takes 10 ms, behind a limit. */
function limited(options: ConcurrencyLimitOptions) {
  const clock = createVirtualClock();
  const limit = new ConcurrencyLimit(options);
  const slow = scriptedAgent({ name: "slow", script: [{ output: "done", delayMs: 10 }] });
  const agent = withConcurrencyLimit(slow, limit);
  const started = () =>
    slow.calls.map(({ input, startedAtMs }) => `${String(input)}@${startedAtMs}`).join(" ");
  return { clock, limit, slow, agent, started };
}

describe("places", () => {
  test("so many calls run at a time; the others wait, and begin in the order in which they came", async () => {
    const { clock, limit, slow, agent, started } = limited({ max: 2 });
    const runs = Promise.all(["a", "b", "c", "d", "e"].map((input) => agent.run(input, { clock })));
    expect([limit.active, limit.waiting]).toEqual([2, 3]);
    await clock.advance(10);
    expect([limit.active, limit.waiting]).toEqual([2, 1]);
    expect(await clock.until(runs)).toEqual(["done", "done", "done", "done", "done"]);
    expect(started()).toBe("a@0 b@0 c@10 d@10 e@20");
    expect(slow.maxConcurrent).toBe(2);
    expect([limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("nobody who comes when a place is handed on overtakes who waits", async () => {
    const { clock, agent, started } = limited({ max: 1 });
    const first = agent.run("first", { clock });
    const second = agent.run("second", { clock });
    // Called by whoever sees the first one end, before the second has begun.
    const third = first.then(() => agent.run("third", { clock }));
    await clock.until(Promise.all([second, third]));
    expect(started()).toBe("first@0 second@10 third@20");
  });

  test.each<[string, object]>([
    ["gives a value", { output: "done" }],
    ["throws", { error: busy }],
    ["gives a promise", { output: "done", delayMs: 1 }],
    ["rejects", { error: busy, delayMs: 1 }],
  ])("one is free again when its call %s", async (_how, line) => {
    const clock = createVirtualClock();
    const limit = new ConcurrencyLimit({ max: 1 });
    const agent = withConcurrencyLimit(scriptedAgent({ script: [line as { output: unknown }] }), limit);
    await clock.until(agent.tryRun("in", { clock }));
    expect(limit.active).toBe(0);
    await clock.until(Promise.all([agent.tryRun("in", { clock }), agent.tryRun("in", { clock })]));
    expect([limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("one is free again, once, when its attempt is given up on, though the work goes on", async () => {
    const clock = createVirtualClock();
    const limit = new ConcurrencyLimit({ max: 1 });
    const deaf = scriptedAgent({ script: [{ output: "late", delayMs: 100, ignoreAbort: true }] });
    const agent = withConcurrencyLimit(deaf, limit);
    const hasty = withPolicy(agent, { timeoutMs: 10 }).tryRun("first", { clock });
    const patient = [1, 2].map((input) => agent.run(input, { clock }));
    await clock.advance(10);
    expect(await hasty).toMatchObject({ error: { code: "TIMEOUT" } });
    expect([limit.active, limit.waiting, deaf.running]).toEqual([1, 1, 2]);
    // The first one's work ends, which frees nothing more.
    await clock.advance(95);
    expect([limit.active, limit.waiting, deaf.running]).toEqual([1, 1, 1]);
    await clock.until(Promise.all(patient));
    expect(deaf.calls.map((call) => call.startedAtMs)).toEqual([0, 10, 110]);
    expect([limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test.each<[string, () => unknown]>([
    ["gives a value", () => "late"],
    ["gives a promise", () => Promise.resolve("late")],
    ["throws", () => Promise.reject(busy)],
  ])("one is free again when its call cancels its own run and %s", async (_how, give) => {
    const limit = new ConcurrencyLimit({ max: 1 });
    const agent = withConcurrencyLimit(
      scriptedAgent({
        script: [
          () => {
            run.cancel("enough");
            return give();
          },
        ],
      }),
      limit,
    );
    const run = agent.start("in");
    expect(await run.result).toMatchObject({ error: { code: "CANCELLED" } });
    expect(limit.active).toBe(0);
  });

  test("a limit says what it is", () => {
    expect(new ConcurrencyLimit({ max: 3 }).max).toBe(3);
  });

  test("several agents share the places of one limit", async () => {
    const clock = createVirtualClock();
    const limit = new ConcurrencyLimit({ max: 1 });
    const agents = ["a", "b"].map((name) => scriptedAgent({ name, script: [{ output: name, delayMs: 10 }] }));
    const runs = agents.map((agent) => withConcurrencyLimit(agent, limit).run("in", { clock }));
    await clock.until(Promise.all(runs));
    expect(agents.map((agent) => agent.calls[0]?.startedAtMs)).toEqual([0, 10]);
  });
});

describe("waiting", () => {
  test("too many are refused at once", async () => {
    const { clock, slow, agent } = limited({ max: 1, maxWaiting: 1 });
    const runs = ["a", "b", "c"].map((input) => agent.tryRun(input, { clock }));
    const refused = await runs[2];
    expect(refused).toMatchObject({
      ok: false,
      error: { code: "RATE_LIMITED", agent: "slow", retryable: true, details: {} },
    });
    if (refused?.ok === false) expect(refused.error.details).not.toHaveProperty("retryAfterMs");
    await clock.until(Promise.all(runs));
    expect(slow.calls).toHaveLength(2);
  });

  test("with room for none a call runs at once or is refused", async () => {
    const { clock, agent } = limited({ max: 1, maxWaiting: 0 });
    const first = agent.tryRun("a", { clock });
    expect(await agent.tryRun("b", { clock })).toMatchObject({ error: { code: "RATE_LIMITED" } });
    expect(await clock.until(first)).toMatchObject({ ok: true });
  });

  test("a wait ends after maxWaitMs, on the clock of its run", async () => {
    const clock = createVirtualClock();
    const other = createVirtualClock();
    const limit = new ConcurrencyLimit({ max: 1, maxWaitMs: 50 });
    const never = withConcurrencyLimit(scriptedAgent({ script: [{ never: true }] }), limit);
    const holder = never.tryRun("holds the place", { clock });
    const onSame = never.tryRun("in", { clock });
    const onOther = never.tryRun("in", { clock: other });
    await clock.advance(49);
    expect(limit.waiting).toBe(2);
    await clock.advance(1);
    expect(await onSame).toMatchObject({ error: { code: "RATE_LIMITED", details: {} } });
    expect(limit.waiting).toBe(1);
    expect(await other.until(onOther)).toMatchObject({ error: { code: "RATE_LIMITED" } });
    expect([other.now(), limit.active, limit.waiting]).toEqual([50, 1, 0]);
    await clock.until(holder);
    expect([limit.active, clock.pendingTimers, other.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("whoever is given up on leaves at once, from any place, and is not called any more", async () => {
    for (const leaving of [1, 2, 3]) {
      const { clock, limit, agent, started } = limited({ max: 1 });
      const runs = [0, 1, 2, 3].map((input) => agent.start(input, { clock }));
      await clock.settle();
      runs[leaving]?.cancel("no longer");
      expect(limit.waiting).toBe(2);
      const results = await clock.until(Promise.all(runs.map((run) => run.result)));
      expect(results.map((result) => result.ok)).toEqual([0, 1, 2, 3].map((input) => input !== leaving));
      const rest = [0, 1, 2, 3].filter((input) => input !== leaving);
      expect(started()).toBe(rest.map((input, index) => `${input}@${index * 10}`).join(" "));
      expect([limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
    }
  });

  test("one that is given up on after it was called, before it began, hands its place on", async () => {
    const { clock, limit, agent, started } = limited({ max: 1 });
    const first = agent.start("first", { clock });
    const second = agent.start("second", { clock });
    const third = agent.start("third", { clock });
    await clock.settle();
    // Frees the place, and gives it to the second, which begins a microtask later.
    first.cancel("no longer");
    second.cancel("no longer");
    expect([limit.active, limit.waiting]).toEqual([1, 0]);
    expect(await clock.until(third.result)).toMatchObject({ ok: true });
    expect(started()).toBe("first@0 third@0");
    expect([limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("a wait whose stage has ended without it begins nothing", async () => {
    const { clock, limit, slow, agent } = limited({ max: 1 });
    const holder = agent.run("holds the place", { clock });
    const seen: unknown[] = [];
    const impatient: Middleware = (next, stage) => {
      if (stage.id !== "slow") return next;
      return async (input, ctx) => {
        const waiting = Promise.resolve(next(input, ctx));
        waiting.catch((error: unknown) => seen.push(error));
        return await Promise.race([waiting, Promise.resolve("instead")]);
      };
    };
    const after = scriptedAgent({ name: "after", script: [{ output: "after", delayMs: 100 }] });
    const chain = pipeline("p").stage(agent).use(impatient).stage(after);
    await clock.until(Promise.all([holder, chain.tryRun("in", { clock })]));
    expect(slow.calls.map((call) => call.input)).toEqual(["holds the place"]);
    expect(seen).toMatchObject([{ code: "CANCELLED" }]);
    expect([limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("the wait is part of the attempt", async () => {
    const { clock, limit, agent } = limited({ max: 1 });
    const hasty = withPolicy(agent, { timeoutMs: 15 });
    const results = Promise.all([hasty.tryRun("a", { clock }), hasty.tryRun("b", { clock })]);
    expect(await clock.until(results)).toMatchObject([{ ok: true }, { error: { code: "TIMEOUT" } }]);
    expect([clock.now(), limit.active]).toEqual([15, 0]);
  });
});

test("the limit holds, order is kept and every wait ends, whatever calls come, end and are given up when", async () => {
  const plan = fc.array(
    fc.record({
      gapMs: fc.nat(15),
      lastsMs: fc.nat(40),
      fails: fc.boolean(),
      /** Listens to its signal, so that it is over when it is given up on. */
      cancelledAfterMs: fc.option(fc.nat(60), { nil: undefined }),
    }),
    { maxLength: 40 },
  );
  const options = fc.record({
    max: fc.integer({ min: 1, max: 4 }),
    maxWaiting: fc.nat(6),
    maxWaitMs: fc.integer({ min: 1, max: 100 }),
  });
  await fc.assert(
    fc.asyncProperty(options, plan, async (chosen, calls) => {
      const clock = createVirtualClock();
      const limit = new ConcurrencyLimit(chosen);
      const begun: number[] = [];
      let running = 0;
      const runs: Promise<string>[] = [];
      for (const [index, call] of calls.entries()) {
        await clock.advance(call.gapMs);
        runs.push(
          outcomeOf(clock, limit, call, () => {
            begun.push(index);
            running++;
            expect(running).toBeLessThanOrEqual(chosen.max);
            return () => running--;
          }),
        );
        expect(limit.active).toBeLessThanOrEqual(chosen.max);
        expect(limit.waiting).toBeLessThanOrEqual(chosen.maxWaiting);
        // Nobody waits while there is a free place.
        if (limit.waiting > 0) expect(limit.active).toBe(chosen.max);
      }
      await clock.runAll();
      const outcomes = await Promise.all(runs);
      expect(begun).toEqual(begun.toSorted((a, b) => a - b));
      expect(new Set(begun).size).toBe(begun.length);
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome === "ok" || outcome === "EXECUTION") expect(begun).toContain(index);
        else if (outcome === "RATE_LIMITED") expect(begun).not.toContain(index);
        else expect(outcome).toBe("CANCELLED");
      }
      expect([running, limit.active, limit.waiting, clock.pendingTimers]).toEqual([0, 0, 0, 0]);
    }),
  );
});

async function outcomeOf(
  clock: VirtualClock,
  limit: ConcurrencyLimit,
  call: { readonly lastsMs: number; readonly fails: boolean; readonly cancelledAfterMs: number | undefined },
  onBegin: () => () => void,
): Promise<string> {
  const agent = defineAgent({
    name: "called",
    description: "Takes as long as it is told.",
    input: anything(),
    output: anything(),
    execute: (_input, ctx): unknown => {
      const onEnd = onBegin();
      const end = (): unknown => {
        onEnd();
        if (call.fails) throw busy;
        return "done";
      };
      if (call.lastsMs === 0) return end();
      return new Promise<void>((resolve, reject) => {
        const timer = clock.setTimer(resolve, call.lastsMs);
        ctx.signal.addEventListener("abort", () => {
          timer.cancel();
          reject(new Error("aborted"));
        });
      }).then(end, onEnd);
    },
  });
  const controller = new AbortController();
  if (call.cancelledAfterMs !== undefined) clock.setTimer(() => controller.abort(), call.cancelledAfterMs);
  const guarded = withConcurrencyLimit(agent, limit);
  const result = await guarded.tryRun("in", { clock, signal: controller.signal });
  return result.ok ? "ok" : result.error.code;
}
