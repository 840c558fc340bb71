import { pipeline } from "@atomic-agents/core";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

/** The lines of the service's own metrics, without comments and without those of zeros in histograms. */
async function linesOf(metrics: PrometheusMetrics, name = "atomic_"): Promise<readonly string[]> {
  const text = await metrics.text();
  return text.split("\n").filter((line) => line.startsWith(name));
}

const ms = 1;

describe("metrics for Prometheus", () => {
  test("count what they are told", async () => {
    const metrics = new PrometheusMetrics();
    metrics.request({ serviceType: "a", route: "execute", status: 200, durationMs: 3 * ms });
    metrics.request({ serviceType: "a", route: "execute", status: 200, durationMs: 30 * ms });
    metrics.request({ serviceType: "b", route: "stream", status: "503", durationMs: 200_000 });
    metrics.run({ agent: "a", status: "partial", durationMs: 1 });
    metrics.registration({ serviceType: "a", change: "registered", active: 3 });
    metrics.registration({ serviceType: "a", change: "expired", active: 2 });
    metrics.healthCheck({ serviceType: "a", instance: "1", health: "degraded", durationMs: 1 });
    metrics.record("f", "s", "deadLettered");
    metrics.record("f", "", "delivered", 7);
    metrics.gauge("atomic_requests_queued", "Waiting.", () => 5);
    const lines = await linesOf(metrics);
    expect(lines).toEqual(
      expect.arrayContaining([
        'atomic_requests_total{service_type="a",route="execute",status="200"} 2',
        'atomic_requests_total{service_type="b",route="stream",status="503"} 1',
        'atomic_request_duration_seconds_bucket{service_type="a",route="execute",le="0.0025"} 0',
        'atomic_request_duration_seconds_bucket{service_type="a",route="execute",le="0.005"} 1',
        'atomic_request_duration_seconds_bucket{service_type="a",route="execute",le="0.05"} 2',
        'atomic_request_duration_seconds_bucket{service_type="a",route="execute",le="+Inf"} 2',
        'atomic_request_duration_seconds_sum{service_type="a",route="execute"} 0.033',
        'atomic_request_duration_seconds_count{service_type="a",route="execute"} 2',
        'atomic_request_duration_seconds_bucket{service_type="b",route="stream",le="120"} 0',
        'atomic_request_duration_seconds_bucket{service_type="b",route="stream",le="+Inf"} 1',
        'atomic_runs_total{agent="a",status="partial"} 1',
        'atomic_active_services{service_type="a"} 2',
        'atomic_health_checks_total{service_type="a",health="degraded"} 1',
        'atomic_records_total{flow="f",stage="s",outcome="deadLettered"} 1',
        'atomic_records_total{flow="f",stage="",outcome="delivered"} 7',
        "atomic_requests_queued 5",
      ]),
    );
  });

  test("count the stages of runs", async () => {
    const metrics = new PrometheusMetrics();
    const clock = createVirtualClock();
    const good = scriptedAgent({ name: "good", script: [{ delayMs: 20, output: 1 }] });
    const bad = scriptedAgent({ name: "bad", script: [{ delayMs: 700, error: new Error("no") }] });
    await clock.until(pipeline("p").stage(good).stage(bad).tryRun(1, { metrics, clock }));
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'atomic_runs_total{agent="p",status="failed"} 1',
        'atomic_stage_duration_seconds_sum{pipeline="p",stage="good"} 0.02',
        'atomic_stage_duration_seconds_bucket{pipeline="p",stage="bad",le="0.5"} 0',
        'atomic_stage_duration_seconds_bucket{pipeline="p",stage="bad",le="1"} 1',
        'atomic_stage_failures_total{pipeline="p",stage="bad",code="EXECUTION"} 1',
      ]),
    );
  });

  test("ask for the tokens of models at each scrape", async () => {
    const uses = [{ model: "big", usage: { inputTokens: 10, outputTokens: 5, cachedTokens: 4 } }];
    const metrics = new PrometheusMetrics({ tokenUses: { uses } });
    for (let scrape = 0; scrape < 2; scrape++) {
      expect(await linesOf(metrics, "atomic_tokens_total")).toEqual([
        'atomic_tokens_total{model="big",kind="input"} 10',
        'atomic_tokens_total{model="big",kind="output"} 5',
        'atomic_tokens_total{model="big",kind="cached"} 4',
        'atomic_tokens_total{model="big",kind="reasoning"} 0',
      ]);
    }
    uses[0] = { model: "big", usage: { inputTokens: 12, outputTokens: 6, cachedTokens: 4 } };
    expect(await linesOf(metrics, "atomic_tokens_total")).toContain(
      'atomic_tokens_total{model="big",kind="input"} 12',
    );
  });

  test("leave out what is no duration", async () => {
    const metrics = new PrometheusMetrics();
    for (const durationMs of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      metrics.request({ serviceType: "a", status: 200, durationMs });
    }
    expect(await linesOf(metrics)).toEqual(
      expect.arrayContaining([
        'atomic_requests_total{service_type="a",route="",status="200"} 3',
        'atomic_request_duration_seconds_sum{service_type="a",route=""} 0',
        'atomic_request_duration_seconds_count{service_type="a",route=""} 0',
      ]),
    );
  });

  test("tell of the process: event loop, CPU, memory", async () => {
    const text = await new PrometheusMetrics().text();
    for (const name of [
      "nodejs_eventloop_lag_p99_seconds",
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "nodejs_heap_size_used_bytes",
    ]) {
      expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, "m"));
    }
  });

  test.each([
    [{ maxSeries: 0 }, "maxSeries"],
    [{ maxSeries: 1.5 }, "maxSeries"],
    [{ tokenUses: {} }, "tokenUses"],
    [{ series: 1 }, "series"],
  ])("refuse options that make no sense: %j", (options, path) => {
    // A caller without types.
    expect(() => new PrometheusMetrics(options as never)).toThrow(
      expect.objectContaining({ code: "CONFIG", details: expect.objectContaining({ path }) }),
    );
  });
});

