import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { AtomicError, defineAgent, parallel, pipeline, type RetryPolicy, withPolicy } from "../index.ts";

const busy = new Error("busy");

/** Runs an agent that fails so often, and gives the moments of its calls. */
async function callTimes(
  failures: number,
  retry: RetryPolicy,
  options: { readonly random?: () => number } = {},
) {
  const clock = createVirtualClock();
  const times: number[] = [];
  const agent = defineAgent({
    name: "flaky",
    description: "Fails at first.",
    input: anything(),
    output: anything(),
    execute: async () => {
      times.push(clock.now());
      if (times.length <= failures) throw busy;
      return "done";
    },
  });
  const run = withPolicy(agent, { retry }).tryRun("go", { clock, ...options });
  return { result: await clock.until(run), times };
}

test("three attempts are three calls in all", async () => {
  const exact = { attempts: 3, jitter: "none" } as const;
  expect(await callTimes(2, exact)).toEqual({ result: { ok: true, output: "done" }, times: [0, 100, 300] });
  const { result, times } = await callTimes(3, exact);
  expect(times).toEqual([0, 100, 300]);
  expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", cause: busy } });
});

test("a success is not repeated, and nothing is repeated unasked", async () => {
  const good = scriptedAgent({ script: [{ output: 1 }] });
  await withPolicy(good, { retry: { attempts: 3 } }).run(0);
  expect(good.calls).toHaveLength(1);
  const bad = scriptedAgent({ script: [{ error: busy }] });
  await pipeline("p").stage(bad).tryRun(0);
  expect(bad.calls).toHaveLength(1);
});

test("waits grow by the factor up to the longest", async () => {
  const { times } = await callTimes(9, {
    attempts: 6,
    jitter: "none",
    baseDelayMs: 10,
    factor: 3,
    maxDelayMs: 200,
  });
  expect(times).toEqual([0, 10, 40, 130, 330, 530]);
});

test("with full jitter each wait is the random part of the computed one", async () => {
  const { times } = await callTimes(9, { attempts: 4 }, { random: () => 0.5 });
  expect(times).toEqual([0, 50, 150, 350]);
  expect((await callTimes(9, { attempts: 4 }, { random: () => 0 })).times).toEqual([0, 0, 0, 0]);
});

test("full jitter never waits longer than the computed time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        attempts: fc.integer({ min: 1, max: 8 }),
        baseDelayMs: fc.integer({ min: 0, max: 1_000 }),
        factor: fc.integer({ min: 1, max: 5 }),
        maxDelayMs: fc.integer({ min: 0, max: 5_000 }),
      }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (retry, random) => {
        const jittered = await callTimes(99, retry, { random: () => random });
        const exact = await callTimes(99, { ...retry, jitter: "none" });
        expect(jittered.times).toHaveLength(retry.attempts);
        for (const [index, time] of jittered.times.entries()) {
          expect(time).toBeLessThanOrEqual(exact.times[index] ?? -1);
        }
      },
    ),
  );
});

test("what a service asked to wait is the least that is waited", async () => {
  const clock = createVirtualClock();
  const limited = (retryAfterMs?: number) =>
    new AtomicError("RATE_LIMITED", "slow down", {
      details: retryAfterMs === undefined ? {} : { retryAfterMs },
    });
  const agent = scriptedAgent({
    script: [{ error: limited(5_000) }, { error: limited(1) }, { error: limited() }, { output: "done" }],
  });
  const steady = withPolicy(agent, { retry: { attempts: 4, jitter: "none" } });
  expect(await clock.until(steady.run("go", { clock }))).toBe("done");
  expect(agent.calls.map((call) => call.startedAtMs)).toEqual([0, 5_000, 5_200, 5_600]);

  const full = new AtomicError("OVERLOADED", "no room", { details: { retryAfterMs: 3_000 } });
  const busy = scriptedAgent({ script: [{ error: full }, { output: "done" }] });
  const beganMs = clock.now();
  expect(
    await clock.until(withPolicy(busy, { retry: { attempts: 2, jitter: "none" } }).run("go", { clock })),
  ).toBe("done");
  expect(busy.calls.map((call) => call.startedAtMs - beganMs)).toEqual([0, 3_000]);
});

