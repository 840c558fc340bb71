import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, expectConforms, scriptedAgent } from "@atomic-agents/testing";
import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import {
  type Agent,
  CircuitBreaker,
  type CompositeOptions,
  ConcurrencyLimit,
  createLog,
  defineAgent,
  describe as describeAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  RateLimit,
  recover,
  withCircuitBreaker,
  withConcurrencyLimit,
  withPolicy,
  withRateLimit,
} from "../index.ts";

type Wrap = <TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  options?: CompositeOptions,
) => Agent<TInput, TOutput>;

const log = createLog({ level: "silent" });
const busy = new Error("busy");
const many = { limit: 1_000_000, perMs: 1 };

/** Each around an agent so that nothing triggers it. */
const wrappers: readonly [string, Wrap][] = [
  ["circuit-breaker", (agent, options) => withCircuitBreaker(agent, new CircuitBreaker(), options)],
  [
    "concurrency-limit",
    (agent, options) => withConcurrencyLimit(agent, new ConcurrencyLimit({ max: 100 }), options),
  ],
  ["rate-limit", (agent, options) => withRateLimit(agent, new RateLimit(many), options)],
];

const Text = z.object({ text: z.string() });
const shout = defineAgent({
  name: "shout",
  version: "2.1.0",
  description: "Turns text into capitals.",
  capabilities: ["text"],
  input: Text,
  output: Text,
  execute: ({ text }) => ({ text: text.toUpperCase() }),
});

