import type { MetricsCollector, StageMetric } from "@atomic-agents/core";

/**
 * A collector for the run of a request of records: told of the records' stages, and not of the one around them all, which
 * is as long as its caller makes it.
 *
 * That one bears the name of the records' own stages, and is the last of them before the end of the run: the last one that
 * there was is held back until another one comes.
 */
export function withoutOwnStage(collector: MetricsCollector, agent: string): MetricsCollector {
  let held: StageMetric | undefined;
  return {
    stage: (metric) => {
      if (metric.pipeline !== agent || metric.stage !== agent) return collector.stage(metric);
      const before = held;
      held = metric;
      return before === undefined ? undefined : collector.stage(before);
    },
    run: (metric) => {
      if (metric.agent === agent) held = undefined;
      return collector.run(metric);
    },
    request: (metric) => collector.request(metric),
    registration: (metric) => collector.registration(metric),
    healthCheck: (metric) => collector.healthCheck(metric),
  };
}
