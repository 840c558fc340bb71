import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { AtomicAgent, Budget, defineAgent, isAgent, pipeline, sleep, type Spending } from "./index.ts";

const Text = z.object({ text: z.string() });
const Seen = z.object({ seen: z.int() });

class Counter extends AtomicAgent<typeof Text, typeof Seen> {
  readonly name: string = "counter";
  readonly description = "Counts its calls.";
  readonly input = Text;
  readonly output = Seen;
  #seen = 0;

  protected execute({ text }: z.output<typeof Text>): z.input<typeof Seen> {
    if (text === "fail") throw new Error("busy");
    this.#seen++;
    return { seen: this.#seen };
  }
}

describe("an agent of a class", () => {
  test("keeps its own state, and is an agent like any other", async () => {
    const [first, second] = [new Counter(), new Counter()];
    expect(await first.run({ text: "" })).toEqual({ seen: 1 });
    expect(await pipeline("p").stage(first).run({ text: "" })).toEqual({ seen: 2 });
    expect(await second.run({ text: "" })).toEqual({ seen: 1 });
    expect(isAgent(first)).toBe(true);
    expect(first.id).not.toBe(second.id);
    expect(first).toMatchObject({ version: "1.0.0", capabilities: [] });
    expect(await first.tryRun({ text: "fail" })).toMatchObject({
      error: { code: "EXECUTION", agent: "counter" },
    });
    // @ts-expect-error not a text
    expect(await first.tryRun({ text: 5 })).toMatchObject({ error: { code: "VALIDATION_INPUT" } });
  });

  test("may be handed around as functions, and derived from again", async () => {
    class Loud extends Counter {
      override readonly name = "loud";
    }
    const { run, tryRun, start } = new Loud();
    expect(await run({ text: "" })).toEqual({ seen: 1 });
    expect(await tryRun({ text: "" })).toEqual({ ok: true, output: { seen: 2 } });
    const started = start({ text: "" });
    expect(await started.result).toEqual({ ok: true, output: { seen: 3 } });
    expect(started.report().agent).toBe("loud");
  });
});

test("a defined agent does not change with what it was made of", () => {
  const capabilities = ["counting"];
  const parts = { name: "a", description: "Hands on.", input: Text, output: Text, capabilities };
  const agent = defineAgent({ ...parts, execute: (input) => input });
  capabilities.push("more");
  expect(agent.capabilities).toEqual(["counting"]);
  expect(() => Object.assign(agent, { name: "b" })).toThrow(TypeError);
});

test.each([5, null, undefined, "agent", {}, { "~atomic": null }, { "~atomic": { version: 2 } }])(
  "%j is no agent",
  (value) => {
    expect(isAgent(value)).toBe(false);
  },
);

describe("a budget", () => {
  const kinds = ["calls", "tokens", "money"] as const;
  const amounts = fc.record(
    { calls: fc.nat(5), tokens: fc.nat(100), money: fc.nat(10) },
    { requiredKeys: [] },
  );

  test("is never passed, and an amount is spent whole or not at all", () => {
    fc.assert(
      fc.property(amounts, fc.array(amounts, { maxLength: 30 }), (limits, asked: Spending[]) => {
        const budget = new Budget(limits);
        for (const each of asked) {
          const before = budget.spent;
          const fits = kinds.every((kind) => (each[kind] ?? 0) <= budget.remaining(kind));
          const spend = () => budget.spend(each);
          if (fits) spend();
          else expect(spend).toThrow(expect.objectContaining({ code: "BUDGET_EXCEEDED" }));
          for (const kind of kinds) {
            expect(budget.spent[kind]).toBe(before[kind] + (fits ? (each[kind] ?? 0) : 0));
            expect(budget.remaining(kind)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });
});

describe("a budget of decimal fractions", () => {
  test("takes what adds up to its limit, though the sum is off by a little", () => {
    const budget = new Budget({ money: 0.3 });
    budget.spend({ money: 0.1 });
    budget.spend({ money: 0.2 });
    expect(budget.remaining("money")).toBe(0);
    expect(() => budget.spend({ money: 0.01 })).toThrow(expect.objectContaining({ code: "BUDGET_EXCEEDED" }));
    budget.spend({ money: 0 });
  });

  test("takes as many equal amounts as its limit was multiplied by, and not one more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }), (cents, count) => {
        const each = cents / 100;
        const budget = new Budget({ money: (cents * count) / 100 });
        for (let spent = 0; spent < count; spent++) budget.spend({ money: each });
        expect(budget.remaining("money")).toBeLessThan(1e-6);
        expect(budget.remaining("money")).toBeGreaterThanOrEqual(0);
        expect(() => budget.spend({ money: each })).toThrow(
          expect.objectContaining({
            code: "BUDGET_EXCEEDED",
            details: expect.objectContaining({ asked: each }),
          }),
        );
      }),
    );
  });

  test("is not passed by amounts too small to matter", () => {
    const budget = new Budget({ money: 0.3 });
    budget.spend({ money: 0.3 });
    const spendLittle = () => {
      for (let time = 0; time < 100; time++) budget.spend({ money: 1e-10 });
    };
    expect(spendLittle).toThrow(expect.objectContaining({ code: "BUDGET_EXCEEDED" }));
    expect(budget.spent.money).toBeCloseTo(0.3, 8);
  });
});

describe("sleep", () => {
  test("ends with its time, and early with the signal's reason, leaving no timer", async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    const ctx = { clock, signal: controller.signal };
    await clock.until(sleep(100, ctx));
    expect(clock.now()).toBe(100);
    const reason = new Error("stop");
    const sleeping = sleep(100, ctx);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(sleep(100, ctx)).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });
});
