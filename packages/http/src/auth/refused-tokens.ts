import type { Clock, Log } from "@atomic-agents/core";
import type { PrometheusMetrics } from "../telemetry/prometheus-metrics.ts";
import type { NoPrincipal } from "./token-ring.ts";

/** How often the log tells of wrong tokens at most. */
const everyMs = 10_000;

/**
 * Counts requests without a good token. Of tokens that are wrong the log has a line as well, which may be all that is seen
 * of somebody who guesses; not one for each, for a guesser shall not fill the log.
 */
export class RefusedTokens {
  readonly #metrics: PrometheusMetrics;
  readonly #clock: Clock;
  readonly #log: Log;
  #count = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(metrics: PrometheusMetrics, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#log = log;
  }

  note(problem: NoPrincipal): void {
    this.#metrics.refusedToken(problem);
    if (problem === "missing") return;
    this.#count++;
    const nowMs = this.#clock.now();
    if (nowMs - this.#toldAtMs < everyMs) return;
    const requests = this.#count;
    this.#count = 0;
    this.#toldAtMs = nowMs;
    try {
      this.#log.warn("requests came with a token that is wrong or has expired", { requests });
    } catch {
      // A log that fails leaves nobody to tell, and the request has to be refused.
    }
  }
}