test("only what may pass by itself is repeated, unless `when` says otherwise", async () => {
  const clock = createVirtualClock();
  const refusing = () =>
    scriptedAgent({
      script: [
        {
          error: new AtomicError("BUDGET_EXCEEDED", "spent", {
            details: { kind: "calls", limit: 0, spent: 0, asked: 1 },
          }),
        },
      ],
    });
  const once = refusing();
  await clock.until(withPolicy(once, { retry: { attempts: 3 } }).tryRun(0, { clock }));
  expect(once.calls).toHaveLength(1);

  const seen: unknown[] = [];
  const asked = refusing();
  const when = (error: AtomicError, attempt: number) => {
    seen.push([error.code, attempt]);
    return attempt < 2;
  };
  await clock.until(withPolicy(asked, { retry: { attempts: 5, when } }).tryRun(0, { clock }));
  expect(asked.calls).toHaveLength(2);
  expect(seen).toEqual([
    ["BUDGET_EXCEEDED", 1],
    ["BUDGET_EXCEEDED", 2],
  ]);
});

test("an error that says of itself whether it is retryable is believed", async () => {
  const clock = createVirtualClock();
  const fatal = scriptedAgent({
    script: [{ error: Object.assign(new Error("no such key"), { retryable: false }) }],
  });
  await clock.until(withPolicy(fatal, { retry: { attempts: 3 } }).tryRun(0, { clock }));
  expect(fatal.calls).toHaveLength(1);
});

test("an invalid output is tried again, an invalid input is not", async () => {
  const clock = createVirtualClock();
  const agent = scriptedAgent({
    input: z.string(),
    output: z.number(),
    script: [{ value: "not a number" }, { output: 4 }],
  });
  const steady = withPolicy(agent, { retry: { attempts: 2 } });
  expect(await clock.until(steady.run("go", { clock }))).toBe(4);
  // @ts-expect-error not a text
  const refused = await clock.until(steady.tryRun(5, { clock }));
  expect(refused).toMatchObject({ ok: false, error: { code: "VALIDATION_INPUT" } });
  expect(agent.calls).toHaveLength(2);
});

test("retries never go past the run's budget, however they are nested", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(12),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      async (maxRetries, inner, outer) => {
        const clock = createVirtualClock();
        const bad = scriptedAgent({ script: [{ error: busy }] });
        const stage = (attempts: number) => ({ retry: { attempts, baseDelayMs: 0 } });
        const nested = pipeline("outer").stage(pipeline("inner").stage(bad, stage(inner)), stage(outer));
        const both = parallel({ a: nested, b: nested }, { settled: true });
        await clock.until(both.run(0, { clock, maxRetries }));
        expect(bad.calls.length).toBe(2 + Math.min(maxRetries, 2 * (inner * outer - 1)));
      },
    ),
  );
});

test("a run has ten retries unless it is given another number", async () => {
  const clock = createVirtualClock();
  const bad = scriptedAgent({ script: [{ error: busy }] });
  const stubborn = withPolicy(bad, { retry: { attempts: 100, baseDelayMs: 0 } });
  await clock.until(stubborn.tryRun(0, { clock }));
  expect(bad.calls).toHaveLength(11);
  await clock.until(stubborn.tryRun(0, { clock, maxRetries: 0 }));
  expect(bad.calls).toHaveLength(12);
});

test("calls with the run's context share its retries", async () => {
  const clock = createVirtualClock();
  const bad = scriptedAgent({ script: [{ error: busy }] });
  const stubborn = withPolicy(bad, { retry: { attempts: 100, baseDelayMs: 0 } });
  const twice = defineAgent({
    name: "twice",
    description: "Asks twice.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx) => {
      await stubborn.tryRun(input, ctx);
      await stubborn.tryRun(input, ctx);
      return "done";
    },
  });
  expect(await clock.until(twice.run(0, { clock, maxRetries: 3 }))).toBe("done");
  expect(bad.calls).toHaveLength(5);
});

test("no retry is begun that could not end before the deadline", async () => {
  const clock = createVirtualClock();
  const bad = scriptedAgent({ script: [{ error: busy }] });
  const steady = withPolicy(bad, { retry: { attempts: 9, jitter: "none", baseDelayMs: 400 } });
  const result = await clock.until(steady.tryRun(0, { clock, timeoutMs: 1_000 }));
  expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION" } });
  expect(bad.calls.map((call) => call.startedAtMs)).toEqual([0, 400]);
  expect(clock.now()).toBe(400);
});

