import { Budget } from "../budget.ts";
import { wallTimeMs } from "../time/wall-time.ts";
import { nextRunId } from "./run-id.ts";
import type { Env } from "./env.ts";

/** What all frames of one run share and may change. Made when one of them first asks: most runs never do. */
export class Root {
  retriesLeft: number;
  private readonly ownEnv: Env;
  private readonly ownStartMs: number;
  private ownRunId: string | undefined = undefined;
  private ownTimestampMs: number | undefined = undefined;
  private ownBudget: Budget | undefined = undefined;

  constructor(env: Env, startMs: number) {
    this.ownEnv = env;
    this.ownStartMs = startMs;
    this.retriesLeft = env.maxRetries;
  }

  get runId(): string {
    this.ownRunId ??= nextRunId();
    return this.ownRunId;
  }

  /** The caller's id; a run that was given none is a request of its own. */
  get requestId(): string {
    return this.ownEnv.options.requestId ?? this.runId;
  }

  /** When the run began, in milliseconds since 1970. Reckoned back, so that a run that nobody asks pays nothing. */
  get timestampMs(): number {
    this.ownTimestampMs ??= wallTimeMs(this.ownEnv.clock, this.ownStartMs);
    return this.ownTimestampMs;
  }

  get budget(): Budget {
    if (this.ownBudget === undefined) {
      const { budget } = this.ownEnv.options;
      this.ownBudget = budget instanceof Budget ? budget : new Budget(budget);
    }
    return this.ownBudget;
  }
}
