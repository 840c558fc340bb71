import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import {
  type Context,
  defineAgent,
  mapItems,
  type Metadata,
  parallel,
  pipeline,
  sleep,
  withPolicy,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });
const setting = (key: string, value: unknown) =>
  agent("setting", (_input, ctx) => ctx.setMetadata(key, value));
const reading = agent("reading", (_input, ctx) => ctx.metadata);

test("a stage writes for those after it, and for the report", async () => {
  const chain = pipeline("p")
    .stage("a", setting("language", "en"))
    .stage("b", setting("size", 3))
    .stage(reading);
  const run = chain.start("in", { metadata: { tenant: "a", size: 1 } });
  const written = { tenant: "a", size: 3, language: "en" };
  expect(await run.result).toEqual({ ok: true, output: written });
  expect(run.report().metadata).toEqual(written);
});

test("a run that was given none, and writes none, has none", async () => {
  const run = reading.start("in");
  expect(await run.result).toEqual({ ok: true, output: {} });
  expect("metadata" in run.report()).toBe(false);
  const other = setting("a", undefined).start("in");
  await other.result;
  expect(other.report().metadata).toEqual({ a: undefined });
});

test("what the caller gave is not changed, and what was read stays as it was", async () => {
  const given = { tenant: "a" };
  let seen: Metadata | undefined;
  const careful = agent("careful", (_input, ctx) => {
    seen = ctx.metadata;
    ctx.setMetadata("tenant", "b");
    ctx.setMetadata("more", true);
    return ctx.metadata;
  });
  expect(await careful.run("in", { metadata: given })).toEqual({ tenant: "b", more: true });
  expect(seen).toEqual({ tenant: "a" });
  expect(given).toEqual({ tenant: "a" });
  expect(await careful.run("in", { metadata: given })).toEqual({ tenant: "b", more: true });
});

test("all that runs inside a run shares it, and nothing else does", async () => {
  const clock = createVirtualClock();
  const own = agent("own", async (input, ctx) => {
    await setting("by-run", 1).run(input, ctx);
    await setting("by-start", 2).start(input, ctx).result;
    await mapItems(agent("item", (item, inner) => inner.setMetadata(`item-${String(item)}`, item))).run(
      ["x", "y"],
      ctx,
    );
    return ctx.metadata;
  });
  const both = parallel({
    own,
    slot: setting("by-slot", 3),
    read: pipeline("r")
      .stage(agent("wait", (_i, ctx) => sleep(5, ctx)))
      .stage(reading),
  });
  const all = { "by-run": 1, "by-start": 2, "by-slot": 3, "item-x": "x", "item-y": "y" };
  expect(await clock.until(both.run("in", { clock }))).toEqual({ own: all, slot: undefined, read: all });
  expect(await reading.run("in")).toEqual({});
});

test("an attempt that is over writes nothing, one that is tried again sees what was written before", async () => {
  const clock = createVirtualClock();
  let kept: Context | undefined;
  let attempts = 0;
  const flaky = agent("flaky", (_input, ctx) => {
    attempts++;
    kept ??= ctx;
    kept.setMetadata("by-first", attempts);
    ctx.setMetadata(`attempt-${attempts}`, true);
    if (attempts === 1) throw new Error("refused");
    return ctx.metadata;
  });
  const steady = withPolicy(flaky, { retry: { attempts: 2 } });
  const run = steady.start("in", { clock });
  const written = { "by-first": 1, "attempt-1": true, "attempt-2": true };
  expect(await clock.until(run.result)).toEqual({ ok: true, output: written });
  kept?.setMetadata("late", true);
  expect(run.report().metadata).toEqual(written);
});

test("what is undone may write, too", async () => {
  const undoable = withUndo(reading, (_output, _input, ctx) => ctx.setMetadata("undone", true));
  const bad = agent("bad", () => Promise.reject(new Error("refused")));
  const run = pipeline("p").stage(undoable).stage(bad).start("in");
  const result = await run.result;
  expect(run.report().metadata).toEqual({ undone: true });
  expect(result.ok ? undefined : result.error.report?.metadata).toEqual({ undone: true });
});

describe("a key", () => {
  test.each(["__proto__", "constructor", "toString", "", " "])("may be %j", async (key) => {
    const chain = pipeline("p")
      .stage(setting(key, { polluted: true }))
      .stage(agent("own-keys", (_input, ctx) => Object.entries(ctx.metadata)));
    expect(await chain.run("in")).toEqual([[key, { polluted: true }]]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([undefined, null, 5, Symbol("s")])("that is no text is CONFIG: %s", async (key) => {
    // What a program in JavaScript may give.
    const result = await setting(key as unknown as string, 1).tryRun("in");
    expect(result).toMatchObject({ ok: false, error: { code: "CONFIG", details: { path: "key" } } });
  });
});

test("a middleware may write for its stage and those after it", async () => {
  const chain = pipeline("p")
    .stage(reading)
    .use((next, stage) => (input, ctx) => {
      ctx.setMetadata(stage.id, "seen");
      return next(input, ctx);
    });
  expect(await chain.run("in")).toEqual({ reading: "seen" });
});
