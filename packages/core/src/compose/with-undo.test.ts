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
  pool,
  recover,
  type RunEvent,
  type RunOptions,
  sleep,
  untyped,
  withPolicy,
  withUndo,
  zip,
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
const same = agent("same", (input) => input);
const silent = createLog({ level: "silent" });

/** Fails as many times as it is told to, over all runs. */
function failing(failures: number) {
  let calls = 0;
  return agent("failing", (input) => {
    calls++;
    if (calls <= failures) throw new Error("busy");
    return input;
  });
}
const flakyOnce = () => failing(1);

async function outcome(tested: AnyAgent, input: unknown = "in", options: RunOptions = {}) {
  const clock = createVirtualClock();
  const run = untyped(tested).start(input, { clock, random: () => 0, ...options });
  const result = await clock.until(run.result);
  expect(clock.pendingTimers).toBe(0);
  return { run, result, report: run.report(), events: run.events.snapshot(), status: run.status };
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
  const failing = withUndo(
    agent("failing", (input) => input),
    () => {
      throw new Error("cannot");
    },
  );
  const hanging = withUndo(
    agent("hanging", (input) => input),
    () => new Promise<void>(() => {}),
  );
  const fine = withUndo(
    agent("fine", (input) => input),
    () => void lines.push("undo fine"),
  );
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
  // The hanging one has its 30 seconds.
  expect(report.durationMs).toBe(30_000);
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
  const run = withPolicy(stubborn, { timeoutMs: 100, retry: { attempts: 2, baseDelayMs: 0 } }).start("in", {
    clock,
  });
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
  const lines: unknown[] = [];
  const slow = withUndo(
    agent("slow", (input) => input),
    async (_output, _input, ctx) => {
      lines.push(ctx.deadline);
      await sleep(5_000, ctx);
      // A retry waits past the run's deadline, too.
      lines.push(await untyped(withPolicy(failing(1), { retry: { attempts: 2 } })).run("again", ctx));
      lines.push("undone");
    },
  );
  const run = pipeline("p")
    .stage(slow)
    .stage(agent("hangs", () => new Promise(() => {})))
    .start("in", { clock, timeoutMs: 1_000, random: () => 0 });
  expect(await clock.until(run.result)).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
  expect(lines).toEqual([31_000, "again", "undone"]);
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

test("what an undo runs is undone only when that undo fails", async () => {
  const { lines, done } = diary();
  const [inner, other] = [untyped(done("inner")), untyped(done("other"))];
  const undoing = (fails: boolean) =>
    withUndo(same, async (_output, input, ctx) => {
      await inner.run(input, ctx);
      await other.run(input, ctx);
      if (fails) throw new Error("cannot");
    });
  const { result, report } = await outcome(pipeline("p").stage(undoing(false)).stage(bad));
  expect(result.ok).toBe(false);
  expect(lines).toEqual(["do inner", "do other"]);
  expect(report.stages[0]).toMatchObject({ undone: true });
  lines.length = 0;
  const failed = await outcome(pipeline("p").stage(undoing(true)).stage(bad), "in", { log: silent });
  expect(lines).toEqual(["do inner", "do other", "undo other", "undo inner"]);
  expect(failed.report.stages[0]).toMatchObject({ undoError: { code: "EXECUTION" } });
});

test("an undo may use agents, composed ones too, in a context that is part of the run", async () => {
  const seen: unknown[] = [];
  const note = agent(
    "note",
    (input, ctx) => void seen.push(input, ctx.runId, ctx.userId, ctx.signal.aborted),
  );
  const undoable = withUndo(same, (_output, _input, ctx) =>
    untyped(withPolicy(pipeline("p").stage(flakyOnce()).stage(note), { retry: { attempts: 2 } }))
      .run("undo", ctx)
      .then(() => {}),
  );
  const { run } = await outcome(pipeline("p").stage(undoable).stage(bad), "in", { userId: "ada" });
  expect(seen).toEqual(["undo", run.id, "ada", false]);
});

test("what was done three levels deep is undone attempt by attempt, each level before what came before it", async () => {
  const { lines, done } = diary();
  const level = (name: string, inner: AnyAgent) =>
    pipeline(name)
      .stage(done(`${name}-before`))
      .stage("inner", untyped(inner))
      .stage(done(`${name}-after`));
  const one = withPolicy(pipeline("one").stage(done("deep")).stage(failing(3)), { retry: { attempts: 2 } });
  const two = withPolicy(level("two", one), { retry: { attempts: 2 } });
  const { result } = await outcome(pipeline("p").stage(level("three", two)).stage(bad));
  expect(result).toMatchObject({ error: { stage: "bad" } });
  const deep = ["do deep", "undo deep"];
  expect(lines).toEqual([
    "do three-before",
    "do two-before",
    ...deep,
    ...deep,
    "undo two-before",
    "do two-before",
    ...deep,
    "do deep",
    "do two-after",
    "do three-after",
    "undo three-after",
    "undo two-after",
    "undo deep",
    "undo two-before",
    "undo three-before",
  ]);
});

test("the slots of a settled parallel stand for themselves until the run fails", async () => {
  const { lines, done } = diary();
  const slots = {
    good: pipeline("good").stage(done("a", 10)).stage(done("b", 10)),
    broken: pipeline("broken").stage(done("c", 5)).stage(bad),
  };
  const settled = await outcome(parallel(slots, { settled: true }));
  expect(settled.status).toBe("partial");
  expect(lines).toEqual(["do c", "undo c", "do a", "do b"]);
  lines.length = 0;
  await outcome(
    pipeline("p")
      .stage(parallel(slots, { settled: true }))
      .stage(bad),
  );
  expect(lines).toEqual(["do c", "undo c", "do a", "do b", "undo b", "undo a"]);
});

test("zip undoes like parallel; a pool's failed replica is undone before another is tried", async () => {
  const { lines, done } = diary();
  const slow = pipeline("slow").stage(done("a")).stage(done("b", 1_000));
  await outcome(zip([slow, pipeline("fails").stage(done("c")).stage(bad)]), ["x", "y"]);
  expect(lines).toEqual(["do a", "do c", "undo c", "undo a"]);
  lines.length = 0;
  const replicas = pool([pipeline("r1").stage(done("one")).stage(bad), pipeline("r2").stage(done("two"))]);
  const { result } = await outcome(withPolicy(replicas, { retry: { attempts: 2 } }));
  expect(result.ok).toBe(true);
  expect(lines).toEqual(["do one", "undo one", "do two"]);
});

test("a spent budget ends the run, what was done is undone, and undo itself may spend no more", async () => {
  const { lines, done } = diary();
  const spends = (name: string, tokens: number) =>
    agent(name, (input, ctx) => {
      ctx.budget.spend({ tokens });
      return input;
    });
  const refund = withUndo(spends("pay", 8), (_output, _input, ctx) => {
    lines.push(`refund with ${ctx.budget.remaining("tokens")}`);
    ctx.budget.spend({ tokens: 5 });
  });
  const chain = pipeline("p").stage(done("a")).stage(refund).stage(spends("more", 8));
  const { result, report } = await outcome(chain, "in", { budget: { tokens: 10 }, log: silent });
  expect(result).toMatchObject({ error: { code: "BUDGET_EXCEEDED", stage: "more" } });
  expect(lines).toEqual(["do a", "refund with 2", "undo a"]);
  expect(report.stages).toMatchObject([
    { undone: true },
    { undoError: { code: "BUDGET_EXCEEDED" }, spent: { tokens: 8 } },
    {},
  ]);
});

test("a stage that was undone and done anew says so no more", async () => {
  const { lines, done } = diary();
  let attempts = 0;
  const chain = pipeline("p")
    .stage(done("a"), { retry: { attempts: 3 } })
    .use((next) => async (input, ctx) => {
      const output = await next(input, ctx);
      if (++attempts < 3) throw new Error("not yet");
      return output;
    });
  const { result, report, events } = await outcome(chain);
  expect(result.ok).toBe(true);
  expect(lines).toEqual(["do a", "undo a", "do a", "undo a", "do a"]);
  expect(report.stages).toEqual([
    { id: "a", agent: "a", status: "success", attempts: 3, atMs: 0, durationMs: 0 },
  ]);
  expect(events.filter(({ type }) => type === "stage-undo")).toHaveLength(2);
});

test("what could not be undone stays in the report, whatever comes after it", async () => {
  let undos = 0;
  let attempts = 0;
  const flaky = withUndo(same, () => {
    undos++;
    if (undos === 1) throw new Error("cannot");
  });
  const chain = pipeline("p")
    .stage("first", flaky, { retry: { attempts: 2 } })
    .stage(bad)
    .use((next, { id }) => async (input, ctx) => {
      const output = await next(input, ctx);
      if (id === "first" && ++attempts < 2) throw new Error("not yet");
      return output;
    });
  const { report } = await outcome(chain, "in", { log: silent });
  expect(undos).toBe(2);
  expect(report.stages[0]).toMatchObject({ status: "success", undoError: { code: "EXECUTION" } });
  expect(report.stages[0]?.undone).toBeUndefined();
});

test("what comes after the run's end is undone, and the report of then says so; events are over", async () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const stubborn = withUndo(
    agent("stubborn", async (input, ctx) => {
      // Does not listen to the signal.
      await new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, 500));
      return input;
    }),
    () => void lines.push("undone"),
  );
  const run = stubborn.start("in", { clock, timeoutMs: 100 });
  const result = await clock.until(run.result);
  expect(result).toMatchObject({ error: { code: "TIMEOUT" } });
  const events = typesOf(run.events.snapshot());
  await clock.runAll();
  expect(lines).toEqual(["undone"]);
  expect(typesOf(run.events.snapshot())).toEqual(events);
  expect(run.report().stages[0]).toMatchObject({ status: "failed", undone: true });
  expect(result.ok ? undefined : result.error.report?.stages[0]?.undone).toBeUndefined();
});

