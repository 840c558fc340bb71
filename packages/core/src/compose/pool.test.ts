import {
  createVirtualClock,
  scriptedAgent,
  type ScriptLine,
  type VirtualClock,
} from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type Agent,
  type BalancingStrategy,
  defineAgent,
  describe as describeAgent,
  fastest,
  leastConnections,
  mapItems,
  parallel,
  pipeline,
  pool,
  type Result,
  roundRobin,
  untyped,
  withPolicy,
} from "../index.ts";

const busy = new Error("busy");
const first: BalancingStrategy = { name: "first", choose: () => 0 };
const strategies: readonly (readonly [string, () => BalancingStrategy])[] = [
  ["round-robin", roundRobin],
  ["least-connections", leastConnections],
  ["fastest", fastest],
  ["always the first", () => first],
];

const plays = (name: string, ...script: readonly ScriptLine<unknown, unknown>[]) =>
  scriptedAgent({ name, script });
const takes = (delayMs: number, name = "slow") => plays(name, { delayMs, output: name });
const good = () => plays("good", { output: "good" });
const bad = () => plays("bad", { error: busy });
const once = (agent: Agent<unknown, unknown>) => ({ agent, capacity: 1 });

/** Starts calls of an agent one after the other, all at one moment. */
const callAll = (
  agent: Agent<unknown, unknown>,
  count: number,
  clock: VirtualClock,
): Promise<Result<unknown>>[] =>
  Array.from({ length: count }, (_none, index) => agent.tryRun(index, { clock }));

describe("a pool", () => {
  test("gives each call to one replica, in turn, and counts", async () => {
    const clock = createVirtualClock();
    const replicas = pool([takes(10, "a"), takes(20, "a"), takes(30, "b")]);
    expect(replicas.replicas.map(({ id, agent }) => [id, agent])).toEqual([
      ["a", "a"],
      ["a-2", "a"],
      ["b", "b"],
    ]);
    const all = callAll(replicas, 4, clock);
    expect(replicas.replicas.map(({ active, calls }) => [active, calls])).toEqual([
      [2, 2],
      [1, 1],
      [1, 1],
    ]);
    const [before] = replicas.replicas;
    expect(before?.latencyMs).toBeUndefined();
    await clock.runAll();
    expect((await Promise.all(all)).map((result) => result.ok && result.output)).toEqual([
      "a",
      "a",
      "b",
      "a",
    ]);
    expect(replicas.replicas).toEqual([
      {
        id: "a",
        agent: "a",
        active: 0,
        capacity: Number.POSITIVE_INFINITY,
        calls: 2,
        failures: 0,
        latencyMs: 10,
      },
      {
        id: "a-2",
        agent: "a",
        active: 0,
        capacity: Number.POSITIVE_INFINITY,
        calls: 1,
        failures: 0,
        latencyMs: 20,
      },
      {
        id: "b",
        agent: "b",
        active: 0,
        capacity: Number.POSITIVE_INFINITY,
        calls: 1,
        failures: 0,
        latencyMs: 30,
      },
    ]);
    // What was looked at stays as it was.
    expect(before?.active).toBe(2);
  });

  test("of agents that need not wait does not wait", () => {
    const seen: string[] = [];
    const note = defineAgent({
      name: "note",
      description: "Notes its input.",
      input: z.string(),
      output: z.string(),
      execute: (text) => {
        seen.push(text);
        return text;
      },
    });
    const replicas = pool([once(untyped(note))]);
    void replicas.run("a");
    void replicas.run("b");
    seen.push("c");
    expect(seen).toEqual(["a", "b", "c"]);
    expect(replicas.replicas).toMatchObject([{ active: 0, calls: 2, failures: 0 }]);
  });

  test("has the schemas of its replicas where they share them, else the intersection and the union", async () => {
    const Text = z.object({ text: z.string() });
    const Long = z.object({ text: z.string().min(3) });
    const keep = (input: z.ZodType<{ text: string }>, output: z.ZodType<{ text: string }>) =>
      defineAgent({ name: "keep", description: "Hands on.", input, output, execute: (given) => given });
    const same = pool([keep(Text, Text), keep(Text, Text)]);
    expect(same.input).toBe(Text);
    expect(same.output).toBe(Text);
    const mixed = pool([keep(Text, Long), keep(Long, Text)]);
    expect(await mixed.input["~standard"].validate({ text: "ab" })).toMatchObject({
      issues: [{ path: ["text"] }],
    });
    expect(await mixed.input["~standard"].validate({ text: "abc" })).toEqual({ value: { text: "abc" } });
    expect(await mixed.output["~standard"].validate({ text: "ab" })).toEqual({ value: { text: "ab" } });
    expect(await mixed.run({ text: "abc" })).toEqual({ text: "abc" });
  });

  test("says what it is made of, and shows in report and paths which replica took the call", async () => {
    const replicas = pool([good(), once(good())], { name: "ask", capabilities: ["asking"] });
    expect(describeAgent(replicas)).toMatchObject({
      name: "ask",
      kind: "pool",
      description: "Gives each call to one of good, good-2.",
      capabilities: ["asking"],
      parts: [
        { id: "good", name: "good", kind: "agent" },
        { id: "good-2", name: "good", kind: "agent" },
      ],
    });
    await replicas.run("in");
    const run = pipeline("p").stage(replicas).start("in");
    await run.result;
    expect(run.report().stages).toMatchObject([{ id: "ask", stages: [{ id: "good-2", agent: "good" }] }]);
    expect(run.events.snapshot().find(({ type }) => type === "stage-start")).toMatchObject({ stage: "ask" });
    expect(() => Object.assign(replicas, { name: "other" })).toThrow(TypeError);
  });

  test("changes nothing in what it was given, and does not care what becomes of it", async () => {
    const given = Object.freeze([Object.freeze(once(good()))]);
    expect(await pool(given).run("in")).toBe("good");
    const list: Agent<unknown, unknown>[] = [good()];
    const replicas = pool(list);
    list.push(bad());
    expect(replicas.replicas).toHaveLength(1);
  });

  test("is one line for all runs and all places that use it", async () => {
    const clock = createVirtualClock();
    const probe = takes(10);
    const replicas = pool([{ agent: probe, capacity: 3 }]);
    const all = [
      mapItems(replicas, { concurrency: 8 }).run(["a", "b", "c", "d", "e"], { clock }),
      parallel({ one: replicas, two: replicas }).run("in", { clock }),
      replicas.run("in", { clock }),
    ];
    expect(replicas.waiting).toBe(5);
    await clock.until(Promise.all(all));
    expect(probe.calls).toHaveLength(8);
    expect(probe.maxConcurrent).toBe(3);
    expect(clock.now()).toBe(30);
  });
});

