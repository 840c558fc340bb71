import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { ConcurrencyLimit, fallback, mapItems, withConcurrencyLimit, withPolicy } from "../index.ts";

test("it bounds what several runs do with one agent, where their own concurrency cannot", async () => {
  const clock = createVirtualClock();
  const slow = scriptedAgent({ script: [{ output: "done", delayMs: 10 }] });
  const limited = withConcurrencyLimit(slow, new ConcurrencyLimit({ max: 3 }));
  const each = mapItems(limited, { concurrency: 5 });
  await clock.until(Promise.all([each.run([1, 2, 3, 4, 5], { clock }), each.run([6, 7, 8, 9], { clock })]));
  expect(slow.maxConcurrent).toBe(3);
  expect(clock.now()).toBe(30);
});

test("a place is not held while a retry around the limit backs off", async () => {
  const clock = createVirtualClock();
  const limit = new ConcurrencyLimit({ max: 1 });
  const script = [
    { error: new Error("busy"), delayMs: 10 },
    { output: "done", delayMs: 10 },
  ];
  const flaky = scriptedAgent({ script });
  const other = scriptedAgent({ script: [{ output: "done", delayMs: 10 }] });
  const steady = withPolicy(withConcurrencyLimit(flaky, limit), {
    retry: { attempts: 2, jitter: "none", baseDelayMs: 50 },
  });
  const runs = [steady.run("in", { clock }), withConcurrencyLimit(other, limit).run("in", { clock })];
  await clock.until(Promise.all(runs));
  expect(flaky.calls.map((call) => call.startedAtMs)).toEqual([0, 60]);
  expect(other.calls.map((call) => call.startedAtMs)).toEqual([10]);
});

test("a refused call is a failure like others: a fallback takes it", async () => {
  const clock = createVirtualClock();
  const slow = scriptedAgent({ name: "slow", script: [{ output: "slow", delayMs: 10 }] });
  const spare = scriptedAgent({ name: "spare", script: [{ output: "spare" }] });
  const agent = fallback([
    withConcurrencyLimit(slow, new ConcurrencyLimit({ max: 1, maxWaiting: 0 })),
    spare,
  ]);
  const runs = [agent.run("a", { clock }), agent.run("b", { clock })];
  expect(await clock.until(Promise.all(runs))).toEqual(["slow", "spare"]);
});
