import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent, type VirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  type AtomicError,
  type Context,
  createLog,
  defineAgent,
  loop,
  mapItems,
  parallel,
  pipeline,
  recover,
  type RunOptions,
  sleep,
  type Span,
  type SpanAttributes,
  type SpanStart,
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
const failsOnce = (name = "flaky", delayMs = 0) =>
  scriptedAgent({ name, script: [{ delayMs, error: busy }, { output: name }] });
const retry = { attempts: 3, baseDelayMs: 100, factor: 1, jitter: "none" } as const;

/** A span as it was told. */
class Recorded implements Span {
  readonly start: SpanStart;
  readonly ends: {
    readonly endMs: number;
    readonly error: AtomicError | undefined;
    readonly attributes: SpanAttributes | undefined;
  }[] = [];
  readonly tell: (what: string) => void;

  constructor(start: SpanStart, tell: (what: string) => void) {
    this.start = start;
    this.tell = tell;
  }

  end(endMs: number, error: AtomicError | undefined, attributes?: SpanAttributes): void {
    this.ends.push({ endMs, error, attributes });
    this.tell(`end ${this.start.name}`);
  }
}

/** Keeps what it is told, and which span is the current one. */
class Recorder implements Tracer {
  readonly spans: Recorded[] = [];
  readonly told: string[] = [];
  /** Called each time before anything is told. */
  onTold: (() => void) | undefined = undefined;
  current: Recorded | undefined = undefined;

  startSpan(start: SpanStart): Span {
    const span = new Recorded(start, (what) => this.tell(what));
    this.spans.push(span);
    this.tell(`start ${start.name}`);
    return span;
  }

  within<TResult>(span: Span, work: () => TResult): TResult {
    const before = this.current;
    this.current = span as Recorded;
    try {
      return work();
    } finally {
      this.current = before;
    }
  }

  /** A line a span: its name, when it began and ended in milliseconds since the first one did, and what became of it. */
  tree(parent?: Recorded, indent = ""): readonly string[] {
    const [first] = this.spans;
    const zeroMs = first?.start.startMs ?? 0;
    return this.spans
      .filter((span) => span.start.parent === parent)
      .flatMap((span) => {
        const { name, startMs } = span.start;
        const [end] = span.ends;
        const endMs = end === undefined ? "never" : end.endMs - zeroMs;
        const status = end?.attributes?.["atomic.status"];
        const words = [name, `${startMs - zeroMs}–${endMs}`, status, end?.error?.code];
        const line = words.filter((word) => word !== undefined).join(" ");
        return [indent + line, ...this.tree(span, `${indent}  `)];
      });
  }

  of(name: string): readonly Recorded[] {
    return this.spans.filter((span) => span.start.name === name);
  }

  private tell(what: string): void {
    this.told.push(what);
    this.onTold?.();
  }
}

interface Traced {
  readonly recorder: Recorder;
  readonly clock: VirtualClock;
  readonly code: string;
}

/** Runs an agent to its end and lets pass what it leaves behind; every span has to have ended once by then. */
async function trace(
  tested: AnyAgent,
  options: RunOptions & { readonly cancelAtMs?: number } = {},
): Promise<Traced> {
  const { cancelAtMs, ...runOptions } = options;
  const recorder = new Recorder();
  const clock = createVirtualClock({ startMs: 5_000 });
  const controller = new AbortController();
  if (cancelAtMs !== undefined) clock.setTimer(() => controller.abort(new Error("enough")), cancelAtMs);
  const { signal } = controller;
  const running = untyped(tested).tryRun("in", { clock, tracer: recorder, signal, ...runOptions });
  const result = await clock.until(running);
  await clock.runAll();
  expect(recorder.spans.filter(({ ends }) => ends.length !== 1).map(({ start }) => start.name)).toEqual([]);
  return { recorder, clock, code: result.ok ? "success" : result.error.code };
}

const treeOf = async (...given: Parameters<typeof trace>) => (await trace(...given)).recorder.tree();

