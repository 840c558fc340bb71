import { getEventListeners } from "node:events";
import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type Context,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  recover,
  type Run,
  sleep,
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
const counted = () => scriptedAgent({ name: "next", script: [{ output: "second ran" }] });

/** What a cancelled run looks like from all sides. */
async function expectCancelled(run: Run<unknown>) {
  expect(await run.result).toMatchObject({ ok: false, error: { code: "CANCELLED" }, disposition: "stop" });
  expect(run.status).toBe("cancelled");
  expect(run.report()).toMatchObject({ status: "cancelled", error: { code: "CANCELLED" } });
  expect(run.events.snapshot().at(-1)).toMatchObject({ type: "run-end", status: "cancelled" });
}

describe("before anything began", () => {
  test("a signal that has aborted begins nothing", async () => {
    const next = counted();
    const options = { signal: AbortSignal.abort("no longer") };
    await expect(next.run("in", options)).rejects.toMatchObject({
      code: "CANCELLED",
      details: { reason: "no longer" },
    });
    const run = next.start("in", options);
    await expectCancelled(run);
    expect(next.calls).toEqual([]);
  });

  test("a run that is cancelled while pending begins and ends, and its stages are skipped", async () => {
    const next = counted();
    const run = pipeline("p").stage(next).start("in");
    expect(run.status).toBe("pending");
    run.cancel("too early");
    await expectCancelled(run);
    expect(run.events.snapshot()).toMatchObject([
      { type: "run-start", agent: "p" },
      { type: "run-end", agent: "p", status: "cancelled" },
    ]);
    expect(run.report().stages).toMatchObject([
      { id: "next", status: "skipped", attempts: 0, durationMs: 0 },
    ]);
    expect(next.calls).toEqual([]);
  });
});

describe("while a stage runs", () => {
  test.each([
    ["throws", () => new Error("x")],
    ["gives a value", undefined],
  ])("a cancel inside of code that then %s wins, whatever onError says", async (_how, error) => {
    for (const onError of [undefined, "pass", "drop"] as const) {
      const next = counted();
      const stopping = agent("stopping", () => {
        run.cancel("enough");
        if (error !== undefined) throw error();
        return "late";
      });
      const stage = pipeline("p").stage as (...given: readonly unknown[]) => ReturnType<typeof wholeChain>;
      const chain = stage(stopping, onError === undefined ? undefined : { onError }).stage(next);
      const run = chain.start("in");
      await expectCancelled(run);
      expect(run.events.snapshot().map(({ type }) => type)).toEqual([
        "run-start",
        "stage-start",
        "stage-cancelled",
        "run-end",
      ]);
      expect(next.calls).toEqual([]);
    }
  });

  test.each(["pass", "retry"] as const)(
    "so does a cancel by whoever listens to the abort of a stage with %s",
    async (how) => {
      const clock = createVirtualClock();
      const controller = new AbortController();
      const next = counted();
      let calls = 0;
      const deaf = agent("deaf", (_input, ctx) => {
        calls++;
        ctx.signal.addEventListener("abort", () => controller.abort("me too"));
        return new Promise(() => {});
      });
      const policy =
        how === "pass" ? ({ onError: "pass" } as const) : { retry: { attempts: 3, baseDelayMs: 1 } };
      const stage = pipeline("p").stage as (...given: readonly unknown[]) => ReturnType<typeof wholeChain>;
      const chain = stage(deaf, { timeoutMs: 20, ...policy }).stage(next);
      const result = await clock.until(chain.tryRun("in", { clock, signal: controller.signal }));
      expect(result).toMatchObject({
        ok: false,
        error: { code: "CANCELLED", details: { reason: "me too" } },
      });
      expect(calls).toBe(1);
      expect(next.calls).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  test("its signal aborts, and a late result never lands", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({ script: [{ delayMs: 100, ignoreAbort: true, output: "late" }] });
    const next = counted();
    const run = pipeline("p").stage(slow).stage(next).start("in", { clock });
    await clock.settle();
    run.cancel("enough");
    await expectCancelled(run);
    const events = run.events.snapshot();
    await clock.runAll();
    expect(slow.calls).toMatchObject([{ aborted: true, outcome: "returned" }]);
    expect(next.calls).toEqual([]);
    expect(run.events.snapshot()).toEqual(events);
  });

  test("everything inside is cancelled with it, and nothing more begins", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({ name: "slow", script: [{ never: true }] });
    const shapes = [
      parallel({ a: slow, b: pipeline("inner").stage(slow) }, { settled: true }),
      fallback([slow, keep]),
      recover(slow, () => "rescued"),
      withPolicy(slow, { retry: { attempts: 3 } }),
    ];
    for (const shape of shapes) {
      const before = slow.calls.length;
      const run = pipeline("p").stage("inside", shape).start("in", { clock });
      await clock.settle();
      run.cancel();
      await expectCancelled(run);
      await clock.settle();
      expect(slow.running).toBe(0);
      expect(slow.calls.slice(before).every(({ aborted }) => aborted)).toBe(true);
      expect(clock.pendingTimers).toBe(0);
    }
    const many = mapItems(slow, { settled: true, concurrency: 2 });
    const run = many.start([1, 2, 3], { clock });
    await clock.settle();
    const begun = slow.calls.length;
    run.cancel();
    await expectCancelled(run);
    await clock.settle();
    expect(slow.calls).toHaveLength(begun);
  });

  test("while it waits for its next attempt none is made", async () => {
    const clock = createVirtualClock();
    const bad = scriptedAgent({ script: [{ error: new Error("busy") }] });
    const run = withPolicy(bad, { retry: { attempts: 5 } }).start("in", { clock });
    await clock.settle();
    run.cancel();
    await expectCancelled(run);
    await clock.runAll();
    expect(bad.calls).toHaveLength(1);
  });

  test("while a schema's own check waits, the work is not begun", async () => {
    const clock = createVirtualClock();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = 0;
    const checking = defineAgent({
      name: "checking",
      description: "Checks at leisure.",
      input: z.string().refine(async () => {
        await gate;
        return true;
      }),
      output: anything(),
      execute: () => ++begun,
    });
    const run = checking.start("in", { clock });
    await clock.settle();
    run.cancel();
    await expectCancelled(run);
    release();
    await clock.settle();
    expect(begun).toBe(0);
  });
});

