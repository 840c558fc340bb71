import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  AtomicError,
  branch,
  branchOn,
  defineAgent,
  describe as describeAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  pipelineOf,
  recover,
  runAll,
  untyped,
  withPolicy,
} from "../index.ts";

const busy = new Error("busy");
const Text = z.object({ text: z.string() });
const Words = z.object({ words: z.number() });
const count = defineAgent({
  name: "count",
  description: "Counts words.",
  input: Text,
  output: Words,
  execute: ({ text }) => ({ words: text.split(/\s+/).filter(Boolean).length }),
});
const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: Text,
  output: Text,
  execute: async ({ text }) => ({ text: text.toUpperCase() }),
});
const translate = defineAgent({
  name: "translate",
  description: "Says to which language.",
  input: z.object({ text: z.string(), to: z.string() }),
  output: Text,
  execute: ({ text, to }) => ({ text: `${text} (${to})` }),
});
const bad = scriptedAgent({ name: "bad", script: [{ error: busy }] });
const takes = (delayMs: number, output: unknown = delayMs) =>
  scriptedAgent({ name: "slow", script: [{ delayMs, output }] });

const delays = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });
const concurrency = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });

describe("parallel", () => {
  test("gives each slot its own, in the order of the slots, whichever ends first", async () => {
    const clock = createVirtualClock();
    const both = parallel({ late: takes(20), soon: takes(1), count });
    const output = await clock.until(untyped(both).run({ text: "a b", more: 1 }, { clock }));
    expect(Object.entries(output as object)).toEqual([
      ["late", 20],
      ["soon", 1],
      ["count", { words: 2 }],
    ]);
  });

  test("gives all slots the same input, each what it takes of it", async () => {
    const output = await parallel({ count, translate }).run({ text: "a", to: "de" });
    expect(output).toEqual({ count: { words: 1 }, translate: { text: "a (de)" } });
  });

  test("takes a union where its slots take one", async () => {
    const scalar = defineAgent({
      name: "scalar",
      description: "Takes texts and numbers.",
      input: z.union([z.string(), z.number()]),
      output: z.string(),
      execute: String,
    });
    const both = parallel({ first: scalar, second: scalar });
    expect(await both.run("a")).toEqual({ first: "a", second: "a" });
    expect(await both.run(5)).toEqual({ first: "5", second: "5" });
    expect(await branch(() => "scalar", { scalar }).run(5)).toBe("5");
    expect(await fallback([scalar, scalar]).run("a")).toBe("a");
    expect(await untyped(both).tryRun(true)).toMatchObject({
      error: { code: "VALIDATION_INPUT", stage: "first" },
    });
  });

  test("runs no more slots at a time than allowed, and gives all", async () => {
    await fc.assert(
      fc.asyncProperty(delays, concurrency, fc.boolean(), async (spans, most, settled) => {
        const clock = createVirtualClock();
        const probe = scriptedAgent({
          name: "probe",
          script: spans.map((delayMs, output) => ({ delayMs, output })),
        });
        const slots = Object.fromEntries(spans.map((_span, index) => [`s${index}`, probe]));
        const options = { concurrency: most };
        const agent = settled ? parallel(slots, { ...options, settled }) : parallel(slots, options);
        const output = await clock.until(untyped(agent).run("in", { clock }));
        expect(probe.maxConcurrent).toBe(Math.min(spans.length, most ?? 5));
        expect(output).toEqual(
          Object.fromEntries(
            spans.map((_span, index) => [`s${index}`, settled ? { ok: true, output: index } : index]),
          ),
        );
      }),
    );
  });

  test("fails with the first failure and aborts the other slots, begun or not", async () => {
    const clock = createVirtualClock();
    const stuck = scriptedAgent({ name: "stuck", script: [{ never: true }] });
    const fails = scriptedAgent({ name: "fails", script: [{ delayMs: 10, error: busy }] });
    const agent = parallel({ stuck, fails, later: takes(1) }, { concurrency: 2 });
    const result = await clock.until(untyped(agent).tryRun("in", { clock }));
    expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", agent: "fails", stage: "fails" } });
    expect(clock.now()).toBe(10);
    expect(stuck.calls).toMatchObject([{ aborted: true }]);
    expect(stuck.running).toBe(0);
  });

  test("that is settled gives every outcome, also where a slot does not take the input", async () => {
    const output = await untyped(parallel({ count, translate, bad }, { settled: true })).run({ text: "a" });
    expect(output).toMatchObject({
      count: { ok: true, output: { words: 1 } },
      translate: { ok: false, error: { code: "VALIDATION_INPUT", stage: "translate" } },
      bad: { ok: false, error: { code: "EXECUTION", cause: busy }, disposition: "stop" },
    });
  });

  test("has slots of any name, also those that objects have by birth", async () => {
    const agent = parallel({ constructor: count, toString: count, hasOwnProperty: count });
    expect(await agent.run({ text: "a" })).toEqual({
      constructor: { words: 1 },
      toString: { words: 1 },
      hasOwnProperty: { words: 1 },
    });
  });
});