describe("the tree of spans", () => {
  test("of an agent alone", async () => {
    const { recorder } = await trace(takes(30), { requestId: "r-1" });
    expect(recorder.tree()).toEqual([
      "run slow 0–30 success",
      "  stage slow 0–30 success",
      "    attempt 1 0–30",
    ]);
    const [run, stage, attempt] = recorder.spans;
    expect(run?.start).toEqual({
      name: "run slow",
      parent: undefined,
      attributes: {
        "atomic.agent": "slow",
        "atomic.run.id": expect.stringMatching(/./),
        "atomic.request.id": "r-1",
      },
      startMs: Date.UTC(2025, 0, 1),
    });
    expect(stage?.start.attributes).toEqual({ "atomic.stage": "slow", "atomic.agent": "slow" });
    expect(stage?.ends[0]?.attributes).toEqual({ "atomic.status": "success", "atomic.attempts": 1 });
    expect(attempt?.start.attributes).toEqual({ "atomic.attempt": 1 });
  });

  test("of a pipeline with a pipeline and a parallel inside", async () => {
    const inner = pipeline("inner").stage(takes(10, "a")).stage("second", takes(5, "b"));
    const both = parallel({ left: takes(20, "c"), right: takes(30, "d") });
    const { recorder } = await trace(pipeline("p").stage(inner).stage(both).stage(keep));
    expect(recorder.tree()).toEqual([
      "run p 0–45 success",
      "  stage inner 0–15 success",
      "    attempt 1 0–15",
      "      stage a 0–10 success",
      "        attempt 1 0–10",
      "      stage second 10–15 success",
      "        attempt 1 10–15",
      "  stage parallel 15–45 success",
      "    attempt 1 15–45",
      "      stage left 15–35 success",
      "        attempt 1 15–35",
      "      stage right 15–45 success",
      "        attempt 1 15–45",
      "  stage keep 45–45 success",
      "    attempt 1 45–45",
    ]);
    expect(recorder.of("stage second")[0]?.start.attributes).toEqual({
      "atomic.stage": "inner/second",
      "atomic.agent": "b",
    });
  });

  test("of what agents call by themselves, and of what is wrapped", async () => {
    const calls = agent("calls", async (input, ctx) => {
      await sleep(5, ctx);
      return takes(10, "called").run(input, ctx);
    });
    expect(await treeOf(pipeline("p").stage(calls))).toEqual([
      "run p 0–15 success",
      "  stage calls 0–15 success",
      "    attempt 1 0–15",
      "      stage called 5–15 success",
      "        attempt 1 5–15",
    ]);
    const saved = recover(fails("shaky", 10), () => "saved");
    expect(await treeOf(pipeline("p").stage(saved))).toEqual([
      "run p 0–10 success",
      "  stage shaky 0–10 success",
      "    attempt 1 0–10",
      "      stage shaky 0–10 failed EXECUTION",
      "        attempt 1 0–10 EXECUTION",
    ]);
  });

  test("of rounds: their number is no part of a name, of which there should be few", async () => {
    const twice = loop(
      agent("add", (input) => `${input as string}+`),
      { until: (_output, round) => round === 2 },
    );
    const { recorder } = await trace(pipeline("p").stage(twice));
    expect(recorder.of("stage add").map(({ start }) => start.attributes["atomic.stage"])).toEqual([
      "loop/1",
      "loop/2",
    ]);
  });

  test("items have none, but what they trace themselves belongs to the stage", async () => {
    const recorder = new Recorder();
    const seen: (string | undefined)[] = [];
    const item = agent("item", async (input, ctx) => {
      seen.push(recorder.current?.start.name);
      await sleep(1, ctx);
      if (seen.length < 3) throw busy;
      return input;
    });
    const items = mapItems(pipeline("inner").stage(item, { retry }), { name: "items", concurrency: 1 });
    const tested = pipeline("p").stage(list).stage(items);
    const clock = createVirtualClock();
    await clock.until(tested.run("in", { clock, tracer: recorder }));
    expect(recorder.tree()).toEqual([
      "run p 0–204 success",
      "  stage list 0–0 success",
      "    attempt 1 0–0",
      "  stage items 0–204 success",
      "    attempt 1 0–204",
    ]);
    const [, , , , attempt] = recorder.spans;
    expect(attempt?.start.parent).toBe(recorder.of("stage items")[0]);
    // Twice by an alarm, in nobody's context.
    expect(seen).toEqual(["attempt 1", "attempt 1", "attempt 1", "attempt 1"]);
  });
});

