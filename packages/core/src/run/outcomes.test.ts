import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  AtomicError,
  type Context,
  defineAgent,
  fallback,
  mapItems,
  type OnError,
  parallel,
  pipeline,
  type Policy,
  untyped,
  withPolicy,
} from "../index.ts";

const busy = new Error("busy");
const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({
    name,
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute,
  });
const failing = () => scriptedAgent({ name: "bad", script: [{ error: busy }] });
const keep = agent("keep", (input) => input);

/** A pipeline whose stages pass whatever they are given; `stage` takes policies that are known only here. */
const chainOf = (bad: AnyAgent, policy: Policy | undefined) => {
  const stage = pipeline("chain").stage as (...given: readonly unknown[]) => ReturnType<typeof whole>;
  return stage("bad", bad, policy).stage("after", keep);
};
const whole = () => pipeline("chain").stage(keep);

describe.each([
  { onError: undefined, disposition: "stop" },
  { onError: "stop", disposition: "stop" },
  { onError: "drop", disposition: "drop" },
  { onError: "dead-letter", disposition: "dead-letter" },
] as const)("onError: $onError", ({ onError, disposition }) => {
  const policy = onError === undefined ? undefined : { onError };

  test("run rejects with the stage's error", async () => {
    await expect(chainOf(failing(), policy).run("in")).rejects.toMatchObject({
      code: "EXECUTION",
      agent: "bad",
      stage: "bad",
      disposition,
      cause: busy,
      report: { status: "failed", stages: [{ status: "failed" }, { status: "skipped" }] },
    });
  });

  test("tryRun and start give it as a value, with disposition and report", async () => {
    const expected = {
      ok: false,
      disposition,
      error: { code: "EXECUTION", disposition, report: { agent: "chain", status: "failed" } },
    };
    expect(await chainOf(failing(), policy).tryRun("in")).toMatchObject(expected);
    expect(await chainOf(failing(), policy).start("in").result).toMatchObject(expected);
  });

  test("a later run says the same, and no stage after the failed one begins", async () => {
    const after = scriptedAgent({ name: "after", script: [{ output: "never" }] });
    const stage = pipeline("chain").stage as (...given: readonly unknown[]) => ReturnType<typeof whole>;
    const chain = stage("bad", failing(), policy).stage("last", after);
    for (let count = 0; count < 2; count++) {
      expect(await chain.tryRun("in")).toMatchObject({ ok: false, disposition });
    }
    expect(after.calls).toEqual([]);
  });

  test("a settled slot and a settled item keep the disposition", async () => {
    const bad = withPolicy(failing(), onError === undefined ? {} : { onError });
    const slots = await parallel({ a: bad, b: keep }, { settled: true }).run("in");
    expect(slots).toMatchObject({ a: { ok: false, disposition }, b: { ok: true, output: "in" } });
    expect(await mapItems(bad, { settled: true }).run(["in"])).toMatchObject([{ ok: false, disposition }]);
  });
});

describe("onError: pass", () => {
  test("the stage's input goes on, as it was given", async () => {
    const passing = pipeline("chain").stage(failing(), { onError: "pass" }).stage(keep);
    expect(await passing.run("in")).toBe("in");
    expect(await passing.tryRun("in")).toEqual({ ok: true, output: "in" });
    const run = passing.start("in");
    expect(await run.result).toEqual({ ok: true, output: "in" });
    expect(run.status).toBe("success");
    expect(run.report()).toMatchObject({
      status: "success",
      stages: [
        { id: "bad", status: "passed", attempts: 1, error: { code: "EXECUTION" } },
        { id: "keep", status: "success" },
      ],
    });
    expect(run.report().error).toBeUndefined();
  });

  test("retries are spent first", async () => {
    const clock = createVirtualClock();
    const bad = failing();
    const passing = pipeline("chain").stage(bad, { onError: "pass", retry: { attempts: 3 } });
    expect(await clock.until(passing.run("in", { clock }))).toBe("in");
    expect(bad.calls).toHaveLength(3);
  });

  test("an attempt that took too long is passed as well", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({ script: [{ never: true, ignoreAbort: true }] });
    const passing = pipeline("chain").stage(slow, { onError: "pass", timeoutMs: 50 }).stage(keep);
    expect(await clock.until(passing.run("in", { clock }))).toBe("in");
    expect(clock.now()).toBe(50);
  });

  test("the deadline of the whole run is not passed", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({ script: [{ never: true }] });
    const passing = pipeline("chain").stage(slow, { onError: "pass" }).stage(keep);
    const result = await clock.until(passing.tryRun("in", { clock, timeoutMs: 50 }));
    expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT", details: { scope: "run" } } });
  });

  test("an input that the stage does not take goes on to one that does", async () => {
    const Words = z.object({ words: z.number() });
    const strict = defineAgent({
      name: "strict",
      description: "Takes words.",
      input: Words,
      output: Words,
      execute: (input) => input,
    });
    const passing = pipeline("chain").stage(strict, { onError: "pass" }).stage(keep);
    expect(await untyped(passing).run({ words: "many" })).toEqual({ words: "many" });
  });
});

