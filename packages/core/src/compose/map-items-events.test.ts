import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { type AnyAgent, type Context, defineAgent, mapItems, parallel, pipeline, untyped } from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({
    name,
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute,
  });

let tries = 0;
const speak = agent("speak", (input, ctx) => {
  ctx.emit("said", input);
  if (input === "again" && tries++ === 0) throw Object.assign(new Error("busy"), { retryable: true });
  if (input === "bad") throw new Error("bad item");
  return input;
});
const inside = pipeline("inside").stage("first", untyped(speak), { retry: { attempts: 2 } });

async function watch(tested: AnyAgent, input: unknown) {
  const clock = createVirtualClock();
  const run = untyped(tested).start(input, { clock, random: () => 0 });
  const result = await clock.until(run.result);
  const events = run.events.snapshot();
  return {
    result,
    report: run.report(),
    lines: events.map((event) => ("stage" in event ? `${event.type} ${event.stage}` : event.type)),
  };
}

test("a run's events and report show items as one stage, and nothing of what happens inside", async () => {
  const items = untyped(mapItems(untyped(inside), { concurrency: 2 }));
  const chain = pipeline("chain").stage("before", untyped(speak)).stage("items", items);
  const { result, report, lines } = await watch(chain, ["a", "again", "b"]);
  expect(result).toEqual({ ok: true, output: ["a", "again", "b"] });
  expect(lines).toEqual([
    "run-start",
    "stage-start before",
    "custom before",
    "stage-end before",
    "stage-start items",
    "stage-end items",
    "run-end",
  ]);
  expect(report.stages.map(({ id }) => id)).toEqual(["before", "items"]);
});

test("what is beside items is shown, and what is inside of them at any depth is not", async () => {
  const both = parallel({
    items: untyped(mapItems(untyped(parallel({ deep: untyped(inside) })))),
    beside: untyped(speak),
  });
  const { lines } = await watch(both, ["a", "b"]);
  expect(lines.filter((line) => line.startsWith("custom"))).toEqual(["custom beside"]);
});

test("the error of an item names it by its index", async () => {
  const { result } = await watch(pipeline("chain").stage("items", untyped(mapItems(untyped(inside)))), [
    "a",
    "bad",
  ]);
  expect(result).toMatchObject({ ok: false, error: { stage: "items/1/first", agent: "speak" } });
});
