import { Budget, type BudgetKind, type Reservation, type Spending } from "../budget.ts";
import type { Frame } from "./frame.ts";

/** The run's budget as a stage sees it: what it spends is noted as the stage's. */
export class StageBudget extends Budget {
  readonly #shared: Budget;
  readonly #frame: Frame;
  readonly #index: number;

  constructor(shared: Budget, frame: Frame, index: number) {
    super(shared.limits);
    this.#shared = shared;
    this.#frame = frame;
    this.#index = index;
  }

  override spend(amounts: Spending): void {
    this.#shared.spend(amounts);
    this.#frame.addSpending(this.#index, amounts);
  }

  /** Noted as the stage's when it is settled: what is held may never be spent. */
  override reserve(amounts: Spending): Reservation {
    const held = this.#shared.reserve(amounts);
    let isSettled = false;
    return {
      settle: (spent) => {
        held.settle(spent);
        if (!isSettled) this.#frame.addSpending(this.#index, spent);
        isSettled = true;
      },
    };
  }

  override remaining(kind: BudgetKind): number {
    return this.#shared.remaining(kind);
  }

  override get spent(): Required<{ readonly [K in BudgetKind]: number }> {
    return this.#shared.spent;
  }
}
