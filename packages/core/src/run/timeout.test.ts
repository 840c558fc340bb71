import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defineAgent, mapItems, parallel, pipeline, sleep, withPolicy } from "../index.ts";

const deaf = () => scriptedAgent({ name: "deaf", script: [{ never: true, ignoreAbort: true }] });

test("an attempt that takes too long is aborted and given up on", async () => {
  const clock = createVirtualClock();
  const listening = scriptedAgent({ name: "slow", script: [{ never: true }] });
  const chain = pipeline("p").stage(listening, { timeoutMs: 500 });
  const result = await clock.until(chain.tryRun(0, { clock }));
  expect(clock.now()).toBe(500);
  expect(result).toMatchObject({
    ok: false,
    error: { code: "TIMEOUT", agent: "slow", stage: "slow", details: { scope: "attempt", timeoutMs: 500 } },
  });
  expect(listening.running).toBe(0);
});

test("one that ignores the abort is not waited for", async () => {
  const clock = createVirtualClock();
  const agent = deaf();
  const result = await clock.until(pipeline("p").stage(agent, { timeoutMs: 500 }).tryRun(0, { clock }));
  expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
  expect(clock.now()).toBe(500);
  expect(agent.running).toBe(1);
});

test("the whole run has its own deadline", async () => {
  const clock = createVirtualClock();
  const chain = pipeline("p")
    .stage("one", scriptedAgent({ script: [{ delayMs: 300, output: 1 }] }))
    .stage("two", deaf());
  const result = await clock.until(chain.tryRun(0, { clock, timeoutMs: 1_000 }));
  expect(clock.now()).toBe(1_000);
  expect(result).toMatchObject({
    ok: false,
    error: { code: "TIMEOUT", stage: "two", details: { scope: "run", timeoutMs: 1_000 }, retryable: false },
  });
});

test("agents that do the work themselves have 120 seconds, composed ones no limit of their own", async () => {
  const clock = createVirtualClock();
  const result = await clock.until(deaf().tryRun(0, { clock }));
  expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT", details: { timeoutMs: 120_000 } } });
  const long = { script: [{ delayMs: 100_000, output: 1 }] } as const;
  const chain = pipeline("p").stage("a", scriptedAgent(long)).stage("b", scriptedAgent(long));
  expect(await clock.until(pipeline("outer").stage(chain).run(0, { clock }))).toBe(1);
});

test("a composed stage's time bounds all that it does", async () => {
  const clock = createVirtualClock();
  const slow = scriptedAgent({ script: [{ delayMs: 400, output: 1 }] });
  const chain = pipeline("outer").stage("inner", pipeline("inner").stage("a", slow).stage("b", slow), {
    timeoutMs: 500,
  });
  const result = await clock.until(chain.tryRun(0, { clock }));
  expect(clock.now()).toBe(500);
  expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT", stage: "inner" } });
  expect(slow.calls.map((call) => call.outcome)).toEqual(["returned", "threw"]);
});

test("a timeout is tried again, each attempt with its whole time", async () => {
  const clock = createVirtualClock();
  const agent = scriptedAgent({
    script: [{ never: true, ignoreAbort: true }, { never: true }, { delayMs: 499, output: "done" }],
  });
  const steady = withPolicy(agent, { timeoutMs: 500, retry: { attempts: 3, jitter: "none" } });
  expect(await clock.until(steady.run(0, { clock }))).toBe("done");
  expect(agent.calls.map((call) => call.startedAtMs)).toEqual([0, 600, 1_300]);
  expect(clock.now()).toBe(1_799);
});

test("a result that comes after the deadline never lands, whatever it is", async () => {
  const clock = createVirtualClock();
  const after: unknown[] = [];
  const next = scriptedAgent({ script: [(input) => after.push(input)] });
  for (const late of [{ output: "late" }, { error: new Error("late") }, { error: undefined }]) {
    const agent = scriptedAgent({ script: [{ delayMs: 1_000, ignoreAbort: true, ...late }] });
    const chain = pipeline("p").stage("late", agent, { timeoutMs: 100 }).stage("next", next);
    const result = await clock.until(chain.tryRun(0, { clock }));
    expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    await clock.runAll();
    expect(agent.running).toBe(0);
  }
  expect(after).toEqual([]);
});

