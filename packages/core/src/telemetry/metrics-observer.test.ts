import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  type Context,
  createLog,
  defineAgent,
  fallback,
  loop,
  mapItems,
  MemoryMetrics,
  type MetricsCollector,
  parallel,
  pipeline,
  recover,
  type RunMetric,
  type RunOptions,
  type Span,
  type StageMetric,
  type Tracer,
  untyped,
  withPolicy,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({
    name,
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute,
  });
const keep = agent("keep", (input) => input);
const list = defineAgent({
  name: "list",
  description: "Makes two of one.",
  input: anything(),
  output: z.array(z.unknown()),
  execute: () => [1, 2],
});
const takes = (delayMs: number, name = "slow") =>
  scriptedAgent({ name, script: [{ delayMs, output: name }] });
const busy = new Error("busy");
const fails = (name = "bad", delayMs = 0) => scriptedAgent({ name, script: [{ delayMs, error: busy }] });
const retry = { attempts: 3, baseDelayMs: 100, factor: 1, jitter: "none" } as const;

/** Keeps what it is told. */
class Collector implements MetricsCollector {
  readonly stages: StageMetric[] = [];
  readonly runs: RunMetric[] = [];
  /** Called each time something is told. */
  onTold: (() => void) | undefined = undefined;

  stage(metric: StageMetric): void {
    this.stages.push(metric);
    this.onTold?.();
  }

  run(metric: RunMetric): void {
    this.runs.push(metric);
    this.onTold?.();
  }

  request(): void {}

  registration(): void {}

  healthCheck(): void {}

  /** A line a stage, in the order in which they were told. */
  get lines(): readonly string[] {
    return this.stages.map(({ pipeline: within, stage, agent: name, status, durationMs, attempts, code }) =>
      [`${within}/${stage}`, name, status, `${durationMs} ms`, `×${attempts}`, code]
        .filter((word) => word !== undefined)
        .join(" "),
    );
  }
}

async function collect(tested: AnyAgent, options: RunOptions & { readonly cancelAtMs?: number } = {}) {
  const { cancelAtMs, ...runOptions } = options;
  const collector = new Collector();
  const clock = createVirtualClock({ startMs: 5_000 });
  const controller = new AbortController();
  if (cancelAtMs !== undefined) clock.setTimer(() => controller.abort(new Error("enough")), cancelAtMs);
  const { signal } = controller;
  await clock.until(untyped(tested).tryRun("in", { clock, metrics: collector, signal, ...runOptions }));
  await clock.runAll();
  return collector;
}

