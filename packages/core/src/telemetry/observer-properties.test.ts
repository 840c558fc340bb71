/** What holds of the spans and numbers of every run, of agents composed at random, under a virtual clock. */
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import {
  type Agent,
  type AnyAgent,
  type AtomicError,
  defineAgent,
  fallback,
  type Log,
  type LogFields,
  mapItems,
  parallel,
  pipeline,
  pipelineOf,
  recover,
  type RunMetric,
  type RunOptions,
  sleep,
  type Span,
  type SpanAttributes,
  type SpanStart,
  type StageMetric,
  type StageReport,
  type Tracer,
  untyped,
  withPolicy,
  withUndo,
} from "../index.ts";

interface Play {
  readonly delayMs: number | undefined;
  readonly end: "output" | "error" | "invalid" | "never" | "deaf" | "cancel";
}

type Graph =
  | { readonly kind: "leaf"; readonly plays: readonly Play[] }
  | { readonly kind: "pipeline" | "parallel" | "settled" | "fallback"; readonly parts: readonly Graph[] }
  | { readonly kind: "recover" | "nested" | "pass"; readonly part: Graph }
  | { readonly kind: "undo"; readonly part: Graph; readonly delayMs: number; readonly fails: boolean }
  | { readonly kind: "items"; readonly part: Graph; readonly count: number; readonly concurrency: number }
  | {
      readonly kind: "policy";
      readonly part: Graph;
      readonly timeoutMs: number | undefined;
      readonly attempts: number;
    };

const play: fc.Arbitrary<Play> = fc.record({
  delayMs: fc.option(fc.nat(40), { nil: undefined }),
  end: fc.oneof(
    { weight: 6, arbitrary: fc.constant("output" as const) },
    { weight: 3, arbitrary: fc.constant("error" as const) },
    { weight: 1, arbitrary: fc.constantFrom("invalid", "never", "deaf", "cancel") },
  ),
});

const { graph } = fc.letrec<{ graph: Graph }>((tie) => ({
  graph: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("leaf"), plays: fc.array(play, { minLength: 1, maxLength: 4 }) }),
    fc.record({
      kind: fc.constantFrom("pipeline", "parallel", "settled", "fallback"),
      parts: fc.array(tie("graph"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constantFrom("recover", "nested", "pass"), part: tie("graph") }),
    fc.record({
      kind: fc.constant("undo"),
      part: tie("graph"),
      delayMs: fc.nat(10),
      fails: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("items"),
      part: tie("graph"),
      count: fc.nat(4),
      concurrency: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      kind: fc.constant("policy"),
      part: tie("graph"),
      timeoutMs: fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
      attempts: fc.integer({ min: 1, max: 4 }),
    }),
  ),
}));

/** Makes agents of a graph. Each has a name that no other has. */
function build(root: Graph, cancel: () => void): AnyAgent {
  let count = 0;
  const name = (kind: string) => `${kind}-${++count}`;
  const make = (node: Graph): Agent<unknown, unknown> => {
    switch (node.kind) {
      case "leaf":
        return leafOf(name("leaf"), node.plays, cancel);
      case "pipeline":
        return pipelineOf(name("pipeline"), node.parts.map(make));
      case "parallel":
      case "settled": {
        const slots = Object.fromEntries(node.parts.map((part, index) => [`slot-${index}`, make(part)]));
        return node.kind === "settled"
          ? parallel(slots, { name: name("settled"), concurrency: 2, settled: true })
          : parallel(slots, { name: name("parallel") });
      }
      case "fallback": {
        const [first, ...rest] = node.parts.map(make);
        if (first === undefined) throw new Error("unreachable: at least one part");
        return fallback([first, ...rest], { name: name("fallback") });
      }
      case "recover":
        return recover(make(node.part), (error) => error.code, { name: name("recover") });
      case "nested": {
        const inner = make(node.part);
        return scriptedAgent({ name: name("nested"), script: [(input, ctx) => inner.run(input, ctx)] });
      }
      case "pass":
        return pipeline(name("pass")).stage(make(node.part), { onError: "pass" }).stage(make(node.part));
      case "undo": {
        const undo = async (_output: unknown, _input: unknown, ctx: Parameters<typeof sleep>[1]) => {
          await sleep(node.delayMs, ctx);
          if (node.fails) throw new Error("cannot be undone");
        };
        return withUndo(make(node.part), undo, { name: name("undo") });
      }
      case "items": {
        const items = mapItems(make(node.part), { name: name("items"), concurrency: node.concurrency });
        const list = scriptedAgent({
          name: name("list"),
          script: [(input) => Array.from({ length: node.count }, () => input)],
        });
        return pipelineOf(name("pipeline"), [list, items]);
      }
      case "policy": {
        const { timeoutMs, attempts } = node;
        // Whole milliseconds: as moments since 1970 they are exact.
        const retry = { attempts, baseDelayMs: 5, maxDelayMs: 40, jitter: "none" } as const;
        return withPolicy(make(node.part), { timeoutMs, retry }, { name: name("policy") });
      }
    }
  };
  return make(root);
}

