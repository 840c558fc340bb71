import type { Budget, BudgetKind, Spending } from "@atomic-agents/core";

const kinds: readonly BudgetKind[] = ["calls", "tokens", "money"];

/** What is left of a budget, as a header; undefined when nothing is limited. */
export function remainingBudget(budget: Budget): string | undefined {
  const parts: string[] = [];
  for (const kind of kinds) {
    const left = budget.remaining(kind);
    if (left !== Number.POSITIVE_INFINITY) parts.push(`${kind}=${amountText(left)}`);
  }
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** Spending as a header says it; what is no amount is left out. */
export function parseSpending(text: unknown): Spending | undefined {
  if (typeof text !== "string" || text.length > 200) return undefined;
  const given = new Map(
    text.split(",").map((part) => {
      const [kind = "", amount = ""] = part.split("=", 2);
      return [kind.trim(), amount.trim()] as const;
    }),
  );
  return spendingOf((kind) => {
    const amount = given.get(kind);
    return amount === undefined || !/^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(amount) ? undefined : Number(amount);
  });
}

/** Spending as JSON says it; what is no amount is left out. */
export function spendingFromJson(value: unknown): Spending | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return spendingOf((kind) =>
    kind in value ? (value as Readonly<Record<string, unknown>>)[kind] : undefined,
  );
}

function spendingOf(amountOf: (kind: BudgetKind) => unknown): Spending | undefined {
  const spent: { -readonly [K in BudgetKind]?: number } = {};
  for (const kind of kinds) {
    const amount = amountOf(kind);
    if (typeof amount === "number" && amount > 0 && Number.isFinite(amount)) spent[kind] = amount;
  }
  return Object.keys(spent).length === 0 ? undefined : spent;
}

/** The most digits that a header has before and after the point. */
const mostAmount = 999_999_999_999_999;
const fractionDigits = 12;

/** An amount without an exponent, and never more than it is. */
function amountText(value: number): string {
  const whole = Math.min(Math.floor(value), mostAmount);
  const fraction = Math.floor((value - whole) * 10 ** fractionDigits);
  if (fraction <= 0 || whole === mostAmount) return String(whole);
  return `${whole}.${String(fraction).padStart(fractionDigits, "0").replace(/0+$/, "")}`;
}
