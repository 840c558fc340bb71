import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import {
  type AnyAgent,
  type Context,
  createLog,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  recover,
  type RunEvent,
  type RunOptions,
  sleep,
  untyped,
  withPolicy,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

/** Notes what is done and undone. */
function diary() {
  const lines: string[] = [];
  const done = (name: string, delayMs = 0) =>
    withUndo(
      agent(name, async (input, ctx) => {
        if (delayMs > 0) await sleep(delayMs, ctx);
        lines.push(`do ${name}`);
        return input;
      }),
      () => void lines.push(`undo ${name}`),
    );
  return { lines, done };
}

const bad = agent("bad", () => {
  throw new Error("refused");
});

async function outcome(tested: AnyAgent, input: unknown = "in", options: RunOptions = {}) {
  const clock = createVirtualClock();
  const run = untyped(tested).start(input, { clock, random: () => 0, ...options });
  const result = await clock.until(run.result);
  expect(clock.pendingTimers).toBe(0);
  return { result, report: run.report(), events: run.events.snapshot(), status: run.status };
}

const typesOf = (events: readonly RunEvent[]) =>
  events.map((event) => ("stage" in event ? `${event.type} ${event.stage}` : event.type));

test("what was done is undone in reverse when a later stage stops the run", async () => {
  const { lines, done } = diary();
  const { result, report, events } = await outcome(
    pipeline("p").stage(done("a")).stage(done("b")).stage(bad).stage(done("c")),
  );
  expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", stage: "bad" } });
  expect(lines).toEqual(["do a", "do b", "undo b", "undo a"]);
  expect(report.stages).toMatchObject([
    { id: "a", status: "success", undone: true },
    { id: "b", status: "success", undone: true },
    { id: "bad", status: "failed" },
    { id: "c", status: "skipped" },
  ]);
  expect(typesOf(events)).toEqual([
    "run-start",
    "stage-start a",
    "stage-end a",
    "stage-start b",
    "stage-end b",
    "stage-start bad",
    "stage-error bad",
    "stage-undo b",
    "stage-undo a",
    "run-end",
  ]);
  expect(events.at(-1)).toMatchObject({ status: "failed" });
});

test("nothing is undone when the run succeeds, and nothing when the agent itself fails", async () => {
  const { lines, done } = diary();
  expect((await outcome(pipeline("p").stage(done("a")).stage(done("b")))).status).toBe("success");
  expect(lines).toEqual(["do a", "do b"]);
  lines.length = 0;
  await outcome(withUndo(bad, () => void lines.push("undo bad")));
  expect(lines).toEqual([]);
});

test("undo gets the output, the input and a context that outlives the run's", async () => {
  const seen: unknown[] = [];
  const double = withUndo(
    agent("double", (input) => Number(input) * 2),
    async (output, input, ctx) => {
      await sleep(100, ctx);
      seen.push(output, input, ctx.signal.aborted, ctx.runId, ctx.deadline);
    },
  );
  const { result } = await outcome(pipeline("p").stage(double).stage(bad), 4);
  if (result.ok) throw new Error("it should have failed");
  expect(seen).toEqual([8, 4, false, result.error.runId, 30_000]);
});

test("a cancelled run undoes what it has done, and only then tells its outcome", async () => {
  const { lines, done } = diary();
  const clock = createVirtualClock();
  const run = pipeline("p").stage(done("a")).stage(done("slow", 1_000)).start("in", { clock });
  await clock.advance(10);
  let told = false;
  void run.result.then(() => {
    told = true;
  });
  run.cancel("enough");
  expect(told).toBe(false);
  const result = await clock.until(run.result);
  expect(result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
  expect(lines).toEqual(["do a", "undo a"]);
  expect(run.status).toBe("cancelled");
});

test("what a failed attempt has done is undone before the next attempt", async () => {
  const { lines, done } = diary();
  let calls = 0;
  const flaky = agent("flaky", () => {
    calls++;
    if (calls < 3) throw new Error("busy");
    return "ok";
  });
  const inner = pipeline("inner").stage(done("a")).stage(flaky);
  const { result } = await outcome(pipeline("p").stage("steps", inner, { retry: { attempts: 3 } }));
  expect(result).toEqual({ ok: true, output: "ok" });
  expect(lines).toEqual(["do a", "undo a", "do a", "undo a", "do a"]);
});

test("an agent's own code that runs others has them undone when it fails", async () => {
  const { lines, done } = diary();
  const [a, b] = [untyped(done("a")), untyped(done("b"))];
  const saga = agent("saga", async (input, ctx) => {
    await a.run(input, ctx);
    await b.run(input, ctx);
    throw new Error("no");
  });
  await outcome(saga);
  expect(lines).toEqual(["do a", "do b", "undo b", "undo a"]);
});

test("a fallback's failed candidate is undone, the one that succeeds is not", async () => {
  const { lines, done } = diary();
  const first = pipeline("first").stage(done("a")).stage(bad);
  const { result } = await outcome(fallback([first, done("b")]));
  expect(result.ok).toBe(true);
  expect(lines).toEqual(["do a", "undo a", "do b"]);
});

test("what was recovered was undone first; what failed later undoes what a composed stage did", async () => {
  const { lines, done } = diary();
  const saved = recover(pipeline("inner").stage(done("a")).stage(bad), () => "saved");
  const { result } = await outcome(pipeline("p").stage(done("z")).stage(saved));
  expect(result).toEqual({ ok: true, output: "saved" });
  expect(lines).toEqual(["do z", "do a", "undo a"]);
  lines.length = 0;
  const { report } = await outcome(
    pipeline("p")
      .stage("inner", pipeline("inner").stage(done("a")).stage(done("b")))
      .stage(bad),
  );
  expect(lines).toEqual(["do a", "do b", "undo b", "undo a"]);
  expect(report.stages[0]?.stages).toMatchObject([{ undone: true }, { undone: true }]);
});

test("siblings that a failure stops are undone in reverse, with what they had done", async () => {
  const { lines, done } = diary();
  const slot = pipeline("slot").stage(done("a", 10)).stage(done("b", 10)).stage(done("never", 1_000));
  const failing = agent("failing", async (_input, ctx) => {
    await sleep(25, ctx);
    throw new Error("refused");
  });
  await outcome(pipeline("p").stage(done("first")).stage(parallel({ slot, failing })));
  expect(lines).toEqual(["do first", "do a", "do b", "undo b", "undo a", "undo first"]);
});

test("a settled item that fails undoes its own work only", async () => {
  const { lines, done } = diary();
  const step = withUndo(
    agent("step", (input) => {
      lines.push(`do ${String(input)}`);
      return input;
    }),
    (output) => void lines.push(`undo ${String(output)}`),
  );
  const picky = agent("picky", (input) => {
    if (input === 2) throw new Error("not 2");
    return input;
  });
  const item = pipeline("item").stage(step).stage(picky);
  const { status } = await outcome(mapItems(item, { settled: true, concurrency: 1 }), [1, 2, 3]);
  expect(status).toBe("partial");
  expect(lines).toEqual(["do 1", "do 2", "undo 2", "do 3"]);
  void done;
});

test("an undo that fails or hangs is reported, and the others go on", async () => {
  const lines: string[] = [];
  const failing = withUndo(agent("failing", (input) => input), () => {
    throw new Error("cannot");
  });
  const hanging = withUndo(agent("hanging", (input) => input), () => new Promise<void>(() => {}));
  const fine = withUndo(agent("fine", (input) => input), () => void lines.push("undo fine"));
  const { result, report, events } = await outcome(
    pipeline("p").stage(fine).stage(failing).stage(hanging).stage(bad),
    "in",
    { log: createLog({ write: (line) => lines.push((JSON.parse(line) as { message: string }).message) }) },
  );
  expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", stage: "bad" } });
  expect(lines).toEqual([
    expect.stringContaining('Could not undo stage "hanging"'),
    expect.stringContaining('Could not undo stage "failing"'),
    "undo fine",
  ]);
  expect(report.stages).toMatchObject([
    { undone: true },
    { undoError: { code: "EXECUTION" } },
    { undoError: { code: "TIMEOUT" } },
    {},
  ]);
  expect(report.durationMs).toBe(0);
  expect(events.filter(({ type }) => type === "stage-undo-error")).toHaveLength(2);
});

test("work that was given up on and succeeds after all is undone when it has", async () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  let calls = 0;
  const stubborn = withUndo(
    agent("stubborn", async (_input, ctx) => {
      const call = ++calls;
      // Does not listen to the signal.
      if (call === 1) await new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, 500));
      lines.push(`do ${call}`);
      return call;
    }),
    (output) => void lines.push(`undo ${String(output)}`),
  );
  const run = withPolicy(stubborn, { timeoutMs: 100, retry: { attempts: 2, baseDelayMs: 0 } }).start("in", { clock });
  expect(await clock.until(run.result)).toEqual({ ok: true, output: 2 });
  await clock.runAll();
  expect(lines).toEqual(["do 2", "do 1", "undo 1"]);
});

