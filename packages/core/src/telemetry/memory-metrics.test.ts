import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryMetrics } from "./memory-metrics.ts";
import type {
  HealthCheckMetric,
  RegistrationMetric,
  RequestMetric,
  RunMetric,
  StageMetric,
} from "./metrics.ts";

const run = (parts: Partial<RunMetric> = {}): RunMetric => ({
  agent: "triage",
  status: "success",
  durationMs: 1,
  ...parts,
});
const stage = (parts: Partial<StageMetric> = {}): StageMetric => ({
  pipeline: "triage",
  stage: "classify",
  agent: "classifier",
  status: "success",
  durationMs: 1,
  attempts: 1,
  ...parts,
});
const request = (parts: Partial<RequestMetric> = {}): RequestMetric => ({
  serviceType: "triage",
  status: 200,
  durationMs: 1,
  ...parts,
});
const registration = (parts: Partial<RegistrationMetric> = {}): RegistrationMetric => ({
  serviceType: "triage",
  change: "registered",
  active: 1,
  ...parts,
});
const healthCheck = (parts: Partial<HealthCheckMetric> = {}): HealthCheckMetric => ({
  serviceType: "triage",
  instance: "a",
  health: "healthy",
  durationMs: 1,
  ...parts,
});

test("nothing was counted yet", () => {
  expect(new MemoryMetrics().summary()).toEqual({
    agents: {},
    stages: {},
    requests: {},
    services: {},
    health: {},
  });
});

test("counts runs by agent, status and code", () => {
  const metrics = new MemoryMetrics();
  metrics.run(run({ durationMs: 10 }));
  metrics.run(run({ durationMs: 20, status: "failed", code: "TIMEOUT" }));
  metrics.run(run({ durationMs: 60, status: "failed", code: "TIMEOUT" }));
  metrics.run(run({ durationMs: 30, status: "cancelled", code: "CANCELLED" }));
  metrics.run(run({ agent: "other", durationMs: 5 }));
  expect(metrics.summary().agents).toEqual({
    triage: {
      executions: 4,
      statuses: { success: 1, failed: 2, cancelled: 1 },
      errors: { TIMEOUT: 2, CANCELLED: 1 },
      durations: { count: 4, meanMs: 30, p50Ms: 20, p95Ms: 60 },
    },
    other: {
      executions: 1,
      statuses: { success: 1 },
      errors: {},
      durations: { count: 1, meanMs: 5, p50Ms: 5, p95Ms: 5 },
    },
  });
});

test("counts stages by pipeline and stage, with their attempts", () => {
  const metrics = new MemoryMetrics();
  metrics.stage(stage({ attempts: 3, durationMs: 7 }));
  metrics.stage(stage({ status: "passed", attempts: 2, code: "EXECUTION", durationMs: 9 }));
  metrics.stage(stage({ stage: "clean" }));
  metrics.stage(stage({ pipeline: "other" }));
  const { stages } = metrics.summary();
  expect(Object.keys(stages)).toEqual(["triage/classify", "triage/clean", "other/classify"]);
  expect(stages["triage/classify"]).toEqual({
    executions: 2,
    attempts: 5,
    statuses: { success: 1, passed: 1 },
    errors: { EXECUTION: 1 },
    durations: { count: 2, meanMs: 8, p50Ms: 7, p95Ms: 9 },
  });
});

test("counts requests by service type and status", () => {
  const metrics = new MemoryMetrics();
  metrics.request(request({ durationMs: 4 }));
  metrics.request(request({ status: "200", durationMs: 6 }));
  metrics.request(request({ status: 429, durationMs: 8 }));
  expect(metrics.summary().requests).toEqual({
    triage: {
      requests: 3,
      statuses: { "200": 2, "429": 1 },
      durations: { count: 3, meanMs: 6, p50Ms: 6, p95Ms: 8 },
    },
  });
});

test("knows how many instances there are, and how they came and went", () => {
  const metrics = new MemoryMetrics();
  metrics.registration(registration());
  metrics.registration(registration({ active: 2 }));
  metrics.registration(registration({ change: "expired", active: 1 }));
  metrics.registration(registration({ serviceType: "other", change: "deregistered", active: 0 }));
  expect(metrics.summary().services).toEqual({
    triage: { active: 1, changes: { registered: 2, expired: 1 } },
    other: { active: 0, changes: { deregistered: 1 } },
  });
});

test("knows each instance's health as it was last", () => {
  const metrics = new MemoryMetrics();
  metrics.healthCheck(healthCheck());
  metrics.healthCheck(healthCheck({ health: "degraded", durationMs: 40 }));
  metrics.healthCheck(healthCheck({ instance: "b", health: "unknown" }));
  expect(metrics.summary().health).toEqual({
    "triage/a": { health: "degraded", checks: 2, durationMs: 40 },
    "triage/b": { health: "unknown", checks: 1, durationMs: 1 },
  });
});

test("percentiles are those of the nearest rank", () => {
  // The worked example of the definition: five values, of which the 40th percentile is the second.
  const metrics = new MemoryMetrics();
  for (const durationMs of [50, 15, 40, 20, 35]) metrics.run(run({ durationMs }));
  expect(metrics.summary().agents["triage"]?.durations).toEqual({
    count: 5,
    meanMs: 32,
    p50Ms: 35,
    p95Ms: 50,
  });
  metrics.reset();
  for (let durationMs = 1; durationMs <= 100; durationMs++) metrics.run(run({ durationMs }));
  expect(metrics.summary().agents["triage"]?.durations).toMatchObject({ p50Ms: 50, p95Ms: 95 });
});

