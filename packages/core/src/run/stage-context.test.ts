import { createVirtualClock } from "@atomic-agents/testing";
import { expect, it } from "vitest";
import * as z from "zod";
import {
  AtomicError,
  type Context,
  defineAgent,
  describe,
  mapItems,
  parallel,
  pipeline,
  sleep,
  withPolicy,
} from "../index.ts";

const anything = z.unknown();
const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: `Does ${name}.`, input: anything, output: anything, execute });

it("refuses agents that run themselves without end, and ends the run", async () => {
  const endless = agent("endless", async (input, ctx): Promise<unknown> => {
    await Promise.resolve();
    return endless.run(input, ctx);
  });
  const result = await endless.tryRun(1);
  expect(result).toMatchObject({
    ok: false,
    error: { code: "CONFIG", hint: expect.stringContaining("without end") },
  });
});

it("cancels what runs as deep as agents may", async () => {
  const clock = createVirtualClock();
  let deepest = 0;
  const deep = agent("deep", async (input, ctx): Promise<unknown> => {
    const depth = Number(input);
    deepest = Math.max(deepest, depth);
    if (depth < 400) return deep.run(depth + 1, ctx);
    return sleep(60_000, ctx);
  });
  const run = deep.start(0, { clock });
  await clock.settle();
  expect(deepest).toBe(400);
  run.cancel("enough");
  expect(await run.result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
  expect(clock.pendingTimers).toBe(0);
});

it("ends a stage's context with the stage", async () => {
  const clock = createVirtualClock();
  const kept: Context[] = [];
  let aborted = 0;
  const child = agent("child", (_input, ctx) => sleep(50_000, ctx));
  let left: Promise<unknown> | undefined;
  const first = agent("first", (input, ctx) => {
    kept.push(ctx);
    ctx.signal.addEventListener("abort", () => aborted++);
    left = child.run(input, ctx).catch((error: unknown) => error);
    return input;
  });
  const second = agent("second", async (_input, ctx) => {
    kept.push(ctx);
    kept[0]?.emit("late");
    await sleep(10, ctx);
    throw new Error("no");
  });
  const run = pipeline("p").stage(first).stage(second).start(1, { clock });
  await clock.until(run.result);
  expect(kept[0]).not.toBe(kept[1]);
  expect(run.events.snapshot().filter((event) => event.type === "custom")).toEqual([]);
  // What the second stage fails with is no concern of the first, which has done its work.
  expect(aborted).toBe(0);
  expect(await left).toMatchObject({ code: "CANCELLED" });
  expect(clock.pendingTimers).toBe(0);
});

it("checks what a middleware changes in place in a composed stage's output", async () => {
  const one = defineAgent({
    name: "one",
    description: "Gives 1.",
    input: anything,
    output: z.number(),
    execute: () => 1,
  });
  const spoilt = pipeline("p")
    .use((next) => async (input, ctx) => {
      const output = (await next(input, ctx)) as Record<string, unknown>;
      output["one"] = "bad";
      return output;
    })
    .stage(parallel({ one }));
  expect(await spoilt.tryRun(1)).toMatchObject({ ok: false, error: { code: "VALIDATION_OUTPUT" } });
});

it("says when it is the run's retries that are spent", async () => {
  const clock = createVirtualClock();
  const seen = new Set<unknown>();
  const flaky = agent("flaky", (input) => {
    if (seen.has(input)) return input;
    seen.add(input);
    throw new Error("once");
  });
  const all = mapItems(withPolicy(flaky, { retry: { attempts: 3 } }));
  const items = Array.from({ length: 30 }, (_, index) => index);
  const running = all.tryRun(items, { clock });
  const result = await clock.until(running);
  expect(result).toMatchObject({ ok: false, error: { hint: expect.stringContaining("maxRetries") } });
  seen.clear();
  expect(await clock.until(all.tryRun(items, { clock, maxRetries: 30 }))).toMatchObject({ ok: true });
});

it("says so when a middleware does not hand on the context", async () => {
  const one = agent("one", () => 1);
  // A caller without types.
  const careless = pipeline("p")
    .use((next) => (input) => next(input, undefined as never))
    .stage(one);
  const result = await careless.tryRun(1);
  expect(AtomicError.isInstance(result.ok ? undefined : result.error, "CONFIG")).toBe(true);
});

it("runs what only looks like an agent as the method it is, and checks both ends", async () => {
  class LookAlike {
    readonly name = "look-alike";
    readonly input = z.number();
    readonly output = z.number();
    readonly factor = 2;
    run(input: number): number {
      return input * this.factor;
    }
  }
  // A caller without types.
  const doubled = pipeline("p").stage(new LookAlike() as never);
  const run = doubled as unknown as { tryRun: (input: unknown) => Promise<unknown> };
  expect(await run.tryRun(2)).toEqual({ ok: true, output: 4 });
  expect(await run.tryRun("2")).toMatchObject({ ok: false, error: { code: "VALIDATION_INPUT" } });
  expect(describe(doubled).parts).toMatchObject([{ id: "look-alike", kind: "agent" }]);
});
