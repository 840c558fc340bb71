import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { context, propagation, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  type Context,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  type RunOptions,
  sleep,
  untyped,
  withPolicy,
} from "../index.ts";
import { openTelemetryTracer } from "./index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({
    name,
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute,
  });
const takes = (delayMs: number, name: string) => scriptedAgent({ name, script: [{ delayMs, output: name }] });
const fails = (name: string, delayMs = 0) =>
  scriptedAgent({ name, script: [{ delayMs, error: new Error("busy") }] });
const retry = { attempts: 3, baseDelayMs: 100, factor: 1, jitter: "none" } as const;

/** What a provider was given, which records all unless a sampler says otherwise. */
function recording(sampler?: Sampler) {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  const tracerProvider = new TracerProvider({
    spanProcessors,
    ...(sampler === undefined ? {} : { sampler }),
  });
  const tracer = openTelemetryTracer({ tracerProvider });
  return { exporter, tracerProvider, tracer, own: tracerProvider.getTracer("the agents' own") };
}

const millisOf = ([seconds, nanoseconds]: readonly [number, number]) =>
  seconds * 1_000 + nanoseconds / 1_000_000;

/** A line a span: its name, begin and end in milliseconds since the first one began, its status and error. */
function treeOf(spans: readonly ReadableSpan[], parentId?: string, indent = ""): readonly string[] {
  const zeroMs = Math.min(...spans.map((span) => millisOf(span.startTime)));
  return spans
    .filter((span) => span.parentSpanContext?.spanId === parentId)
    .toSorted((a, b) => millisOf(a.startTime) - millisOf(b.startTime))
    .flatMap((span) => {
      const words = [
        span.name,
        `${millisOf(span.startTime) - zeroMs}–${millisOf(span.endTime) - zeroMs}`,
        span.attributes["atomic.status"],
        span.status.code === SpanStatusCode.ERROR
          ? `ERROR ${String(span.attributes["error.type"])}`
          : undefined,
      ];
      const line = indent + words.filter((word) => word !== undefined).join(" ");
      return [line, ...treeOf(spans, span.spanContext().spanId, `${indent}  `)];
    });
}

/** Runs an agent on a virtual clock, and gives the spans of it. */
async function spansOf(tested: AnyAgent, options: RunOptions = {}, clock = createVirtualClock()) {
  const { exporter, tracer } = recording();
  await clock.until(untyped(tested).tryRun("in", { clock, tracer, ...options }));
  return exporter.getFinishedSpans();
}

const named = (spans: readonly ReadableSpan[], name: string) => {
  const span = spans.find((candidate) => candidate.name === name);
  if (span === undefined) throw new Error(`there is no span "${name}"`);
  return span;
};

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => {
  context.disable();
  trace.disable();
});

