import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AnyAgent,
  type Context,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  recover,
  type RunEvent,
  untyped,
  withPolicy,
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
const bad = agent("bad", () => {
  throw new Error("busy");
});

/** One line an event: its type, and the stage where it has one. */
const linesOf = (events: readonly RunEvent[]) =>
  events.map((event) => ("stage" in event ? `${event.type} ${event.stage}` : event.type));

async function eventsOf(tested: AnyAgent, input: unknown = "in") {
  const clock = createVirtualClock();
  const run = untyped(tested).start(input, { clock, random: () => 0 });
  await clock.until(run.result);
  return run.events.snapshot();
}

describe("what happens is told", () => {
  test("of an agent alone", async () => {
    expect(await eventsOf(keep)).toMatchObject([
      { type: "run-start", agent: "keep", atMs: 0 },
      { type: "stage-start", stage: "keep", agent: "keep" },
      { type: "stage-end", stage: "keep", agent: "keep" },
      { type: "run-end", agent: "keep", status: "success" },
    ]);
  });

  test("of a pipeline that fails", async () => {
    const events = await eventsOf(
      pipeline("p").stage("first", keep).stage("second", bad).stage("third", keep),
    );
    expect(linesOf(events)).toEqual([
      "run-start",
      "stage-start first",
      "stage-end first",
      "stage-start second",
      "stage-error second",
      "run-end",
    ]);
    expect(events[4]).toMatchObject({ agent: "bad", error: { code: "EXECUTION", stage: "second" } });
    expect(events.at(-1)).toMatchObject({ agent: "p", status: "failed" });
    expect(new Set(events.map(({ runId }) => runId)).size).toBe(1);
  });

  test("of retries and of a stage that passes", async () => {
    const policy = { retry: { attempts: 3, jitter: "none" }, onError: "pass" } as const;
    const events = await eventsOf(pipeline("p").stage(bad, policy).stage(keep));
    expect(linesOf(events)).toEqual([
      "run-start",
      "stage-start bad",
      "stage-retry bad",
      "stage-retry bad",
      "stage-pass bad",
      "stage-start keep",
      "stage-end keep",
      "run-end",
    ]);
    expect(events.filter(({ type }) => type === "stage-retry")).toMatchObject([
      { attempt: 1, delayMs: 100, atMs: 0 },
      { attempt: 2, delayMs: 200, atMs: 100 },
    ]);
    expect(events[4]).toMatchObject({ atMs: 300, error: { code: "EXECUTION" } });
  });

  test("of agents within agents, by their path", async () => {
    const inner = pipeline("inner").stage(parallel({ x: keep, y: bad }, { name: "both" }));
    expect(linesOf(await eventsOf(pipeline("outer").stage("in", inner)))).toEqual([
      "run-start",
      "stage-start in",
      "stage-start in/both",
      "stage-start in/both/x",
      "stage-end in/both/x",
      "stage-start in/both/y",
      "stage-error in/both/y",
      "stage-error in/both",
      "stage-error in",
      "run-end",
    ]);
  });

  test("of items as one, for they are many", async () => {
    const speaking = agent("speaking", (input, ctx) => {
      ctx.emit("said", input);
      return input;
    });
    expect(linesOf(await eventsOf(mapItems(speaking), [1, 2, 3]))).toEqual([
      "run-start",
      "stage-start map-items",
      "stage-end map-items",
      "run-end",
    ]);
  });

  test("of calls with the run's context, under the stage that made them", async () => {
    const asking = agent("asking", (input, ctx) => keep.run(input, ctx));
    expect(linesOf(await eventsOf(pipeline("p").stage("ask", asking)))).toEqual([
      "run-start",
      "stage-start ask",
      "stage-end ask",
      "run-end",
    ]);
    const asksChain = agent("asking", (input, ctx) => pipeline("inner").stage(keep).run(input, ctx));
    expect(linesOf(await eventsOf(pipeline("p").stage("ask", asksChain)))).toEqual([
      "run-start",
      "stage-start ask",
      "stage-start ask/keep",
      "stage-end ask/keep",
      "stage-end ask",
      "run-end",
    ]);
  });
});

