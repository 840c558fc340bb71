import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AnyAgent,
  Budget,
  type Context,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  type RunOptions,
  sleep,
  type Spending,
  untyped,
  withPolicy,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });
const spending = (name: string, amounts: Spending) =>
  agent(name, (input, ctx) => {
    ctx.budget.spend(amounts);
    return input;
  });
const free = agent("free", (input) => input);
const bad = agent("bad", () => {
  throw new Error("refused");
});

async function reportOf(tested: AnyAgent, options: RunOptions = {}) {
  const clock = createVirtualClock();
  const run = untyped(tested).start(["in", "in"], { clock, random: () => 0, ...options });
  const result = await clock.until(run.result);
  return { report: run.report(), result, run, clock };
}

test("a report says what each stage has spent, and all of them", async () => {
  const chain = pipeline("p")
    .stage(spending("a", { tokens: 10 }))
    .stage(free)
    .stage(spending("b", { calls: 1, tokens: 5, money: 0.25 }));
  const { report } = await reportOf(chain);
  expect(report.spent).toEqual({ calls: 1, tokens: 15, money: 0.25 });
  expect(report.stages.map(({ spent }) => spent)).toEqual([
    { calls: 0, tokens: 10, money: 0 },
    undefined,
    { calls: 1, tokens: 5, money: 0.25 },
  ]);
  expect("spent" in (await reportOf(free)).report).toBe(false);
});

test("a stage's spending is that of all that runs inside it", async () => {
  const own = agent("own", async (input, ctx) => {
    ctx.budget.spend({ tokens: 1 });
    await spending("a", { tokens: 10 }).run(input, ctx);
    return spending("b", { tokens: 100 }).start(input, ctx).result;
  });
  const inner = pipeline("inner")
    .stage(own)
    .stage(spending("c", { tokens: 1_000 }));
  const both = parallel({ inner, items: mapItems(spending("item", { tokens: 10_000 })) });
  const { report } = await reportOf(
    pipeline("p")
      .stage("both", both)
      .stage(spending("d", { tokens: 5 })),
  );
  expect(report.spent?.tokens).toBe(21_116);
  const [stage, last] = report.stages;
  expect([stage?.spent?.tokens, last?.spent?.tokens]).toEqual([21_111, 5]);
  expect(stage?.stages?.map(({ id, spent }) => [id, spent?.tokens])).toEqual([
    ["inner", 1_111],
    ["items", 20_000],
  ]);
  expect(stage?.stages?.[0]?.stages?.map(({ id, spent }) => [id, spent?.tokens])).toEqual([
    ["own", 111],
    ["c", 1_000],
  ]);
});

test("every attempt counts, failed ones and those given up on too, and what is undone", async () => {
  let attempts = 0;
  const flaky = agent("flaky", async (_input, ctx) => {
    attempts++;
    ctx.budget.spend({ calls: 1 });
    if (attempts === 1) throw new Error("refused");
    if (attempts === 2) await new Promise(() => {});
    return "out";
  });
  const steady = withPolicy(flaky, { timeoutMs: 100, retry: { attempts: 3 } });
  const undoable = withUndo(spending("a", { calls: 10 }), (_output, _input, ctx) => {
    ctx.budget.spend({ calls: 100 });
  });
  const { report } = await reportOf(pipeline("p").stage(undoable).stage("steady", steady).stage(bad));
  expect(report.stages.map(({ spent }) => spent?.calls)).toEqual([110, 3, undefined]);
  expect(report.spent?.calls).toBe(113);
});

test("what a budget refuses is not spent", async () => {
  const chain = pipeline("p")
    .stage(spending("a", { tokens: 8 }))
    .stage(spending("b", { tokens: 8 }));
  const { report, result } = await reportOf(chain, { budget: { tokens: 10 } });
  expect(result).toMatchObject({ error: { code: "BUDGET_EXCEEDED", stage: "b" } });
  expect(report.spent).toEqual({ calls: 0, tokens: 8, money: 0 });
  expect(report.stages[1]?.spent).toBeUndefined();
  for (const amounts of [{ tokens: -1 }, { tokens: Number.NaN }, { token: 1 }] as Spending[]) {
    const refused = await reportOf(spending("c", amounts));
    expect(refused.result).toMatchObject({ error: { code: "CONFIG" } });
    expect(refused.report.spent).toBeUndefined();
  }
});

test("a stage sees the run's budget: what others spent, what is left, and its limits", async () => {
  const budget = new Budget({ tokens: 100 });
  const looking = agent("looking", (_input, ctx) => {
    const before = [ctx.budget.remaining("tokens"), ctx.budget.remaining("calls"), ctx.budget.limits];
    ctx.budget.spend({ tokens: 30 });
    return [...before, ctx.budget.spent];
  });
  const { result, report } = await reportOf(
    pipeline("p")
      .stage(spending("a", { tokens: 20 }))
      .stage(looking),
    {
      budget,
    },
  );
  expect(result).toEqual({
    ok: true,
    output: [80, Number.POSITIVE_INFINITY, { tokens: 100 }, { calls: 0, tokens: 50, money: 0 }],
  });
  expect(budget.spent.tokens).toBe(50);
  // Another run that shares the budget has a report of its own.
  const other = await reportOf(spending("b", { tokens: 5 }), { budget });
  expect([other.report.spent?.tokens, report.spent?.tokens, budget.remaining("tokens")]).toEqual([5, 50, 45]);
});

test("a budget handed on to another run counts for the stage that hands it on", async () => {
  const handing = agent("handing", (input, ctx) =>
    spending("other", { calls: 2 }).run(input, { budget: ctx.budget }),
  );
  const { report } = await reportOf(pipeline("p").stage(free).stage(handing));
  expect(report.stages.map(({ spent }) => spent?.calls)).toEqual([undefined, 2]);
});

test("a budget that is kept goes on counting for its own stage", async () => {
  let kept: Budget | undefined;
  const keeping = agent("keeping", (input, ctx) => {
    kept = ctx.budget;
    return input;
  });
  const using = agent("using", async (input, ctx) => {
    await sleep(5, ctx);
    kept?.spend({ calls: 1 });
    return input;
  });
  const { report } = await reportOf(pipeline("p").stage(keeping).stage(using));
  expect(report.stages.map(({ spent }) => spent?.calls)).toEqual([1, undefined]);
});

test("sums agree at every level, whatever is spent where", async () => {
  const amounts = fc.record({ calls: fc.nat(5), tokens: fc.nat(1_000) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(amounts, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      async (drawn) => {
        const groups = drawn.map((each, group) => {
          let chain = pipeline(`group-${group}`).stage("begin", free);
          for (const [index, one] of each.entries()) chain = chain.stage(spending(`s${index}`, one));
          return [`g${group}`, chain] as const;
        });
        const budget = new Budget();
        const { report } = await reportOf(pipeline("p").stage("all", parallel(Object.fromEntries(groups))), {
          budget,
        });
        const sum = (lists: readonly { readonly calls: number; readonly tokens: number }[]) => ({
          calls: lists.reduce((total, { calls }) => total + calls, 0),
          tokens: lists.reduce((total, { tokens }) => total + tokens, 0),
          money: 0,
        });
        expect(report.spent).toEqual(sum(drawn.flat()));
        expect(report.spent).toEqual(budget.spent);
        const shown = report.stages[0]?.stages?.map(({ spent }) => spent);
        expect(shown).toEqual(drawn.map(sum));
      },
    ),
  );
});
