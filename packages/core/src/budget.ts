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

/** An amount of a budget that is held until it is known what was really spent. Made by `Budget.reserve`. */
export interface Reservation {
  /**
   * Counts what was spent, and gives back what was held. Also counts what passes a limit: it has been spent. The first
   * call settles it; others do nothing. What is never settled stays held.
   *
   * @throws AtomicError `CONFIG` when an amount is no number that is not negative; it is not settled then
   */
  readonly settle: (spent: Spending) => void;
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
    this.#take("Budget.spend", amounts);
  }

  /**
   * Holds all of the amounts, or none, for what is going to be spent: a call whose price is known when it has been
   * answered. Nobody else can spend what is held.
   *
   * @throws AtomicError `BUDGET_EXCEEDED` when a limit would be passed.
   * @example
   * ```ts
   * const budget = new Budget({ tokens: 100 });
   * const held = budget.reserve({ calls: 1, tokens: 80 });
   * console.log(budget.remaining("tokens")); // => 20
   * held.settle({ calls: 1, tokens: 30 });
   * console.log(budget.remaining("tokens"), budget.spent.calls); // => 70 1
   * ```
   */
  reserve(amounts: Spending): Reservation {
    const held = { ...amounts };
    this.#take("Budget.reserve", held);
    let isSettled = false;
    return {
      settle: (spent) => {
        checkAmounts("Reservation.settle", spent);
        if (isSettled) return;
        isSettled = true;
        for (const kind of kinds) {
          const sum = this.#spent[kind] - (held[kind] ?? 0) + (spent[kind] ?? 0);
          // Decimal fractions that are added and taken away may leave a little less than nothing.
          this.#spent[kind] = Math.max(0, sum);
        }
      },
    };
  }

  #take(what: string, amounts: Spending): void {
    checkAmounts(what, amounts);
    for (const kind of kinds) {
      const asked = amounts[kind] ?? 0;
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

  /** What was spent so far, with what is held. */
  get spent(): Required<{ readonly [K in BudgetKind]: number }> {
    return { ...this.#spent };
  }
}

function checkAmounts(what: string, amounts: Spending): void {
  checkKeys(what, amounts, kinds);
  for (const kind of kinds) {
    const amount = amounts[kind] ?? 0;
    if (!isAmount(amount)) throw configError(what, kind, "a number that is not negative", amount);
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
