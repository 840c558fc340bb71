import { inspect } from "node:util";
import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  AtomicError,
  Budget,
  type Context,
  createLog,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  type RunOptionsOrContext,
  runAll,
  systemClock,
  untyped,
  withPolicy,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({
    name,
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute,
  });
/** Gives what the test looks up in its context. */
const look = (from: (ctx: Context) => unknown) => agent("look", (_input, ctx) => from(ctx));

describe("a run without options", () => {
  test("is a request of its own, without limits", async () => {
    const seen = await look((ctx) => ({
      same: ctx.requestId === ctx.runId,
      long: ctx.runId.length > 16,
      userId: ctx.userId,
      sessionId: ctx.sessionId,
      metadata: ctx.metadata,
      clock: ctx.clock === systemClock,
      random: ctx.random === Math.random,
      tokens: ctx.budget.remaining("tokens"),
      aborted: ctx.signal.aborted,
      limitMs: Math.round(((ctx.deadline ?? 0) - ctx.clock.now()) / 1_000),
    })).run("in");
    expect(seen).toEqual({
      same: true,
      long: true,
      userId: undefined,
      sessionId: undefined,
      metadata: {},
      clock: true,
      random: true,
      tokens: Number.POSITIVE_INFINITY,
      aborted: false,
      limitMs: 120,
    });
  });

  test("has an id that no other has, and a time", async () => {
    const ids = look((ctx) => [ctx.runId, ctx.timestamp.getTime()]);
    const [first, second] = (await Promise.all([ids.run("in"), ids.run("in")])) as [string, number][];
    expect(first?.[0]).not.toBe(second?.[0]);
    expect(Math.abs(Date.now() - Number(first?.[1]))).toBeLessThan(60_000);
  });
});

test("what the caller gives is what the code sees, at every depth", async () => {
  const clock = createVirtualClock({ timestampMs: 1_000 });
  const log = createLog({ level: "silent" });
  const budget = new Budget({ tokens: 10 });
  const random = () => 0.25;
  const metadata = { tenant: "t" };
  const options = { requestId: "r", userId: "u", sessionId: "s", metadata, clock, log, budget, random };
  const exact = look((ctx) => [
    ctx.requestId === "r",
    ctx.userId === "u",
    ctx.sessionId === "s",
    ctx.metadata === metadata,
    ctx.clock === clock,
    ctx.budget.limits === budget.limits,
    ctx.random === random,
    ctx.timestamp.getTime() === 1_000,
  ]);
  const all = Array.from({ length: 8 }, () => true);
  expect(await clock.until(exact.run("in", options))).toEqual(all);
  const deep = pipeline("p").stage(parallel({ a: withPolicy(exact, {}), b: mapItems(exact) }));
  expect(await clock.until(untyped(deep).run(["in"], options))).toEqual({ a: all, b: [all] });
});

test("lines of the log say which run, stage and agent they are of", async () => {
  const lines: unknown[] = [];
  const log = createLog({ level: "info", write: (line) => void lines.push(JSON.parse(line)) });
  const says = look((ctx) => {
    ctx.log.info("here", { detail: 1 });
    return ctx.runId;
  });
  const runId = await pipeline("p")
    .stage("outer", pipeline("inner").stage("says", says))
    .run("in", { log: log.with({ service: "s" }) });
  expect(lines).toMatchObject([
    { message: "here", service: "s", runId, stage: "outer/says", agent: says.name, detail: 1 },
  ]);
});

test("a budget is shared by all that is part of the run", async () => {
  const spend = agent("spend", (_input, ctx) => {
    ctx.budget.spend({ tokens: 4 });
    return ctx.budget.remaining("tokens");
  });
  const nested = agent("nested", (input, ctx) => spend.run(input, ctx));
  const chain = pipeline("p")
    .stage(spend)
    .stage("two", parallel({ a: spend, b: nested }))
    .stage("three", nested);
  expect(await chain.run("in", { budget: { tokens: 100 } })).toBe(84);
  const spent = await chain.tryRun("in", { budget: { tokens: 10 } });
  expect(spent).toMatchObject({
    ok: false,
    error: {
      code: "BUDGET_EXCEEDED",
      stage: "two/b",
      retryable: false,
      details: { kind: "tokens", limit: 10, spent: 8, asked: 4 },
    },
  });
  const shared = new Budget({ tokens: 8 });
  await spend.run("in", { budget: shared });
  await spend.run("in", { budget: shared });
  expect(shared.spent).toEqual({ calls: 0, tokens: 8, money: 0 });
  expect(await spend.tryRun("in", { budget: shared })).toMatchObject({ error: { code: "BUDGET_EXCEEDED" } });
});

