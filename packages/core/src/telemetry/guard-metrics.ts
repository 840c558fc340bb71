import type { Log } from "../log.ts";
import { isThenable } from "../maybe-promise.ts";
import type {
  HealthCheckMetric,
  MetricsCollector,
  RegistrationMetric,
  RequestMetric,
  RunMetric,
  StageMetric,
} from "./metrics.ts";

/** The collectors whose failure was said. */
const said = new WeakSet<MetricsCollector>();

/**
 * A collector that never throws and never rejects, around one that may. The first failure of a collector in the process
 * goes to the log; later ones would only repeat it.
 */
export function guardMetrics(collector: MetricsCollector, log: Log): MetricsCollector {
  return new GuardedMetrics(collector, log);
}

class GuardedMetrics implements MetricsCollector {
  private readonly collector: MetricsCollector;
  private readonly log: Log;

  constructor(collector: MetricsCollector, log: Log) {
    this.collector = collector;
    this.log = log;
  }

  stage(metric: StageMetric): void {
    try {
      const returned: unknown = this.collector.stage(metric);
      if (returned !== undefined) this.watch("stage", returned);
    } catch (thrown) {
      this.say("stage", thrown);
    }
  }

  run(metric: RunMetric): void {
    try {
      const returned: unknown = this.collector.run(metric);
      if (returned !== undefined) this.watch("run", returned);
    } catch (thrown) {
      this.say("run", thrown);
    }
  }

  request(metric: RequestMetric): void {
    try {
      const returned: unknown = this.collector.request(metric);
      if (returned !== undefined) this.watch("request", returned);
    } catch (thrown) {
      this.say("request", thrown);
    }
  }

  registration(metric: RegistrationMetric): void {
    try {
      const returned: unknown = this.collector.registration(metric);
      if (returned !== undefined) this.watch("registration", returned);
    } catch (thrown) {
      this.say("registration", thrown);
    }
  }

  healthCheck(metric: HealthCheckMetric): void {
    try {
      const returned: unknown = this.collector.healthCheck(metric);
      if (returned !== undefined) this.watch("healthCheck", returned);
    } catch (thrown) {
      this.say("healthCheck", thrown);
    }
  }

  /** A method written as `async` fails later, where nobody would catch it. */
  private watch(method: keyof MetricsCollector, returned: unknown): void {
    if (isThenable(returned)) returned.then(undefined, (thrown: unknown) => this.say(method, thrown));
  }

  private say(method: keyof MetricsCollector, thrown: unknown): void {
    if (said.has(this.collector)) return;
    said.add(this.collector);
    try {
      this.log.warn("A metrics collector failed; what else it fails at is not said", {
        method,
        error: thrown,
      });
    } catch {
      // A log that fails too leaves nobody to tell.
    }
  }
}
