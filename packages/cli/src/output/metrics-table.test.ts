import { MemoryMetrics } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { metricsTable } from "./metrics-table.ts";

it("has a line for each agent that was run and for each stage, with numbers below one another", () => {
  const metrics = new MemoryMetrics();
  const of = {
    pipeline: "triage",
    stage: "ask",
    agent: "ask",
    status: "success",
    durationMs: 10,
    attempts: 1,
  } as const;
  metrics.stage(of);
  metrics.stage({ ...of, durationMs: 1_230, attempts: 3, status: "failed", code: "TIMEOUT" });
  metrics.stage({ ...of, durationMs: 20, status: "passed", code: "EXECUTION" });
  for (let item = 0; item < 1_000; item++)
    metrics.stage({ ...of, pipeline: "日本", stage: "語", durationMs: 1 });
  metrics.run({ agent: "triage", status: "failed", durationMs: 1_300, code: "TIMEOUT" });
  expect(metricsTable(metrics.summary()).split("\n")).toEqual([
    "STAGE       COUNT  CALLS  ERRORS                      MEAN      P50      P95",
    "run triage      1         1 TIMEOUT                 1.30 s   1.30 s   1.30 s",
    "triage/ask      3      5  1 TIMEOUT, 1 EXECUTION  420.0 ms  20.0 ms   1.23 s",
    "日本/語      1000   1000  0                        1.00 ms  1.00 ms  1.00 ms",
  ]);
});

it("keeps to the width that there is", () => {
  const metrics = new MemoryMetrics();
  const stage = "a-name-that-is-longer-than-anybody-would-want-to-read";
  metrics.stage({ pipeline: stage, stage, agent: stage, status: "success", durationMs: 10, attempts: 1 });
  const lines = metricsTable(metrics.summary(), { width: 60, heading: (text) => text.toLowerCase() }).split(
    "\n",
  );
  expect(lines[0]).toMatch(/^stage +count {2}calls {2}errors +mean +p50 +p95$/);
  expect(lines.map((line) => line.length)).toEqual([60, 60]);
});