describe("what went wrong", () => {
  test("attempts follow one another, each linked to the one before", async () => {
    const script = [{ delayMs: 10, error: busy }, { delayMs: 20, error: busy }, { output: "out" }] as const;
    const { recorder } = await trace(
      pipeline("p").stage(scriptedAgent({ name: "flaky", script }), { retry }),
    );
    expect(recorder.tree()).toEqual([
      "run p 0–230 success",
      "  stage flaky 0–230 success",
      "    attempt 1 0–10 EXECUTION",
      "    attempt 2 110–130 EXECUTION",
      "    attempt 3 230–230",
    ]);
    const attempts = recorder.spans.filter(({ start }) => start.name.startsWith("attempt"));
    expect(attempts.map(({ start }) => start.links)).toEqual([undefined, [attempts[0]], [attempts[1]]]);
    expect(recorder.of("stage flaky")[0]?.ends[0]?.attributes).toEqual({
      "atomic.status": "success",
      "atomic.attempts": 3,
    });
  });

  test("a stage that passes its input on says why", async () => {
    const tested = pipeline("p").stage(fails("bad", 5), { onError: "pass" }).stage(keep);
    expect(await treeOf(tested)).toEqual([
      "run p 0–5 success",
      "  stage bad 0–5 passed EXECUTION",
      "    attempt 1 0–5 EXECUTION",
      "  stage keep 5–5 success",
      "    attempt 1 5–5",
    ]);
  });

  test("a failure ends all that is around it, and what runs beside it is cancelled", async () => {
    const both = parallel({ slow: takes(100), bad: fails("bad", 10) });
    expect(await treeOf(pipeline("p").stage(both).stage(keep))).toEqual([
      "run p 0–10 failed EXECUTION",
      "  stage parallel 0–10 failed EXECUTION",
      "    attempt 1 0–10 EXECUTION",
      "      stage slow 0–10 cancelled CANCELLED",
      "        attempt 1 0–10 CANCELLED",
      "      stage bad 0–10 failed EXECUTION",
      "        attempt 1 0–10 EXECUTION",
    ]);
  });

  test("values that break a contract, before and after the work", async () => {
    const picky = defineAgent({
      name: "picky",
      description: "Takes numbers, and gives what it says it does not.",
      input: z.string().or(z.number()),
      output: z.number(),
      execute: (input) => input as number,
    });
    expect(await treeOf(picky)).toEqual([
      "run picky 0–0 failed VALIDATION_OUTPUT",
      "  stage picky 0–0 failed VALIDATION_OUTPUT",
      "    attempt 1 0–0 VALIDATION_OUTPUT",
    ]);
    const list = agent("list", () => [1]);
    expect(await treeOf(pipeline("p").stage(list).stage(untyped(picky)))).toEqual([
      "run p 0–0 failed VALIDATION_INPUT",
      "  stage list 0–0 success",
      "    attempt 1 0–0",
      "  stage picky 0–0 failed VALIDATION_INPUT",
      "    attempt 1 0–0 VALIDATION_INPUT",
    ]);
  });

  test("deadlines, of an attempt and of the run", async () => {
    const steady = withPolicy(takes(500), { timeoutMs: 50, retry });
    expect(await treeOf(steady, { timeoutMs: 170 })).toEqual([
      "run slow 0–170 failed TIMEOUT",
      "  stage slow 0–170 failed TIMEOUT",
      "    attempt 1 0–50 TIMEOUT",
      "    attempt 2 150–170 TIMEOUT",
    ]);
  });

  test("a late result of an attempt that was given up tells nothing", async () => {
    const deaf = scriptedAgent({
      name: "deaf",
      script: [{ delayMs: 80, ignoreAbort: true, output: "late" }],
    });
    expect(await treeOf(withPolicy(deaf, { timeoutMs: 50 }))).toEqual([
      "run deaf 0–50 failed TIMEOUT",
      "  stage deaf 0–50 failed TIMEOUT",
      "    attempt 1 0–50 TIMEOUT",
    ]);
  });
});