describe("a call with the context", () => {
  test("is part of the same run, by whatever way it is made", async () => {
    const ids = look((ctx) => ctx.runId);
    const outer = agent("outer", async (input, ctx) => {
      const started = ids.start(input, ctx);
      const [paired] = await runAll([[ids, input]], { run: ctx });
      const result = await started.result;
      const tried = await ids.tryRun(input, ctx);
      return [
        await ids.run(input, ctx),
        tried.ok && tried.output,
        result.ok && result.output,
        started.id,
        paired.ok && paired.output,
      ].every((id) => id === ctx.runId);
    });
    expect(await outer.run("in")).toBe(true);
    const alone = agent("outer", async (input, ctx) => (await ids.run(input)) === ctx.runId);
    expect(await alone.run("in")).toBe(false);
  });

  test("fails with the place in the run, and once", async () => {
    const bad = agent("bad", () => {
      throw new Error("busy");
    });
    const outer = agent("outer", (input, ctx) => pipeline("inner").stage("deep", bad).run(input, ctx));
    const result = await pipeline("p").stage("ask", outer).tryRun("in", { requestId: "r" });
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "EXECUTION",
        agent: "bad",
        stage: "ask/deep",
        requestId: "r",
        details: { thrown: "busy" },
      },
    });
  });

  test("does not take a copy of the context, nor other options beside it", async () => {
    const inner = look(() => "never");
    const asks = (options: (ctx: Context) => RunOptionsOrContext) =>
      agent("asks", (input, ctx) => inner.run(input, options(ctx))).tryRun("in");
    for (const copied of [(ctx: Context) => ({ ...ctx }), (ctx: Context) => ({ ...ctx, timeoutMs: 10 })]) {
      expect(await asks(copied)).toMatchObject({ ok: false, error: { code: "CONFIG" } });
    }
  });
});

test("a context shows its values in a debugger, and nothing of its inside", async () => {
  const shown = await look((ctx) => inspect(ctx)).run("in", { requestId: "r", userId: "u" });
  expect(shown).toContain("requestId: 'r'");
  expect(shown).not.toContain("~frame");
});

test("the signal of an attempt that was given up on stays aborted; the next one has its own", async () => {
  const clock = createVirtualClock();
  const signals: AbortSignal[] = [];
  const slow = agent("slow", (_input, ctx) => {
    signals.push(ctx.signal);
    return signals.length < 2 ? new Promise(() => {}) : "done";
  });
  expect(
    await clock.until(withPolicy(slow, { timeoutMs: 10, retry: { attempts: 2 } }).run("in", { clock })),
  ).toBe("done");
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect(AtomicError.isInstance(signals[0]?.reason, "TIMEOUT")).toBe(true);
});

describe("an agent that is none of ours", () => {
  const Text = z.object({ text: z.string() });
  const lookAlike = (run: (input: unknown, options?: { readonly signal?: AbortSignal }) => unknown) => ({
    name: "foreign",
    input: Text,
    output: Text,
    run,
  });
  const stageOf = (value: unknown) => {
    const stage = pipeline("p").stage as (given: unknown) => ReturnType<typeof look>;
    return stage(value);
  };

  test("is a stage when it has schemas, and what it gives is checked", async () => {
    expect(await stageOf(lookAlike((input) => input)).run({ text: "a" })).toEqual({ text: "a" });
    expect(await stageOf(lookAlike(() => "raw")).tryRun({ text: "a" })).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_OUTPUT", agent: "foreign", stage: "foreign" },
    });
  });

  test("gets the signal and no context of ours", async () => {
    const clock = createVirtualClock();
    const given: unknown[] = [];
    const slow = lookAlike((_input, options) => {
      given.push(options);
      return new Promise((_resolve, reject) => {
        options?.signal?.addEventListener("abort", () => reject(new Error("stopped")));
      });
    });
    const run = stageOf(slow).start({ text: "a" }, { clock });
    await clock.settle();
    run.cancel();
    expect(await run.result).toMatchObject({ error: { code: "CANCELLED" } });
    expect(given).toEqual([{ signal: expect.any(AbortSignal) as unknown }]);
  });

  test.each([
    ["without schemas", { name: "x", input: {}, output: {}, run: async (): Promise<string> => "raw" }],
    [
      "without an output schema",
      { name: "x", input: Text, output: null, run: async (): Promise<string> => "raw" },
    ],
    ["without run", { name: "x", input: Text, output: Text }],
    ["that is a function", () => "raw"],
  ])("is refused %s", (_why, value) => {
    expect(() => stageOf(value)).toThrow(
      expect.objectContaining({
        code: "CONFIG",
        details: expect.objectContaining({ path: "stage 1" }) as unknown,
      }),
    );
  });
});
