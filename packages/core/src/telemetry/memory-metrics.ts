import type {
  Health,
  HealthCheckMetric,
  MetricsCollector,
  RegistrationMetric,
  RequestMetric,
  RunMetric,
  StageMetric,
} from "./metrics.ts";

/** How many names of one kind are told apart. */
const maxNames = 1_000;

/** How many statuses or codes of one name are told apart. */
const maxLabels = 100;

/** How many durations of one name are kept. */
const maxDurations = 1_000;

/** What comes after the names that are told apart. */
const other = "(other)";

/** How often each of some labels came. */
export type MetricCounts = Readonly<Record<string, number>>;

/**
 * The last 1,000 durations of something. A percentile is that of the nearest rank: of n durations in ascending order the
 * one at place ⌈p/100 · n⌉, counted from 1. So it is always a duration that was measured.
 */
export interface DurationSummary {
  /** How many durations the other numbers are of. */
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** What became of an agent's runs. */
export interface RunSummary {
  readonly executions: number;
  readonly statuses: MetricCounts;
  /** By error code. */
  readonly errors: MetricCounts;
  readonly durations: DurationSummary;
}

/** What became of a stage. */
export interface StageSummary extends RunSummary {
  /** Calls of the agent, retries included. */
  readonly attempts: number;
}

/** How a service answered. */
export interface RequestSummary {
  readonly requests: number;
  readonly statuses: MetricCounts;
  readonly durations: DurationSummary;
}

/** The instances of a service. */
export interface ServiceSummary {
  /** How many there were at the last change. */
  readonly active: number;
  /** How often instances came and went. */
  readonly changes: MetricCounts;
}

/** An instance as it was when it was looked at last. */
export interface HealthSummary {
  readonly health: Health;
  readonly checks: number;
  /** How long the last look took. */
  readonly durationMs: number;
}

/** All that was counted. Plain data, fit for JSON. */
export interface MetricsSummary {
  /** By the name of the agent that was run. */
  readonly agents: Readonly<Record<string, RunSummary>>;
  /** By `pipeline/stage`. */
  readonly stages: Readonly<Record<string, StageSummary>>;
  /** By service type. */
  readonly requests: Readonly<Record<string, RequestSummary>>;
  /** By service type. */
  readonly services: Readonly<Record<string, ServiceSummary>>;
  /** By `service type/instance`. */
  readonly health: Readonly<Record<string, HealthSummary>>;
}

/**
 * MetricCounts in memory what a run, or many runs, tell. Give one to as many runs as shall be counted together.
 *
 * It does not grow for ever: of agents, stages, service types and instances each it tells 1,000 names apart, the first
 * it sees, and counts the rest as `(other)`; of each name it keeps the last 1,000 durations. Durations that are
 * negative or no number are counted but not kept.
 *
 * @example
 * ```ts
 * const metrics = new MemoryMetrics();
 * metrics.run({ agent: "triage", status: "success", durationMs: 10 });
 * metrics.run({ agent: "triage", status: "failed", durationMs: 30, code: "TIMEOUT" });
 * const { executions, statuses, errors, durations } = metrics.summary().agents["triage"] ?? {};
 * console.log(executions, statuses, errors); // => 2 { success: 1, failed: 1 } { TIMEOUT: 1 }
 * console.log(durations); // => { count: 2, meanMs: 20, p50Ms: 10, p95Ms: 30 }
 * ```
 */
export class MemoryMetrics implements MetricsCollector {
  readonly #agents = new Names(runCountOf);
  readonly #stages = new PairNames(runCountOf);
  readonly #requests = new Names(requestCountOf);
  readonly #services = new Names(serviceCountOf);
  readonly #health = new PairNames(healthOf);

  stage({ pipeline, stage, status, durationMs, attempts, code }: StageMetric): void {
    const count = this.#stages.of(pipeline, stage);
    addRun(count, status, durationMs, code);
    count.attempts += attempts;
  }

  run({ agent, status, durationMs, code }: RunMetric): void {
    addRun(this.#agents.of(agent), status, durationMs, code);
  }

  request({ serviceType, status, durationMs }: RequestMetric): void {
    const count = this.#requests.of(serviceType);
    count.requests++;
    count.statuses.add(typeof status === "string" ? status : String(status));
    count.durations.add(durationMs);
  }

  registration({ serviceType, change, active }: RegistrationMetric): void {
    const count = this.#services.of(serviceType);
    count.active = active;
    count.changes.add(change);
  }

  healthCheck({ serviceType, instance, health, durationMs }: HealthCheckMetric): void {
    const seen = this.#health.of(serviceType, instance);
    seen.health = health;
    seen.checks++;
    seen.durationMs = durationMs;
  }

  /** What was counted since the beginning, or since the last `reset`. Sorts durations: ask it now and then. */
  summary(): MetricsSummary {
    return {
      agents: this.#agents.summary(runSummaryOf),
      stages: this.#stages.summary((count) => ({ ...runSummaryOf(count), attempts: count.attempts })),
      requests: this.#requests.summary(({ requests, statuses, durations }) => ({
        requests,
        statuses: statuses.summary(),
        durations: durations.summary(),
      })),
      services: this.#services.summary(({ active, changes }) => ({ active, changes: changes.summary() })),
      health: this.#health.summary((seen) => ({ ...seen })),
    };
  }

  /** Forgets all that was counted, and all names. */
  reset(): void {
    for (const names of [this.#agents, this.#stages, this.#requests, this.#services, this.#health]) {
      names.clear();
    }
  }
}

