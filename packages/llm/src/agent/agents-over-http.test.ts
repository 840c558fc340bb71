import { createResources, defineAgent } from "@atomic-agents/core";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createModels, models } from "../model/create-models.ts";
import { memorySessions } from "../sessions/memory-sessions.ts";
import {
  type SimulatedServer,
  type SimulatedServerOptions,
  startSimulatedServer,
} from "../simulated/index.ts";
import { defineLlmAgent } from "./define-llm-agent.ts";

/** A model of each protocol, the older way of Anthropic, and a server that takes no schema. */
const ids = [
  "openai/gpt-5-mini",
  "openai/gpt-4o-mini",
  "anthropic/claude-haiku-4-5",
  "anthropic/claude-3-haiku-20240307",
  "groq/openai/gpt-oss-20b",
  "vllm/qwen3",
  "old/qwen3",
];
const ways = ids.flatMap((id) => [
  { id, stream: false },
  { id, stream: true },
]);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(options: SimulatedServerOptions = {}) {
  const server: SimulatedServer = await startSimulatedServer(options);
  const endpoint = { baseUrl: server.baseUrl, apiKey: "key-1234567890" };
  const found = createModels({
    endpoints: {
      openai: endpoint,
      anthropic: endpoint,
      groq: endpoint,
      vllm: endpoint,
      old: { ...endpoint, supportsSchema: false },
    },
  });
  const resources = createResources({ overrides: [[models, found]] });
  closing.push(
    () => resources.close(),
    () => server.close(),
  );
  return { server, resources };
}

const Report = z.object({
  title: z.string().min(20).max(60),
  mail: z.email(),
  code: z.string().regex(/^[A-Z]{2}-\d{3}$/),
  level: z.enum(["low", "high"]).default("low"),
  score: z.int().min(1).max(5).optional(),
  parts: z.array(z.object({ name: z.string(), note: z.string().nullable() })).max(2),
  shape: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("circle"), radius: z.number().positive() }),
    z.object({ kind: z.literal("square"), side: z.number().positive().optional() }),
  ]),
});

describe("agents over HTTP", () => {
  it.each(ways)("answer with a rich schema: $id, streamed $stream", async ({ id, stream }) => {
    // What stands in words, because a provider refuses it in schemas, a simulated model does not read.
    const readsWords = !id.startsWith("vllm/") && !id.startsWith("anthropic/claude-3-haiku");
    const { server, resources } = await serve(readsWords ? { respond: () => JSON.stringify(sample) } : {});
    const agent = defineLlmAgent({
      name: "report",
      description: "Writes reports.",
      model: id,
      systemRole: "developer",
      input: z.object({ text: z.string() }),
      output: Report,
      stream,
    });
    const run = agent.start({ text: "Wörld" }, { resources });
    let drafts = 0;
    for await (const _ of run.partials) drafts++;
    const result = await run.result;
    expect(result).toMatchObject({ ok: true });
    expect(drafts > 0).toBe(stream);
    expect(server.requests).toHaveLength(1);
    const sent = JSON.stringify(server.requests[0]);
    expect(sent).toContain("Wörld");
    // The schema reaches the model, one way or the other.
    expect(sent).toContain("radius");
  });

  it.each(ways)("answer with an open map: $id, streamed $stream", async ({ id, stream }) => {
    const { resources } = await serve(id.startsWith("old/") ? { respond: () => '{"counts":{"a":1}}' } : {});
    const agent = defineLlmAgent({
      name: "count",
      description: "Counts.",
      model: id,
      input: z.string(),
      output: z.object({ counts: z.record(z.string(), z.int()) }),
      stream,
    });
    expect(await agent.tryRun("x", { resources })).toMatchObject({ ok: true });
  });

  it.each(ways)("call tools, and remember: $id, streamed $stream", async ({ id, stream }) => {
    const answer = '{"text":"It is cold."}';
    const { server, resources } = await serve({
      respond: ({ messages, tools }) => {
        if (!JSON.stringify(messages.at(-1)).includes("celsius")) {
          return { toolCalls: [{ name: "weather_now", input: { city: "Oslo", day: null } }] };
        }
        // Where a provider has no schemas beside tools, the answer is a call of one more tool.
        const isTool = tools.some(({ name }) => name === "json");
        return isTool ? { toolCalls: [{ name: "json", input: JSON.parse(answer) as unknown }] } : answer;
      },
    });
    const asked: unknown[] = [];
    const weather = defineAgent({
      name: "weather now",
      description: "Tells the weather.",
      input: z.object({ city: z.string(), day: z.string().optional() }),
      output: z.object({ celsius: z.number() }),
      execute: (input) => {
        asked.push(input);
        return { celsius: -3 };
      },
    });
    const agent = defineLlmAgent({
      name: "guide",
      description: "Guides.",
      model: id,
      input: z.string(),
      output: z.object({ text: z.string() }),
      tools: [weather],
      sessions: memorySessions(),
      stream,
    });
    const options = { resources, sessionId: "1" };
    expect(await agent.run("Oslo?", options)).toEqual({ text: "It is cold." });
    expect(await agent.run("And now?", options)).toEqual({ text: "It is cold." });
    expect(asked).toEqual([{ city: "Oslo" }, { city: "Oslo" }]);
    expect(server.requests).toHaveLength(4);
  });

  it.each(ways)(
    "ask again what is of no use, and never take it: $id, streamed $stream",
    async ({ id, stream }) => {
      for (const fault of ["invalidJson", "empty", "length", "wrongEnum", "cut"] as const) {
        const { server, resources } = await serve({
          faults: (_, number) => (number === 1 ? fault : undefined),
          ...(id.startsWith("old/") && { respond: () => '{"kind":"bug","note":"Simulated"}' }),
        });
        const agent = defineLlmAgent({
          name: "sort",
          description: "Sorts.",
          model: id,
          input: z.string(),
          output: z.object({ kind: z.enum(["bug", "question"]), note: z.string() }),
          calls: { baseDelayMs: 1 },
          stream,
        });
        const result = await agent.tryRun("x", { resources });
        expect(result, `${fault}`).toMatchObject({ ok: true });
        expect(server.requests, `${fault}`).toHaveLength(2);
      }
    },
  );
});

const sample = {
  title: "Simulated title of a report",
  mail: "ada@example.com",
  code: "AB-123",
  level: "high",
  score: null,
  parts: [{ name: "Simulated", note: null }],
  shape: { kind: "square", side: null },
};
