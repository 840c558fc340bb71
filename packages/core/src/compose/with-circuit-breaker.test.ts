import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { CircuitBreaker, createLog, fallback, mapItems, pipeline, withCircuitBreaker } from "../index.ts";

const log = createLog({ level: "silent" });
const busy = new Error("busy");

test("without a breaker each agent gets one of its own", async () => {
  const bad = scriptedAgent({ script: [{ error: busy }] });
  const first = withCircuitBreaker(bad);
  const second = withCircuitBreaker(bad);
  for (let call = 0; call < 6; call++) await first.tryRun("in", { log });
  expect(bad.calls).toHaveLength(5);
  await second.tryRun("in", { log });
  expect(bad.calls).toHaveLength(6);
});

test("a fallback goes on at once when it is open", async () => {
  const bad = scriptedAgent({ name: "bad", script: [{ error: busy }] });
  const spare = scriptedAgent({ name: "spare", script: [{ output: "spare" }] });
  const agent = fallback([withCircuitBreaker(bad, new CircuitBreaker({ failures: 2 })), spare]);
  for (let call = 0; call < 5; call++) expect(await agent.run("in", { log })).toBe("spare");
  expect(bad.calls).toHaveLength(2);
});

test("it counts over all the items and runs that use it", async () => {
  const bad = scriptedAgent({ name: "bad", script: [{ error: busy }] });
  const guarded = withCircuitBreaker(bad, new CircuitBreaker({ failures: 4 }));
  await mapItems(guarded, { settled: true }).run([1, 2, 3], { log });
  const results = await mapItems(guarded, { settled: true }).run([4, 5], { log });
  expect(results.map((result) => (result.ok ? "ok" : result.error.code))).toEqual([
    "EXECUTION",
    "CIRCUIT_OPEN",
  ]);
});

test("around a composed agent it sees the composed agent's outcome, not that of its parts", async () => {
  const clock = createVirtualClock();
  const breaker = new CircuitBreaker({ failures: 2 });
  const flaky = scriptedAgent({
    name: "flaky",
    script: [
      { error: busy, delayMs: 1 },
      { output: "done", delayMs: 1 },
    ],
  });
  const chain = pipeline("chain").stage(flaky, { retry: { attempts: 2, baseDelayMs: 0 } });
  expect(await clock.until(withCircuitBreaker(chain, breaker).run("in", { clock, log }))).toBe("done");
  expect(breaker.tally).toMatchObject({ failuresInARow: 0, callsInWindow: 1, failuresInWindow: 0 });
});