describe("what an agent emits", () => {
  test("is told with its stage, in order, whatever the data", async () => {
    const data = { progress: 0.5 };
    const speaking = agent("speaking", async (_input, ctx) => {
      ctx.emit("begun");
      await Promise.resolve();
      ctx.emit("going", data);
    });
    const events = await eventsOf(pipeline("outer").stage("in", pipeline("inner").stage("speak", speaking)));
    expect(events.filter(({ type }) => type === "custom")).toMatchObject([
      { stage: "in/speak", agent: "speaking", name: "begun", data: undefined },
      { stage: "in/speak", agent: "speaking", name: "going", data },
    ]);
  });

  test("after its attempt has ended is ignored", async () => {
    const clock = createVirtualClock();
    const saved: Context[] = [];
    const saving = agent("saving", (_input, ctx) => {
      saved.push(ctx);
      return new Promise(() => {});
    });
    const run = withPolicy(saving, { timeoutMs: 10, retry: { attempts: 2 } }).start("in", { clock });
    await clock.until(run.result);
    const before = run.events.snapshot();
    for (const ctx of saved) ctx.emit("late");
    expect(saved).toHaveLength(2);
    expect(run.events.snapshot()).toEqual(before);
  });
});

describe("readers", () => {
  const speaking = (count: number) =>
    agent("speaking", async (_input, ctx) => {
      for (let number = 0; number < count; number++) {
        ctx.emit("said", number);
        if (number % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
      }
    });
  const dataOf = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === "custom" ? [event.data] : []));

  async function read(events: AsyncIterable<RunEvent>, most = Number.POSITIVE_INFINITY) {
    const seen: RunEvent[] = [];
    for await (const event of events) {
      seen.push(event);
      if (seen.length >= most) break;
    }
    return seen;
  }

  test("before, during and after the run get the same events from its beginning", async () => {
    const run = speaking(250).start("in");
    const early = read(run.events);
    const few = read(run.events, 3);
    await new Promise((resolve) => setImmediate(resolve));
    const middle = read(run.events);
    await run.result;
    const late = await read(run.events);
    expect(late).toHaveLength(254);
    expect(await early).toEqual(late);
    expect(await middle).toEqual(late);
    expect(await few).toEqual(late.slice(0, 3));
    expect(run.events.snapshot()).toEqual(late);
  });

  test("may leave, and then get no more", async () => {
    const run = keep.start("in");
    const reader = run.events[Symbol.asyncIterator]();
    expect(await reader.next()).toMatchObject({ done: false, value: { type: "run-start" } });
    expect(await reader.return?.()).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(run.events.snapshot()).toHaveLength(4);
  });

  test("may ask for several events at once before the run begins, beside other readers", async () => {
    const run = keep.start("in");
    const first = run.events[Symbol.asyncIterator]();
    const second = run.events[Symbol.asyncIterator]();
    const asked = [first.next(), second.next(), first.next(), second.next(), first.next()];
    const seen = await Promise.all(asked);
    const types = ["run-start", "run-start", "stage-start", "stage-start", "stage-end"];
    expect(seen.map(({ value }) => (value as RunEvent).type)).toEqual(types);
    expect(await first.next()).toMatchObject({ value: { type: "run-end" } });
    expect(await first.next()).toEqual({ done: true, value: undefined });
    expect(await second.next()).toMatchObject({ value: { type: "stage-end" } });
  });

  test("who ask before the run begins hear of its end when it is cancelled before it does", async () => {
    const run = keep.start("in");
    const early = read(run.events);
    run.cancel("no need");
    const late = await read(run.events);
    expect(linesOf(late)).toEqual(["run-start", "run-end"]);
    expect(await early).toEqual(late);
  });

  test("may leave before the run begins", async () => {
    const run = keep.start("in");
    const reader = run.events[Symbol.asyncIterator]();
    const asked = [reader.next(), reader.next()];
    await reader.return?.();
    expect(await Promise.all(asked)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await run.result).toEqual({ ok: true, output: "in" });
  });

  test("of a run that is started with a context get its events alone", async () => {
    const inner = agent("inner", (input) => input);
    const outer = agent("outer", async (input, ctx) => {
      const run = inner.start(input, ctx);
      return linesOf(await read(run.events));
    });
    expect(await outer.run("in")).toEqual(["run-start", "stage-start inner", "stage-end inner", "run-end"]);
  });

  test("keep up with a run that says more than is kept", async () => {
    const run = speaking(3_000).start("in");
    const seen = await read(run.events);
    expect(seen).toHaveLength(3_004);
    expect(dataOf(seen)).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
  });

  test("who come too late, or are too slow, get the last 1,000 and can tell how many were let go", async () => {
    const run = agent("loud", async (_input, ctx) => {
      await new Promise((resolve) => setImmediate(resolve));
      for (let number = 0; number < 5_000; number++) ctx.emit("said", number);
    }).start("in");
    const slow = run.events[Symbol.asyncIterator]();
    expect(await slow.next()).toMatchObject({ value: { type: "run-start" } });
    await run.result;
    expect(run.events.dropped).toBe(4_004);
    expect(run.events.snapshot()).toHaveLength(1_000);
    expect(run.events.snapshot().at(-1)).toMatchObject({ type: "run-end" });
    const late = await read(run.events);
    expect(dataOf(late)).toEqual(Array.from({ length: 998 }, (_, index) => index + 4_002));
    expect(await slow.next()).toMatchObject({ value: { data: 4_002 } });
  });
});

