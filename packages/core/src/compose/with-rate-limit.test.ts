import { createVirtualClock, scriptedAgent } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { ConcurrencyLimit, mapItems, RateLimit, withConcurrencyLimit, withRateLimit } from "../index.ts";

test("it spreads what several runs do with one agent", async () => {
  const clock = createVirtualClock();
  const service = scriptedAgent({ script: [{ output: "done" }] });
  const limited = withRateLimit(service, new RateLimit({ limit: 10, perMs: 1_000, burst: 2 }));
  const each = mapItems(limited);
  await clock.until(Promise.all([each.run([1, 2, 3], { clock }), each.run([4, 5], { clock })]));
  expect(service.calls.map((call) => call.startedAtMs)).toEqual([0, 0, 100, 200, 300]);
});

test("whoever waits for a token holds no place of a limit inside, and one of a limit outside", async () => {
  const clock = createVirtualClock();
  for (const [isInside, active] of [
    [true, 0],
    [false, 1],
  ] as const) {
    const rate = new RateLimit({ limit: 1, perMs: 1_000 });
    const places = new ConcurrencyLimit({ max: 5 });
    const service = scriptedAgent({ script: [{ output: "done" }] });
    const agent = isInside
      ? withRateLimit(withConcurrencyLimit(service, places), rate)
      : withConcurrencyLimit(withRateLimit(service, rate), places);
    await agent.run("a", { clock });
    const waiting = agent.run("b", { clock });
    expect([rate.waiting, places.active]).toEqual([1, active]);
    await clock.until(waiting);
  }
});
