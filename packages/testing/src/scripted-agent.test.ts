import { AtomicError, mapItems, pipeline, withPolicy } from "@atomic-agents/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { scriptedAgent } from "./scripted-agent.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const Text = z.object({ text: z.string().trim() });
const Kind = z.object({ kind: z.enum(["bug", "question"]) });

test("plays its lines in order and repeats the last", async () => {
  const agent = scriptedAgent({
    input: Text,
    output: Kind,
    script: [{ output: { kind: "bug" } }, { error: new Error("busy") }, { output: { kind: "question" } }],
  });
  expect(await agent.run({ text: " a " })).toEqual({ kind: "bug" });
  expect(await agent.tryRun({ text: "b" })).toMatchObject({ ok: false, error: { code: "EXECUTION" } });
  expect(await agent.run({ text: "c" })).toEqual({ kind: "question" });
  expect(await agent.run({ text: "d" })).toEqual({ kind: "question" });
  expect(agent.calls.map(({ index, input, outcome }) => [index, input, outcome])).toEqual([
    [0, { text: "a" }, "returned"],
    [1, { text: "b" }, "threw"],
    [2, { text: "c" }, "returned"],
    [3, { text: "d" }, "returned"],
  ]);
});

test("has the types of its schemas", () => {
  const agent = scriptedAgent({
    input: Text,
    output: Kind,
    script: [({ text }) => ({ kind: text === "" ? "bug" : "question" })],
  });
  expectTypeOf(agent.run).returns.resolves.toEqualTypeOf<{ kind: "bug" | "question" }>();
  expectTypeOf(agent.calls[0]?.input).toEqualTypeOf<{ text: string } | undefined>();
  // @ts-expect-error: an output of another kind
  scriptedAgent({ input: Text, output: Kind, script: [{ output: { kind: "praise" } }] });
  // @ts-expect-error: an input of another shape
  void agent.tryRun({ words: 1 });
});

test("validates like any agent, and a refused input makes no call", async () => {
  const agent = scriptedAgent({ input: Text, output: Kind, script: [{ value: { kind: "praise" } }] });
  // @ts-expect-error: an input of another shape
  expect(await agent.tryRun({ text: 1 })).toMatchObject({ ok: false, error: { code: "VALIDATION_INPUT" } });
  expect(agent.calls).toEqual([]);
  expect(await agent.tryRun({ text: "a" })).toMatchObject({
    ok: false,
    error: { code: "VALIDATION_OUTPUT" },
  });
  expect(agent.calls).toHaveLength(1);
});

test("fails when the script is over, if asked", async () => {
  const agent = scriptedAgent({ name: "two", script: [{ output: 1 }, { output: 2 }], onExhausted: "fail" });
  expect([await agent.run(0), await agent.run(0)]).toEqual([1, 2]);
  await expect(agent.run(0)).rejects.toThrow(/"?two"?.* called 3 times, its script has 2 lines/);
});