describe("mapItems", () => {
  test("gives outputs in the order of the items, and runs no more at a time than allowed", async () => {
    await fc.assert(
      fc.asyncProperty(delays, concurrency, async (spans, most) => {
        const clock = createVirtualClock();
        const probe = scriptedAgent({ script: spans.map((delayMs, output) => ({ delayMs, output })) });
        const outputs = await clock.until(mapItems(probe, { concurrency: most }).run(spans, { clock }));
        expect(outputs).toEqual(spans.map((_span, index) => index));
        expect(probe.calls.map(({ input }) => input)).toEqual(spans);
        expect(probe.maxConcurrent).toBe(Math.min(spans.length, most ?? 5));
      }),
    );
  });

  test("of no items is none", async () => {
    expect(await mapItems(bad).run([])).toEqual([]);
  });

  test("fails with the first failure, naming the item, and begins no more", async () => {
    const clock = createVirtualClock();
    const probe = scriptedAgent({
      script: [
        { never: true },
        { delayMs: 5, error: busy },
        { delayMs: 1, output: 2 },
        { delayMs: 9, output: 3 },
      ],
    });
    const all = pipeline("p").stage("all", mapItems(probe, { concurrency: 2 }));
    const result = await clock.until(all.tryRun([1, 2, 3, 4], { clock }));
    expect(result).toMatchObject({
      ok: false,
      error: { code: "EXECUTION", agent: "scripted", stage: "all/1" },
    });
    expect(probe.calls).toHaveLength(2);
    expect(probe.running).toBe(0);
  });

  test("that is settled gives every outcome in order", async () => {
    const items = untyped(mapItems(count, { settled: true }));
    expect(await items.run([{ text: "a" }, { text: 5 }, { text: "a b" }])).toMatchObject([
      { ok: true, output: { words: 1 } },
      { ok: false, error: { code: "VALIDATION_INPUT", stage: "1" }, disposition: "stop" },
      { ok: true, output: { words: 2 } },
    ]);
  });

  test.each([undefined, null, "text", 5, {}, { length: 2 }, new Set([1])])(
    "takes no %s for an array",
    async (input) => {
      const result = await untyped(mapItems(count)).tryRun(input);
      expect(result).toMatchObject({
        ok: false,
        error: { code: "VALIDATION_INPUT", details: { issues: [{ path: "", expected: "array" }] } },
      });
    },
  );

  test("gives holes as what they are: nothing, which the agent may not take", async () => {
    // oxlint-disable-next-line no-sparse-arrays
    const result = await untyped(mapItems(count)).tryRun([{ text: "" }, , { text: "" }]);
    expect(result).toMatchObject({ ok: false, error: { code: "VALIDATION_INPUT", stage: "1" } });
  });
});

