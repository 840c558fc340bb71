import assert from "node:assert/strict";
import { test } from "node:test";
import { createResources, untyped } from "atomic-agents";
import { createModels, models } from "atomic-agents/llm";
import { myAgent } from "./my-agent.ts";

// Offline, and without a key: the simulated model gives what the output schema describes.
const resources = createResources({ overrides: [[models, createModels({ override: "simulated" })]] });

await test("answers in the shape of its output", async () => {
  const { summary } = await myAgent.run({ text: "It rained all day." }, { resources });
  assert.match(summary, /^Simulated/);
});

await test("refuses what is no text", async () => {
  await assert.rejects(untyped(myAgent).run({ text: 21 }, { resources }), { code: "VALIDATION_INPUT" });
});