describe("the tree of spans", () => {
  test("of a pipeline with a pipeline and a parallel inside", async () => {
    const inner = pipeline("inner").stage(takes(10, "a")).stage(takes(5, "b"));
    const both = parallel({ left: takes(20, "c"), right: takes(30, "d") });
    const spans = await spansOf(pipeline("p").stage(inner).stage(both));
    expect(treeOf(spans)).toEqual([
      "run p 0–45 success",
      "  stage inner 0–15 success",
      "    attempt 1 0–15",
      "      stage a 0–10 success",
      "        attempt 1 0–10",
      "      stage b 10–15 success",
      "        attempt 1 10–15",
      "  stage parallel 15–45 success",
      "    attempt 1 15–45",
      "      stage left 15–35 success",
      "        attempt 1 15–35",
      "      stage right 15–45 success",
      "        attempt 1 15–45",
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(spans.every((span) => span.kind === SpanKind.INTERNAL)).toBe(true);
  });

  test("with times as the run's clock has them, to the nanosecond, also small ones", async () => {
    const clock = createVirtualClock({ timestampMs: 3.25 });
    const spans = await spansOf(takes(1.5, "slow"), {}, clock);
    expect(spans.map(({ startTime, endTime }) => [startTime, endTime])).toEqual(
      Array.from({ length: 3 }, () => [
        [0, 3_250_000],
        [0, 4_750_000],
      ]),
    );
  });

  test("says whose run and stage it is", async () => {
    const spans = await spansOf(pipeline("p").stage("first", takes(10, "slow")), { requestId: "r-1" });
    expect(named(spans, "run p").attributes).toEqual({
      "atomic.agent": "p",
      "atomic.run.id": expect.stringMatching(/./),
      "atomic.request.id": "r-1",
      "atomic.status": "success",
    });
    expect(named(spans, "stage first").attributes).toEqual({
      "atomic.agent": "slow",
      "atomic.stage": "first",
      "atomic.status": "success",
      "atomic.attempts": 1,
    });
    expect(named(spans, "attempt 1").attributes).toEqual({ "atomic.attempt": 1 });
    expect(spans[0]?.instrumentationScope.name).toBe("@atomic-agents/core");
  });
});

describe("a run that another process has asked for", () => {
  const trace = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    flags: 1,
    state: "vendor=a1",
  };

  test("goes on in the trace of that process, whatever is active here", async () => {
    const { exporter, tracer, own } = recording();
    const clock = createVirtualClock();
    const agentOfRun = takes(10, "slow");
    await own.startActiveSpan("here", async (span) => {
      await clock.until(agentOfRun.run("in", { clock, tracer, trace }));
      span.end();
    });
    const spans = exporter.getFinishedSpans();
    const run = named(spans, "run slow");
    expect(run.kind).toBe(SpanKind.SERVER);
    expect(run.parentSpanContext).toMatchObject({
      traceId: trace.traceId,
      spanId: trace.spanId,
      isRemote: true,
    });
    expect(run.spanContext()).toMatchObject({ traceId: trace.traceId, traceFlags: TraceFlags.SAMPLED });
    expect(run.spanContext().traceState?.serialize()).toBe("vendor=a1");
    const others = spans.filter(({ name }) => name !== "run slow");
    expect(others.map(({ kind }) => kind)).toEqual(others.map(() => SpanKind.INTERNAL));
    expect(named(spans, "stage slow").parentSpanContext?.spanId).toBe(run.spanContext().spanId);
  });

  test("is recorded only when that process records", async () => {
    const spans = async (flags: number) => {
      const { exporter, tracer } = recording(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
      await takes(0, "fast").run("in", { tracer, trace: { ...trace, flags } });
      return exporter.getFinishedSpans().length;
    };
    expect(await spans(0)).toBe(0);
    expect(await spans(1)).toBe(3);
  });

  test("tells its code where it stands, to be taken on", async () => {
    const { exporter, tracer } = recording();
    const tell = agent("tell", (_input, ctx) => ctx.trace);
    const told = await tell.run("in", { tracer, trace });
    const attempt = named(exporter.getFinishedSpans(), "attempt 1").spanContext();
    expect(told).toEqual({ traceId: trace.traceId, spanId: attempt.spanId, flags: 1, state: "vendor=a1" });
  });

  test("tells its own trace where no other process has asked", async () => {
    const { exporter, tracer } = recording();
    const told = await agent("tell", (_input, ctx) => ctx.trace).run("in", { tracer });
    const attempt = named(exporter.getFinishedSpans(), "attempt 1").spanContext();
    expect(told).toEqual({ traceId: attempt.traceId, spanId: attempt.spanId, flags: 1 });
  });
});

describe("what went wrong", () => {
  test("has a status, a type and an exception, on each span around it", async () => {
    const spans = await spansOf(pipeline("p").stage(fails("bad", 10)).stage(takes(5, "never")));
    expect(treeOf(spans)).toEqual([
      "run p 0–10 failed ERROR EXECUTION",
      "  stage bad 0–10 failed ERROR EXECUTION",
      "    attempt 1 0–10 ERROR EXECUTION",
    ]);
    for (const { status, events, endTime, attributes } of spans) {
      const message = 'Agent "bad" at stage "bad" threw: busy';
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message });
      expect(attributes["error.type"]).toBe("EXECUTION");
      const exception = { "exception.type": "EXECUTION", "exception.message": message };
      expect(events).toMatchObject([{ name: "exception", time: endTime, attributes: exception }]);
      // Neither the stack nor anything else that an error may carry.
      expect(Object.keys(events[0]?.attributes ?? {})).toEqual(Object.keys(exception));
    }
  });

  test("a success has no status, which is for whoever reads it to set", async () => {
    const [span] = await spansOf(takes(0, "fine"));
    expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span?.attributes).not.toHaveProperty("error.type");
    expect(span?.events).toEqual([]);
  });

  test("each retry links to the attempt before it", async () => {
    const script = [
      { delayMs: 10, error: new Error("busy") },
      { error: new Error("busy") },
      { output: 1 },
    ] as const;
    const spans = await spansOf(pipeline("p").stage(scriptedAgent({ name: "flaky", script }), { retry }));
    expect(treeOf(spans)).toEqual([
      "run p 0–210 success",
      "  stage flaky 0–210 success",
      "    attempt 1 0–10 ERROR EXECUTION",
      "    attempt 2 110–110 ERROR EXECUTION",
      "    attempt 3 210–210",
    ]);
    const linksOf = (name: string) => named(spans, name).links.map((link) => link.context.spanId);
    expect(linksOf("attempt 1")).toEqual([]);
    expect(linksOf("attempt 2")).toEqual([named(spans, "attempt 1").spanContext().spanId]);
    expect(linksOf("attempt 3")).toEqual([named(spans, "attempt 2").spanContext().spanId]);
  });

  test("a cancelled run", async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    clock.setTimer(() => controller.abort(new Error("enough")), 30);
    const spans = await spansOf(pipeline("p").stage(takes(50, "slow")), { signal: controller.signal }, clock);
    expect(treeOf(spans)).toEqual([
      "run p 0–30 cancelled ERROR CANCELLED",
      "  stage slow 0–30 cancelled ERROR CANCELLED",
      "    attempt 1 0–30 ERROR CANCELLED",
    ]);
    expect(named(spans, "run p").status.message).toBe('"p" was cancelled: enough');
  });
});