describe("the outcome as a value", () => {
  test("is one promise, whether it is asked for before, while or after the run", async () => {
    const run = agent("slow", async (input) => input).start("in");
    const before = run.result;
    await Promise.resolve();
    expect(run.result).toBe(before);
    expect(await before).toEqual({ ok: true, output: "in" });
    expect(run.result).toBe(before);
  });

  test("is there for who asks first when the run is over", async () => {
    const [good, bad] = [keep.start("in"), untyped(failing()).start("in")];
    await new Promise((resolve) => setImmediate(resolve));
    expect(await good.result).toEqual({ ok: true, output: "in" });
    expect(await bad.result).toMatchObject({ ok: false, error: { code: "EXECUTION" } });
    expect(bad.result).toBe(bad.result);
  });
});

describe("a composed stage", () => {
  const inner = (onError: OnError) => chainOf(failing(), { onError });

  test.each(["drop", "dead-letter"] as const)(
    "without a word of its own keeps the inner %s",
    async (onError) => {
      const outer = pipeline("outer").stage(inner(onError));
      expect(await outer.tryRun("in")).toMatchObject({ ok: false, disposition: onError });
    },
  );

  test.each(["stop", "drop", "dead-letter"] as const)(
    "that says %s overrides what is inside",
    async (onError) => {
      const outer = pipeline("outer").stage(inner("drop"), { onError });
      expect(await outer.tryRun("in")).toMatchObject({ ok: false, disposition: onError });
      expect(await withPolicy(inner("drop"), { onError }).tryRun("in")).toMatchObject({
        disposition: onError,
      });
    },
  );

  test("that passes goes on with what it was given, not with what its stages made", async () => {
    const change = agent("change", () => "changed");
    const chain = pipeline("inner").stage(change).stage(failing());
    const outer = pipeline("outer").stage(chain, { onError: "pass" }).stage(keep);
    expect(await outer.run("in")).toBe("in");
  });
});

describe("errors of other runs", () => {
  test("another run's cancellation is this one's failure, not its end by cancel", async () => {
    const stuck = agent("stuck", () => new Promise(() => {}));
    const asking = agent("asking", async () => {
      const other = stuck.start("in");
      other.cancel("not needed");
      const result = await other.result;
      if (!result.ok) throw result.error;
    });
    const result = await pipeline("p").stage(asking).tryRun("in");
    expect(result).toMatchObject({
      ok: false,
      error: { code: "EXECUTION", stage: "asking", retryable: false, cause: { code: "CANCELLED" } },
    });
    expect(await pipeline("p").stage(asking, { onError: "pass" }).stage(keep).run("in")).toBe("in");
    const rescued = fallback([asking, keep]);
    expect(await rescued.run("in")).toBe("in");
  });

  test("another run's failure keeps its code, and its disposition does not count here", async () => {
    const other = chainOf(failing(), { onError: "drop" });
    const asking = agent("asking", () => other.run("in"));
    const result = await pipeline("p").stage(asking).tryRun("in");
    expect(result).toMatchObject({
      ok: false,
      disposition: "stop",
      error: { code: "EXECUTION", stage: "asking", cause: { stage: "bad", disposition: "drop" } },
    });
  });

  test("an error without a place is given this one", async () => {
    const thrown = new AtomicError("RATE_LIMITED", "slow down", { details: { retryAfterMs: 5 } });
    const asking = agent("asking", () => {
      throw thrown;
    });
    const result = await pipeline("p").stage("ask", asking).tryRun("in", { requestId: "r-1" });
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "RATE_LIMITED",
        agent: "asking",
        stage: "ask",
        requestId: "r-1",
        details: { retryAfterMs: 5 },
      },
    });
    expect(thrown).toMatchObject({ agent: undefined, stage: undefined, report: undefined });
  });
});