function leafOf(name: string, plays: readonly Play[], cancel: () => void): Agent<unknown, unknown> {
  let calls = 0;
  const output = z.unknown().refine((value) => value !== "invalid", "is not valid");
  return untyped(
    defineAgent({
      name,
      description: "Plays a script.",
      input: z.unknown(),
      output,
      execute: (input, ctx) => {
        const { delayMs, end } = plays[Math.min(calls++, plays.length - 1)] ?? { delayMs: 0, end: "output" };
        const finish = (): unknown => {
          if (end === "error") throw new Error("scripted");
          if (end === "invalid") return "invalid";
          if (end === "cancel") cancel();
          if (end !== "never" && end !== "deaf") return input;
          return new Promise((_resolve, reject) => {
            if (end === "never")
              ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason as Error));
          });
        };
        return delayMs === undefined ? finish() : sleep(delayMs, ctx).then(finish);
      },
    }),
  );
}

const setting = fc.record({
  timeoutMs: fc.integer({ min: 1, max: 300 }),
  maxRetries: fc.nat(6),
  cancelAtMs: fc.option(fc.nat(150), { nil: undefined }),
});
type Setting = typeof setting extends fc.Arbitrary<infer TSetting> ? TSetting : never;

class Recorded implements Span {
  readonly start: SpanStart;
  readonly ends: {
    readonly endMs: number;
    readonly error: AtomicError | undefined;
    readonly attributes: SpanAttributes;
  }[] = [];

  constructor(start: SpanStart) {
    this.start = start;
  }

  get kind(): string {
    return this.start.name.slice(0, this.start.name.indexOf(" "));
  }

  get parent(): Recorded | undefined {
    // This tracer gives no others.
    return this.start.parent as Recorded | undefined;
  }

  get endMs(): number {
    return this.ends[0]?.endMs ?? Number.NaN;
  }

  get attributes(): SpanAttributes {
    return { ...this.start.attributes, ...this.ends[0]?.attributes };
  }

  end(endMs: number, error: AtomicError | undefined, attributes: SpanAttributes = {}): void {
    this.ends.push({ endMs, error, attributes });
  }
}

class Recorder implements Tracer {
  readonly spans: Recorded[] = [];

  startSpan(start: SpanStart): Span {
    const span = new Recorded(start);
    this.spans.push(span);
    return span;
  }

  within<TResult>(_span: Span, work: () => TResult): TResult {
    return work();
  }

  children(parent: Recorded | undefined, kind: string): readonly Recorded[] {
    return this.spans.filter((span) => span.parent === parent && span.kind === kind);
  }
}

/** Fails at every so manieth call. */
function failing(every: number): Tracer {
  let calls = 0;
  const mayFail = () => {
    if (++calls % every === 0) throw new Error("the tracer's own");
  };
  return {
    startSpan: () => {
      mayFail();
      return { end: mayFail };
    },
    within: (_span, work) => {
      mayFail();
      const output = work();
      mayFail();
      return output;
    },
  };
}