describe("between two stages", () => {
  /** What it starts and does not wait for is aborted when its stage is over; whatever listens to that cancels the run. */
  const cancelsWhenOver = (cancel: () => void) => {
    const listens = agent("listens", (_input, { signal }) => {
      signal.addEventListener("abort", cancel, { once: true });
      return new Promise(() => {});
    });
    return agent("leaves", (input, ctx) => {
      void listens.tryRun(input, ctx);
      return input;
    });
  };

  test("who hears of a stage's end cancels the run before the next one begins", async () => {
    const next = counted();
    const controller = new AbortController();
    const leaves = cancelsWhenOver(() => controller.abort("enough"));
    const run = pipeline("p").stage(leaves).stage(next).start("in", { signal: controller.signal });
    await expectCancelled(run);
    expect(next.calls).toEqual([]);
    expect(run.report().stages.map(({ status }) => status)).toEqual(["success", "cancelled"]);
  });

  test("the same in a pipeline inside of another one", async () => {
    const next = counted();
    const controller = new AbortController();
    const leaves = cancelsWhenOver(() => controller.abort("enough"));
    const inner = pipeline("inner").stage(leaves).stage(next);
    const result = await pipeline("p").stage(inner).tryRun("in", { signal: controller.signal });
    expect(result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
    expect(next.calls).toEqual([]);
  });

  test("after the last stage there is nothing left to cancel", async () => {
    const controller = new AbortController();
    const leaves = cancelsWhenOver(() => controller.abort("too late"));
    const run = pipeline("p").stage(leaves).start("in", { signal: controller.signal });
    expect(await run.result).toEqual({ ok: true, output: "in" });
    const types = run.events.snapshot().map(({ type }) => type);
    expect(types.filter((type) => type === "run-end")).toHaveLength(1);
    expect(types.at(-1)).toBe("run-end");
  });
});

describe("after its end", () => {
  test("a cancel changes nothing", async () => {
    const run = keep.start("in");
    const result = await run.result;
    run.cancel("too late");
    expect(await run.result).toBe(result);
    expect(run.status).toBe("success");
    expect(run.events.snapshot().at(-1)).toMatchObject({ type: "run-end", status: "success" });
  });

  test("the caller's signal is let go", async () => {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const bad = agent("bad", async () => {
      throw new Error("x");
    });
    await keep.run("in", { signal });
    await agent("later", async (input) => input).run("in", { signal });
    await bad.tryRun("in", { signal });
    await keep.start("in", { signal }).result;
    const stuck = scriptedAgent({ script: [{ never: true }] });
    await clock.until(stuck.tryRun("in", { signal, clock, timeoutMs: 5 }));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("with the context of a run", () => {
  test("what was started is cancelled with its parent", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({ script: [{ never: true }] });
    const children: Run<unknown>[] = [];
    const parent = agent("parent", (_input, ctx) => {
      children.push(slow.start("in", ctx), keep.start("in", ctx));
      return sleep(10_000, ctx);
    });
    const run = parent.start("in", { clock });
    await clock.settle();
    expect(children.map(({ status }) => status)).toEqual(["running", "success"]);
    run.cancel();
    await expectCancelled(run);
    expect(children[0]?.status).toBe("cancelled");
    expect(children[1]?.status).toBe("success");
    expect(children[0]?.id).toBe(run.id);
  });

  test("what was started and not begun ends with an attempt that fails", async () => {
    let child: Run<unknown> | undefined;
    const parent = agent("parent", (_input, ctx) => {
      child = keep.start("in", ctx);
      throw new Error("x");
    });
    await parent.tryRun("in");
    expect(await child?.result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
  });

  test("of one that is over, nothing is begun", async () => {
    const saved: Context[] = [];
    const save = agent("save", (input, ctx) => {
      saved.push(ctx);
      if (input === "fail") throw new Error("x");
      return input;
    });
    await save.run("in");
    await save.tryRun("fail");
    const next = counted();
    for (const ctx of saved) {
      expect(await next.tryRun("in", ctx)).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
      expect(() => next.start("in", ctx)).toThrow(expect.objectContaining({ code: "CANCELLED" }));
    }
    expect(next.calls).toEqual([]);
  });
});

test("whenever a run is cancelled, result, status, report and events agree, and nothing begins afterwards", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          delayMs: fc.integer({ min: 0, max: 20 }),
          fails: fc.boolean(),
          onError: fc.constantFrom("stop", "pass", "drop"),
          attempts: fc.integer({ min: 1, max: 3 }),
          ignoreAbort: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.integer({ min: 0, max: 100 }),
      async (stages, cancelAtMs) => {
        const clock = createVirtualClock();
        const agents = stages.map(({ delayMs, fails, ignoreAbort }, index) =>
          scriptedAgent({
            name: `s${index}`,
            script: [{ delayMs, ignoreAbort, ...(fails ? { error: new Error("x") } : { output: index }) }],
          }),
        );
        let chain: unknown = pipeline("p");
        for (const [index, { onError, attempts }] of stages.entries()) {
          const { stage } = chain as { readonly stage: (...given: readonly unknown[]) => unknown };
          chain = stage(agents[index], { onError, retry: { attempts, baseDelayMs: 5, jitter: "none" } });
        }
        const run = (chain as ReturnType<typeof wholeChain>).start("in", { clock });
        await clock.advance(cancelAtMs);
        const wasOver = !["pending", "running"].includes(run.status);
        run.cancel("enough");
        const begun = agents.reduce((sum, each) => sum + each.calls.length, 0);
        const result = await run.result;
        const { status } = run;
        if (!wasOver) expect(status).toBe("cancelled");
        expect(run.report().status).toBe(status);
        const code = result.ok ? "success" : result.error.code === "CANCELLED" ? "cancelled" : "failed";
        expect(status).toBe(code);
        const events = run.events.snapshot();
        expect(events.at(-1)).toMatchObject({ type: "run-end", status });
        await clock.runAll();
        expect(agents.reduce((sum, each) => sum + each.calls.length, 0)).toBe(begun);
        expect(run.events.snapshot()).toEqual(events);
        expect(run.status).toBe(status);
      },
    ),
  );
});

const unreadable = new Proxy(
  {},
  {
    get: () => {
      throw new Error("get");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
  },
);
const withoutMessage = Object.defineProperty(new Error(), "message", {
  get: () => {
    throw new Error("message");
  },
});

test.each<readonly [string, unknown]>([
  ["an empty text", ""],
  ["a proxy that refuses everything", unreadable],
  ["an error whose message throws", withoutMessage],
  ["an error whose message is no text", Object.assign(new Error(), { message: { text: "no" } })],
])("a reason that cannot be told, %s, ends the run all the same", async (_name, reason) => {
  const clock = createVirtualClock();
  const caller = new AbortController();
  const runs = [
    agent("hangs", () => new Promise(() => {})).start("a", { clock, signal: caller.signal }),
    agent("hangs", () => new Promise(() => {})).start("a", { clock }),
  ];
  await clock.settle();
  caller.abort(reason);
  // What a program in JavaScript may give.
  runs[1]?.cancel(reason as string);
  for (const run of runs) {
    expect(run.status).toBe("cancelled");
    expect(await run.result).toMatchObject({
      error: { code: "CANCELLED", details: { reason: "by the caller" } },
    });
  }
});

function wholeChain() {
  return pipeline("p").stage(keep);
}
