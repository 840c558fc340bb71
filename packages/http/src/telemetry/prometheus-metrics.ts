import {
  checkCount,
  checkKeys,
  configError,
  type HealthCheckMetric,
  type MetricsCollector,
  type RegistrationMetric,
  type RequestMetric,
  type RunMetric,
  type StageMetric,
} from "@atomic-agents/core";
import { Registry } from "prom-client";
import {
  type CellFamily,
  type Count,
  countFamily,
  durationFamily,
  type Durations,
  type Family,
  metricOf,
} from "./families.ts";
import { processMetrics } from "./process-metrics.ts";
import { SeriesBudget } from "./series.ts";
import type { TokenUses } from "./token-uses.ts";

/** What `PrometheusMetrics` takes. */
export interface PrometheusMetricsOptions {
  /**
   * How many time series there may be at most; 4,000 unless said otherwise. A duration is 19 of them. What comes when there
   * is no more room is counted under the label `overflow`.
   */
  readonly maxSeries?: number | undefined;
  /** Asked at each scrape for `atomic_tokens_total`. */
  readonly tokenUses?: TokenUses | undefined;
}

/** What became of a record. */
export type RecordOutcome = "delivered" | "filtered" | "deadLettered" | "failed" | "unfinished";

const maxSeriesUnlessSaid = 4_000;

/**
 * Metrics for Prometheus, of what it is told: give it to runs as `metrics`. A service has one of its own, at `/metrics`.
 *
 * - `atomic_requests_total{service_type,route,status}`, `atomic_request_duration_seconds{service_type,route}`
 * - `atomic_active_services{service_type}`, `atomic_health_checks_total{service_type,health}`
 * - `atomic_runs_total{agent,status}`
 * - `atomic_stage_duration_seconds{pipeline,stage}`, `atomic_stage_failures_total{pipeline,stage,code}`
 * - `atomic_records_total{flow,stage,outcome}`
 * - `atomic_refused_tokens_total{problem}`
 * - `atomic_tokens_total{model,kind}`; `cached` is part of `input`, and `reasoning` of `output`
 * - what Node.js tells of the process: event loop, CPU, memory, garbage collection
 *
 * The number of time series is bounded, whatever it is told.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const metrics = new PrometheusMetrics();
 * metrics.run({ agent: "triage", status: "success", durationMs: 10 });
 * const text = await metrics.text();
 * console.log(text.split("\n").find((line) => line.startsWith("atomic_runs_total")));
 * // => atomic_runs_total{agent="triage",status="success"} 1
 * ```
 */
export class PrometheusMetrics implements MetricsCollector {
  /** What `text` is, for the header `content-type`. */
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #requests: CellFamily<Count>;
  readonly #requestDurations: CellFamily<Durations>;
  readonly #services: CellFamily<Count>;
  readonly #healthChecks: CellFamily<Count>;
  readonly #runs: CellFamily<Count>;
  readonly #stageDurations: CellFamily<Durations>;
  readonly #stageFailures: CellFamily<Count>;
  readonly #records: CellFamily<Count>;
  readonly #refusedTokens: CellFamily<Count>;