describe("branch", () => {
  const route = branch(({ text }) => (text.length > 3 ? "shout" : "count"), { shout, count });

  test("runs the case that was chosen, and no other", async () => {
    expect(await route.run({ text: "long text" })).toEqual({ text: "LONG TEXT" });
    expect(await route.run({ text: "a" })).toEqual({ words: 1 });
    const other = scriptedAgent({ script: [{ output: 1 }] });
    await untyped(branch(async () => "shout" as const, { shout, other })).run({ text: "" });
    expect(other.calls).toEqual([]);
  });

  test("checks the input before it chooses, against all cases", async () => {
    let asked = 0;
    const counted = branch(
      () => {
        asked++;
        return "count";
      },
      { count, translate },
    );
    expect(await untyped(counted).tryRun({ text: "a" })).toMatchObject({
      error: { code: "VALIDATION_INPUT", agent: "branch", details: { issues: [{ path: "to" }] } },
    });
    expect(asked).toBe(0);
  });

  test.each([
    ["another name", "other", "other"],
    ["a name that objects have by birth", "toString", "toString"],
    ["the prototype", "__proto__", "__proto__"],
    ["nothing", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["a very long name", "x".repeat(10_000), "x".repeat(100)],
  ])("that chooses %s is NO_ROUTE", async (_what, chosen, shown) => {
    for (const give of [() => chosen, async () => chosen]) {
      const agent = pipeline("p").stage("route", branch(give as () => "count", { count, shout }));
      expect(await agent.tryRun({ text: "" })).toMatchObject({
        ok: false,
        error: { code: "NO_ROUTE", stage: "route", details: { chosen: shown, cases: ["count", "shout"] } },
      });
    }
  });

  test("whose choice throws fails with EXECUTION", async () => {
    const agent = branch(
      (): "count" => {
        throw busy;
      },
      { count },
    );
    expect(await agent.tryRun({ text: "" })).toMatchObject({ error: { code: "EXECUTION", cause: busy } });
  });
});

describe("branchOn", () => {
  const Bug = z.object({ kind: z.literal("bug"), text: z.string() });
  const Question = z.object({ kind: z.literal("question"), to: z.string() });
  const bug = defineAgent({
    ...common("bug"),
    input: Bug,
    output: z.string(),
    execute: ({ text }) => `bug: ${text}`,
  });
  const question = defineAgent({
    ...common("question"),
    input: Question,
    output: z.string(),
    execute: ({ to }) => `to ${to}`,
  });
  const handle = branchOn("kind", { bug, question });

  function common(name: string) {
    return { name, description: "Handles one kind." };
  }

  test("gives each case its own member of a union", async () => {
    expect(await handle.run({ kind: "bug", text: "a" })).toBe("bug: a");
    expect(await handle.run({ kind: "question", to: "us" })).toBe("to us");
  });

  test.each([
    5,
    null,
    undefined,
    "bug",
    {},
    { kind: 4 },
    { kind: "praise" },
    { kind: "toString" },
    JSON.parse('{"__proto__":{"kind":"bug"}}') as unknown,
    { kind: "bug" },
    { kind: "question", text: "" },
  ])("an input that no case takes is the caller's fault: %j", async (input) => {
    expect(await untyped(handle).tryRun(input)).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_INPUT" },
    });
  });

  test("one that a case takes, with a tag that names none, is NO_ROUTE", async () => {
    const open = branchOn("kind", {
      bug,
      text: defineAgent({
        ...common("any"),
        input: z.object({ kind: z.string() }),
        output: z.string(),
        execute: () => "any",
      }),
    });
    expect(await untyped(open).run({ kind: "text" })).toBe("any");
    expect(await untyped(open).tryRun({ kind: "praise" })).toMatchObject({
      error: { code: "NO_ROUTE", details: { chosen: "praise", cases: ["bug", "text"] } },
    });
  });
});

describe("fallback", () => {
  test("gives the first success, and asks nobody after it", async () => {
    const last = scriptedAgent({ script: [{ output: "last" }] });
    const first = scriptedAgent({ script: [{ error: busy }, { output: "first" }] });
    const tried = fallback([bad, first, last]);
    expect(await tried.run("in")).toBe("last");
    expect(await tried.run("in")).toBe("first");
    expect(last.calls).toHaveLength(1);
  });

  test("goes on after an output of the wrong shape, and after a timeout", async () => {
    const clock = createVirtualClock();
    const wrong = scriptedAgent({ output: z.string(), script: [{ value: 5 }] });
    const stuck = scriptedAgent({ script: [{ never: true, ignoreAbort: true }] });
    const tried = fallback([wrong, withPolicy(stuck, { timeoutMs: 10 }), takes(1, "third")]);
    expect(await clock.until(tried.run("in", { clock }))).toBe("third");
    expect(clock.now()).toBe(11);
  });

  test("that finds no success tells every failure, in order", async () => {
    const wrong = scriptedAgent({ name: "wrong", output: z.string(), script: [{ value: 5 }] });
    const result = await pipeline("p")
      .stage("try", fallback([bad, wrong, bad]))
      .tryRun("in");
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "ALL_FAILED",
        stage: "try",
        retryable: true,
        details: {
          failures: [
            { agent: "bad", code: "EXECUTION" },
            { agent: "wrong", code: "VALIDATION_OUTPUT" },
            { agent: "bad", code: "EXECUTION" },
          ],
        },
        cause: { errors: [{ cause: busy }, { code: "VALIDATION_OUTPUT" }, { cause: busy }] },
      },
    });
  });

  test("an input that nobody takes is the caller's fault", async () => {
    expect(await untyped(fallback([count, shout])).tryRun({ text: 5 })).toMatchObject({
      error: { code: "VALIDATION_INPUT", agent: "count", details: { issues: [{ path: "text" }] } },
    });
    expect(await untyped(fallback([count, bad])).tryRun({ text: 5 })).toMatchObject({
      error: { code: "ALL_FAILED" },
    });
  });

  test("does not go on when the budget is spent", async () => {
    const spends = defineAgent({
      name: "spends",
      description: "Spends.",
      input: Text,
      output: Text,
      execute: (input, ctx) => {
        ctx.budget.spend({ calls: 1 });
        return input;
      },
    });
    const next = scriptedAgent({ script: [{ output: { text: "" } }] });
    const result = await untyped(fallback([spends, next])).tryRun({ text: "" }, { budget: { calls: 0 } });
    expect(result).toMatchObject({ error: { code: "BUDGET_EXCEEDED" } });
    expect(next.calls).toEqual([]);
  });

  test("tells agents of one name apart", async () => {
    const clock = createVirtualClock();
    const run = fallback([bad, bad, takes(0)]).start("in", { clock });
    await clock.until(run.result);
    expect(run.report().stages.map(({ id }) => id)).toEqual(["bad", "bad-2", "slow"]);
  });
});

