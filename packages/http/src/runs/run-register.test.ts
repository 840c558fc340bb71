import { defineAgent, type Run } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import type { Call } from "../server/call.ts";
import type { KeptRun } from "./kept-run.ts";
import { RunRegister } from "./run-register.ts";

const echo = defineAgent({
  name: "echo",
  description: "Gives its input.",
  input: z.string(),
  output: z.string(),
  execute: (text) => text,
});

// All that a register asks of a call.
const callOf = (name?: string): Call =>
  ({
    principal: name === undefined ? undefined : { name, scopes: new Set() },
    metadataBytes: 0,
  }) as unknown as Call;

const limits = { maxRuns: 2, maxRunBytes: 100, runRetentionMs: 1_000 };

function create() {
  const clock = createVirtualClock();
  const register = new RunRegister(limits, clock);
  const begin = (): { kept: KeptRun; run: Run<unknown>; end: (bytes?: number) => void } => {
    const run = echo.start("a", { clock });
    const kept = register.add(callOf("ada"), run);
    return { kept, run, end: (bytes = 1) => register.settle(kept, bytes) };
  };
  const known = (runs: readonly { readonly kept: KeptRun; readonly run: Run<unknown> }[]): boolean[] =>
    runs.map(({ kept, run }) => register.get(run.id) === kept);
  return { clock, register, begin, known };
}

test("knows all runs that go on, however many and however long", async () => {
  const { clock, register, begin, known } = create();
  const runs = Array.from({ length: 50 }, begin);
  await clock.advance(1_000_000);
  expect(known(runs)).toEqual(runs.map(() => true));
  expect(register.liveCount).toBe(50);
  expect(register.get("other")).toBeUndefined();
});

test("of those that have ended it knows so many, the last ones", () => {
  const { register, begin, known } = create();
  const runs = [begin(), begin(), begin(), begin()];
  for (const index of [3, 0, 1]) runs[index]?.end();
  expect(known(runs)).toEqual([true, true, true, false]);
  expect(register.liveCount).toBe(1);
});

test("of those that have ended it knows so many bytes", () => {
  const { begin, known } = create();
  const runs = [begin(), begin()];
  runs[0]?.end(60);
  runs[1]?.end(41);
  expect(known(runs)).toEqual([false, true]);
  const large = begin();
  large.end(101);
  expect(known([...runs, large])).toEqual([false, false, false]);
});

test("forgets a run so long after its end", async () => {
  const { clock, begin, known } = create();
  const runs = [begin(), begin()];
  await clock.advance(500);
  runs[0]?.end();
  await clock.advance(999);
  runs[1]?.end();
  expect(known(runs)).toEqual([true, true]);
  await clock.advance(1);
  expect(known(runs)).toEqual([false, true]);
  expect(clock.pendingTimers).toBe(0);
});

test("a run that is settled again stays where it is", () => {
  const { begin, known } = create();
  const run = begin();
  run.end(60);
  run.end(60);
  const other = begin();
  other.end(40);
  expect(known([run, other])).toEqual([true, true]);
});

test("knows the same runs after any number of others", () => {
  const { register, begin, known } = create();
  const first = begin();
  const others = Array.from({ length: 2_500 }, begin);
  for (const other of others) other.end();
  expect(known([first, ...others.slice(-3)])).toEqual([true, false, true, true]);
  expect(register.liveCount).toBe(1);
});