test("a late result of one attempt does not end the next one", async () => {
  const clock = createVirtualClock();
  const agent = scriptedAgent({
    script: [
      { delayMs: 150, ignoreAbort: true, output: "late" },
      { delayMs: 80, output: "in time" },
    ],
  });
  const steady = withPolicy(agent, { timeoutMs: 100, retry: { attempts: 2, baseDelayMs: 0 } });
  expect(await clock.until(steady.run(0, { clock }))).toBe("in time");
  expect(clock.now()).toBe(180);
});

test("the deadline that code sees is the nearest of all around it", async () => {
  const clock = createVirtualClock();
  const seen: (number | undefined)[] = [];
  const look = defineAgent({
    name: "look",
    description: "Notes its deadline.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx) => {
      seen.push(ctx.deadline);
      await sleep(100, ctx);
      return input;
    },
  });
  const inner = pipeline("inner")
    .stage("a", look, { timeoutMs: 10_000 })
    .stage("b", look, { timeoutMs: 300 });
  const chain = pipeline("p").stage(inner, { timeoutMs: 1_000 }).stage(look);
  await clock.until(chain.run(0, { clock }));
  await clock.until(chain.run(0, { clock, timeoutMs: 350 }));
  expect(seen).toEqual([1_000, 400, 120_200, 650, 650, 650]);
});

test("every wait ends at its deadline", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          delayMs: fc.integer({ min: 1, max: 300 }),
          timeoutMs: fc.integer({ min: 1, max: 300 }),
          attempts: fc.integer({ min: 1, max: 3 }),
          deaf: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.integer({ min: 1, max: 1_500 }),
      fc.constantFrom("sequence", "parallel", "items"),
      async (stages, timeoutMs, shape) => {
        const clock = createVirtualClock();
        const agents = stages.map(({ delayMs, deaf: ignoreAbort, attempts, timeoutMs: ownMs }, index) =>
          withPolicy(
            scriptedAgent({ name: `s${index}`, script: [{ delayMs, ignoreAbort, output: index }] }),
            { timeoutMs: ownMs, retry: { attempts, jitter: "none", baseDelayMs: 7 } },
          ),
        );
        const [first] = agents;
        if (first === undefined) throw new Error("unreachable: there is a stage");
        let chain = pipeline("p").stage("0", first);
        for (const [index, agent] of agents.slice(1).entries()) chain = chain.stage(`${index + 1}`, agent);
        const agent =
          shape === "sequence"
            ? chain
            : shape === "parallel"
              ? parallel(Object.fromEntries(agents.map((each, index) => [`s${index}`, each])))
              : mapItems(first, { concurrency: 2 });
        const input = shape === "items" ? [1, 2, 3] : 0;
        const result = await clock.until(agent.tryRun(input as never, { clock, timeoutMs }));
        expect(clock.now()).toBeLessThanOrEqual(timeoutMs);
        const worst = stages.map((stage) => stage.attempts * stage.timeoutMs + 7 + 14);
        const boundMs =
          shape === "sequence" ? worst.reduce((sum, ms) => sum + ms, 0) : 2 * Math.max(...worst);
        expect(clock.now()).toBeLessThanOrEqual(boundMs);
        const fits = stages.every((stage) => stage.delayMs < stage.timeoutMs);
        const totalMs = stages.reduce((sum, stage) => sum + stage.delayMs, 0);
        const ends = result.ok ? clock.now() : "failed";
        expect(shape === "sequence" && fits && totalMs < timeoutMs ? ends : totalMs).toBe(totalMs);
        // Nothing of the run waits any more but what ignores the abort.
        expect(stages.some((stage) => stage.deaf) ? 0 : clock.pendingTimers).toBe(0);
      },
    ),
  );
});
