import type {
  HealthCheckMetric,
  MetricsCollector,
  RegistrationMetric,
  RequestMetric,
  RunMetric,
  StageMetric,
} from "@atomic-agents/core";

/** Tells two collectors of everything: the service's own, which does not throw, and then the user's. */
export class BothCollectors implements MetricsCollector {
  readonly #own: MetricsCollector;
  readonly #other: MetricsCollector;

  constructor(own: MetricsCollector, other: MetricsCollector) {
    this.#own = own;
    this.#other = other;
  }

  // What the other one gives is handed on: who calls a collector looks after promises that fail.

  stage(metric: StageMetric): void {
    this.#own.stage(metric);
    return this.#other.stage(metric);
  }

  run(metric: RunMetric): void {
    this.#own.run(metric);
    return this.#other.run(metric);
  }

  request(metric: RequestMetric): void {
    this.#own.request(metric);
    return this.#other.request(metric);
  }

  registration(metric: RegistrationMetric): void {
    this.#own.registration(metric);
    return this.#other.registration(metric);
  }

  healthCheck(metric: HealthCheckMetric): void {
    this.#own.healthCheck(metric);
    return this.#other.healthCheck(metric);
  }
}
