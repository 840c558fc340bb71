import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, describe as describeAgent, loop, pipeline, untyped, withPolicy } from "../index.ts";

const Count = z.object({ count: z.int() });
const add = defineAgent({
  name: "add",
  description: "Adds one.",
  input: Count,
  output: Count,
  execute: ({ count }) => ({ count: count + 1 }),
});
const addLater = defineAgent({
  name: "add-later",
  description: "Adds one, but not at once.",
  input: Count,
  output: Count,
  execute: async ({ count }) => ({ count: count + 1 }),
});
const busy = new Error("busy");

test("runs the agent on its own output until it is done, sync or async", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom(add, addLater),
      fc.boolean(),
      async (from, rounds, agent, asksLater) => {
        const asked: (readonly [number, number])[] = [];
        const done = (count: number, round: number) => {
          asked.push([count, round]);
          return count >= from + rounds;
        };
        const counted = loop(agent, {
          until: asksLater
            ? async ({ count }, round) => done(count, round)
            : ({ count }, round) => done(count, round),
        });
        expect(await counted.run({ count: from })).toEqual({ count: from + rounds });
        expect(asked).toEqual(Array.from({ length: rounds }, (_none, at) => [from + at + 1, at + 1]));
      },
    ),
  );
});

test("runs at least one round, which takes the loop's input", async () => {
  expect(await loop(add, { until: () => true, maxRounds: 1 }).run({ count: 7 })).toEqual({ count: 8 });
  expect(await untyped(loop(add, { until: () => true })).tryRun({ count: "7" })).toMatchObject({
    ok: false,
    error: { code: "VALIDATION_INPUT", agent: "add", stage: "1" },
  });
});

test("an agent that need not wait is not waited for", () => {
  const rounds: number[] = [];
  const many = loop(add, { until: ({ count }) => rounds.push(count) === 50 });
  void many.run({ count: 0 });
  expect(rounds).toHaveLength(50);
});

describe("many rounds do not grow the stack", () => {
  test.each([
    ["sync", add, ({ count }: { count: number }) => count === 30_000],
    ["async", addLater, ({ count }: { count: number }) => count === 30_000],
    ["with an async condition", add, async ({ count }: { count: number }) => count === 30_000],
  ])("%s", async (_what, agent, until) => {
    const many = loop(agent, { until, maxRounds: 30_000 });
    expect(await many.run({ count: 0 })).toEqual({ count: 30_000 });
  });

  test("which is as deep in the last round as in the first", async () => {
    const depths = new Set<number>();
    const deep = defineAgent({
      name: "deep",
      description: "Looks at the stack.",
      input: Count,
      output: Count,
      execute: (input) => {
        const limit = Error.stackTraceLimit;
        Error.stackTraceLimit = Number.POSITIVE_INFINITY;
        depths.add(new Error("depth").stack?.split("\n").length ?? 0);
        Error.stackTraceLimit = limit;
        return { count: input.count + 1 };
      },
    });
    await loop(deep, { until: ({ count }) => count === 100 }).run({ count: 0 });
    expect(depths.size).toBe(1);
  });
});

describe("a loop that is not done after its rounds fails with LOOP_LIMIT", () => {
  test.each([
    ["100 of them", add, undefined, 100],
    ["as many as it may take", addLater, 3, 3],
    ["one", add, 1, 1],
  ])("%s", async (_what, agent, maxRounds, rounds) => {
    const seen: number[] = [];
    const endless = loop(agent, {
      until: (_output, round) => {
        seen.push(round);
        return false;
      },
      maxRounds,
    });
    expect(await pipeline("p").stage("turn", endless).tryRun({ count: 0 })).toMatchObject({
      ok: false,
      error: { code: "LOOP_LIMIT", stage: "turn", retryable: false, details: { maxRounds: rounds } },
    });
    expect(seen.at(-1)).toBe(rounds);
    expect(seen).toHaveLength(rounds);
  });
});

test("a round that fails ends it, naming the round", async () => {
  const flaky = scriptedAgent({
    name: "flaky",
    output: Count,
    script: [{ output: { count: 1 } }, { output: { count: 2 } }, { error: busy }],
  });
  const turn = pipeline("p").stage("turn", loop(flaky, { until: () => false }));
  expect(await turn.tryRun({ count: 0 })).toMatchObject({
    ok: false,
    error: { code: "EXECUTION", agent: "flaky", stage: "turn/3", cause: busy },
  });
  expect(flaky.calls).toHaveLength(3);
});

test("a policy around the agent holds for each round, one around the loop for all together", async () => {
  const clock = createVirtualClock();
  const script = [
    { output: { count: 1 } },
    { error: busy },
    { output: { count: 2 } },
    { error: busy },
    { output: { count: 3 } },
  ];
  const until = ({ count }: { readonly count: number }) => count === 3;
  const flaky = scriptedAgent({ output: Count, script });
  const steady = loop(withPolicy(flaky, { retry: { attempts: 2 } }), { until });
  expect(await clock.until(steady.run({ count: 0 }, { clock }))).toEqual({ count: 3 });
  expect(flaky.calls).toHaveLength(5);
  const slow = scriptedAgent({ output: Count, script: [{ delayMs: 40, output: { count: 1 } }] });
  const short = withPolicy(loop(slow, { until }), { timeoutMs: 100 });
  expect(await clock.until(short.tryRun({ count: 0 }, { clock }))).toMatchObject({
    ok: false,
    error: { code: "TIMEOUT", details: { timeoutMs: 100 } },
  });
  expect(slow.calls).toHaveLength(3);
  expect(clock.pendingTimers).toBe(0);
});

