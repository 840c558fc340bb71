import { AtomicError } from "./errors/atomic-error.ts";
import { configError } from "./errors/config-error.ts";
import { checkKeys } from "./limits.ts";

/** What a run may spend at most; a kind that is left out is not limited. */
export interface BudgetLimits {
  /** Calls of paid or limited services. */
  readonly calls?: number | undefined;
  readonly tokens?: number | undefined;
  /** In the currency of the prices in use. */
  readonly money?: number | undefined;
}

/** An amount of each kind. */
export interface Spending {
  readonly calls?: number | undefined;
  readonly tokens?: number | undefined;
  readonly money?: number | undefined;
}

/** What sums of decimal fractions may be off by. */
const rounding = 1e-9;

const kinds = ["calls", "tokens", "money"] as const;

/** What a budget limits. */
export type BudgetKind = (typeof kinds)[number];

/**
 * What a run may still spend. One budget is shared by all stages and branches of a run.
 *
 * @example
 * ```ts
 * const budget = new Budget({ tokens: 100 });
 * budget.spend({ tokens: 60 });
 * console.log(budget.remaining("tokens")); // => 40
 * ```
 */
export class Budget {
  readonly limits: BudgetLimits;
  readonly #spent = { calls: 0, tokens: 0, money: 0 };

  constructor(limits: BudgetLimits = {}) {
    checkLimits(limits);
    this.limits = limits;
  }

  /**
   * Spends all of the amounts, or none.
   *
   * @throws AtomicError `BUDGET_EXCEEDED` when a limit would be passed.
   */
  spend(amounts: Spending): void {
    checkKeys("Budget.spend", amounts, kinds);
    for (const kind of kinds) {
      const asked = amounts[kind] ?? 0;
      if (!isAmount(asked)) throw configError("Budget.spend", kind, "a number that is not negative", asked);
      if (asked > this.#left(kind) + rounding) {
        const limit = this.limits[kind] ?? Number.POSITIVE_INFINITY;
        const spent = this.#spent[kind];
        throw new AtomicError(
          "BUDGET_EXCEEDED",
          `Budget exceeded: ${asked} ${kind} asked, ${spent} of ${limit} spent`,
          { details: { kind, limit, spent, asked } },
        );
      }
    }
    for (const kind of kinds) this.#spent[kind] += amounts[kind] ?? 0;
  }

  /** What may still be spent of a kind; `Infinity` when it is not limited. */
  remaining(kind: BudgetKind): number {
    return Math.max(0, this.#left(kind));
  }

  /** May be below zero by what sums are off by. Were it not, amounts as small could be spent without end. */
  #left(kind: BudgetKind): number {
    const limit = this.limits[kind];
    return limit === undefined ? Number.POSITIVE_INFINITY : limit - this.#spent[kind];
  }

  /** What was spent so far. */
  get spent(): Required<{ readonly [K in BudgetKind]: number }> {
    return { ...this.#spent };
  }
}

/** Checks what a run may spend. @throws AtomicError `CONFIG` */
export function checkLimits(limits: BudgetLimits): void {
  checkKeys("Budget", limits, kinds);
  for (const kind of kinds) {
    const limit = limits[kind];
    if (limit !== undefined && !isAmount(limit)) {
      throw configError("Budget", kind, "a number that is not negative", limit);
    }
  }
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}
