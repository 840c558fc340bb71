import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type Clock, defineAgent, type RunOptions } from "../index.ts";

/** A clock of which a method throws from its nth call on; its timers fire at the next turn of the event loop. */
function brokenClock(method: keyof Clock, from: number): Clock {
  const virtual = createVirtualClock();
  let count = 0;
  const breaks =
    <TGiven extends readonly unknown[], TBack>(name: keyof Clock, call: (...given: TGiven) => TBack) =>
    (...given: TGiven): TBack => {
      if (name === method && ++count >= from) throw new Error("clock broke");
      return call(...given);
    };
  return {
    now: breaks("now", virtual.now),
    timestamp: breaks("timestamp", virtual.timestamp),
    setTimer: breaks("setTimer", (callback: () => void) => {
      const timer = setImmediate(callback);
      return { cancel: () => clearImmediate(timer) };
    }),
  };
}

const endless = defineAgent({
  name: "endless",
  description: "Never ends by itself.",
  input: z.string(),
  output: z.string(),
  execute: () => new Promise<string>(() => {}),
});

const ways = {
  run: async (options: RunOptions) => endless.run("x", options),
  tryRun: async (options: RunOptions) => {
    const result = await endless.tryRun("x", options);
    if (!result.ok) throw result.error;
  },
  start: async (options: RunOptions) => {
    const result = await endless.start("x", options).result;
    if (!result.ok) throw result.error;
  },
};

describe.each(Object.entries(ways))("%s with a clock that throws", (_, way) => {
  test.each([
    ["now", 1],
    ["now", 2],
    ["now", 3],
    ["setTimer", 1],
  ] as const)("ends with a typed error: %s, from call %i on", async (method, from) => {
    await expect(way({ clock: brokenClock(method, from), timeoutMs: 100 })).rejects.toMatchObject({
      code: "CONFIG",
      message: `Run options: clock.${method}() threw: clock broke`,
      details: { path: `clock.${method}` },
    });
  });
});

test.each([Number.NaN, undefined, "soon"])(
  "a clock that tells %o instead of the time is refused",
  async (told) => {
    // On purpose no number.
    const clock = { ...createVirtualClock(), now: () => told as number };
    await expect(endless.run("x", { clock })).rejects.toMatchObject({
      code: "CONFIG",
      details: { path: "what clock.now() gives", expected: "a number of milliseconds" },
    });
  },
);

test("a run that goes by another clock does not hear of it", async () => {
  const clock = createVirtualClock();
  const run = endless.start("x", { clock, timeoutMs: 50 });
  await expect(endless.run("x", { clock: brokenClock("now", 2) })).rejects.toMatchObject({ code: "CONFIG" });
  expect(run.status).toBe("running");
  expect(await clock.until(run.result)).toMatchObject({ error: { code: "TIMEOUT" } });
});