test("report and events show each round by its number", async () => {
  const turn = loop(add, { until: ({ count }) => count === 3 }, { name: "turn" });
  const run = pipeline("p").stage(turn).start({ count: 0 });
  await run.result;
  expect(run.report().stages).toMatchObject([
    {
      id: "turn",
      stages: [
        { id: "1", agent: "add", status: "success" },
        { id: "2", agent: "add", status: "success" },
        { id: "3", agent: "add", status: "success" },
      ],
    },
  ]);
  const started = run.events.snapshot().filter(({ type }) => type === "stage-start");
  expect(started).toMatchObject([
    { stage: "turn" },
    { stage: "turn/1" },
    { stage: "turn/2" },
    { stage: "turn/3" },
  ]);
});

describe("a loop that is cancelled begins no further round", () => {
  test("while a round is running", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({ output: Count, script: [{ delayMs: 10, output: { count: 0 } }] });
    const run = loop(slow, { until: () => false }).start({ count: 0 }, { clock });
    await clock.advance(25);
    run.cancel("enough");
    expect(await run.result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
    await clock.advance(1_000);
    expect(slow.calls).toHaveLength(3);
    expect(slow.running).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("while the condition is asked, or by it", async () => {
    for (const asksLater of [true, false]) {
      const clock = createVirtualClock();
      const controller = new AbortController();
      const quick = scriptedAgent({ output: Count, script: [{ output: { count: 0 } }] });
      const until = (_output: unknown, round: number) => {
        if (round === 2) controller.abort(new Error("enough"));
        return false;
      };
      const agent = loop(quick, {
        until: asksLater ? async (output, round) => until(output, round) : until,
      });
      const result = await agent.tryRun({ count: 0 }, { clock, signal: controller.signal });
      expect(result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
      await clock.settle();
      expect(quick.calls).toHaveLength(2);
    }
  });

  test("and asks its condition no more, at whichever moment it is cancelled", async () => {
    for (let turns = 0; turns < 12; turns++) {
      let finish: (() => void) | undefined;
      const manual = scriptedAgent({
        output: Count,
        script: [
          () =>
            new Promise<{ count: number }>((resolve) => {
              finish = () => resolve({ count: 1 });
            }),
        ],
      });
      let isCancelled = false;
      const late: boolean[] = [];
      const until = () => {
        late.push(isCancelled);
        return false;
      };
      const run = loop(manual, { until, maxRounds: 2 }).start({ count: 0 });
      await createVirtualClock().settle();
      finish?.();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      isCancelled = true;
      run.cancel("enough");
      expect(await run.result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
      await createVirtualClock().settle();
      expect(late).not.toContain(true);
    }
  });

  test("also when a round ends late that nobody waits for", async () => {
    const clock = createVirtualClock();
    const deaf = scriptedAgent({
      output: Count,
      script: [{ delayMs: 50, output: { count: 1 }, ignoreAbort: true }],
    });
    let asked = 0;
    const agent = loop(deaf, {
      until: () => {
        asked++;
        return false;
      },
    });
    const result = agent.tryRun({ count: 0 }, { clock, timeoutMs: 20 });
    expect(await clock.until(result)).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    await clock.runAll();
    expect(deaf.calls).toHaveLength(1);
    expect(asked).toBe(0);
  });
});

describe("the condition", () => {
  test("gets the round's output, its number and the run's context", async () => {
    const seen: unknown[] = [];
    const agent = loop(add, {
      until: (output, round, ctx) => {
        seen.push([output, round, ctx.requestId]);
        return round === 2;
      },
    });
    await agent.run({ count: 0 }, { requestId: "r" });
    expect(seen).toEqual([
      [{ count: 1 }, 1, "r"],
      [{ count: 2 }, 2, "r"],
    ]);
  });

  test("that throws or rejects fails with what it threw", async () => {
    const untils = [
      () => {
        throw busy;
      },
      () => Promise.reject(busy),
    ];
    for (const until of untils) {
      expect(await loop(add, { until }).tryRun({ count: 0 })).toMatchObject({
        ok: false,
        error: { code: "EXECUTION", agent: "loop", cause: busy },
      });
    }
  });

  test("is waited for within a deadline", async () => {
    const clock = createVirtualClock();
    const agent = loop(add, { until: () => new Promise<never>(() => {}) });
    const running = agent.tryRun({ count: 0 }, { clock });
    await clock.advance(119_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect(await running).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([undefined, null, 0, 1, "yes", {}])(
    "that gives %s instead of true or false is wrong",
    async (given) => {
      for (const until of [() => given, async () => given]) {
        const agent = loop(add, { until: until as () => boolean });
        expect(await agent.tryRun({ count: 0 })).toMatchObject({
          ok: false,
          error: { code: "CONFIG", details: { path: "what until gives", expected: "true or false" } },
        });
      }
    },
  );
});

test("has the agent's schemas, and says what it is made of", () => {
  const agent = loop(add, { until: () => true });
  expect(agent.input).toBe(Count);
  expect(agent.output).toBe(Count);
  expect(describeAgent(agent)).toMatchObject({
    name: "loop",
    kind: "loop",
    description: "Runs add on its own output until it is done.",
    parts: [{ id: "add", name: "add", kind: "agent" }],
  });
});
