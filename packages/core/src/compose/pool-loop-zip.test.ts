import { behaviours, createVirtualClock, expectConforms, scriptedAgent } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, loop, mapItems, parallel, pipeline, pool, untyped, withPolicy, zip } from "../index.ts";

const Text = z.object({ text: z.string() });
const clean = defineAgent({
  name: "clean",
  description: "Trims text.",
  input: Text,
  output: Text,
  execute: ({ text }) => ({ text: text.trim() }),
});
const cleanLater = defineAgent({
  name: "clean-later",
  description: "Trims text, but not at once.",
  input: Text,
  output: Text,
  execute: async ({ text }) => ({ text: text.trim() }),
});
const slow = () =>
  scriptedAgent({
    name: "slow",
    input: Text,
    output: Text,
    script: [{ delayMs: 1_000, output: { text: "done" } }],
  });

const valid = [{ text: " two words " }, { text: "" }];
const invalid = [{ text: 1 }, {}, "text", null, undefined];

describe("behave as every agent does", () => {
  test.each([
    ["a pool", pool([clean, cleanLater])],
    ["a pool with room for one call", pool([{ agent: cleanLater, capacity: 1 }], { strategy: "fastest" })],
    ["a loop", loop(clean, { until: ({ text }, round) => text === text.trim() && round > 1 })],
    ["a loop that waits", loop(cleanLater, { until: async (_output, round) => round > 2 })],
    [
      "all of them in one another",
      pipeline("p")
        .stage(loop(pool([clean, cleanLater]), { until: (_output, round) => round > 1 }))
        .map(({ text }) => [{ text }, { text }], z.tuple([Text, Text]))
        .stage(zip([pool([clean]), cleanLater])),
    ],
  ])("%s", async (_what, agent) => {
    await expect(expectConforms(untyped(agent), { valid, invalid })).resolves.toHaveLength(behaviours.length);
  });

  test("a zip", async () => {
    const pairs = valid.map((text) => [text, text]);
    const wrong = [[{ text: 1 }, { text: "" }], [{ text: "" }], [], "texts", null];
    const both = untyped(zip([clean, cleanLater]));
    await expect(expectConforms(both, { valid: pairs, invalid: wrong })).resolves.toHaveLength(
      behaviours.length,
    );
  });

  test("also when calls take their time and wait for each other", async () => {
    const clock = createVirtualClock();
    const replica = slow();
    const replicas = pool([{ agent: replica, capacity: 2 }], { maxWaitMs: 100_000 });
    const rounds = loop(slow(), { until: (_output, round) => round > 1 });
    for (const agent of [replicas, rounds]) {
      await expect(expectConforms(agent, { valid, invalid, clock })).resolves.toHaveLength(behaviours.length);
    }
    expect(replica.running).toBe(0);
    expect(replicas).toMatchObject({ waiting: 0, replicas: [{ active: 0 }] });
    expect(clock.pendingTimers).toBe(0);
  });
});

test("a loop over a pool takes another replica each round, and a failing one is left out by its retry", async () => {
  const clock = createVirtualClock();
  const bad = scriptedAgent({
    name: "bad",
    input: Text,
    output: Text,
    script: [{ error: new Error("busy") }],
  });
  const replicas = pool([clean, bad, cleanLater]);
  const rounds = loop(withPolicy(replicas, { retry: { attempts: 2 } }), {
    until: (_output, round) => round === 6,
  });
  const both = parallel({ one: rounds, two: mapItems(rounds) });
  expect(await clock.until(rounds.run({ text: " a " }, { clock }))).toEqual({ text: "a" });
  expect(replicas.replicas.map(({ calls }) => calls)).toEqual([3, 1, 3]);
  expect(await clock.until(untyped(both).tryRun([], { clock }))).toMatchObject({ ok: false });
  expect(replicas.replicas.every(({ active }) => active === 0)).toBe(true);
});
