import { createResources } from "@atomic-agents/core";
import { createServer } from "node:http";
import { once } from "node:events";
import { expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { createModels, models } from "../model/create-models.ts";
import { costOf } from "./price.ts";
import { noUsage } from "./usage.ts";

it("has a price for what is kept for later calls, and for what was kept", () => {
  const usage = { ...noUsage, inputTokens: 10, cachedTokens: 4, cacheWriteTokens: 3, outputTokens: 2 };
  const price = { inputPerMillion: 1e6, outputPerMillion: 1e7 };
  expect(costOf(usage, price)).toBe(30);
  expect(costOf(usage, { ...price, cachedInputPerMillion: 1e5, cacheWriteInputPerMillion: 2e6 })).toBe(29.4);
  // No provider tells more of it than of all.
  expect(costOf({ ...usage, cachedTokens: 9, cacheWriteTokens: 9 }, price)).toBe(30);
});

it("counts the tokens that Anthropic keeps as what they cost", async () => {
  const server = createServer((asked, response) => {
    asked.resume();
    response.setHeader("content-type", "application/json");
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 4_000,
      cache_read_input_tokens: 2_000,
      output_tokens: 5,
    };
    const content = [{ type: "text", text: "Hello" }];
    const answer = { id: "m", type: "message", role: "assistant", model: "claude-haiku-4-5", content, usage };
    response.end(JSON.stringify({ ...answer, stop_reason: "end_turn", stop_sequence: null }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const anthropic = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "key-1234567890" };
  const resources = createResources({ overrides: [[models, createModels({ endpoints: { anthropic } })]] });
  const agent = defineLlmAgent({
    name: "greet",
    description: "Greets.",
    model: "anthropic/claude-haiku-4-5",
    input: z.string(),
    output: z.string(),
    stream: false,
  });
  const run = agent.start("Ada", { resources });
  await run.result;
  expect(run.report().spent?.tokens).toBe(6_015);
  expect(run.report().spent?.money).toBeCloseTo((10 * 1 + 4_000 * 1.25 + 2_000 * 0.1 + 5 * 5) / 1e6, 12);
  await resources.close();
  server.close();
});