describe.each(wrappers)("an agent with a %s that nothing triggers", (kind, wrap) => {
  test("is the same to all who use it, but for its kind", () => {
    const { name, version, description, capabilities, input, output } = shout;
    const wrapped = wrap(shout);
    expect(wrapped).toMatchObject({ name, version, description, capabilities, input, output });
    expect(wrapped.id).not.toBe(shout.id);
    expect(describeAgent(wrapped)).toMatchObject({ kind, parts: [{ name: "shout" }] });
  });

  test("can be given a name, a description and capabilities of its own", () => {
    const own = { name: "loud", description: "Is loud.", capabilities: ["noise"] };
    expect(wrap(shout, own)).toMatchObject(own);
  });

  test("conforms to what every agent does", async () => {
    const results = await expectConforms(wrap(shout), { valid: [{ text: "a" }], invalid: [{ text: 2 }] });
    expect(results.filter(({ status }) => status === "failed")).toEqual([]);
  });

  test("stays synchronous when the agent is", async () => {
    const seen: string[] = [];
    const note = defineAgent({
      name: "note",
      description: "Notes what it gets.",
      input: Text,
      output: Text,
      execute: (given) => {
        seen.push(given.text);
        return given;
      },
    });
    const run = pipeline("p").stage(wrap(shout)).stage(wrap(note)).run({ text: "a" });
    expect(seen).toEqual(["A"]);
    await run;
  });

  test("has its input and output parsed once each", async () => {
    const schema = z.object({ text: z.string() });
    const parses = vi.spyOn(schema["~standard"], "validate");
    const execute = ({ text }: { readonly text: string }) => ({ text });
    const agent = defineAgent({
      name: "a",
      description: "Hands on.",
      input: schema,
      output: schema,
      execute,
    });
    await wrap(wrap(agent)).run({ text: "x" });
    expect(parses).toHaveBeenCalledTimes(2);
  });

  test("gives what the agent gives, and fails as it does, in any place", async () => {
    const clock = createVirtualClock();
    for (const delayMs of [undefined, 5]) {
      const good = wrap(scriptedAgent({ script: [{ output: "done", delayMs }] }));
      const bad = wrap(scriptedAgent({ name: "bad", script: [{ error: busy, delayMs }] }));
      const options = { clock, log };
      expect(await clock.until(good.run("in", options))).toBe("done");
      const failure = { ok: false, error: { code: "EXECUTION", agent: "bad", cause: busy } };
      expect(await clock.until(bad.tryRun("in", options))).toMatchObject(failure);
      expect(await clock.until(pipeline("p").stage("first", bad).tryRun("in", options))).toMatchObject({
        error: { code: "EXECUTION", stage: "first", agent: "bad" },
      });
      expect(await clock.until(fallback([bad, good]).run("in", options))).toBe("done");
      expect(await clock.until(recover(bad, () => "instead").run("in", options))).toBe("instead");
      expect(await clock.until(parallel({ good, bad }, { settled: true }).run("in", options))).toMatchObject({
        good: { ok: true, output: "done" },
        bad: { ok: false, error: { stage: "bad" } },
      });
      expect(await clock.until(mapItems(good).run([1, 2], options))).toEqual(["done", "done"]);
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test("shows in events and report as the agent does", async () => {
    const chain = pipeline("p")
      .stage(wrap(shout))
      .stage("inner", wrap(pipeline("q").stage(shout)));
    const run = chain.start({ text: "a" });
    await run.result;
    expect(
      run.events.snapshot().flatMap((event) => (event.type === "stage-end" ? [event.stage] : [])),
    ).toEqual(["shout", "inner/shout", "inner"]);
    expect(run.report().stages.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "shout success",
      "inner success",
    ]);
  });

  test("may have a retry around it, or inside", async () => {
    const clock = createVirtualClock();
    const retry = { attempts: 2, jitter: "none" } as const;
    const flaky = () => scriptedAgent({ script: [{ error: busy }, { output: "done" }] });
    for (const agent of [withPolicy(wrap(flaky()), { retry }), wrap(withPolicy(flaky(), { retry }))]) {
      expect(await clock.until(agent.run("in", { clock, log }))).toBe("done");
    }
    expect(clock.now()).toBe(200);
  });

  test("takes a thenable of another make for what it promises", async () => {
    const odd = defineAgent({
      name: "odd",
      description: "Gives a thenable that calls back at once, and twice.",
      input: anything(),
      output: anything(),
      execute: (): unknown => ({
        then: (resolve: (value: unknown) => void) => {
          resolve("done");
          resolve("again");
          return Promise.resolve("done");
        },
      }),
    });
    expect(await wrap(odd).run("in")).toBe("done");
  });
});

test("each asks for one of its own kind, of whatever copy of the package", () => {
  const breaker = new CircuitBreaker();
  const limit = new ConcurrencyLimit({ max: 1 });
  // @ts-expect-error not a breaker
  expect(() => withCircuitBreaker(shout, limit)).toThrow("must be a CircuitBreaker");
  // @ts-expect-error not a limit
  expect(() => withConcurrencyLimit(shout, breaker)).toThrow("must be a ConcurrencyLimit");
  // @ts-expect-error not that limit
  expect(() => withRateLimit(shout, limit)).toThrow("must be a RateLimit");
  // What another copy makes has the same members, but is of another class.
  const foreign = { "~guards": breaker["~guards"], "~guard": breaker["~guard"].bind(breaker) };
  expect(withCircuitBreaker(shout, foreign as unknown as CircuitBreaker).name).toBe("shout");
});

test("they nest: a call that the inner one refuses has taken what the outer one gives", async () => {
  const clock = createVirtualClock();
  const breaker = new CircuitBreaker({ failures: 1 });
  const limit = new ConcurrencyLimit({ max: 1 });
  const bad = scriptedAgent({ script: [{ error: busy, delayMs: 10 }] });
  const agent = withConcurrencyLimit(withCircuitBreaker(bad, breaker), limit);
  const results = await clock.until(
    Promise.all([1, 2, 3].map((input) => agent.tryRun(input, { clock, log }))),
  );
  expect(results).toMatchObject([
    { error: { code: "EXECUTION" } },
    { error: { code: "CIRCUIT_OPEN" } },
    { error: { code: "CIRCUIT_OPEN" } },
  ]);
  expect([bad.calls.length, limit.active, limit.waiting, clock.pendingTimers]).toEqual([1, 0, 0, 0]);
});

test("one that is cancelled gives back everything, however they nest", async () => {
  const clock = createVirtualClock();
  const breaker = new CircuitBreaker({ failures: 1, openMs: 10 });
  const limit = new ConcurrencyLimit({ max: 1 });
  const never = scriptedAgent({ script: [{ error: busy }, { never: true, ignoreAbort: true }] });
  const agent = withCircuitBreaker(
    withConcurrencyLimit(
      withRateLimit(withConcurrencyLimit(never, limit), new RateLimit(many)),
      new ConcurrencyLimit({ max: 2 }),
    ),
    breaker,
  );
  await agent.tryRun("in", { clock, log });
  await clock.advance(10);
  const run = agent.start("in", { clock, log });
  await clock.settle();
  expect([breaker.state, breaker.tally.trialsRunning, limit.active]).toEqual(["half-open", 1, 1]);
  run.cancel("no longer");
  await run.result;
  expect([breaker.state, breaker.tally.trialsRunning, limit.active]).toEqual(["half-open", 0, 0]);
  expect(clock.pendingTimers).toBe(0);
});