test("an undo that cancels its run, or throws what cannot be looked at, keeps nothing from its end", async () => {
  const clock = createVirtualClock();
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("do not look");
      },
      getPrototypeOf: () => {
        throw new Error("do not look");
      },
    },
  );
  const { lines, done } = diary();
  const meddling = withUndo(same, () => {
    run.cancel("again");
    throw hostile;
  });
  const run = pipeline("p").stage(done("a")).stage(meddling).stage(bad).start("in", { clock, log: silent });
  expect(await clock.until(run.result)).toMatchObject({ error: { code: "EXECUTION", stage: "bad" } });
  expect([run.status, clock.pendingTimers]).toEqual(["failed", 0]);
  expect(lines).toEqual(["do a", "undo a"]);
  expect(run.report().stages[1]).toMatchObject({ undoError: { code: "EXECUTION" } });
});

test("nothing is undone twice, however often the run is cancelled", async () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const slowly = (name: string) =>
    withUndo(
      agent(name, (input) => input),
      async (_output, _input, ctx) => {
        lines.push(name);
        await sleep(50, ctx);
      },
    );
  const inner = pipeline("inner").stage(slowly("b")).stage(slowly("c"));
  const run = pipeline("p")
    .stage(slowly("a"))
    .stage(inner)
    .stage(agent("waits", (_input, ctx) => sleep(1_000, ctx)))
    .start("in", { clock });
  await clock.advance(10);
  run.cancel();
  for (let round = 0; round < 5; round++) {
    await clock.advance(20);
    run.cancel();
  }
  expect(await clock.until(run.result)).toMatchObject({ error: { code: "CANCELLED" } });
  expect(lines).toEqual(["c", "b", "a"]);
  expect([clock.now(), clock.pendingTimers]).toEqual([160, 0]);
});

