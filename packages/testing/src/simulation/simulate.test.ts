import { describe, expect, test } from "vitest";
import type { SimulatedWrapper } from "./graph.ts";
import { simulate, type SimulationResult } from "./simulate.ts";

const full = process.env["FULL"] === "1";
const seeds = full ? 20_000 : 2_000;

test(`nothing is violated under ${seeds} seeds`, { timeout: 600_000 }, async () => {
  const sums = { succeeded: 0, failed: 0, cancelled: 0, effects: 0, undone: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await simulate({ seed });
    expect(result.violations, `seed ${seed}`).toEqual([]);
    for (const key of ["succeeded", "failed", "cancelled", "effects", "undone"] as const)
      sums[key] += result[key];
  }
  // Whatever can happen has happened often.
  for (const count of Object.values(sums)) expect(count).toBeGreaterThan(seeds / 10);
});

test("the same seed does the same", async () => {
  const once = (seed: number): Promise<SimulationResult> => simulate({ seed });
  for (let seed = 1; seed <= 20; seed++) expect(await once(seed)).toEqual(await once(seed));
});

describe("a run that is cancelled at any point of its course", () => {
  const graphs = Array.from({ length: full ? 100 : 10 }, (_unused, index) => index + 1);
  test.each(graphs)("of graph %i", { timeout: 300_000 }, async (seed) => {
    const { timers } = await simulate({
      seed,
      cancel: { afterTimers: 1_000_000, afterMicrotasks: 0, bySignal: false },
    });
    for (let afterTimers = 0; afterTimers <= Math.min(timers, 40); afterTimers++) {
      for (let afterMicrotasks = 0; afterMicrotasks <= 40; afterMicrotasks++) {
        const cancel = { afterTimers, afterMicrotasks, bySignal: afterMicrotasks % 2 === 0 };
        const { violations } = await simulate({ seed, cancel });
        expect(violations, `cancelled after ${afterTimers} timers and ${afterMicrotasks} microtasks`).toEqual(
          [],
        );
      }
    }
  });
});

test("a wrapper of one's own is tried with everything else", async () => {
  let calls = 0;
  const counting: SimulatedWrapper = (agent) => {
    calls++;
    return agent;
  };
  for (let seed = 1; seed <= 10; seed++) {
    const { violations } = await simulate({ seed, wrappers: [counting] });
    expect(violations).toEqual([]);
  }
  expect(calls).toBeGreaterThan(10);
});

test("an option that is not known is refused", async () => {
  await expect(simulate({ seed: 1, wraps: [] } as { seed: number })).rejects.toMatchObject({
    code: "CONFIG",
  });
});
