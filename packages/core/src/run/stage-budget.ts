import { Budget, type BudgetKind, type Spending } from "../budget.ts";
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

  override remaining(kind: BudgetKind): number {
    return this.#shared.remaining(kind);
  }

  override get spent(): Required<{ readonly [K in BudgetKind]: number }> {
    return this.#shared.spent;
  }
}
