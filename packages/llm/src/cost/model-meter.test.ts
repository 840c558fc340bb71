import { createResources } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { scriptedModel, usedTokens } from "../agent/scripted-model-child.ts";
import { createModels, models } from "../model/create-models.ts";
import { ModelMeter } from "./model-meter.ts";

const text = { description: "Says something.", input: z.string(), output: z.string() };

describe("ModelMeter", () => {
  it("adds up what runs used of each model, over all of them", async () => {
    const meter = new ModelMeter();
    const prices = { "scripted/m": { inputPerMillion: 1, outputPerMillion: 10 } };
    const resources = createResources({ overrides: [[models, createModels({ meter, prices })]] });
    const scripted = defineLlmAgent({ name: "a", model: scriptedModel(["1", "2"]), ...text });
    const simulated = defineLlmAgent({ name: "b", model: "simulated", ...text });
    for (const agent of [scripted, simulated, scripted]) await agent.run("x", { resources });
    const [first, second] = meter.uses;
    const { input, output } = usedTokens;
    expect(first).toMatchObject({ model: "scripted/m", calls: 2, isSimulated: false });
    expect(first?.usage).toMatchObject({ inputTokens: 2 * input, outputTokens: 2 * output });
    expect(first?.cost).toBeCloseTo((2 * (input + 10 * output)) / 1e6, 12);
    expect(second).toMatchObject({ model: "simulated", calls: 1, cost: 0, isSimulated: true });
  });

  it("does not know the cost of a model whose price it does not know", async () => {
    const meter = new ModelMeter();
    const resources = createResources({ overrides: [[models, createModels({ meter })]] });
    const agent = defineLlmAgent({ name: "a", model: scriptedModel(["1"]), ...text });
    await agent.run("x", { resources });
    expect(meter.uses).toMatchObject([{ model: "scripted/m", calls: 1, cost: undefined }]);
  });

  it("refuses what is no meter", () => {
    // @ts-expect-error it adds up nothing
    expect(() => createModels({ meter: {} })).toThrow("meter");
  });
});

describe("createModels", () => {
  it("puts an alias in the place of all", async () => {
    const aliases = { offline: "simulated/3" };
    const [found] = await createModels({ aliases, override: "offline" }).resolve("openai/gpt-5-mini");
    expect(found?.id).toBe("simulated/3");
  });
});
