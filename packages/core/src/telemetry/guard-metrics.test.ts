import { expect, test } from "vitest";
import * as z from "zod";
import { pipeline } from "../compose/pipeline.ts";
import { defineAgent } from "../define-agent.ts";
import { createLog } from "../log.ts";
import { guardMetrics } from "./guard-metrics.ts";
import { MemoryMetrics } from "./memory-metrics.ts";
import type { MetricsCollector } from "./metrics.ts";

const methods = ["stage", "run", "request", "registration", "healthCheck"] as const;

/** A collector each of whose methods does the same. */
const collectorOf = (does: (metric: unknown) => unknown): MetricsCollector => ({
  stage: does,
  run: does,
  request: does,
  registration: does,
  healthCheck: does,
});

function logging() {
  const lines: unknown[] = [];
  return { lines, log: createLog({ write: (line) => lines.push(JSON.parse(line)) }) };
}

/** Calls one method as if with any metric. */
const tell = (collector: MetricsCollector, method: (typeof methods)[number], metric: unknown = {}): void =>
  collector[method](metric as never);

test.each(methods)(
  "%s: what it throws or rejects goes to the log, once for each collector",
  async (method) => {
    const { lines, log } = logging();
    const throwing = collectorOf(() => {
      throw new Error("disk full");
    });
    const rejecting = collectorOf(async () => {
      throw new Error("no route");
    });
    for (const collector of [throwing, rejecting]) {
      for (let time = 0; time < 3; time++) tell(guardMetrics(collector, log), method);
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(lines).toMatchObject([
      { level: "warn", method, error: { message: "disk full" } },
      { level: "warn", method, error: { message: "no route" } },
    ]);
  },
);

test.each(methods)("%s: is called each time, also after it failed, with the very metric", (method) => {
  const { log } = logging();
  const seen: unknown[] = [];
  const guarded = guardMetrics(
    collectorOf((metric) => {
      seen.push(metric);
      throw new Error("x");
    }),
    log,
  );
  const metrics = [{}, {}];
  for (const metric of metrics) tell(guarded, method, metric);
  expect(seen[0]).toBe(metrics[0]);
  expect(seen[1]).toBe(metrics[1]);
});

test("methods are called on their collector", () => {
  const metrics = new MemoryMetrics();
  guardMetrics(metrics, logging().log).run({ agent: "a", status: "success", durationMs: 1 });
  expect(metrics.summary().agents["a"]?.executions).toBe(1);
});

test("a run is what it is whatever its collector does", async () => {
  const { lines, log } = logging();
  const metrics = collectorOf(() => {
    throw new Error("disk full");
  });
  const shout = defineAgent({
    name: "shout",
    description: "Turns text into capitals.",
    input: z.string(),
    output: z.string(),
    execute: (text) => text.toUpperCase(),
  });
  const runs = pipeline("twice").stage("a", shout).stage("b", shout);
  expect(await runs.run("a", { metrics, log })).toBe("A");
  const run = runs.start("b", { metrics, log });
  expect(await run.result).toEqual({ ok: true, output: "B" });
  expect(run.report()).toMatchObject({ status: "success" });
  expect(lines).toHaveLength(1);
});

test("a collector without a method, given from JavaScript, breaks nothing", () => {
  const { lines, log } = logging();
  // As a program in JavaScript would give it.
  const partial = { stage: () => {} } as unknown as MetricsCollector;
  tell(guardMetrics(partial, log), "request");
  expect(lines).toHaveLength(1);
});

test("a log that fails too breaks nothing", () => {
  const log = createLog({
    write: () => {
      throw new Error("log is full");
    },
  });
  const collector = collectorOf(() => {
    throw new Error("x");
  });
  expect(() => tell(guardMetrics(collector, log), "run")).not.toThrow();
});