/** Agents of random shape whose leaves wait, fail and speak. */
const shapes = fc.letrec<{ agent: AnyAgent; leaf: AnyAgent; composed: AnyAgent }>((tie) => ({
  agent: fc.oneof({ maxDepth: 3 }, tie("leaf"), tie("composed")),
  leaf: fc
    .record({ delayMs: fc.option(fc.nat(20), { nil: undefined }), fails: fc.boolean(), speaks: fc.boolean() })
    .map(({ delayMs, fails, speaks }) =>
      agent("leaf", async (input, ctx) => {
        if (speaks) ctx.emit("said");
        if (delayMs !== undefined) {
          await new Promise<void>((resolve) => {
            ctx.clock.setTimer(resolve, delayMs);
          });
        }
        if (fails) throw new Error("busy");
        return input;
      }),
    ),
  composed: fc.oneof(
    fc.tuple(tie("agent"), tie("agent"), fc.boolean()).map(([first, second, passes]) => {
      const head = passes
        ? pipeline("p").stage("a", untyped(first), { onError: "pass" })
        : pipeline("p").stage("a", untyped(first));
      return head.stage("b", untyped(second));
    }),
    fc.tuple(tie("agent"), tie("agent")).map(([first, second]) => parallel({ first, second })),
    fc.tuple(tie("agent"), tie("agent")).map(([first, second]) => fallback([first, second])),
    tie("agent").map((inner) => recover(untyped(inner), () => "rescued")),
    tie("agent").map((inner) => mapItems(untyped(inner)) as AnyAgent),
    tie("agent").map((inner) => withPolicy(untyped(inner), { timeoutMs: 15, retry: { attempts: 2 } })),
  ),
}));

test("times never go back, beginnings and ends pair, and what was told once is not changed later", async () => {
  await fc.assert(
    fc.asyncProperty(shapes.agent, fc.boolean(), async (tested, looksOften) => {
      const clock = createVirtualClock();
      const run = untyped(tested).start(["in"], { clock, timeoutMs: 200 });
      const looks: (readonly RunEvent[])[] = [];
      for (let step = 0; step < 300 && clock.pendingTimers >= 0; step++) {
        if (looksOften) looks.push(run.events.snapshot());
        clock.setTimestamp(1_000_000 - step * 1_000);
        if (!(await clock.advanceToNext())) break;
      }
      await run.result;
      const events = run.events.snapshot();
      for (const look of looks) expect(events.slice(0, look.length)).toEqual(look);
      let lastMs = 0;
      const open: string[] = [];
      for (const event of events) {
        expect(event.atMs).toBeGreaterThanOrEqual(lastMs);
        lastMs = event.atMs;
        if (event.type === "stage-start") open.push(event.stage);
        if (["stage-end", "stage-error", "stage-cancelled", "stage-pass"].includes(event.type)) {
          const at = open.lastIndexOf((event as { readonly stage: string }).stage);
          expect(at).toBeGreaterThanOrEqual(0);
          open.splice(at, 1);
        }
      }
      expect(open).toEqual([]);
      expect(events[0]).toMatchObject({ type: "run-start", atMs: 0 });
      expect(events.at(-1)).toMatchObject({
        type: "run-end",
        status: run.status,
        atMs: run.report().durationMs,
      });
    }),
  );
});