describe("capacity", () => {
  test("of one serves 1,000 callers, one at a time, in the order in which they came", async () => {
    const clock = createVirtualClock();
    const probe = takes(10);
    const replicas = pool([once(probe)]);
    const all = callAll(replicas, 1_000, clock);
    expect(replicas.waiting).toBe(999);
    const results = await clock.until(Promise.all(all));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(probe.calls.map(({ input }) => input)).toEqual(
      Array.from({ length: 1_000 }, (_none, index) => index),
    );
    expect(probe.maxConcurrent).toBe(1);
    expect(clock.now()).toBe(10_000);
    expect(clock.pendingTimers).toBe(0);
    expect(replicas).toMatchObject({ waiting: 0, replicas: [{ active: 0, calls: 1_000, failures: 0 }] });
  });

  test("is never exceeded, waits are in order and all end, whatever calls do", async () => {
    const line = fc.record({
      delayMs: fc.integer({ min: 0, max: 40 }),
      fails: fc.boolean(),
      startMs: fc.integer({ min: 0, max: 60 }),
      givesUpAfterMs: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined, freq: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...strategies),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.array(line, { minLength: 1, maxLength: 25 }),
        fc.boolean(),
        async ([, make], sizes, lines, failsToo) => {
          const clock = createVirtualClock();
          const begun: number[] = [];
          const most = sizes.map(() => 0);
          const probes = sizes.map((_size, at) => {
            const wanted = new Set<unknown>();
            return plays("probe", async (input, ctx) => {
              const given = lines[Number(input)];
              if (given === undefined) throw new Error("unreachable: the input is an index");
              begun.push(Number(input));
              wanted.add(input);
              ctx.signal.addEventListener("abort", () => wanted.delete(input));
              most[at] = Math.max(most[at] ?? 0, wanted.size);
              // Goes on when nobody waits for it any more.
              await new Promise<void>((resolve) => {
                ctx.clock.setTimer(resolve, given.delayMs);
              });
              wanted.delete(input);
              if (given.fails && failsToo) throw busy;
              return input;
            });
          });
          const replicas = pool(
            probes.map((agent, index) => ({ agent, capacity: sizes[index] })),
            { strategy: make(), maxWaitMs: 100_000 },
          );
          const came: number[] = [];
          const ended: unknown[] = [];
          for (const [index, { startMs, givesUpAfterMs }] of lines.entries()) {
            clock.setTimer(() => {
              came.push(index);
              const run = replicas.start(index, { clock });
              if (givesUpAfterMs !== undefined) clock.setTimer(() => run.cancel("enough"), givesUpAfterMs);
              void run.result.then((result) => ended.push(result.ok || result.error.code));
            }, startMs);
          }
          await clock.runAll();
          expect(ended).toHaveLength(lines.length);
          expect(ended).not.toContain("NO_INSTANCE");
          for (const [at, size] of sizes.entries()) expect(most[at]).toBeLessThanOrEqual(size);
          // Those that began did so in the order in which they came.
          expect(begun).toEqual(came.filter((index) => begun.includes(index)));
          expect(replicas.waiting).toBe(0);
          expect(replicas.replicas.every(({ active }) => active === 0)).toBe(true);
          expect(clock.pendingTimers).toBe(0);
        },
      ),
    );
  });

  test("too many that wait are refused at once", async () => {
    const clock = createVirtualClock();
    const replicas = pool([once(takes(10)), { agent: takes(10), capacity: 2 }], {
      maxWaiting: 2,
      name: "ask",
    });
    const all = callAll(replicas, 5, clock);
    const refused = await pipeline("p").stage(replicas).tryRun("in", { clock });
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "NO_INSTANCE",
        agent: "ask",
        stage: "ask",
        retryable: true,
        message: '"ask": all 2 replicas had no room and 2 calls wait already',
        details: { replicas: 2, capacity: 3, waitedMs: 0 },
      },
    });
    expect(clock.now()).toBe(0);
    const results = await clock.until(Promise.all(all));
    expect(results.every(({ ok }) => ok)).toBe(true);
    const none = pool([once(takes(10))], { maxWaiting: 0 });
    const [, second] = callAll(none, 2, clock);
    expect(await second).toMatchObject({ ok: false, error: { code: "NO_INSTANCE" } });
    await clock.runAll();
  });

  test("one that has waited too long is refused then", async () => {
    const clock = createVirtualClock();
    const probe = takes(1_000);
    const replicas = pool([once(probe)], { maxWaitMs: 250 });
    const [served, refused] = callAll(replicas, 2, clock);
    await clock.advance(100);
    const [later] = callAll(replicas, 1, clock);
    expect(await clock.until(refused ?? Promise.reject(busy))).toMatchObject({
      ok: false,
      error: {
        code: "NO_INSTANCE",
        message: '"pool": the only replica had no room for 250 ms',
        details: { replicas: 1, capacity: 1, waitedMs: 250 },
      },
    });
    expect(clock.now()).toBe(250);
    expect(replicas.waiting).toBe(1);
    expect(await clock.until(later ?? Promise.reject(busy))).toMatchObject({
      error: { details: { waitedMs: 250 } },
    });
    expect(clock.now()).toBe(350);
    expect(await clock.until(served ?? Promise.reject(busy))).toMatchObject({ ok: true });
    expect(probe.calls).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
    const usual = pool([once(takes(60_000))]);
    const [, waits] = callAll(usual, 2, clock);
    const sinceMs = clock.now();
    expect(await clock.until(waits ?? Promise.reject(busy))).toMatchObject({
      error: { details: { waitedMs: 30_000 } },
    });
    expect(clock.now() - sinceMs).toBe(30_000);
    await clock.runAll();
  });

  test("a wait ends with the time of its stage", async () => {
    const clock = createVirtualClock();
    const replicas = pool([once(takes(1_000))]);
    const short = withPolicy(replicas, { timeoutMs: 50 });
    const holds = replicas.run("in", { clock });
    const result = await clock.until(short.tryRun("in", { clock }));
    expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    expect(clock.now()).toBe(50);
    expect(replicas.waiting).toBe(0);
    await clock.until(holds);
    expect(clock.pendingTimers).toBe(0);
    // It never ran: the replica has nothing to do with it.
    expect(replicas.replicas).toMatchObject([{ calls: 1, failures: 0 }]);
  });
});

