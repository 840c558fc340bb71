import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createResources, defineAgent } from "@atomic-agents/core";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { createModels, models } from "../model/create-models.ts";

const add = defineAgent({
  name: "add",
  description: "Adds.",
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.object({ sum: z.number() }),
  execute: ({ a, b }) => ({ sum: a + b }),
});

const thinking = { type: "thinking", thinking: "I should add.", signature: "sig-1" };
const call = { type: "tool_use", id: "toolu_1", name: "add", input: { a: 1, b: 2 } };
const usage = { input_tokens: 5, output_tokens: 5 };
const head = { id: "msg", type: "message", role: "assistant", model: "claude-haiku-4-5", usage };

const first = { ...head, content: [thinking, call], stop_reason: "tool_use" };
const second = { ...head, content: [{ type: "text", text: '{"answer":"3"}' }], stop_reason: "end_turn" };

/** The same message as a stream of events. */
function eventsOf({ content, stop_reason }: typeof first | typeof second): string {
  const blocks = content.flatMap((block, index): readonly { readonly type: string }[] => {
    const delta = (part: object) => ({ type: "content_block_delta", index, delta: part });
    const start = (content_block: object) => ({ type: "content_block_start", index, content_block });
    const stop = { type: "content_block_stop", index };
    if ("thinking" in block) {
      return [
        start({ type: "thinking", thinking: "" }),
        delta({ type: "thinking_delta", thinking: block.thinking }),
        delta({ type: "signature_delta", signature: block.signature }),
        stop,
      ];
    }
    if ("input" in block) {
      const partial_json = JSON.stringify(block.input);
      return [start({ ...block, input: {} }), delta({ type: "input_json_delta", partial_json }), stop];
    }
    const text = "text" in block ? block.text : "";
    return [start({ type: "text", text: "" }), delta({ type: "text_delta", text }), stop];
  });
  const events = [
    { type: "message_start", message: { ...head, content: [], stop_reason: null } },
    ...blocks,
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe("thoughts before calls of tools", () => {
  it.each([false, true])("are sent back with them, signed as they came (streamed: %s)", async (stream) => {
    const bodies: { readonly messages: readonly { readonly role: string; readonly content: unknown }[] }[] =
      [];
    const server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8");
      request.on("data", (part: string) => (text += part));
      request.on("end", () => {
        bodies.push(JSON.parse(text) as (typeof bodies)[number]);
        const message = bodies.length === 1 ? first : second;
        response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
        response.end(stream ? eventsOf(message) : JSON.stringify(message));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const endpoints = { anthropic: { baseUrl, apiKey: "key-1234567890" } };
    const resources = createResources({ overrides: [[models, createModels({ endpoints })]] });
    const agent = defineLlmAgent({
      name: "calc",
      description: "Calculates.",
      model: "anthropic/claude-haiku-4-5",
      settings: { providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: 1_024 } } } },
      input: z.string(),
      output: z.object({ answer: z.string() }),
      tools: [add],
      stream,
    });
    expect(await agent.run("1 + 2?", { resources })).toEqual({ answer: "3" });
    await resources.close();
    const assistant = bodies[1]?.messages.find(({ role }) => role === "assistant");
    expect(assistant?.content).toMatchObject([thinking, call]);
  });
});
