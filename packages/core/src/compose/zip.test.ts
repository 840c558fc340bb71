import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, describe as describeAgent, pipeline, untyped, zip } from "../index.ts";

const busy = new Error("busy");
const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: z.string().trim(),
  output: z.string(),
  execute: (text) => text.toUpperCase(),
});
const double = defineAgent({
  name: "double",
  description: "Doubles a number.",
  input: z.number(),
  output: z.number(),
  execute: async (number) => number * 2,
});
const both = zip([shout, double, shout]);

test("gives each agent its own input, and the outputs in the order of the agents", async () => {
  expect(await both.run([" a ", 2, "b"])).toEqual(["A", 4, "B"]);
});

test("agents that need not wait are not waited for", () => {
  const order: string[] = [];
  const note = defineAgent({
    name: "note",
    description: "Notes its input.",
    input: z.string(),
    output: z.string(),
    execute: (text) => {
      order.push(text);
      return text;
    },
  });
  void zip([note, note]).run(["a", "b"]);
  order.push("c");
  expect(order).toEqual(["a", "b", "c"]);
});

describe("an input of another length is refused before any agent is called", () => {
  test.each([
    ["too few", ["a"], "an array of 1"],
    ["none", [], "an array of 0"],
    ["too many", ["a", 1, "b", 2], "an array of 4"],
    ["no array", "abc", "a value of type string"],
    ["null", null, "null"],
    ["an object like an array", { length: 3 }, "a value of type object"],
  ])("%s", async (_what, input, got) => {
    const probe = scriptedAgent({ script: [{ output: 1 }] });
    for (const agent of [zip([probe, probe, probe]), zip([probe, probe, probe], { settled: true })]) {
      const run = await untyped(pipeline("p").stage("all", untyped(agent))).tryRun(input);
      expect(run).toMatchObject({
        ok: false,
        error: {
          code: "VALIDATION_INPUT",
          stage: "all",
          details: { issues: [{ path: "", expected: "an array of 3", got }] },
        },
      });
    }
    expect(probe.calls).toEqual([]);
  });
});

test("runs no more at a time than allowed, begins them in order, and keeps outputs in place", async () => {
  const delays = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });
  const concurrency = fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(delays, concurrency, fc.boolean(), async (spans, most, settled) => {
      const clock = createVirtualClock();
      const probe = scriptedAgent({ script: spans.map((delayMs, output) => ({ delayMs, output })) });
      const [first, ...others] = spans.map(() => probe);
      if (first === undefined) throw new Error("unreachable: at least one");
      const agent = settled
        ? zip([first, ...others], { concurrency: most, settled })
        : zip([first, ...others], { concurrency: most });
      const output = await clock.until(untyped(agent).run(spans, { clock }));
      expect(output).toEqual(spans.map((_span, at) => (settled ? { ok: true, output: at } : at)));
      expect(probe.calls.map(({ input }) => input)).toEqual(spans);
      expect(probe.maxConcurrent).toBe(Math.min(spans.length, most ?? 5));
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});

test("fails with the first failure, naming the position, and aborts the others, begun or not", async () => {
  const clock = createVirtualClock();
  const stuck = scriptedAgent({ name: "stuck", script: [{ never: true }] });
  const fails = scriptedAgent({ name: "fails", script: [{ delayMs: 10, error: busy }] });
  const later = scriptedAgent({ name: "later", script: [{ output: 1 }] });
  const chain = pipeline("p").stage("all", zip([stuck, fails, later], { concurrency: 2 }));
  const result = await clock.until(chain.tryRun([1, 2, 3], { clock }));
  expect(result).toMatchObject({
    ok: false,
    error: { code: "EXECUTION", agent: "fails", stage: "all/1", cause: busy },
  });
  expect(clock.now()).toBe(10);
  expect(stuck.calls).toMatchObject([{ aborted: true }]);
  expect(later.calls).toEqual([]);
});

test("that is settled gives every outcome in its place, a failed one with its error and agent", async () => {
  const bad = scriptedAgent({ name: "bad", script: [{ error: busy }] });
  const run = zip([double, bad, shout], { settled: true }).start([1, "x", "y"]);
  const result = await run.result;
  expect(result).toMatchObject({
    ok: true,
    output: [
      { ok: true, output: 2 },
      { ok: false, error: { code: "EXECUTION", agent: "bad", stage: "1", cause: busy }, disposition: "stop" },
      { ok: true, output: "Y" },
    ],
  });
  expect(run.status).toBe("partial");
  const wrong = await untyped(zip([double, shout], { settled: true })).run(["1", "y"]);
  expect(wrong).toMatchObject([
    { ok: false, error: { code: "VALIDATION_INPUT", agent: "double", stage: "0" } },
    { ok: true, output: "Y" },
  ]);
});

test("stops when it is cancelled, settled or not", async () => {
  for (const settled of [true, false] as const) {
    const clock = createVirtualClock();
    const stuck = scriptedAgent({ script: [{ never: true }] });
    const agent = untyped(settled ? zip([stuck, stuck], { settled }) : zip([stuck, stuck]));
    const run = agent.start([1, 2], { clock });
    await clock.advance(5);
    run.cancel("enough");
    expect(await run.result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
    expect(stuck.running).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  }
});

test("says what it is made of", () => {
  expect(describeAgent(both)).toMatchObject({
    name: "zip",
    kind: "zip",
    description: "Runs shout, double, shout, each on an input of its own.",
    input: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }, { type: "string" }] },
    output: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }, { type: "string" }] },
    notJson: [],
    parts: [
      { id: "0", name: "shout", kind: "agent" },
      { id: "1", name: "double" },
      { id: "2", name: "shout" },
    ],
  });
});

test("its schemas are those of tuples", async () => {
  expect(await both.input["~standard"].validate([" a ", 1, "b"])).toEqual({ value: ["a", 1, "b"] });
  expect(await both.input["~standard"].validate(["a", 1])).toMatchObject({ issues: [{}] });
  expect(await both.output["~standard"].validate(["a", "1", "b"])).toMatchObject({ issues: [{ path: [1] }] });
});
