import { Budget } from "@atomic-agents/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSpending, remainingBudget, spendingFromJson } from "./budget-header.ts";

test("says what is left of what is limited", () => {
  expect(remainingBudget(new Budget())).toBeUndefined();
  const budget = new Budget({ calls: 3, money: 0.5 });
  budget.spend({ calls: 1, money: 0.2 });
  expect(remainingBudget(budget)).toBe("calls=2, money=0.3");
  expect(remainingBudget(new Budget({ tokens: 0, money: 1e-7 }))).toBe("tokens=0, money=0.0000001");
  expect(remainingBudget(new Budget({ tokens: 1e21 }))).toBe("tokens=999999999999999");
});

test("never says more than is left, in digits that a service reads", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (money) => {
      const text = remainingBudget(new Budget({ money })) ?? "";
      expect(text).toMatch(/^money=\d{1,15}(?:\.\d{1,15})?$/);
      expect(Number(text.slice(6))).toBeLessThanOrEqual(money);
      expect(Number(text.slice(6))).toBeCloseTo(money, 9);
    }),
  );
});

test("reads what was spent, as numbers are written", () => {
  expect(parseSpending("calls=2, tokens=30, money=2.5e-7")).toEqual({ calls: 2, tokens: 30, money: 2.5e-7 });
  expect(parseSpending("money=0.5,calls=0")).toEqual({ money: 0.5 });
  for (const text of [
    undefined,
    "",
    "calls=-1",
    "calls=NaN",
    "calls=Infinity",
    "calls=1e999",
    "x=1",
    "calls",
    "a".repeat(300),
    5,
  ]) {
    expect(parseSpending(text)).toBeUndefined();
  }
  expect(spendingFromJson({ calls: 1, tokens: "5", money: -1, more: 2 })).toEqual({ calls: 1 });
  expect(spendingFromJson(null)).toBeUndefined();
});