describe("recover", () => {
  test("turns a failure into an output, and leaves a success alone", async () => {
    const seen: unknown[] = [];
    const safe = recover(count, (error, input) => {
      seen.push([error.code, input]);
      return { words: -1 };
    });
    expect(await safe.run({ text: "a" })).toEqual({ words: 1 });
    expect(seen).toEqual([]);
    // @ts-expect-error not a text
    expect(await safe.run({ text: 5 })).toEqual({ words: -1 });
    expect(seen).toEqual([["VALIDATION_INPUT", { text: 5 }]]);
  });

  test("checks what it gives, awaited or not", async () => {
    for (const toOutput of [() => ({ words: "many" }), async () => ({ words: "many" })]) {
      const safe = recover(untyped(scriptedAgent({ output: Words, script: [{ error: busy }] })), toOutput);
      expect(await safe.tryRun("in")).toMatchObject({
        ok: false,
        error: { code: "VALIDATION_OUTPUT", details: { issues: [{ path: "words", got: 'string "many"' }] } },
      });
    }
  });

  test("that throws fails with what it threw", async () => {
    const worse = new Error("worse");
    const safe = recover(bad, () => {
      throw worse;
    });
    expect(await safe.tryRun("in")).toMatchObject({ error: { code: "EXECUTION", cause: worse } });
  });
});

describe("withPolicy", () => {
  test("keeps the agent's name, description and schemas", () => {
    const steady = withPolicy(count, { timeoutMs: 5 });
    expect(steady).toMatchObject({
      name: "count",
      description: count.description,
      input: Text,
      output: Words,
    });
    expect(steady.id).not.toBe(count.id);
    expect(withPolicy(count, {}, { name: "steady" }).name).toBe("steady");
  });

  test("holds in every place", async () => {
    const clock = createVirtualClock();
    const flaky = () =>
      withPolicy(scriptedAgent({ script: [{ error: busy }, { output: "ok" }] }), { retry: { attempts: 2 } });
    expect(await clock.until(parallel({ a: flaky() }).run("in", { clock }))).toEqual({ a: "ok" });
    expect(await clock.until(fallback([flaky()]).run("in", { clock }))).toBe("ok");
    expect(await clock.until(mapItems(flaky()).run(["in"], { clock }))).toEqual(["ok"]);
    expect(await clock.until(pipeline("p").stage(flaky()).run("in", { clock }))).toBe("ok");
  });
});

describe("runAll", () => {
  test("gives every outcome in order, each a run of its own", async () => {
    const results = await runAll([
      [count, { text: "a b" }],
      [bad, "in"],
      [shout, { text: "a" }],
    ]);
    expect(results).toMatchObject([
      { ok: true, output: { words: 2 } },
      { ok: false, error: { code: "EXECUTION", report: { agent: "bad" } } },
      { ok: true, output: { text: "A" } },
    ]);
    expect(await runAll([])).toEqual([]);
  });

  test("keeps order and concurrency", async () => {
    await fc.assert(
      fc.asyncProperty(delays, concurrency, async (spans, most) => {
        const clock = createVirtualClock();
        const probe = scriptedAgent({ script: spans.map((delayMs, output) => ({ delayMs, output })) });
        const pairs = spans.map((span) => [probe, span] as const);
        const results = await clock.until(runAll(pairs, { concurrency: most, run: { clock } }));
        expect(results).toEqual(spans.map((_span, output) => ({ ok: true, output })));
        expect(probe.maxConcurrent).toBe(Math.min(spans.length, most ?? 5));
      }),
    );
  });
});

