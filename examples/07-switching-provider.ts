// Switching provider: one agent, and the models that it asks are said where it is run. Here all of them are played by one
// simulated server, each in its provider's own protocol; leave out `baseUrl`, and set the keys, for the real ones.
import { createResources } from "@atomic-agents/core";
import { createModels, defineLlmAgent, ModelMeter, models } from "@atomic-agents/llm";
import { startSimulatedServer } from "@atomic-agents/llm/simulated";
import * as z from "zod";

const sum = defineLlmAgent({
  name: "sum-up",
  description: "Sums up a text in a sentence.",
  model: "usual",
  input: z.object({ text: z.string() }),
  output: z.object({ summary: z.string() }),
});

const server = await startSimulatedServer({ port: 0 });
const baseUrl = `${server.url}/v1`;
const apiKey = "no-real-key";
const endpoints = {
  openai: { baseUrl, apiKey },
  anthropic: { baseUrl, apiKey },
  groq: { baseUrl, apiKey },
  // A server of your own, such as Ollama or vLLM.
  own: { baseUrl },
};

for (const usual of [
  "openai/gpt-5-mini",
  "anthropic/claude-haiku-4-5",
  "groq/llama-3.1-8b-instant",
  "own/qwen3",
]) {
  const meter = new ModelMeter();
  const chosen = createModels({ endpoints, aliases: { usual }, meter });
  const resources = createResources({ overrides: [[models, chosen]] });
  const { summary } = await sum.run({ text: "It rained all day." }, { resources });
  const [use] = meter.uses;
  console.log(use?.model, use?.calls, summary);
  await resources.close();
}
// => openai/gpt-5-mini 1 Simulated summary
// => anthropic/claude-haiku-4-5 1 Simulated summary
// => groq/llama-3.1-8b-instant 1 Simulated summary
// => own/qwen3 1 Simulated summary

// When one is down, the next of a list is asked; and a model for all, whatever agents ask, is one more line.
const fallback = createModels({
  endpoints: { ...endpoints, down: { baseUrl: "http://127.0.0.1:1/v1" } },
  aliases: { usual: ["down/any", "own/qwen3"] },
});
const offline = createModels({ override: "simulated" });
for (const chosen of [fallback, offline]) {
  const resources = createResources({ overrides: [[models, chosen]] });
  const run = sum.start({ text: "It rained all day." }, { resources });
  const result = await run.result;
  console.log(result.ok ? result.output.summary : result.error.message);
  await resources.close();
}
// => Simulated summary
// => Simulated summary

await server.close();
