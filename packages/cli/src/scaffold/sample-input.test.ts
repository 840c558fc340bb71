import { loadBuiltInAgents } from "@atomic-agents/project";
import { expect, it } from "vitest";
import * as z from "zod";
import { sampleInput } from "./sample-input.ts";

it("is taken by every built-in agent", async () => {
  for (const { name, input } of await loadBuiltInAgents()) {
    const value = await sampleInput(input);
    expect({ name, isThere: value !== undefined }).toEqual({ name, isThere: true });
    expect({ name, issues: (await input["~standard"].validate(value)).issues }).toEqual({ name });
  }
});

it("is found where a simple one is not taken", async () => {
  expect(await sampleInput(z.object({ code: z.string().regex(/^[a-z]{2,3}$/) }))).toEqual({
    code: expect.stringMatching(/^[a-z]{2,3}$/),
  });
});

it("is a value of the right kind where everything is taken", async () => {
  expect(await sampleInput(z.any())).toEqual({});
});

it("is none where none can be, or where JSON has none", async () => {
  expect(await sampleInput(z.never())).toBeUndefined();
  expect(await sampleInput(z.instanceof(Map))).toBeUndefined();
});