describe("a call that is given up on", () => {
  test("leaves the line at once, wherever it stands", async () => {
    const clock = createVirtualClock();
    const probe = takes(10);
    const replicas = pool([once(probe)]);
    const runs = Array.from({ length: 6 }, (_none, index) => replicas.start(index, { clock }));
    await clock.settle();
    expect(replicas.waiting).toBe(5);
    for (const [left, index] of [1, 5, 3].entries()) {
      runs[index]?.cancel("enough");
      expect(replicas.waiting).toBe(4 - left);
    }
    await clock.runAll();
    expect(probe.calls.map(({ input }) => input)).toEqual([0, 2, 4]);
    const codes = await Promise.all(runs.map(async ({ result }) => (await result).ok));
    expect(codes).toEqual([true, false, true, false, true, false]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("gives its place back at once, also when the replica does not listen", async () => {
    const clock = createVirtualClock();
    const deaf = plays("deaf", { delayMs: 5_000, output: "late", ignoreAbort: true }, { output: "next" });
    const replicas = pool([once(deaf)]);
    const run = replicas.start("a", { clock });
    await clock.settle();
    const next = replicas.tryRun("b", { clock });
    run.cancel("enough");
    expect(replicas).toMatchObject({ waiting: 0, replicas: [{ active: 1, calls: 2 }] });
    expect(await next).toEqual({ ok: true, output: "next" });
    expect(replicas.replicas).toMatchObject([{ active: 0, failures: 0 }]);
    await clock.runAll();
    expect(replicas.replicas).toMatchObject([{ active: 0, calls: 2, failures: 0 }]);
  });

  test("between getting a place and beginning leaves it to the next", async () => {
    const clock = createVirtualClock();
    const probe = takes(10);
    const replicas = pool([once(probe)]);
    const runs = [0, 1, 2].map((index) => replicas.start(index, { clock }));
    await clock.settle();
    // The first gives its place to the second, which is cancelled in the same breath.
    runs[0]?.cancel("enough");
    runs[1]?.cancel("enough");
    expect(replicas).toMatchObject({ waiting: 0, replicas: [{ active: 1 }] });
    await clock.runAll();
    expect(probe.calls.map(({ input }) => input)).toEqual([0, 2]);
    expect(await runs[2]?.result).toMatchObject({ ok: true });
    expect(replicas.replicas).toMatchObject([{ active: 0, failures: 0 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("because it took too long has failed; one that nobody wanted any more has not", async () => {
    const clock = createVirtualClock();
    const stuck = () => pool([plays("stuck", { never: true, ignoreAbort: true })]);
    const failuresOf = async (replicas: ReturnType<typeof stuck>, result: Promise<unknown>) => {
      await clock.until(result);
      expect(replicas.replicas).toMatchObject([{ active: 0, calls: 1 }]);
      return replicas.replicas[0]?.failures;
    };
    const own = stuck();
    expect(await failuresOf(own, withPolicy(own, { timeoutMs: 20 }).tryRun("in", { clock }))).toBe(1);
    const around = stuck();
    const stage = pipeline("p").stage("s", mapItems(around), { timeoutMs: 20 });
    expect(await failuresOf(around, stage.tryRun(["in"], { clock }))).toBe(1);
    const wholeRun = stuck();
    expect(await failuresOf(wholeRun, wholeRun.tryRun("in", { clock, timeoutMs: 20 }))).toBe(1);
    const inside = pool([withPolicy(plays("stuck", { never: true }), { timeoutMs: 20 })]);
    expect(await failuresOf(inside, inside.tryRun("in", { clock }))).toBe(1);
    const cancelled = stuck();
    const controller = new AbortController();
    clock.setTimer(() => controller.abort(new Error("enough")), 20);
    expect(await failuresOf(cancelled, cancelled.tryRun("in", { clock, signal: controller.signal }))).toBe(0);
    const sibling = stuck();
    const slow = withPolicy(plays("slow", { never: true }), { timeoutMs: 20 });
    expect(await failuresOf(sibling, parallel({ sibling, slow }).tryRun("in", { clock }))).toBe(0);
  });
});

describe("a replica that fails", () => {
  test("fails the call, with its own error", async () => {
    const wrong = scriptedAgent({ name: "wrong", output: z.string(), script: [{ value: 5 }] });
    const replicas = pool([untyped(bad()), untyped(wrong)]);
    const stage = pipeline("p").stage("ask", replicas);
    expect(await stage.tryRun("in")).toMatchObject({
      ok: false,
      error: { code: "EXECUTION", agent: "bad", stage: "ask/bad", cause: busy },
    });
    expect(await stage.tryRun("in")).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_OUTPUT", agent: "wrong", stage: "ask/wrong" },
    });
    // All rest, and are used all the same.
    expect(await stage.tryRun("in")).toMatchObject({ ok: false, error: { stage: "ask/bad" } });
    expect(replicas.replicas).toMatchObject([
      { active: 0, calls: 2, failures: 2 },
      { active: 0, calls: 1, failures: 1 },
    ]);
  });

  test("has not failed when the caller was wrong, or has nothing left to spend", async () => {
    const spends = defineAgent({
      name: "spends",
      description: "Spends a call.",
      input: z.string(),
      output: z.string(),
      execute: (text, ctx) => {
        ctx.budget.spend({ calls: 1 });
        return text;
      },
    });
    const replicas = pool([spends, spends], { strategy: first });
    expect(await untyped(replicas).tryRun(5)).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_INPUT" },
    });
    expect(await replicas.tryRun("a", { budget: { calls: 0 } })).toMatchObject({
      ok: false,
      error: { code: "BUDGET_EXCEEDED" },
    });
    expect(await replicas.run("a")).toBe("a");
    expect(replicas.replicas).toMatchObject([{ active: 0, calls: 3, failures: 0 }, { calls: 0 }]);
  });

  test("has not failed when its own call is cancelled while it runs", async () => {
    const controller = new AbortController();
    const stops = plays("stops", () => {
      controller.abort(new Error("enough"));
      return "in vain";
    });
    const replicas = pool([stops]);
    expect(await replicas.tryRun("in", { signal: controller.signal })).toMatchObject({
      ok: false,
      error: { code: "CANCELLED" },
    });
    expect(replicas.replicas).toMatchObject([{ active: 0, calls: 1, failures: 0 }]);
  });

  test.each(strategies)("is left alone while the others answer: %s", async (_name, make) => {
    const clock = createVirtualClock();
    const broken = bad();
    const replicas = pool([broken, takes(20), once(takes(30))], { strategy: make() });
    let answered = 0;
    const caller = async () => {
      while (clock.now() < 20_000) {
        const result = await replicas.tryRun("in", { clock });
        if (result.ok) answered++;
      }
    };
    await clock.until(Promise.all([caller(), caller(), caller()]));
    expect(broken.calls.length).toBeGreaterThan(0);
    expect(broken.calls.length / (broken.calls.length + answered)).toBeLessThan(0.01);
  });

  test.each(strategies)(
    "is followed by another one in a retry, however late that is: %s",
    async (_name, make) => {
      for (const baseDelayMs of [0, 60_000]) {
        const clock = createVirtualClock();
        const replicas = pool([bad(), good(), bad()], { strategy: make() });
        const steady = withPolicy(replicas, {
          retry: { attempts: 3, baseDelayMs, jitter: "none", maxDelayMs: 60_000 },
        });
        for (let count = 0; count < 10; count++) {
          expect(await clock.until(steady.tryRun("in", { clock }))).toEqual({ ok: true, output: "good" });
          await clock.advance(40_000);
        }
        const inStage = pipeline("p").stage(pipeline("q").stage(replicas), {
          retry: { attempts: 3, baseDelayMs, jitter: "none", maxDelayMs: 60_000 },
        });
        expect(await clock.until(inStage.tryRun("in", { clock }))).toEqual({ ok: true, output: "good" });
      }
    },
  );

  test("is tried again by a retry when all have failed", async () => {
    const clock = createVirtualClock();
    const recovers = plays("recovers", { error: busy }, { output: "well" });
    const replicas = pool([recovers, bad()]);
    const steady = withPolicy(replicas, { retry: { attempts: 3 } });
    expect(await clock.until(steady.run("in", { clock }))).toBe("well");
    const alone = pool([plays("alone", { error: busy }, { error: busy }, { output: "well" })]);
    expect(await clock.until(withPolicy(alone, { retry: { attempts: 3 } }).run("in", { clock }))).toBe(
      "well",
    );
  });

  test("of which all fail gives the failure of one, however many calls there are", async () => {
    const clock = createVirtualClock();
    const replicas = pool([bad(), bad(), once(bad())]);
    const results = await clock.until(Promise.all(callAll(replicas, 300, clock)));
    expect(new Set(results.map((result) => (result.ok ? "ok" : result.error.code)))).toEqual(
      new Set(["EXECUTION"]),
    );
    expect(replicas.replicas.reduce((sum, { failures }) => sum + failures, 0)).toBe(300);
    expect(replicas.waiting).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("gets a waiting call when it has rested, before the others have room", async () => {
    const clock = createVirtualClock();
    const recovers = plays("recovers", { error: busy }, { output: "well" });
    const replicas = pool([once(recovers), once(takes(5_000))]);
    await replicas.tryRun("a", { clock });
    const slow = replicas.run("b", { clock });
    const waits = replicas.run("c", { clock });
    expect(replicas.waiting).toBe(1);
    expect(await clock.until(waits)).toBe("well");
    expect(clock.now()).toBe(100);
    await clock.until(slow);
    expect(clock.pendingTimers).toBe(0);
  });

  test("gets the first of those who wait when it has rested, not who comes just then", async () => {
    const clock = createVirtualClock();
    const recovers = plays("recovers", { error: busy }, { delayMs: 10, output: "well" });
    const replicas = pool([once(recovers), once(takes(5_000))]);
    let comes: Promise<unknown> | undefined;
    // Set before the alarm of the call that waits, so it comes before that has rung.
    clock.setTimer(() => {
      comes = replicas.run("late", { clock });
    }, 100);
    await replicas.tryRun("a", { clock });
    void replicas.run("b", { clock });
    const waits = replicas.run("first", { clock });
    await clock.advance(100);
    expect(recovers.calls.map(({ input }) => input)).toEqual(["a", "first"]);
    await clock.until(Promise.all([waits, comes]));
    expect(recovers.calls.map(({ input }) => input)).toEqual(["a", "first", "late"]);
    await clock.runAll();
  });

  test("gets the next one when who waited first has left or was given another", async () => {
    const clock = createVirtualClock();
    const recovers = plays("recovers", { error: busy }, { output: "well" });
    const replicas = pool([once(recovers), once(takes(5_000))]);
    await replicas.tryRun("a", { clock });
    void replicas.run("b", { clock });
    const leaves = replicas.start("c", { clock });
    await clock.settle();
    const stays = replicas.run("d", { clock });
    await clock.advance(10);
    leaves.cancel("enough");
    expect(await clock.until(stays)).toBe("well");
    expect(clock.now()).toBe(100);
    await clock.runAll();

    const later = createVirtualClock();
    const two = [
      plays("one", { error: busy }, { delayMs: 500, output: 1 }),
      plays("two", { error: busy }, { output: 2 }),
    ];
    const trio = pool([...two.map(once), once(takes(5_000))], { maxWaitMs: 60 });
    await trio.tryRun("a", { clock: later });
    await later.advance(30);
    await trio.tryRun("b", { clock: later });
    void trio.run("c", { clock: later });
    const resort = trio.run("d", { clock: later });
    await later.advance(50);
    expect(await later.until(trio.run("e", { clock: later }))).toBe(2);
    // Two has rested from 30 on; one was given to who had waited for as long as may be.
    expect(later.now()).toBe(130);
    expect(await later.until(resort)).toBe(1);
    expect(later.now()).toBe(590);
    await later.runAll();
  });

  test("is better than none: who would be refused gets it", async () => {
    const clock = createVirtualClock();
    const rests = plays("rests", { error: busy }, { output: "well" });
    const replicas = pool([once(rests), once(takes(60))], { maxWaiting: 0 });
    await replicas.tryRun("a", { clock });
    const slow = replicas.run("b", { clock });
    expect(await replicas.run("c", { clock })).toBe("well");
    await clock.until(slow);
    const again = plays("rests", { error: busy }, { output: "well" });
    const waiting = pool([once(again), once(takes(60))], { maxWaitMs: 40 });
    await waiting.tryRun("a", { clock });
    const other = waiting.run("b", { clock });
    const sinceMs = clock.now();
    expect(await clock.until(waiting.run("c", { clock }))).toBe("well");
    expect(clock.now() - sinceMs).toBe(40);
    await clock.until(other);
    expect(clock.pendingTimers).toBe(0);
  });

  test("on one clock does not rest on another", async () => {
    const late = createVirtualClock({ startMs: 1e9 });
    const early = createVirtualClock();
    const recovers = plays("recovers", { error: busy }, { output: "well" });
    const replicas = pool([recovers, good()], { strategy: first });
    await replicas.tryRun("in", { clock: late });
    expect(await replicas.run("in", { clock: late })).toBe("good");
    expect(await replicas.run("in", { clock: early })).toBe("well");
  });
});

describe("a strategy of one's own", () => {
  test("that throws fails the call it was asked for, at once or waiting", async () => {
    const clock = createVirtualClock();
    let isBroken = true;
    const moody: BalancingStrategy = {
      name: "moody",
      choose: () => {
        if (isBroken) throw busy;
        return 0;
      },
    };
    const replicas = pool([once(takes(10))], { strategy: moody });
    expect(await replicas.tryRun("in", { clock })).toMatchObject({
      ok: false,
      error: { code: "EXECUTION", cause: busy },
    });
    isBroken = false;
    const [served, waits] = callAll(replicas, 2, clock);
    isBroken = true;
    await clock.runAll();
    expect(await served).toMatchObject({ ok: true });
    expect(await waits).toMatchObject({ ok: false, error: { code: "EXECUTION", cause: busy } });
    expect(replicas).toMatchObject({ waiting: 0, replicas: [{ active: 0, calls: 1 }] });
  });

  test("that gives no index of a candidate is wrong", async () => {
    const replicas = pool([good(), good()], { strategy: { name: "off", choose: ({ length }) => length } });
    expect(await replicas.tryRun("in")).toMatchObject({
      ok: false,
      error: {
        code: "CONFIG",
        message: expect.stringContaining(
          'Balancing strategy "off": what choose gives must be a whole number from 0 to 1',
        ) as unknown,
      },
    });
    expect(replicas.replicas).toMatchObject([{ active: 0 }, { active: 0 }]);
  });

  test("and a random function that throws harm nobody else", async () => {
    const clock = createVirtualClock();
    const random = () => {
      throw busy;
    };
    const replicas = pool([once(bad()), once(bad()), once(takes(1_000))], { maxWaitMs: 50 });
    await replicas.tryRun("a", { clock });
    await replicas.tryRun("b", { clock });
    const holds = replicas.run("c", { clock });
    const unlucky = replicas.tryRun("d", { clock, random });
    const waits = replicas.tryRun("e", { clock });
    await clock.advance(50);
    // Both rest equally long, so chance is asked which one is the last resort.
    expect(await unlucky).toMatchObject({ ok: false, error: { code: "EXECUTION", cause: busy } });
    expect(await waits).toMatchObject({ ok: false, error: { code: "EXECUTION", agent: "bad" } });
    expect(await clock.until(holds)).toBe("slow");
    expect(replicas.waiting).toBe(0);
    expect(replicas.replicas.every(({ active }) => active === 0)).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  test("takes chance from the run", async () => {
    const seen: number[] = [];
    const chance: BalancingStrategy = {
      name: "chance",
      choose: ({ length }, _nowMs, random) => {
        seen.push(random());
        return Math.floor((seen.at(-1) ?? 0) * length);
      },
    };
    const replicas = pool([bad(), good()], { strategy: chance });
    expect(await replicas.run("in", { random: () => 0.75 })).toBe("good");
    expect(seen).toEqual([0.75]);
  });
});