test("a run cancelled while a failed attempt is undone waits for that, and undoes the rest", async () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const slowUndo = (name: string) =>
    withUndo(
      agent(name, (input) => input),
      async (_output, _input, ctx) => {
        lines.push(`undoing ${name}`);
        await sleep(100, ctx);
        lines.push(`undone ${name}`);
      },
    );
  const inner = pipeline("inner").stage(slowUndo("b")).stage(bad);
  const run = pipeline("p")
    .stage(slowUndo("a"))
    .stage("steps", inner, { retry: { attempts: 3 } })
    .start("in", { clock });
  await clock.advance(50);
  expect(lines).toEqual(["undoing b"]);
  run.cancel();
  expect(await clock.until(run.result)).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
  expect(lines).toEqual(["undoing b", "undone b", "undoing a", "undone a"]);
});

test("the run's deadline does not cut undoing short", async () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const slow = withUndo(
    agent("slow", (input) => input),
    async (_output, _input, ctx) => {
      await sleep(5_000, ctx);
      lines.push("undone");
    },
  );
  const run = pipeline("p")
    .stage(slow)
    .stage(agent("hangs", () => new Promise(() => {})))
    .start("in", { clock, timeoutMs: 1_000 });
  expect(await clock.until(run.result)).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
  expect(lines).toEqual(["undone"]);
  expect(clock.now()).toBe(6_000);
});

test("a middleware lies around the agent whose work can be undone", async () => {
  const { lines, done } = diary();
  await outcome(
    pipeline("p")
      .stage(done("a"))
      .stage(bad)
      .use((next) => (input, ctx) => next(input, ctx)),
  );
  expect(lines).toEqual(["do a", "undo a"]);
});