/** Runs a graph to its end, and lets pass what it leaves behind. */
async function runToTheEnd(root: Graph, { timeoutMs, maxRetries, cancelAtMs }: Setting, given: RunOptions) {
  const clock = createVirtualClock({ startMs: 1_000 });
  const controller = new AbortController();
  const cancel = () => controller.abort(new Error("enough"));
  if (cancelAtMs !== undefined) clock.setTimer(cancel, cancelAtMs);
  const warnings: LogFields[] = [];
  const quiet = () => {};
  const warn = (_message: string, fields: LogFields = {}) => void warnings.push(fields);
  const log: Log = { debug: quiet, info: quiet, warn, error: quiet, with: () => log };
  const run = untyped(build(root, cancel)).start("in", {
    clock,
    timeoutMs,
    maxRetries,
    signal: controller.signal,
    requestId: "r-1",
    log,
    ...given,
  });
  const result = await clock.until(run.result);
  const endMs = clock.now();
  const report = run.report();
  await clock.advance(1_000);
  return { clock, result, endMs, report, run, warnings };
}

async function observed(root: Graph, given: Setting) {
  const recorder = new Recorder();
  const stages: StageMetric[] = [];
  const runs: RunMetric[] = [];
  const nothing = () => {};
  const metrics = {
    stage: (metric: StageMetric) => void stages.push(metric),
    run: (metric: RunMetric) => void runs.push(metric),
    request: nothing,
    registration: nothing,
    healthCheck: nothing,
  };
  return { recorder, stages, runs, ...(await runToTheEnd(root, given, { tracer: recorder, metrics })) };
}

const holds = (check: (outcome: Awaited<ReturnType<typeof observed>>, root: Graph) => void) =>
  fc.assert(
    fc.asyncProperty(graph, setting, async (root, given) => check(await observed(root, given), root)),
  );

test("every span ends once, not before it began, and within the span around it", async () => {
  await holds(({ recorder: { spans } }) => {
    for (const span of spans) {
      expect(span.ends).toHaveLength(1);
      expect(span.endMs).toBeGreaterThanOrEqual(span.start.startMs);
      const { parent } = span;
      if (parent === undefined || span.kind === "undo") continue;
      expect(span.start.startMs).toBeGreaterThanOrEqual(parent.start.startMs);
      expect(span.endMs).toBeLessThanOrEqual(parent.endMs);
    }
  });
});

test("there is one run, and its span says what became of it", async () => {
  await holds(({ recorder, run, result, endMs }) => {
    const runs = recorder.spans.filter((span) => span.parent === undefined);
    expect(runs.map((span) => span.kind)).toEqual(["run"]);
    expect(runs[0]?.attributes).toMatchObject({
      "atomic.run.id": run.id,
      "atomic.request.id": "r-1",
      "atomic.status": run.status,
    });
    expect(runs[0]?.ends[0]?.error?.code).toBe(result.ok ? undefined : result.error.code);
    expect((runs[0]?.endMs ?? 0) - (runs[0]?.start.startMs ?? 0)).toBe(endMs - 1_000);
  });
});

test("attempts of a stage are counted from 1, follow one another, and link to the one before", async () => {
  await holds(({ recorder }) => {
    for (const stage of recorder.spans.filter((span) => span.kind === "stage")) {
      const attempts = recorder.children(stage, "attempt");
      expect(attempts.map(({ start }) => start.attributes["atomic.attempt"])).toEqual(
        attempts.map((_, index) => index + 1),
      );
      expect(stage.attributes["atomic.attempts"]).toBe(attempts.length);
      for (const [index, attempt] of attempts.entries()) {
        const before = attempts[index - 1];
        expect(attempt.start.links).toEqual(before === undefined ? undefined : [before]);
        expect(attempt.start.startMs).toBeGreaterThanOrEqual(before?.endMs ?? stage.start.startMs);
        if (index < attempts.length - 1) expect(attempt.ends[0]?.error).toBeDefined();
      }
      const isFine = stage.attributes["atomic.status"] === "success";
      expect(stage.ends[0]?.error === undefined).toBe(isFine);
      if (isFine) expect(attempts.at(-1)?.ends[0]?.error).toBeUndefined();
    }
  });
});

