import { inspect } from "node:util";
import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { defineAgent, pipeline } from "../index.ts";

const wait = defineAgent({
  name: "wait",
  description: "Waits a second.",
  input: anything(),
  output: anything(),
  execute: (input, ctx) =>
    new Promise((resolve) => {
      ctx.clock.setTimer(() => resolve(input), 1_000);
    }),
});

test("a run shows what it is, and none of its machinery", async () => {
  const clock = createVirtualClock();
  const run = pipeline("chain").stage(wait).start(1, { clock });
  await clock.advance(1);
  expect(inspect(run)).toBe(`Run { id: '${run.id}', agent: 'chain', status: 'running' }`);
  await clock.until(run.result);
  expect(inspect(run)).toBe(`Run { id: '${run.id}', agent: 'chain', status: 'success' }`);
  expect(inspect({ runs: [run] }, { breakLength: Number.POSITIVE_INFINITY })).toBe(
    `{ runs: [ Run { id: '${run.id}', agent: 'chain', status: 'success' } ] }`,
  );
  expect(inspect({ a: { b: { c: run } } })).toContain("c: Run { id:");
});

test("a run that failed shows it", async () => {
  const clock = createVirtualClock();
  const run = wait.start(1, { clock });
  run.cancel();
  await run.result;
  expect(inspect(run)).toBe(`Run { id: '${run.id}', agent: 'wait', status: 'cancelled' }`);
});