  constructor(options: PrometheusMetricsOptions = {}) {
    const what = "PrometheusMetrics";
    checkKeys(what, options, ["maxSeries", "tokenUses"]);
    const { maxSeries = maxSeriesUnlessSaid, tokenUses } = options;
    checkCount(what, "maxSeries", maxSeries);
    if (tokenUses !== undefined && !Array.isArray(tokenUses?.uses)) {
      throw configError(what, "tokenUses", "an object with uses, such as a ModelMeter", tokenUses);
    }
    const budget = new SeriesBudget(maxSeries);
    const counter = (name: string, help: string, labels: readonly string[]) =>
      this.#added(countFamily("counter", { name, help }, labels, budget));
    const histogram = (name: string, help: string, labels: readonly string[]) =>
      this.#added(durationFamily({ name, help }, labels, budget));
    this.#requests = counter("atomic_requests_total", "Requests that were answered.", [
      "service_type",
      "route",
      "status",
    ]);
    this.#requestDurations = histogram(
      "atomic_request_duration_seconds",
      "From the head of a request to the end of its answer.",
      ["service_type", "route"],
    );
    const services = { name: "atomic_active_services", help: "Instances that take requests." };
    this.#services = this.#added(countFamily("gauge", services, ["service_type"], budget));
    this.#healthChecks = counter("atomic_health_checks_total", "Looks at the health of instances.", [
      "service_type",
      "health",
    ]);
    this.#runs = counter("atomic_runs_total", "Runs that have ended.", ["agent", "status"]);
    this.#stageDurations = histogram(
      "atomic_stage_duration_seconds",
      "From the beginning of a stage to its end, waits between attempts included.",
      ["pipeline", "stage"],
    );
    this.#stageFailures = counter("atomic_stage_failures_total", "Stages that have failed.", [
      "pipeline",
      "stage",
      "code",
    ]);
    this.#records = counter("atomic_records_total", "Records, by what became of them.", [
      "flow",
      "stage",
      "outcome",
    ]);
    this.#refusedTokens = counter(
      "atomic_refused_tokens_total",
      "Requests that were refused for want of a good token, by whether it was missing or invalid.",
      ["problem"],
    );
    if (tokenUses !== undefined) this.#addTokens(tokenUses, budget);
    this.contentType = this.#registry.contentType;
    // From now on: what the process did before the first scrape counts too.
    processMetrics();
  }

  stage({ pipeline, stage, durationMs, code }: StageMetric): void {
    this.#stageDurations.cells.of(pipeline, stage).observe(durationMs);
    if (code !== undefined) this.#stageFailures.cells.of(pipeline, stage, code).value++;
  }

  run({ agent, status }: RunMetric): void {
    this.#runs.cells.of(agent, status).value++;
  }

  request({ serviceType, route = "", status, durationMs }: RequestMetric): void {
    this.#requests.cells.of(serviceType, route, String(status)).value++;
    this.#requestDurations.cells.of(serviceType, route).observe(durationMs);
  }

  registration({ serviceType, active }: RegistrationMetric): void {
    this.#services.cells.of(serviceType).value = active;
  }

  healthCheck({ serviceType, health }: HealthCheckMetric): void {
    this.#healthChecks.cells.of(serviceType, health).value++;
  }

  /**
   * Counts records.
   *
   * @param stage where they ended, when that was before the end
   */
  record(flow: string, stage: string, outcome: RecordOutcome, count = 1): void {
    this.#records.cells.of(flow, stage, outcome).value += count;
  }

  /** Counts a request without a good token. */
  refusedToken(problem: "missing" | "invalid"): void {
    this.#refusedTokens.cells.of(problem).value++;
  }

  /** Has a number read at each scrape; `name` as Prometheus wants it, with its unit. */
  gauge(name: string, help: string, read: () => number): void {
    this.#registry.registerMetric(
      metricOf({ name, help, type: "gauge", values: () => [{ labels: {}, value: read() }] }),
    );
  }

  /** All of it in the text format of Prometheus, version 0.0.4. */
  text(): Promise<string> {
    return Registry.merge([this.#registry, processMetrics()]).metrics();
  }

  #added<TFamily extends Family>(family: TFamily): TFamily {
    this.#registry.registerMetric(metricOf(family));
    return family;
  }

  #addTokens(tokenUses: TokenUses, budget: SeriesBudget): void {
    const help = "Tokens that language models have used; cached is part of input, reasoning of output.";
    const card = { name: "atomic_tokens_total", help };
    const family = countFamily("counter", card, ["model", "kind"], budget);
    const values = () => {
      for (const [, count] of family.cells.all) count.value = 0;
      for (const { model, usage } of tokenUses.uses) {
        family.cells.of(model, "input").value += usage.inputTokens;
        family.cells.of(model, "output").value += usage.outputTokens;
        family.cells.of(model, "cached").value += usage.cachedTokens ?? 0;
        family.cells.of(model, "reasoning").value += usage.reasoningTokens ?? 0;
      }
      return family.values();
    };
    this.#added({ ...family, values });
  }
}
