import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  type Context,
  defineAgent,
  parallel,
  pipeline,
  type RunOptions,
  type StageReport,
  untyped,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

async function stagesOf(tested: AnyAgent, input: unknown, options: RunOptions = { measureSizes: true }) {
  const clock = createVirtualClock();
  const run = untyped(tested).start(input, { clock, random: () => 0, ...options });
  await clock.until(run.result);
  return run.report().stages;
}
const sizesOf = (stages: readonly StageReport[] | undefined) =>
  stages?.map(({ inputBytes, outputBytes }) => [inputBytes, outputBytes]);

test("a run that is told to measures what its stages take and give, as JSON in UTF-8", async () => {
  const chain = pipeline("p")
    .stage(agent("umlaut", () => "ä€😀"))
    .stage(agent("object", (text) => ({ text })))
    .stage(agent("later", async (value) => [value]));
  expect(sizesOf(await stagesOf(chain, 5))).toEqual([
    [1, 11],
    [11, 20],
    [20, 22],
  ]);
  for (const options of [{ measureSizes: false }, { measureSizes: undefined }, {}]) {
    const stages = await stagesOf(chain, 5, options);
    expect(stages.some((stage) => "inputBytes" in stage || "outputBytes" in stage)).toBe(false);
  }
});

test("it measures inside composed agents as well", async () => {
  const both = parallel({ one: agent("one", () => 1), two: pipeline("p").stage(agent("two", () => "22")) });
  const [stage] = await stagesOf(pipeline("p").stage("both", both), "in");
  expect([stage?.inputBytes, stage?.outputBytes]).toEqual([4, '{"one":1,"two":"22"}'.length]);
  expect(sizesOf(stage?.stages)).toEqual([
    [4, 1],
    [4, 4],
  ]);
});

test("it measures what comes in before the stage's schema changes it, and what comes out after", async () => {
  const trimmed = defineAgent({
    name: "trimmed",
    description: "Trims.",
    input: z.string().trim(),
    output: z.object({ text: z.string() }),
    execute: (text) => ({ text, extra: "is taken away" }),
  });
  expect(sizesOf(await stagesOf(trimmed, "  a  "))).toEqual([[7, 12]]);
});

test("a stage that fails has no output to measure; one that passes gives its input on", async () => {
  const bad = agent("bad", () => {
    throw new Error("refused");
  });
  const chain = pipeline("p").stage("passed", bad, { onError: "pass" }).stage(bad);
  expect(sizesOf(await stagesOf(chain, "four"))).toEqual([
    [6, 6],
    [6, undefined],
  ]);
});

test("a value that is no JSON has no size, and does no harm", async () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const hostile = {
    toJSON: () => {
      throw new Error("no JSON");
    },
  };
  for (const value of [undefined, 5n, circular, () => {}, Symbol("s"), hostile]) {
    const stages = await stagesOf(
      agent("odd", () => value),
      value,
    );
    expect(stages).toMatchObject([{ status: "success" }]);
    expect(sizesOf(stages)).toEqual([[undefined, undefined]]);
  }
});