interface RunCount {
  executions: number;
  attempts: number;
  readonly statuses: Labels;
  readonly errors: Labels;
  readonly durations: Durations;
}

function runCountOf(): RunCount {
  return {
    executions: 0,
    attempts: 0,
    statuses: new Labels(),
    errors: new Labels(),
    durations: new Durations(),
  };
}

function addRun(count: RunCount, status: string, durationMs: number, code: string | undefined): void {
  count.executions++;
  count.statuses.add(status);
  if (code !== undefined) count.errors.add(code);
  count.durations.add(durationMs);
}

function runSummaryOf({ executions, statuses, errors, durations }: RunCount): RunSummary {
  return {
    executions,
    statuses: statuses.summary(),
    errors: errors.summary(),
    durations: durations.summary(),
  };
}

function requestCountOf() {
  return { requests: 0, statuses: new Labels(), durations: new Durations() };
}

function serviceCountOf() {
  return { active: 0, changes: new Labels() };
}

function healthOf(): { -readonly [K in keyof HealthSummary]: HealthSummary[K] } {
  return { health: "unknown", checks: 0, durationMs: 0 };
}

/** What is counted of each name. */
class Names<TCount> {
  private readonly counts = new Map<string, TCount>();
  private readonly create: () => TCount;

  constructor(create: () => TCount) {
    this.create = create;
  }

  of(name: string): TCount {
    return this.counts.get(name) ?? this.add(name);
  }

  private add(name: string): TCount {
    if (this.counts.size >= maxNames && name !== other) return this.of(other);
    const count = this.create();
    this.counts.set(name, count);
    return count;
  }

  summary<TSummary>(toSummary: (count: TCount) => TSummary): Readonly<Record<string, TSummary>> {
    return Object.fromEntries([...this.counts].map(([name, count]) => [name, toSummary(count)]));
  }

  clear(): void {
    this.counts.clear();
  }
}

/** What is counted of each pair of names; in two steps, for to join them each time would cost more than to count. */
class PairNames<TCount> {
  private readonly groups = new Map<string, Map<string, TCount>>();
  private readonly create: () => TCount;
  private size = 0;
  private rest: TCount | undefined = undefined;

  constructor(create: () => TCount) {
    this.create = create;
  }

  of(first: string, second: string): TCount {
    return this.groups.get(first)?.get(second) ?? this.add(first, second);
  }

  private add(first: string, second: string): TCount {
    if (this.size >= maxNames) {
      this.rest ??= this.create();
      return this.rest;
    }
    this.size++;
    const count = this.create();
    const group = this.groups.get(first);
    if (group === undefined) this.groups.set(first, new Map([[second, count]]));
    else group.set(second, count);
    return count;
  }

  summary<TSummary>(toSummary: (count: TCount) => TSummary): Readonly<Record<string, TSummary>> {
    const summary = new Map<string, TSummary>();
    for (const [first, group] of this.groups) {
      for (const [second, count] of group) summary.set(`${first}/${second}`, toSummary(count));
    }
    if (this.rest !== undefined) summary.set(other, toSummary(this.rest));
    return Object.fromEntries(summary);
  }

  clear(): void {
    this.groups.clear();
    this.size = 0;
    this.rest = undefined;
  }
}

/** How often each label came. */
class Labels {
  private readonly counts = new Map<string, { count: number }>();

  add(label: string): void {
    const counted = this.counts.get(label);
    if (counted !== undefined) counted.count++;
    else if (this.counts.size >= maxLabels && label !== other) this.add(other);
    else this.counts.set(label, { count: 1 });
  }

  summary(): MetricCounts {
    return Object.fromEntries([...this.counts].map(([label, { count }]) => [label, count]));
  }
}

/** The last durations, in a ring that grows to its size. */
class Durations {
  private readonly kept: number[] = [];
  /** Where the next one goes, once the ring is full. */
  private place = 0;

  add(durationMs: number): void {
    if (!Number.isFinite(durationMs) || durationMs < 0) return;
    if (this.kept.length < maxDurations) this.kept.push(durationMs);
    else {
      this.kept[this.place] = durationMs;
      this.place = this.place + 1 === maxDurations ? 0 : this.place + 1;
    }
  }

  summary(): DurationSummary {
    const sorted = this.kept.toSorted((a, b) => a - b);
    const count = sorted.length;
    const sumMs = sorted.reduce((sum, durationMs) => sum + durationMs, 0);
    const meanMs = count === 0 ? 0 : sumMs / count;
    return { count, meanMs, p50Ms: nearestRank(sorted, 50), p95Ms: nearestRank(sorted, 95) };
  }
}

/** 0 when there is none. */
function nearestRank(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
}
