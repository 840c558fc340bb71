import type { ModelUse } from "@atomic-agents/llm";
import { expect, test } from "vitest";
import { modelUseText, plainUses } from "./model-use.ts";

const usage = {
  inputTokens: 1_204,
  outputTokens: 310,
  cachedTokens: 0,
  reasoningTokens: 0,
  estimated: false,
};
const use: ModelUse = { model: "openai/m", calls: 2, usage, cost: 0.000921, isSimulated: false };

test.each([
  [{}, "openai/m: 2 calls, 1,204 tokens in, 310 out, cost 0.000921"],
  [{ calls: 1, cost: 12.345 }, "openai/m: 1 call, 1,204 tokens in, 310 out, cost 12.35"],
  [{ cost: undefined }, "openai/m: 2 calls, 1,204 tokens in, 310 out, cost not known"],
  [
    { usage: { ...usage, estimated: true }, cost: 0 },
    "openai/m: 2 calls, 1,204 tokens in, 310 out (in part estimated), cost 0",
  ],
  [
    { model: "simulated", cost: 0, isSimulated: true },
    "simulated: 2 calls, 1,204 tokens in, 310 out, SIMULATED: no model was asked",
  ],
])("%j is told in a line", (changes, expected) => {
  expect(modelUseText({ ...use, ...changes })).toBe(expected);
});

test("programs get numbers, and nothing where nothing was used", () => {
  expect(plainUses([])).toEqual({});
  expect(plainUses([{ ...use, cost: undefined }])).toEqual({
    models: [
      {
        model: "openai/m",
        calls: 2,
        inputTokens: 1_204,
        outputTokens: 310,
        estimated: false,
        cost: null,
        simulated: false,
      },
    ],
  });
});