describe("each stage is told once, when it ends", () => {
  test("with its pipeline, agent, status, duration and calls", async () => {
    const flaky = scriptedAgent({ name: "flaky", script: [{ delayMs: 5, error: busy }, { output: 1 }] });
    const collector = await collect(
      pipeline("p")
        .stage("first", takes(10))
        .stage(flaky, { retry })
        .stage(fails("shaky", 7), { onError: "pass" })
        .stage(fails("bad", 3))
        .stage(keep),
    );
    expect(collector.lines).toEqual([
      "p/first slow success 10 ms ×1",
      "p/flaky flaky success 105 ms ×2",
      "p/shaky shaky passed 7 ms ×1 EXECUTION",
      "p/bad bad failed 3 ms ×1 EXECUTION",
    ]);
    expect(collector.runs).toEqual([{ agent: "p", status: "failed", durationMs: 125, code: "EXECUTION" }]);
  });

  test("also that of an agent alone", async () => {
    const collector = await collect(takes(10));
    expect(collector.lines).toEqual(["slow/slow slow success 10 ms ×1"]);
    expect(collector.runs).toEqual([{ agent: "slow", status: "success", durationMs: 10, code: undefined }]);
  });

  test("parts of composed agents under the name of what composes them", async () => {
    const tested = pipeline("p")
      .stage(pipeline("inner").stage("one", takes(1)))
      .stage(parallel({ left: takes(2, "a"), right: takes(1, "b") }, { name: "both" }))
      .stage(fallback([fails("first"), takes(1, "second")], { name: "either" }))
      .stage(loop(takes(1, "round"), { until: (_output, round) => round === 2 }))
      .stage(list)
      .stage(mapItems(takes(1, "item"), { name: "items", concurrency: 1 }));
    expect((await collect(tested)).lines).toEqual([
      "inner/one slow success 1 ms ×1",
      "p/inner inner success 1 ms ×1",
      "both/right b success 1 ms ×1",
      "both/left a success 2 ms ×1",
      "p/both both success 2 ms ×1",
      "either/first first failed 0 ms ×1 EXECUTION",
      "either/second second success 1 ms ×1",
      "p/either either success 1 ms ×1",
      "loop/round round success 1 ms ×1",
      "loop/round round success 1 ms ×1",
      "p/loop loop success 2 ms ×1",
      "p/list list success 0 ms ×1",
      "items/item item success 1 ms ×1",
      "items/item item success 1 ms ×1",
      "p/items items success 2 ms ×1",
    ]);
  });

  test("a pipeline keeps its name, also where a stage of it bears the same", async () => {
    const inner = pipeline("same").stage(takes(1, "same")).stage(keep);
    expect((await collect(pipeline("p").stage(inner))).lines).toEqual([
      "same/same same success 1 ms ×1",
      "same/keep keep success 0 ms ×1",
      "p/same same success 1 ms ×1",
    ]);
    const alone = pipeline("same").stage(takes(1, "same"));
    expect((await collect(parallel({ part: alone }))).lines).toEqual([
      "same/same same success 1 ms ×1",
      "parallel/part same success 1 ms ×1",
      "parallel/parallel parallel success 1 ms ×1",
    ]);
  });

  test("what agents call by themselves, and what is wrapped", async () => {
    const calls = agent("calls", (input, ctx) => takes(1, "called").run(input, ctx));
    expect((await collect(pipeline("p").stage(calls))).lines).toEqual([
      "called/called called success 1 ms ×1",
      "p/calls calls success 1 ms ×1",
    ]);
    expect((await collect(pipeline("p").stage(recover(fails("shaky"), () => "saved")))).lines).toEqual([
      "shaky/shaky shaky failed 0 ms ×1 EXECUTION",
      "p/shaky shaky success 0 ms ×1",
    ]);
    // Around an agent that can be a step itself there is no stage more.
    expect((await collect(pipeline("p").stage(withUndo(withPolicy(keep, {}), () => {})))).lines).toEqual([
      "p/keep keep success 0 ms ×1",
    ]);
  });

  test("what is undone is no stage", async () => {
    const collector = await collect(
      pipeline("p")
        .stage(withUndo(keep, () => {}))
        .stage(fails()),
    );
    expect(collector.lines).toEqual(["p/keep keep success 0 ms ×1", "p/bad bad failed 0 ms ×1 EXECUTION"]);
  });
});

describe("what was cancelled", () => {
  test("while it waited for its next attempt has the calls that were made", async () => {
    const collector = await collect(pipeline("p").stage(fails("bad", 10), { retry }), { cancelAtMs: 50 });
    expect(collector.lines).toEqual(["p/bad bad cancelled 50 ms ×1 CANCELLED"]);
    expect(collector.runs).toEqual([{ agent: "p", status: "cancelled", durationMs: 50, code: "CANCELLED" }]);
  });

  test("beside what failed", async () => {
    const collector = await collect(parallel({ slow: takes(50), bad: fails("bad", 10) }));
    expect(collector.lines).toEqual([
      "parallel/bad bad failed 10 ms ×1 EXECUTION",
      "parallel/slow slow cancelled 10 ms ×1 CANCELLED",
      "parallel/parallel parallel failed 10 ms ×1 EXECUTION",
    ]);
  });

  test("before it began is a run without stages", async () => {
    const collector = await collect(keep, { signal: AbortSignal.abort("too early") });
    expect(collector.stages).toEqual([]);
    expect(collector.runs).toEqual([
      { agent: "keep", status: "cancelled", durationMs: 0, code: "CANCELLED" },
    ]);
  });
});