describe("a run that is cancelled", () => {
  const tested = () =>
    pipeline("p")
      .stage(parallel({ left: takes(20), right: takes(20) }))
      .stage(failsOnce("flaky", 20), { retry })
      .stage(withUndo(keep, () => {}))
      .stage(takes(20, "last"));

  test("while it waits for its next attempt", async () => {
    const { recorder } = await trace(tested(), { cancelAtMs: 60 });
    expect(recorder.tree().slice(-2)).toEqual([
      "  stage flaky 20–60 cancelled CANCELLED",
      "    attempt 1 20–40 EXECUTION",
    ]);
    expect(recorder.of("stage flaky")[0]?.ends[0]?.attributes).toMatchObject({ "atomic.attempts": 1 });
  });

  test("at any moment", async () => {
    for (let cancelAtMs = 0; cancelAtMs <= 170; cancelAtMs += 5) {
      const { code, recorder } = await trace(tested(), { cancelAtMs });
      expect(code).toBe(cancelAtMs <= 160 ? "CANCELLED" : "success");
      expect(recorder.tree()[0]).toBe(
        cancelAtMs <= 160 ? `run p 0–${cancelAtMs} cancelled CANCELLED` : "run p 0–160 success",
      );
    }
  });

  test("before it began", async () => {
    const signal = AbortSignal.abort("too early");
    const { recorder } = await trace(keep, { signal });
    expect(recorder.tree()).toEqual(["run keep 0–0 cancelled CANCELLED"]);
    const later = new Recorder();
    const run = keep.start("in", { tracer: later });
    run.cancel();
    await run.result;
    expect(later.spans).toHaveLength(1);
    expect(later.spans[0]?.ends).toMatchObject([{ attributes: { "atomic.status": "cancelled" } }]);
  });
});

describe("what is undone", () => {
  test("belongs to what had failed", async () => {
    const reserve = withUndo(keep, (_output, _input, ctx) => sleep(10, ctx), { name: "reserve" });
    expect(await treeOf(pipeline("p").stage(reserve).stage(fails()))).toEqual([
      "run p 0–10 failed EXECUTION",
      "  stage reserve 0–0 success",
      "    attempt 1 0–0",
      "  stage bad 0–0 failed EXECUTION",
      "    attempt 1 0–0 EXECUTION",
      "  undo keep 0–10",
    ]);
  });

  test("says when it could not be", async () => {
    const reserve = withUndo(keep, () => {
      throw new Error("stuck");
    });
    const log = createLog({ level: "silent" });
    const { recorder } = await trace(pipeline("p").stage(reserve).stage(fails()), { log });
    expect(recorder.tree().at(-1)).toBe("  undo keep 0–0 EXECUTION");
    expect(recorder.of("undo keep")[0]?.start.attributes).toEqual({
      "atomic.stage": "keep",
      "atomic.agent": "keep",
    });
  });

  test("in an attempt that is made again, and late", async () => {
    const undo = (_output: unknown, _input: unknown, ctx: Context) => sleep(10, ctx);
    const inner = pipeline("inner").stage(withUndo(keep, undo)).stage(failsOnce());
    expect(await treeOf(pipeline("p").stage(inner, { retry }))).toEqual([
      "run p 0–110 success",
      "  stage inner 0–110 success",
      "    attempt 1 0–10 EXECUTION",
      "      stage keep 0–0 success",
      "        attempt 1 0–0",
      "      stage flaky 0–0 failed EXECUTION",
      "        attempt 1 0–0 EXECUTION",
      "      undo keep 0–10",
      "    attempt 2 110–110",
      "      stage keep 110–110 success",
      "        attempt 1 110–110",
      "      stage flaky 110–110 success",
      "        attempt 1 110–110",
    ]);
    const deaf = scriptedAgent({
      name: "deaf",
      script: [{ delayMs: 80, ignoreAbort: true, output: "late" }],
    });
    expect(await treeOf(withPolicy(withUndo(deaf, undo), { timeoutMs: 50 }))).toEqual([
      "run deaf 0–50 failed TIMEOUT",
      "  stage deaf 0–50 failed TIMEOUT",
      "    attempt 1 0–50 TIMEOUT",
      "  undo deaf 80–90",
    ]);
  });

  test("of items has no spans either", async () => {
    const item = pipeline("item")
      .stage(withUndo(keep, () => {}))
      .stage(fails());
    const tested = pipeline("p").stage(list).stage(mapItems(item));
    const { recorder } = await trace(tested);
    expect(recorder.spans.map(({ start }) => start.name).filter((name) => name.startsWith("undo"))).toEqual(
      [],
    );
  });
});