test("an agent that gives a thenable of another make can be undone", async () => {
  const undone: unknown[] = [];
  const odd = withUndo(
    agent("odd", () => ({
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then: (resolve: (value: string) => void) => {
        resolve("first");
        resolve("second");
      },
    })),
    (output) => void undone.push(output),
  );
  await outcome(pipeline("p").stage(odd).stage(bad));
  expect(undone).toEqual(["first"]);
});

test("a stage that passes its input on has undone what it did", async () => {
  const { lines, done } = diary();
  const inner = pipeline("inner").stage(done("a")).stage(bad);
  const chain = pipeline("p").stage("tried", inner, { onError: "pass" }).stage(done("b"));
  const { result, report } = await outcome(chain);
  expect(result).toEqual({ ok: true, output: "in" });
  expect(lines).toEqual(["do a", "undo a", "do b"]);
  expect(report.stages[0]).toMatchObject({ status: "passed", stages: [{ id: "a", undone: true }, {}] });
});

test("ten thousand things are undone, in reverse", async () => {
  const undone: number[] = [];
  const step = untyped(
    withUndo(
      agent("step", (input) => input),
      (output) => void undone.push(Number(output)),
    ),
  );
  const many = agent("many", async (_input, ctx) => {
    for (let count = 0; count < 10_000; count++) await step.run(count, ctx);
    throw new Error("refused");
  });
  await outcome(many);
  expect(undone).toEqual(Array.from({ length: 10_000 }, (_, index) => 9_999 - index));
});

test("however many things were done in one stage, all are undone", async () => {
  const count = 150_000;
  let done = 0;
  let undone = 0;
  const item = withUndo(
    agent("item", (input) => {
      done++;
      return input;
    }),
    () => void undone++,
  );
  const items = Array.from({ length: count }, (_unused, index) => index);
  const result = await untyped(pipeline("p").stage(mapItems(item)).stage(bad)).tryRun(items);
  expect(result).toMatchObject({ ok: false, error: { stage: "bad" } });
  expect([done, undone]).toEqual([count, count]);
});