describe("pipelines", () => {
  test("are values: adding a stage makes another one", async () => {
    const base = pipeline("p").stage(shout);
    const longer = base.stage(count);
    expect(await base.run({ text: "a" })).toEqual({ text: "A" });
    expect(await longer.run({ text: "a" })).toEqual({ words: 1 });
    expect(new Set([base.id, longer.id, base.use((next) => next).id]).size).toBe(3);
    expect(() => Object.assign(base, { name: "other" })).toThrow(TypeError);
  });

  test("without stages have no run", () => {
    expect(Object.keys(pipeline("p")).sort()).toEqual(["stage", "use"]);
  });

  test("of agents known only at run time are checked where values pass", async () => {
    const chain = pipelineOf("p", [shout, shout, count]);
    expect(await chain.run({ text: "a b" })).toEqual({ words: 2 });
    expect(await chain.tryRun({ text: 5 })).toMatchObject({
      error: { code: "VALIDATION_INPUT", stage: "shout" },
    });
    expect(await pipelineOf("p", [count, shout]).tryRun({ text: "a" })).toMatchObject({
      error: {
        code: "VALIDATION_INPUT",
        agent: "shout",
        stage: "shout",
        details: { issues: [{ path: "text" }] },
      },
    });
  });

  test("of no agents are refused as such", () => {
    expect(() => pipelineOf("p", [])).toThrow(
      "agents must be a list of at least one agent, got an empty array",
    );
  });

  test("run the same agent twice under two ids", async () => {
    const run = pipeline("p").stage(shout).stage("again", shout).start({ text: "a" });
    expect(await run.result).toEqual({ ok: true, output: { text: "A" } });
    expect(run.report().stages.map(({ id, agent }) => [id, agent])).toEqual([
      ["shout", "shout"],
      ["again", "shout"],
    ]);
    expect(() => pipeline("p").stage(shout).stage(shout)).toThrow(
      expect.objectContaining({
        code: "CONFIG",
        hint: 'Give the second one an id of its own: .stage("shout-2", agent).',
      }),
    );
  });
});

test("whatever composes agents is an agent, and says what it is made of", () => {
  const inner = parallel({ x: count, y: recover(count, () => ({ words: 0 })) });
  const deep = pipeline("deep")
    .stage(
      "route",
      branch(() => "a", { a: inner }),
    )
    .map(({ x }) => x, Words);
  expect(describeAgent(deep)).toMatchObject({
    name: "deep",
    version: "1.0.0",
    kind: "pipeline",
    parts: [
      {
        id: "route",
        kind: "branch",
        parts: [
          {
            id: "a",
            kind: "parallel",
            parts: [
              { id: "x", name: "count", kind: "agent", parts: [] },
              { id: "y", kind: "recover", parts: [{ name: "count" }] },
            ],
          },
        ],
      },
      { id: "map", kind: "agent" },
    ],
  });
  expect(describeAgent(parallel({ count }))).toMatchObject({
    input: { type: "object", required: ["text"] },
    output: { type: "object", properties: { count: { properties: { words: { type: "number" } } } } },
    notJson: [],
  });
  const dated = defineAgent({
    name: "d",
    description: "Takes a date.",
    input: z.object({ at: z.date() }),
    output: Text,
    execute: () => ({ text: "" }),
  });
  expect(describeAgent(dated)).toMatchObject({ input: undefined, notJson: [{ side: "input", path: "at" }] });
});

test("errors keep across copies of the package what they are", () => {
  const error = new AtomicError("CANCELLED", "stopped", { details: { reason: "r" } });
  expect(AtomicError.isInstance(error)).toBe(true);
  expect(AtomicError.isInstance(error, "CANCELLED", "TIMEOUT")).toBe(true);
  expect(AtomicError.isInstance(error, "TIMEOUT")).toBe(false);
  expect(AtomicError.isInstance(new Error("x"))).toBe(false);
});