test("every attempt gets the input as it was given, not as the one before left it", async () => {
  const clock = createVirtualClock();
  const seen: string[] = [];
  const Box = z.object({ words: z.array(z.string()) });
  const agent = defineAgent({
    name: "untidy",
    description: "Changes its input, then fails.",
    input: Box,
    output: Box,
    execute: (input) => {
      seen.push(input.words.join(" "));
      input.words.push("changed");
      if (seen.length < 3) throw busy;
      return input;
    },
  });
  const given = { words: ["a"] };
  const chain = pipeline("p")
    .stage(
      "first",
      defineAgent({
        name: "first",
        description: "Hands on.",
        input: Box,
        output: Box,
        execute: (input) => input,
      }),
    )
    .stage(agent, { retry: { attempts: 3, baseDelayMs: 0 } });
  await clock.until(chain.run(given, { clock }));
  expect(seen).toEqual(["a", "a", "a"]);
  expect(given).toEqual({ words: ["a"] });
});

test("runs that are started with the run's context share its retries as well", async () => {
  const clock = createVirtualClock();
  const bad = scriptedAgent({ script: [{ error: busy }] });
  const stubborn = withPolicy(bad, { retry: { attempts: 100, baseDelayMs: 0 } });
  const twice = defineAgent({
    name: "twice",
    description: "Asks twice.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx) => {
      await stubborn.start(input, ctx).result;
      await stubborn.start(input, ctx).result;
      return "done";
    },
  });
  expect(await clock.until(twice.run(0, { clock, maxRetries: 3 }))).toBe("done");
  expect(bad.calls).toHaveLength(5);
});

test.each([
  ["throws at once", { error: busy }],
  ["rejects", { error: busy, delayMs: 1 }],
  ["takes too long", { never: true as const }],
])(
  "a `when` that throws asks for no retry of what %s; the stage's own failure is told",
  async (_how, line) => {
    const clock = createVirtualClock();
    const bad = scriptedAgent({ script: [line] });
    const when = (): boolean => {
      throw new Error("broken predicate");
    };
    const result = await clock.until(
      withPolicy(bad, { timeoutMs: 50, retry: { attempts: 3, when } }).tryRun(0, { clock }),
    );
    expect(result).toMatchObject({
      ok: false,
      error: "never" in line ? { code: "TIMEOUT" } : { code: "EXECUTION", cause: busy },
    });
    expect(bad.calls).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  },
);

test("a random function that throws asks for no retry; one that gives no share is taken as one at the edge", async () => {
  const broken = () => {
    throw new Error("broken random");
  };
  expect(await callTimes(9, { attempts: 3 }, { random: broken })).toMatchObject({
    result: { error: { cause: busy } },
    times: [0],
  });
  for (const [share, times] of [
    [Number.NaN, [0, 0, 0]],
    [-5, [0, 0, 0]],
    [7, [0, 100, 300]],
    [Number.POSITIVE_INFINITY, [0, 100, 300]],
  ] as const) {
    expect((await callTimes(9, { attempts: 3 }, { random: () => share })).times).toEqual(times);
  }
});

test("waits stay numbers when the factor has grown without bound", async () => {
  const { times } = await callTimes(999, { attempts: 11, baseDelayMs: 0, factor: 1_000, jitter: "none" });
  expect(times).toEqual(Array.from({ length: 11 }, () => 0));
  const grown = await callTimes(9, { attempts: 4, baseDelayMs: 1, factor: 1_000, jitter: "none" });
  expect(grown.times).toEqual([0, 1, 1_001, 11_001]);
});

test.each([
  ["no details", undefined],
  ["no time", {}],
  ["NaN", { retryAfterMs: Number.NaN }],
  ["a negative time", { retryAfterMs: -1 }],
  ["a text", { retryAfterMs: "soon" }],
])("a limit reported with %s is retried after the policy's own wait", async (_what, details) => {
  const clock = createVirtualClock();
  const limited = new AtomicError("RATE_LIMITED", "slow down", { details: details as object });
  const agent = scriptedAgent({ script: [{ error: limited }, { output: "done" }] });
  const steady = withPolicy(agent, { retry: { attempts: 2, jitter: "none" } });
  expect(await clock.until(steady.run(0, { clock }))).toBe("done");
  expect(clock.now()).toBe(100);
});