describe("the active span", () => {
  test("is the attempt's while an agent works, also after it has waited", async () => {
    const { exporter, tracer, own } = recording();
    const clock = createVirtualClock();
    const traces = agent("traces", async (_input, ctx) => {
      own.startSpan("at once").end();
      await sleep(10, ctx);
      own.startSpan("after an await").end();
      await Promise.all([1, 2].map((delayMs) => sleep(delayMs, ctx)));
      own.startActiveSpan("outer", (span) => {
        own.startSpan("inner").end();
        span.end();
      });
    });
    await clock.until(pipeline("p").stage(takes(1, "before")).stage(traces).run("in", { clock, tracer }));
    const spans = exporter.getFinishedSpans();
    const parentOf = (name: string) => {
      const id = named(spans, name).parentSpanContext?.spanId;
      return spans.find((span) => span.spanContext().spanId === id);
    };
    const stageOf = (name: string) => {
      const attempt = parentOf(name);
      return spans.find((span) => span.spanContext().spanId === attempt?.parentSpanContext?.spanId)?.name;
    };
    expect(
      ["at once", "after an await", "outer"].map((name) => [parentOf(name)?.name, stageOf(name)]),
    ).toEqual(Array.from({ length: 3 }, () => ["attempt 1", "stage traces"]));
    expect(parentOf("inner")?.name).toBe("outer");
  });

  test("is the second attempt's in the second attempt, and the stage's in items that are tried again", async () => {
    const { exporter, tracer, own } = recording();
    const clock = createVirtualClock();
    let calls = 0;
    const flaky = (name: string) =>
      agent(name, (input) => {
        own.startSpan(`${name} call ${++calls}`).end();
        if (calls % 2 === 1) throw new Error("busy");
        return input;
      });
    const list = defineAgent({
      name: "list",
      description: "Makes one of one.",
      input: anything(),
      output: z.array(z.unknown()),
      execute: () => [1],
    });
    const tested = pipeline("p")
      .stage(flaky("alone"), { retry })
      .stage(list)
      .stage(mapItems(withPolicy(flaky("item"), { retry })));
    await clock.until(tested.run("in", { clock, tracer }));
    const spans = exporter.getFinishedSpans();
    const aroundOf = (name: string) => {
      const attempt = spans.find(
        (span) => span.spanContext().spanId === named(spans, name).parentSpanContext?.spanId,
      );
      const stage = spans.find((span) => span.spanContext().spanId === attempt?.parentSpanContext?.spanId);
      return `${stage?.name}, ${attempt?.name}`;
    };
    expect(["alone call 1", "alone call 2", "item call 3", "item call 4"].map(aroundOf)).toEqual([
      "stage alone, attempt 1",
      "stage alone, attempt 2",
      "stage map-items, attempt 1",
      "stage map-items, attempt 1",
    ]);
  });

  test("of the caller is the run's parent, with all that the caller's context holds", async () => {
    const { exporter, tracer, own } = recording();
    const clock = createVirtualClock();
    const seen: (string | undefined)[] = [];
    const looks = agent("looks", async (_input, ctx) => {
      await sleep(10, ctx);
      seen.push(propagation.getActiveBaggage()?.getEntry("tenant")?.value);
    });
    const tested = pipeline("p")
      .stage(scriptedAgent({ name: "flaky", script: [{ error: new Error("busy") }, { output: 1 }] }), {
        retry,
      })
      .stage(looks);
    const running = own.startActiveSpan("request", (span) => {
      const baggage = propagation.createBaggage({ tenant: { value: "t-1" } });
      const runs = context.with(propagation.setBaggage(context.active(), baggage), () => [
        tested.run("in", { clock, tracer }),
        tested.start("in", { clock, tracer }).result,
      ]);
      span.end();
      return Promise.all(runs);
    });
    // Nothing is active where the caller goes on.
    expect(trace.getActiveSpan()).toBeUndefined();
    await clock.until(running);
    const spans = exporter.getFinishedSpans();
    const request = named(spans, "request").spanContext();
    const runs = spans.filter((span) => span.name === "run p");
    expect(runs.map((span) => span.parentSpanContext?.spanId)).toEqual([request.spanId, request.spanId]);
    expect(spans.every((span) => span.spanContext().traceId === request.traceId)).toBe(true);
    expect(seen).toEqual(["t-1", "t-1"]);
  });

  test("of one run is never another run's, however many run at a time", async () => {
    const { exporter, tracer, own } = recording();
    const clock = createVirtualClock();
    let calls = 0;
    const tested = pipeline("p").stage(
      agent("works", async (input, ctx) => {
        await sleep((calls * 7) % 13, ctx);
        own.startSpan(`own ${ctx.runId}`).end();
        if (++calls % 3 === 0) throw new Error("busy");
        await sleep((calls * 5) % 11, ctx);
        own.startSpan(`own ${ctx.runId}`).end();
        return input;
      }),
      { retry: { ...retry, attempts: 9 } },
    );
    const running = Promise.all(Array.from({ length: 50 }, () => tested.run("in", { clock, tracer })));
    await clock.until(running);
    const spans = exporter.getFinishedSpans();
    const runIds = new Map(
      spans
        .filter((span) => span.name === "run p")
        .map((span) => [span.spanContext().traceId, span.attributes["atomic.run.id"]]),
    );
    expect(runIds.size).toBe(50);
    const owns = spans.filter((span) => span.name.startsWith("own "));
    expect(owns.length).toBeGreaterThan(100);
    expect(
      owns.filter((span) => span.name !== `own ${String(runIds.get(span.spanContext().traceId))}`),
    ).toEqual([]);
    // Each belongs to the attempt that made it.
    const attempts = new Set(
      spans.filter((span) => span.name.startsWith("attempt")).map((span) => span.spanContext().spanId),
    );
    expect(owns.every((span) => attempts.has(span.parentSpanContext?.spanId ?? ""))).toBe(true);
  });
});