interface Line {
  readonly agent: string;
  readonly status: string;
  readonly attempts: number;
  readonly durationMs: number;
  readonly atMs: number;
  readonly stages: readonly Line[];
}

/** The stages of a report that were reached. */
function reportLines(stages: readonly StageReport[] = []): readonly Line[] {
  return stages
    .filter(({ status }) => status !== "skipped" && status !== "pending")
    .map(({ agent, status, attempts, durationMs, atMs, stages: inner }) => ({
      agent,
      status,
      attempts,
      durationMs,
      atMs,
      stages: reportLines(inner),
    }));
}

function spanLines(recorder: Recorder, around: Recorded | undefined, zeroMs: number): readonly Line[] {
  const stages = around === undefined ? [] : recorder.children(around, "stage");
  return stages.map((stage) => ({
    agent: String(stage.attributes["atomic.agent"]),
    status: String(stage.attributes["atomic.status"]),
    attempts: Number(stage.attributes["atomic.attempts"]),
    durationMs: stage.endMs - stage.start.startMs,
    atMs: stage.start.startMs - zeroMs,
    stages: recorder.children(stage, "attempt").flatMap((attempt) => spanLines(recorder, attempt, zeroMs)),
  }));
}

test("the spans show what the report shows", async () => {
  await holds(({ recorder, report }) => {
    const [run] = recorder.spans;
    const zeroMs = run?.start.startMs ?? 0;
    const lines = spanLines(recorder, run, zeroMs);
    const expected = reportLines(report.stages);
    // A composed agent that is run by itself has a stage in traces; in the report its parts stand for it.
    const [own] = lines;
    const isOfParts = lines.length === 1 && own?.agent === report.agent && expected[0]?.agent !== own.agent;
    expect(isOfParts ? own?.stages : lines).toEqual(expected);
  });
});

test("each stage is counted once, as the report has it, and the run once", async () => {
  await holds(({ stages, runs, report, result, run }) => {
    expect(runs).toEqual([
      {
        agent: report.agent,
        status: run.status,
        durationMs: report.durationMs,
        code: result.ok ? undefined : result.error.code,
      },
    ]);
    const keyOf = ({ agent, status, attempts, durationMs }: Omit<Line, "stages" | "atMs">) =>
      `${agent} ${status} ×${attempts} ${durationMs} ms`;
    const flat = (lines: readonly Line[]): readonly Line[] =>
      lines.flatMap((line) => [line, ...flat(line.stages)]);
    const counted = Map.groupBy(stages, keyOf);
    for (const [key, same] of Map.groupBy(flat(reportLines(report.stages)), keyOf)) {
      // Items, and a composed agent that is run by itself, are counted and not in the report.
      expect(counted.get(key)?.length ?? 0).toBeGreaterThanOrEqual(same.length);
    }
  });
});

test("looking on changes nothing, nor does a tracer that fails", async () => {
  await fc.assert(
    fc.asyncProperty(graph, setting, fc.integer({ min: 1, max: 7 }), async (root, given, every) => {
      const seen = ({ result, endMs, report, run, clock }: Awaited<ReturnType<typeof runToTheEnd>>) => {
        const { id } = run;
        const text = JSON.stringify({ result, endMs, report, events: run.events.snapshot() });
        return { text: text.replaceAll(id, "run"), timersLeft: clock.pendingTimers };
      };
      const alone = seen(await runToTheEnd(root, given, {}));
      expect(seen(await observed(root, given))).toEqual(alone);
      const harmed = await runToTheEnd(root, given, { tracer: failing(every) });
      expect(seen(harmed)).toEqual(alone);
      expect(harmed.warnings.length).toBeLessThanOrEqual(1);
    }),
  );
});