test("calls come in the order in which things happen", async () => {
  const { recorder } = await trace(pipeline("p").stage(failsOnce(), { retry }).stage(keep));
  expect(recorder.told).toEqual([
    "start run p",
    "start stage flaky",
    "start attempt 1",
    "end attempt 1",
    "start attempt 2",
    "end attempt 2",
    "end stage flaky",
    "start stage keep",
    "start attempt 1",
    "end attempt 1",
    "end stage keep",
    "end run p",
  ]);
});

test("the attempt is current while the agent works, and nothing is before and after", async () => {
  const recorder = new Recorder();
  const seen: unknown[] = [];
  const looks = agent("looks", () =>
    seen.push(recorder.current?.start.name, recorder.current?.start.attributes),
  );
  const tested = pipeline("p").stage(keep).stage(withPolicy(looks, { retry }));
  await tested.run("in", { tracer: recorder });
  expect(seen).toEqual(["attempt 1", { "atomic.attempt": 1 }]);
  expect(recorder.current).toBeUndefined();
});

test("the computer's clock may be set back while a run goes on: its spans do not mind", async () => {
  const recorder = new Recorder();
  const clock = createVirtualClock();
  const running = pipeline("p")
    .stage(takes(10))
    .stage(takes(10, "slower"))
    .run("in", { clock, tracer: recorder });
  await clock.advance(5);
  clock.setTimestamp(0);
  await clock.until(running);
  expect(recorder.tree()).toEqual([
    "run p 0–20 success",
    "  stage slow 0–10 success",
    "    attempt 1 0–10",
    "  stage slower 10–20 success",
    "    attempt 1 10–20",
  ]);
});

test("a tracer may cancel the run at any call: no stage begins then, and every span ends once", async () => {
  const calls: string[] = [];
  const called = (name: string) =>
    agent(name, (input) => {
      calls.push(name);
      return input;
    });
  const tested = () =>
    pipeline("p")
      .stage(called("a"))
      .stage(pipeline("inner").stage(called("b")).stage(failsOnce(), { retry }).stage(called("c")))
      .stage(parallel({ left: called("d"), right: called("e") }))
      .stage(called("f"));
  const whole = await trace(tested());
  expect(calls).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(whole.recorder.told).toHaveLength(40);
  const codes = new Set<string>();
  for (let at = 1; at <= whole.recorder.told.length; at++) {
    const controller = new AbortController();
    const recorder = new Recorder();
    let callsThen = 0;
    recorder.onTold = () => {
      if (recorder.told.length !== at) return;
      callsThen = calls.length;
      controller.abort("enough");
    };
    const clock = createVirtualClock();
    const { signal } = controller;
    const result = await clock.until(untyped(tested()).tryRun("in", { clock, tracer: recorder, signal }));
    await clock.runAll();
    expect(recorder.spans.filter(({ ends }) => ends.length !== 1).map(({ start }) => start.name)).toEqual([]);
    if (!result.ok) expect({ at, calls: calls.length }).toEqual({ at, calls: callsThen });
    expect(recorder.told.slice(at).filter((what) => what.startsWith("start"))).toEqual([]);
    codes.add(result.ok ? `success at ${at}` : result.error.code);
  }
  // Only what comes after the last stage's end is too late.
  expect([...codes]).toEqual(["CANCELLED", "success at 38", "success at 39", "success at 40"]);
});
