import type { RunReport, StageReport } from "@atomic-agents/core";

/** What the runs of one stage came to. */
export interface StageFigures {
  readonly name: string;
  /** 0 for the whole pipeline, 1 for its stages, 2 for the stages inside these. */
  readonly depth: number;
  /** How many runs began it. */
  readonly count: number;
  /** Half of the runs took no longer than this. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly errors: number;
}

/** What lies deeper, the steps inside an analysis, is in the reports for whoever wants it. */
const deepest = 2;

type Place = Pick<StageReport, "durationMs" | "status" | "stages">;

/** Gathers run reports into figures for the pipeline as a whole and for each of its stages. */
export class StageStatistics {
  readonly #whole = new Stage("whole pipeline");

  add(report: RunReport): void {
    // A run has the statuses of a stage and two more, which a finished run without settled parts does not come to.
    this.#whole.add({ ...report, status: report.status === "failed" ? "failed" : "success" });
  }

  /** The whole first, then the stages in the order in which they run, each followed by those inside it. */
  figures(): readonly StageFigures[] {
    return this.#whole.figures(0);
  }
}

class Stage {
  readonly #name: string;
  readonly #durationsMs: number[] = [];
  readonly #inner = new Map<string, Stage>();
  #errors = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add({ durationMs, status, stages = [] }: Place): void {
    // A stage behind one that failed is in the report, in its place, but was never begun.
    if (status !== "skipped") this.#durationsMs.push(durationMs);
    if (status === "failed") this.#errors++;
    for (const stage of stages) {
      const known = this.#inner.get(stage.id);
      const inner = known ?? new Stage(stage.id);
      if (known === undefined) this.#inner.set(stage.id, inner);
      inner.add(stage);
    }
  }

  figures(depth: number): StageFigures[] {
    const own = {
      name: this.#name,
      depth,
      count: this.#durationsMs.length,
      p50Ms: percentile(this.#durationsMs, 50),
      p95Ms: percentile(this.#durationsMs, 95),
      errors: this.#errors,
    };
    if (depth === deepest) return [own];
    return [own, ...[...this.#inner.values()].flatMap((stage) => stage.figures(depth + 1))];
  }
}

/**
 * The nearest-rank percentile: the smallest of the values that at least so many per cent of them do not exceed. It is
 * always one of the values, never a mean of two; 0 when there are none.
 *
 * @param percent above 0, at most 100; whole, so that the rank is not moved by rounding
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((first, second) => first - second);
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
}