test("a run of which a part failed is partial", async () => {
  const collector = await collect(parallel({ good: keep, bad: fails() }, { settled: true }));
  expect(collector.runs).toEqual([{ agent: "parallel", status: "partial", durationMs: 0, code: undefined }]);
});

test("a part of a run is no run", async () => {
  const collector = new Collector();
  const calls = agent("calls", async (input, ctx) => (await keep.start(input, ctx).result).ok);
  await calls.run("in", { metrics: collector });
  expect(collector.runs.map((run) => run.agent)).toEqual(["calls"]);
});

test("MemoryMetrics counts many runs together", async () => {
  const metrics = new MemoryMetrics();
  const clock = createVirtualClock();
  const tested = pipeline("p").stage("first", takes(10)).stage(fails("bad", 5));
  for (let run = 0; run < 3; run++) await clock.until(tested.tryRun("in", { clock, metrics }));
  const { agents, stages } = metrics.summary();
  expect(agents).toMatchObject({ p: { executions: 3, errors: { EXECUTION: 3 }, durations: { p95Ms: 15 } } });
  expect(stages).toMatchObject({
    "p/first": { executions: 3, statuses: { success: 3 }, durations: { meanMs: 10 } },
    "p/bad": { executions: 3, statuses: { failed: 3 }, attempts: 3 },
  });
});

test("a collector that throws harms no run, and the log says it once", async () => {
  const lines: string[] = [];
  const collector = new Collector();
  collector.onTold = () => {
    throw new Error("the collector's own");
  };
  const log = createLog({ write: (line) => lines.push(line) });
  for (let run = 0; run < 2; run++) {
    const result = await pipeline("p")
      .stage(keep)
      .stage(keep.name + "-2", keep)
      .tryRun("in", { metrics: collector, log });
    expect(result).toEqual({ ok: true, output: "in" });
  }
  expect(collector.stages).toHaveLength(4);
  expect(collector.runs).toHaveLength(2);
  expect(lines).toHaveLength(1);
});

test("a collector may cancel the run at any call: no stage begins then, and all is told once", async () => {
  const calls: string[] = [];
  const called = (name: string) =>
    agent(name, (input) => {
      calls.push(name);
      return input;
    });
  const tested = pipeline("p")
    .stage(called("a"))
    .stage(pipeline("inner").stage(called("b")).stage(fails("shaky"), { onError: "pass" }).stage(called("c")))
    .stage(called("d"));
  const codes: string[] = [];
  for (let at = 1; at <= 7; at++) {
    const controller = new AbortController();
    const collector = new Collector();
    const told: string[] = [];
    const open = new Set<Span>();
    const tracer: Tracer = {
      startSpan: ({ name }) => {
        const span: Span = {
          end: () => {
            told.push(`end ${name}`);
            expect(open.delete(span)).toBe(true);
          },
        };
        open.add(span);
        return span;
      },
      within: (_span, work) => work(),
    };
    let count = 0;
    let callsThen = 0;
    collector.onTold = () => {
      told.push("metric");
      if (++count !== at) return;
      callsThen = calls.length;
      controller.abort("enough");
    };
    const { signal } = controller;
    const result = await tested.tryRun("in", { signal, tracer, metrics: collector });
    expect([...open]).toEqual([]);
    // The run is told last, and all spans have ended by then.
    expect(told.slice(-2)).toEqual(["end run p", "metric"]);
    expect(collector.runs).toHaveLength(1);
    const seen = collector.stages.map(({ pipeline: within, stage }) => `${within}/${stage}`);
    expect(new Set(seen).size).toBe(seen.length);
    if (!result.ok) expect({ at, calls: calls.length }).toEqual({ at, calls: callsThen });
    codes.push(result.ok ? "success" : result.error.code);
  }
  expect(codes).toEqual([...Array.from({ length: 5 }, () => "CANCELLED"), "success", "success"]);
});
