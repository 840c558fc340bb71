import { Budget } from "../budget.ts";
import { nextRunId } from "./run-id.ts";
import type { Env } from "./env.ts";

/** What all frames of one run share and may change. Made when one of them first asks: most runs never do. */
export class Root {
  retriesLeft: number;
  readonly #env: Env;
  readonly #startMs: number;
  #runId: string | undefined;
  #timestampMs: number | undefined;
  #budget: Budget | undefined;

  constructor(env: Env, startMs: number) {
    this.#env = env;
    this.#startMs = startMs;
    this.retriesLeft = env.maxRetries;
  }

  get runId(): string {
    this.#runId ??= nextRunId();
    return this.#runId;
  }

  /** The caller's id; a run that was given none is a request of its own. */
  get requestId(): string {
    return this.#env.options.requestId ?? this.runId;
  }

  /** When the run began, in milliseconds since 1970. Reckoned back, so that a run that nobody asks pays nothing. */
  get timestampMs(): number {
    const { clock } = this.#env;
    this.#timestampMs ??= clock.timestamp() - (clock.now() - this.#startMs);
    return this.#timestampMs;
  }

  get budget(): Budget {
    if (this.#budget === undefined) {
      const { budget } = this.#env.options;
      this.#budget = budget instanceof Budget ? budget : new Budget(budget);
    }
    return this.#budget;
  }
}
