import { anything } from "@atomic-agents/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AtomicError, Budget, defineAgent, parallel, untyped } from "./index.ts";

const code = (work: () => unknown) => {
  try {
    work();
    return "fine";
  } catch (thrown) {
    return thrown instanceof AtomicError ? thrown.code : String(thrown);
  }
};

test("what is held cannot be spent by anybody else, and what was not spent can", () => {
  const budget = new Budget({ tokens: 100, calls: 2 });
  const first = budget.reserve({ calls: 1, tokens: 80 });
  expect(code(() => budget.spend({ tokens: 21 }))).toBe("BUDGET_EXCEEDED");
  expect(code(() => budget.reserve({ calls: 1, tokens: 21 }))).toBe("BUDGET_EXCEEDED");
  // All or nothing: the call of the refused one is not held.
  expect(budget.remaining("calls")).toBe(1);
  first.settle({ calls: 1, tokens: 10 });
  expect(budget.spent).toEqual({ calls: 1, tokens: 10, money: 0 });
  budget.spend({ tokens: 90 });
  expect(budget.remaining("tokens")).toBe(0);
});

test("is settled once, with nothing spent as well as with more than was held", () => {
  const budget = new Budget({ money: 1 });
  const unused = budget.reserve({ money: 1 });
  unused.settle({});
  unused.settle({ money: 1 });
  expect(budget.spent.money).toBe(0);
  const short = budget.reserve({ money: 0.5 });
  short.settle({ money: 1.5, tokens: 3 });
  expect(budget.spent).toEqual({ calls: 0, tokens: 3, money: 1.5 });
  expect(budget.remaining("money")).toBe(0);
  expect(code(() => budget.spend({ money: 0.01 }))).toBe("BUDGET_EXCEEDED");
});

test("a wrong amount is refused, and settles nothing", () => {
  const budget = new Budget({ tokens: 10 });
  const held = budget.reserve({ tokens: 10 });
  for (const tokens of [-1, Number.NaN, "5" as unknown as number]) {
    expect(code(() => held.settle({ tokens }))).toBe("CONFIG");
    expect(code(() => budget.reserve({ tokens }))).toBe("CONFIG");
  }
  expect(code(() => held.settle({ token: 1 } as object))).toBe("CONFIG");
  expect(budget.remaining("tokens")).toBe(0);
  held.settle({ tokens: 4 });
  expect(budget.remaining("tokens")).toBe(6);
});

test("reservations of any order add up, and never below nothing", () => {
  const cents = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cents, cents), { maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      (calls, order) => {
        const budget = new Budget({ money: 20 });
        const open: { readonly held: number; readonly spent: number; readonly settle: () => void }[] = [];
        let sum = 0;
        for (const [most, part] of calls) {
          const held = most / 100;
          const spent = Math.min(most, part) / 100;
          if (code(() => budget.spend({ money: held })) !== "fine") continue;
          budget.reserve({}).settle({});
          sum += held;
          const reservation = budget.remaining("money") >= held ? budget.reserve({ money: held }) : undefined;
          if (reservation !== undefined) {
            open.push({ held, spent, settle: () => reservation.settle({ money: spent }) });
          }
        }
        while (open.length > 0) {
          const [next] = open.splice((order.next().value ?? 0) % open.length, 1);
          next?.settle();
          sum += next?.spent ?? 0;
        }
        expect(budget.spent.money).toBeGreaterThanOrEqual(0);
        expect(budget.spent.money).toBeCloseTo(sum, 6);
        expect(budget.spent.money).toBeLessThanOrEqual(20 + 1e-6);
      },
    ),
  );
});

test("a run's stages hold amounts of the same budget, and its report has what they spent", async () => {
  const asking = (name: string, spent: number) =>
    defineAgent({
      name,
      description: "Holds sixty, and spends less.",
      input: anything(),
      output: anything(),
      execute: async (_input, ctx) => {
        const held = ctx.budget.reserve({ calls: 1, tokens: 60 });
        const remaining = ctx.budget.remaining("tokens");
        await Promise.resolve();
        held.settle({ calls: 1, tokens: spent });
        held.settle({ calls: 1, tokens: spent });
        return remaining;
      },
    });
  const both = parallel({ a: asking("a", 10), b: asking("b", 20) });
  const run = untyped(both).start(null, { budget: { tokens: 120 } });
  const result = await run.result;
  expect(result).toMatchObject({ ok: true, output: { a: 60, b: 0 } });
  expect(run.report().spent).toEqual({ calls: 2, tokens: 30, money: 0 });
  const short = await untyped(both).tryRun(null, { budget: { tokens: 100 } });
  expect(short).toMatchObject({ ok: false, error: { code: "BUDGET_EXCEEDED" } });
});