describe("on a virtual clock", () => {
  test("delays take the clock's time, and the record says when", async () => {
    const clock = createVirtualClock({ startMs: 100 });
    const agent = scriptedAgent({ script: [{ delayMs: 60_000, output: "late" }] });
    const running = agent.run("in", { clock, requestId: "request-1" });
    expect(agent.calls).toMatchObject([{ outcome: "running", startedAtMs: 100, requestId: "request-1" }]);
    expect([agent.running, agent.maxConcurrent]).toEqual([1, 1]);
    expect(await clock.until(running)).toBe("late");
    expect(agent.calls).toMatchObject([
      { outcome: "returned", endedAtMs: 60_100, aborted: false, abortedAtMs: undefined },
    ]);
    expect([agent.running, clock.pendingTimers]).toEqual([0, 0]);
  });

  test("a hanging call ends when its signal aborts", async () => {
    const clock = createVirtualClock();
    const agent = scriptedAgent({ script: [{ never: true }] });
    const result = await clock.until(agent.tryRun("in", { clock, timeoutMs: 250 }));
    expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
    await clock.settle();
    expect(agent.calls).toMatchObject([
      { outcome: "threw", aborted: true, abortedAtMs: 250, endedAtMs: 250 },
    ]);
  });

  test("a deaf call goes on after its signal has aborted", async () => {
    const clock = createVirtualClock();
    const agent = scriptedAgent({
      script: [
        { delayMs: 400, ignoreAbort: true, output: 1 },
        { never: true, ignoreAbort: true },
      ],
    });
    await clock.until(agent.tryRun("in", { clock, timeoutMs: 250 }));
    expect(agent.calls).toMatchObject([{ outcome: "running", aborted: true, abortedAtMs: 250 }]);
    await clock.runAll();
    expect(agent.calls).toMatchObject([{ outcome: "returned", endedAtMs: 400 }]);
    await clock.until(agent.tryRun("in", { clock, timeoutMs: 250 }));
    await clock.runAll();
    expect(agent.calls[1]).toMatchObject({ outcome: "running", aborted: true });
  });

  test("counts calls at the same time", async () => {
    const clock = createVirtualClock();
    const agent = scriptedAgent({ script: [{ delayMs: 10, output: 1 }] });
    await clock.until(mapItems(agent, { concurrency: 3 }).run([1, 2, 3, 4, 5, 6, 7], { clock }));
    expect([agent.maxConcurrent, agent.running, agent.calls.length, clock.now()]).toEqual([3, 0, 7, 30]);
  });

  test("retry and timeout take no real time", async () => {
    const clock = createVirtualClock();
    const agent = scriptedAgent({
      script: [{ error: "a string" }, { never: true }, { delayMs: 3_600_000, output: "after an hour" }],
    });
    const steady = withPolicy(agent, {
      timeoutMs: 7_200_000,
      retry: { attempts: 3, baseDelayMs: 1_000, factor: 3, jitter: "none" },
    });
    expect(await clock.until(steady.run("in", { clock }))).toBe("after an hour");
    expect(agent.calls.map((call) => call.startedAtMs)).toEqual([0, 1_000, 1_000 + 7_200_000 + 3_000]);
    expect([clock.now(), clock.pendingTimers]).toEqual([10_804_000, 0]);
  });
});

test("a function gets the input, the context and the record of its call", async () => {
  const agent = scriptedAgent({
    script: [(input, ctx, call) => ({ input, run: ctx.runId === call.runId, index: call.index })],
  });
  await agent.run("first");
  expect(await agent.run("second")).toEqual({ input: "second", run: true, index: 1 });
});

test("a thenable that calls back twice and then throws ends its call once", async () => {
  const rude = {
    then: (resolve: (value: number) => void) => {
      resolve(1);
      resolve(2);
      throw new Error("late");
    },
  };
  const agent = scriptedAgent({ script: [() => rude as never] });
  expect(await agent.run("in")).toBe(1);
  expect([agent.running, agent.calls[0]?.outcome]).toEqual([0, "returned"]);
});

test("is an agent that fits into a pipeline", async () => {
  const agent = scriptedAgent({
    name: "classify",
    input: Text,
    output: Kind,
    script: [{ output: { kind: "bug" } }],
  });
  const triage = pipeline("triage")
    .stage(agent)
    .map(({ kind }) => kind.length, z.int());
  expect(await triage.run({ text: "a" })).toBe(3);
});

test.each([
  [[]],
  [[{}]],
  [[{ output: 1, error: 2 }]],
  [[{ output: 1, delayMs: -1 }]],
  [[{ output: 1, delayMs: Number.NaN }]],
  [[{ never: true, delayMs: 5 }]],
  [[{ output: 1, dealyMs: 5 }]],
  [["output"]],
])("refuses the script %o", (script) => {
  expect(() => scriptedAgent({ script: script as never })).toThrow(AtomicError);
});

test("an option that is not known is refused", () => {
  expect(() =>
    scriptedAgent({ script: [{ output: 1 }], exhausted: "fail" } as { script: [{ output: 1 }] }),
  ).toThrow(
    'Scripted agent "scripted": exhausted must be one of name, input, output, script, onExhausted, got "exhausted"',
  );
});