describe("where nothing is recorded", () => {
  test("a run whose trace is not sampled writes nothing, and hands the decision on", async () => {
    const { exporter, tracer, own } = recording(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
    const written: string[] = [];
    const flags: (number | undefined)[] = [];
    const looks = agent("looks", async () => {
      await Promise.resolve();
      const span = trace.getActiveSpan();
      flags.push(span?.spanContext().traceFlags);
      for (const method of ["setAttribute", "setAttributes", "addEvent", "setStatus"] as const) {
        if (span !== undefined) vi.spyOn(span, method).mockImplementation(() => (written.push(method), span));
      }
      own.startSpan("own").end();
      throw new Error("busy");
    });
    expect(await pipeline("p").stage(looks).tryRun("in", { tracer })).toMatchObject({ ok: false });
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(flags).toEqual([TraceFlags.NONE]);
    expect(written).toEqual([]);
  });

  test("a sampler sees a stage's attributes", async () => {
    const seen: unknown[] = [];
    const { exporter, tracer } = recording({
      shouldSample: (_context, _traceId, name, _kind, attributes) => {
        seen.push([name, attributes["atomic.agent"]]);
        return {
          decision: name === "stage b" ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
        };
      },
      toString: () => "all but one",
    });
    await pipeline("p")
      .stage(agent("b", (input) => input))
      .run("in", { tracer });
    expect(seen).toEqual([
      ["run p", "p"],
      ["stage b", "b"],
      ["attempt 1", undefined],
    ]);
    expect(exporter.getFinishedSpans().map((span) => span.name)).toEqual(["attempt 1", "run p"]);
  });

  test("without a provider it is the API's own that does nothing", async () => {
    const tracer = openTelemetryTracer();
    const result = await pipeline("p")
      .stage(agent("keep", (input) => input))
      .tryRun("in", { tracer });
    expect(result).toEqual({ ok: true, output: "in" });
    expect(await pipeline("p").stage(fails("bad")).tryRun("in", { tracer })).toMatchObject({
      ok: false,
      error: { code: "EXECUTION" },
    });
  });

  test("without a context manager the tree is the same; only what agents trace themselves stands apart", async () => {
    context.disable();
    const { exporter, tracer, own } = recording();
    const traces = agent("traces", async () => {
      await Promise.resolve();
      own.startSpan("apart").end();
    });
    await pipeline("p").stage(traces).run("in", { tracer });
    const spans = exporter.getFinishedSpans();
    expect(named(spans, "apart").parentSpanContext).toBeUndefined();
    expect(named(spans, "attempt 1").parentSpanContext?.spanId).toBe(
      named(spans, "stage traces").spanContext().spanId,
    );
  });
});

test("a provider that is registered later takes what comes from then on", async () => {
  const tracer = openTelemetryTracer({ name: "early" });
  const keep = agent("keep", (input) => input);
  await keep.run("in", { tracer });
  const { exporter, tracerProvider } = recording();
  trace.setGlobalTracerProvider(tracerProvider);
  await keep.run("in", { tracer });
  const spans = exporter.getFinishedSpans();
  expect(spans.map((span) => span.name)).toEqual(["attempt 1", "stage keep", "run keep"]);
  expect(spans[0]?.instrumentationScope.name).toBe("early");
});

test("it is another copy of the API that is loaded, with which all of this holds too", () => {
  // What the package gives is what its types say.
  const other = createRequire(import.meta.url)("@opentelemetry/api") as typeof import("@opentelemetry/api");
  expect(other.trace).not.toBe(trace);
});

test("a span processor that throws harms no run", async () => {
  const fail = (): never => {
    throw new Error("the processor's own");
  };
  const done = async () => {};
  const spanProcessors = [{ onStart: fail, onEnd: fail, forceFlush: done, shutdown: done }];
  const tracer = openTelemetryTracer({ tracerProvider: new TracerProvider({ spanProcessors }) });
  const warn = vi.fn<() => void>();
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn, error: quiet, with: () => log };
  expect(await agent("keep", (input) => input).run("in", { tracer, log })).toBe("in");
  expect(warn).toHaveBeenCalledTimes(1);
});

test("spans of another tracer are left alone", () => {
  const { exporter, tracer } = recording();
  const strange = { end: () => {} };
  const storage = new AsyncLocalStorage<string>();
  expect(storage.run("kept", () => tracer.within(strange, () => storage.getStore()))).toBe("kept");
  const span = tracer.startSpan({ name: "n", parent: strange, attributes: {}, links: [strange], startMs: 0 });
  span.end(1, undefined);
  expect(exporter.getFinishedSpans()).toMatchObject([{ name: "n", links: [], parentSpanContext: undefined }]);
});

test("wrong options are CONFIG", () => {
  const wrong = (options: unknown) => () => openTelemetryTracer(options as never);
  for (const options of [
    { provider: {} },
    { tracerProvider: {} },
    { tracerProvider: null },
    { name: "" },
    { name: 1 },
    null,
  ]) {
    expect(wrong(options)).toThrow(expect.objectContaining({ code: "CONFIG" }));
  }
});
