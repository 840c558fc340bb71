import { collectDefaultMetrics, Registry } from "prom-client";

/** Called totals without being counters: what checks metrics refuses them. */
const misnamed: readonly string[] = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

let registry: Registry | undefined;

/**
 * What there is to know of the process: event loop, CPU, memory, garbage collection. One for all services in it, for it
 * looks on for as long as the process lives.
 */
export function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
    for (const name of misnamed) registry.removeSingleMetric(name);
  }
  return registry;
}