describe("the number of time series", () => {
  const ownLines = async (metrics: PrometheusMetrics) => (await linesOf(metrics)).length;

  test("is bounded, and what is more is counted together", async () => {
    const metrics = new PrometheusMetrics({ maxSeries: 100 });
    for (let count = 0; count < 10_000; count++) {
      metrics.stage({
        pipeline: `p${count}`,
        stage: "s",
        agent: "a",
        status: "failed",
        durationMs: 1,
        attempts: 1,
        code: "EXECUTION",
      });
      metrics.request({ serviceType: `t${count}`, status: 200, durationMs: 1 });
    }
    const lines = await linesOf(metrics);
    // The overflow of four families comes on top of it.
    expect(lines.length).toBeLessThanOrEqual(100 + 1 + 19 + 1 + 19);
    const counts = lines.filter((line) => line.startsWith("atomic_stage_duration_seconds_count"));
    const total = counts.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    expect(total).toBe(10_000);
    expect(counts.at(-1)).toMatch(/\{pipeline="overflow",stage="overflow"\} 99\d\d$/);
  });

  test("makes a page of less than a megabyte, whatever it is told", async () => {
    const metrics = new PrometheusMetrics();
    const long = "x".repeat(150);
    for (let count = 0; count < 20_000; count++) {
      const stage = `${count}${long}`;
      metrics.stage({ pipeline: "p", stage, agent: "a", status: "success", durationMs: 1, attempts: 1 });
    }
    expect(Buffer.byteLength(await metrics.text())).toBeLessThan(1_048_576);
    expect(await ownLines(metrics)).toBeLessThanOrEqual(4_000 + 19);
  });

  test("of names that are too long for a label, or no text, are counted together", async () => {
    const metrics = new PrometheusMetrics();
    for (const agent of ["x".repeat(201), "y".repeat(100_000), "\ud800", "\udfff", "overflow"]) {
      metrics.run({ agent, status: "success", durationMs: 1 });
    }
    expect(await linesOf(metrics)).toEqual([
      'atomic_runs_total{agent="overflow",status="overflow"} 4',
      'atomic_runs_total{agent="overflow",status="success"} 1',
    ]);
  });
});