test("durations are those of the last 1,000, whatever came before", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 2_500 }),
      (values, length) => {
        const metrics = new MemoryMetrics();
        const all = Array.from({ length }, (_, index) => (values[index % values.length] ?? 0) + index);
        for (const durationMs of all) metrics.run(run({ durationMs }));
        const last = all.slice(-1_000).toSorted((a, b) => a - b);
        // By counting: the smallest value that at least so many percent of the values do not exceed.
        const rank = (percent: number) =>
          last.find((value) => last.filter((one) => one <= value).length * 100 >= percent * last.length);
        const { executions, durations } = metrics.summary().agents["triage"] ?? {};
        expect(executions).toBe(length);
        expect(durations).toMatchObject({ count: last.length, p50Ms: rank(50), p95Ms: rank(95) });
        expect(durations?.meanMs).toBeCloseTo(last.reduce((sum, value) => sum + value, 0) / last.length, 5);
      },
    ),
    { numRuns: 20 },
  );
});

test("a duration that is none is counted, but is not among the durations", () => {
  const metrics = new MemoryMetrics();
  for (const durationMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, "5" as unknown as number, 4]) {
    metrics.run(run({ durationMs }));
  }
  const { executions, durations } = metrics.summary().agents["triage"] ?? {};
  expect(executions).toBe(5);
  expect(durations).toEqual({ count: 1, meanMs: 4, p50Ms: 4, p95Ms: 4 });
});

test("tells 1,000 names of each kind apart and counts the rest together", () => {
  const metrics = new MemoryMetrics();
  for (let index = 0; index < 1_500; index++) {
    const name = `name-${index}`;
    metrics.run(run({ agent: name }));
    metrics.stage(stage({ pipeline: `pipeline-${index % 3}`, stage: name }));
    metrics.request(request({ serviceType: name }));
    metrics.registration(registration({ serviceType: name }));
    metrics.healthCheck(healthCheck({ instance: name }));
  }
  // One that is known is still told apart, and what is over stays together.
  metrics.run(run({ agent: "name-999" }));
  metrics.run(run({ agent: "name-1499" }));
  const { agents, stages, requests, services, health } = metrics.summary();
  for (const names of [agents, stages, requests, services, health]) {
    expect(Object.keys(names)).toHaveLength(1_001);
    expect(Object.keys(names).at(-1)).toBe("(other)");
  }
  expect(agents["name-999"]?.executions).toBe(2);
  expect(agents["(other)"]?.executions).toBe(501);
  expect(stages["(other)"]?.executions).toBe(500);
  expect(requests["(other)"]?.requests).toBe(500);
  expect(health["(other)"]?.checks).toBe(500);
});

test("tells 100 statuses of one name apart", () => {
  const metrics = new MemoryMetrics();
  for (let status = 0; status < 150; status++) metrics.request(request({ status }));
  const statuses = metrics.summary().requests["triage"]?.statuses ?? {};
  expect(Object.keys(statuses)).toHaveLength(101);
  expect(statuses["(other)"]).toBe(50);
});

test("a name is any text", () => {
  const metrics = new MemoryMetrics();
  const names = ["__proto__", "constructor", "", "a/b", "(other)"];
  for (const name of names) {
    metrics.run(run({ agent: name, status: name as RunMetric["status"] }));
    metrics.stage(stage({ pipeline: name, stage: name }));
  }
  const { agents, stages } = metrics.summary();
  expect(Object.keys(agents)).toEqual(names);
  expect(Object.keys(agents["__proto__"]?.statuses ?? {})).toEqual(["__proto__"]);
  expect(Object.keys(stages)).toEqual(names.map((name) => `${name}/${name}`));
});

test("a summary is plain data, and does not change with what is counted later", () => {
  const metrics = new MemoryMetrics();
  metrics.run(run());
  metrics.stage(stage());
  metrics.request(request());
  metrics.registration(registration());
  metrics.healthCheck(healthCheck());
  const summary = metrics.summary();
  const before = JSON.stringify(summary);
  expect(JSON.parse(before)).toEqual(summary);
  metrics.run(run());
  metrics.registration(registration({ active: 9 }));
  metrics.healthCheck(healthCheck({ health: "unhealthy" }));
  expect(JSON.stringify(summary)).toBe(before);
});

test("reset forgets numbers and names", () => {
  const metrics = new MemoryMetrics();
  for (let index = 0; index < 1_001; index++) {
    metrics.run(run({ agent: `name-${index}` }));
    metrics.stage(stage({ stage: `name-${index}` }));
  }
  metrics.healthCheck(healthCheck());
  metrics.reset();
  expect(metrics.summary()).toEqual(new MemoryMetrics().summary());
  metrics.run(run());
  metrics.stage(stage());
  expect(Object.keys(metrics.summary().agents)).toEqual(["triage"]);
  expect(Object.keys(metrics.summary().stages)).toEqual(["triage/classify"]);
});