test("a service that asks for more than five minutes is not waited for", async () => {
  const clock = createVirtualClock();
  const limited = (retryAfterMs: number) =>
    new AtomicError("RATE_LIMITED", "slow down", { details: { retryAfterMs } });
  const agent = scriptedAgent({ script: [{ error: limited(300_000) }, { error: limited(300_001) }] });
  const result = await clock.until(withPolicy(agent, { retry: { attempts: 9 } }).tryRun(0, { clock }));
  expect(result).toMatchObject({ ok: false, error: { code: "RATE_LIMITED" } });
  expect(agent.calls.map((call) => call.startedAtMs)).toEqual([0, 300_000]);
});

test.each<[string, () => unknown]>([
  [
    "the details of CIRCUIT_OPEN",
    () => new AtomicError("CIRCUIT_OPEN", "not now", { details: { retryAfterMs: 5_000 } }),
  ],
  ["an Error that is thrown", () => Object.assign(new Error("slow down"), { retryAfterMs: 5_000 })],
  [
    "a class of errors",
    () =>
      new (class extends Error {
        readonly retryAfterMs = 5_000;
      })(),
  ],
])("what %s asks to wait is the least that is waited", async (_where, error) => {
  for (const delayMs of [undefined, 10]) {
    const clock = createVirtualClock();
    const agent = scriptedAgent({ script: [{ error: error(), delayMs }, { output: "done" }] });
    const steady = withPolicy(agent, { retry: { attempts: 2, jitter: "none", when: () => true } });
    expect(await clock.until(steady.run("go", { clock }))).toBe("done");
    expect(clock.now()).toBe(5_000 + (delayMs ?? 0));
  }
});

test("an open circuit is not retried unasked, whatever it says", async () => {
  const clock = createVirtualClock();
  const open = new AtomicError("CIRCUIT_OPEN", "not now", { details: { retryAfterMs: 1 } });
  const agent = scriptedAgent({ script: [{ error: open }] });
  await clock.until(withPolicy(agent, { retry: { attempts: 3 } }).tryRun("go", { clock }));
  expect(agent.calls).toHaveLength(1);
});

test("a thrown Error that asks for more than five minutes is not waited for", async () => {
  const clock = createVirtualClock();
  const error = Object.assign(new Error("slow down"), { retryAfterMs: 300_001 });
  const agent = scriptedAgent({ script: [{ error }] });
  await clock.until(withPolicy(agent, { retry: { attempts: 3 } }).tryRun("go", { clock }));
  expect(agent.calls).toHaveLength(1);
});

test.each<[string, unknown]>([
  ["an Error with a text", Object.assign(new Error("x"), { retryAfterMs: "5000" })],
  ["an Error with a negative time", Object.assign(new Error("x"), { retryAfterMs: -1 })],
  ["an Error with NaN", Object.assign(new Error("x"), { retryAfterMs: Number.NaN })],
  [
    "an Error with a getter that throws",
    Object.defineProperty(new Error("x"), "retryAfterMs", {
      get: () => {
        throw new Error("broken getter");
      },
    }),
  ],
  ["an object that is no Error", { retryAfterMs: 5_000 }],
  [
    "an error of another kind",
    new AtomicError("NO_INSTANCE", "x", { details: { retryAfterMs: 5_000 } as never }),
  ],
  [
    "an error of another kind because of such an Error",
    new AtomicError("NO_INSTANCE", "x", {
      details: { replicas: 1, capacity: 1, waitedMs: 0 },
      cause: Object.assign(new Error("x"), { retryAfterMs: 5_000 }),
    }),
  ],
  ["CIRCUIT_OPEN without a time", new AtomicError("CIRCUIT_OPEN", "x", { details: {} })],
  ["CIRCUIT_OPEN with a text for details", new AtomicError("CIRCUIT_OPEN", "x", { details: "x" as never })],
])("after %s the policy's own wait is waited", async (_what, error) => {
  const clock = createVirtualClock();
  const agent = scriptedAgent({ script: [{ error }, { output: "done" }] });
  const steady = withPolicy(agent, { retry: { attempts: 2, jitter: "none", when: () => true } });
  expect(await clock.until(steady.run("go", { clock }))).toBe("done");
  expect(clock.now()).toBe(100);
});
