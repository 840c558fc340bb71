import type { Log, MetricsCollector, RequestMetric } from "@atomic-agents/core";
import { isPromiseLike } from "../maybe-promise.ts";
import type { ResolvedOptions } from "../server/options.ts";
import type { CallObserver, ServedAgent, Service } from "../server/service.ts";
import { accessLog } from "./access-log.ts";
import { BothCollectors } from "./both-collectors.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

/** What a service counts and tells. */
export interface ServiceTelemetry {
  readonly metrics: PrometheusMetrics;
  /** What runs are given: the service's metrics, and the user's. */
  readonly collector: MetricsCollector;
  readonly observers: readonly CallObserver[];
}

/** What requests are counted under that are of no agent. */
const ofService = "service";
/** Those to which nothing answers, and those that are refused before it is known. */
const noRoute = "none";

/** @throws AtomicError `CONFIG` */
export function createTelemetry(options: ResolvedOptions): ServiceTelemetry {
  const { maxSeries, tokenUses, metrics: other, log } = options;
  const metrics = new PrometheusMetrics({ maxSeries, tokenUses });
  const collector = other === undefined ? metrics : new BothCollectors(metrics, other);
  const observers: CallObserver[] = [requestCounter(metrics, other, options)];
  if (options.accessLog !== false) observers.push(accessLog(log));
  return { metrics, collector, observers };
}

/** Has what a service has at the moment read when somebody scrapes. */
export function addServiceGauges(service: Service): void {
  const { gate, recordPlaces, recordRequests } = service;
  const { metrics } = service.telemetry;
  metrics.gauge("atomic_requests_in_flight", "Requests that are worked on.", () => gate.inFlight);
  metrics.gauge("atomic_requests_queued", "Requests that wait for their turn.", () => gate.queued);
  metrics.gauge("atomic_records_in_flight", "Records that are worked on.", () => recordPlaces.taken);
  metrics.gauge("atomic_records_queued", "Records that wait for their turn.", () => recordPlaces.waiting);
  metrics.gauge("atomic_record_requests", "Requests of /records that are open.", () => recordRequests.open);
}

function requestCounter(
  metrics: PrometheusMetrics,
  other: MetricsCollector | undefined,
  { log }: ResolvedOptions,
): CallObserver {
  const tellOther = other === undefined ? undefined : guarded(other, log);
  return {
    onEnd: (call, durationMs) => {
      const { agent, route, status } = call;
      const metric = { serviceType: nameOf(agent), status, durationMs, route: route?.name ?? noRoute };
      metrics.request(metric);
      tellOther?.(metric);
    },
  };
}

/** Tells a collector of requests; one that fails is said to, once, and harms nobody. */
function guarded(collector: MetricsCollector, log: Log): (metric: RequestMetric) => void {
  let isSaid = false;
  const say = (error: unknown) => {
    if (isSaid) return;
    isSaid = true;
    try {
      log.warn("A metrics collector failed; what else it fails at is not said", { method: "request", error });
    } catch {
      // A log that fails too leaves nobody to tell.
    }
  };
  return (metric) => {
    try {
      // A method written as `async` gives a promise, whatever its type says.
      const returned: unknown = collector.request(metric);
      if (isPromiseLike(returned)) returned.then(undefined, say);
    } catch (error) {
      say(error);
    }
  };
}

function nameOf(agent: ServedAgent | undefined): string {
  return agent?.name ?? ofService;
}
