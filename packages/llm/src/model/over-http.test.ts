import { anything, type JsonSchema } from "@atomic-agents/contracts";
import { type Context, defineAgent, type RunOptions, untyped } from "@atomic-agents/core";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  type FaultKind,
  type SimulatedServer,
  type SimulatedServerOptions,
  startSimulatedServer,
} from "../simulated/index.ts";
import { type AskedAnswer, type AskObserver, type AskPolicy, askModels } from "./ask-models.ts";
import { createModels } from "./create-models.ts";
import type { ModelRequest } from "./model-request.ts";

/** A model of each protocol, and the older ways of Anthropic and Groq. */
const ids = [
  "openai/gpt-5-mini",
  "anthropic/claude-haiku-4-5",
  "anthropic/claude-3-haiku-20240307",
  "groq/openai/gpt-oss-20b",
  "vllm/qwen3",
];
const ways = ids.flatMap((id) => [
  { id, how: "whole" as const },
  { id, how: "streamed" as const },
]);

const policy: AskPolicy = {
  attempts: 1,
  baseDelayMs: 1,
  maxDelayMs: 5,
  firstTokenMs: 20_000,
  idleMs: 20_000,
  timeoutMs: 30_000,
};

const servers: SimulatedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(options: SimulatedServerOptions = {}): Promise<SimulatedServer> {
  const server = await startSimulatedServer({ apiKey: "key-1234567890", ...options });
  servers.push(server);
  return server;
}

interface Asking {
  readonly id: string | readonly string[];
  readonly how: "whole" | "streamed";
  readonly request?: Partial<ModelRequest>;
  readonly with?: Partial<AskPolicy>;
  readonly observer?: AskObserver;
  readonly run?: RunOptions;
  readonly apiKey?: string;
}

/** Asks a model on the server within a run. */
async function ask(server: SimulatedServer, { id, how, apiKey = "key-1234567890", ...asking }: Asking) {
  const endpoint = { baseUrl: server.baseUrl, apiKey };
  const models = createModels({
    endpoints: { openai: endpoint, anthropic: endpoint, groq: endpoint, vllm: endpoint },
  });
  const drafts: string[] = [];
  let answer: AskedAnswer | undefined;
  const agent = defineAgent({
    name: "asks",
    description: "Asks a model.",
    input: anything(),
    output: anything(),
    execute: async (_input, ctx: Context) => {
      const request: ModelRequest = {
        prompt: [
          { role: "system", content: "Be short." },
          { role: "user", content: [{ type: "text", text: "Hello, wörld" }] },
        ],
        settings: { maxOutputTokens: 4_000 },
        ...(how === "streamed" ? { onText: (text: string) => drafts.push(text) } : {}),
        ...asking.request,
      };
      const found = await models.resolve(id);
      answer = await askModels(found, request, ctx, { ...policy, ...asking.with }, asking.observer);
      return null;
    },
  });
  const run = untyped(agent).start(null, asking.run);
  const result = await run.result;
  return { answer, drafts, error: result.ok ? undefined : result.error, spent: run.report().spent };
}

/** Waits until the server has no connection; the test's own deadline is the one for it. */
async function settled(server: SimulatedServer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => (server.openSockets === 0 ? resolve() : setImmediate(look));
  look();
  await promise;
}

const Ticket = z.object({
  title: z.string().max(40),
  kind: z.enum(["bug", "question"]),
  urgency: z.int().min(1).max(5),
});
const schema = z.toJSONSchema(Ticket) as JsonSchema;
const answerSchema = { name: "ticket", description: "A ticket.", schema };
const tool = {
  type: "function",
  name: "find_ticket",
  description: "Finds a ticket.",
  inputSchema: schema,
} as unknown as NonNullable<ModelRequest["tools"]>[number];

describe("models over HTTP", () => {
  it.each(ways)("answer in words: $id, $how", async ({ id, how }) => {
    const server = await serve();
    const { answer, drafts, spent } = await ask(server, { id, how });
    expect(answer).toMatchObject({
      text: "Simulated answer to: Hello, wörld",
      finishReason: "stop",
      model: expect.stringMatching(/^simulated-/) as string,
      usage: { estimated: false },
    });
    expect(answer?.usage.inputTokens).toBeGreaterThan(0);
    expect(spent?.tokens).toBe((answer?.usage.inputTokens ?? 0) + (answer?.usage.outputTokens ?? 0));
    expect(drafts.length > 1).toBe(how === "streamed");
    const [asked] = server.requests;
    expect(asked).toMatchObject({ isStreamed: how === "streamed", outcome: "answered" });
    expect(asked?.messages.map(({ text }) => text)).toEqual(["Be short.", "Hello, wörld"]);
    expect(asked?.maxOutputTokens).toBe(4_000);
  });

  it.each(ways)("are sent the schema, and answer by it: $id, $how", async ({ id, how }) => {
    const server = await serve();
    const { answer } = await ask(server, { id, how, request: { answer: answerSchema } });
    // Anthropic's takes no bounds in schemas: its package tells them in the description.
    const read = id === "anthropic/claude-haiku-4-5" ? Ticket.extend({ urgency: z.int() }) : Ticket;
    expect(read.parse(JSON.parse(answer?.text ?? ""))).toMatchObject({ title: "Simulated title" });
    expect(answer?.finishReason).toBe("stop");
    const [asked] = server.requests;
    const sent = asked?.schema ?? asked?.tools[0]?.schema;
    expect(sent).toMatchObject({
      type: "object",
      properties: { kind: { enum: ["bug", "question"] }, urgency: { type: "integer" } },
      required: ["title", "kind", "urgency"],
    });
  });

  it.each(ways)("call tools: $id, $how", async ({ id, how }) => {
    const server = await serve();
    const { answer } = await ask(server, {
      id,
      how,
      request: { tools: [tool], toolChoice: { type: "required" } },
    });
    expect(answer).toMatchObject({ text: "", finishReason: "tool-calls" });
    expect(answer?.toolCalls).toMatchObject([{ name: "find_ticket", input: { title: "Simulated title" } }]);
    expect(Ticket.safeParse(answer?.toolCalls[0]?.input)).toMatchObject({ success: true });
    expect(server.requests[0]?.tools).toMatchObject([{ name: "find_ticket" }]);
    const chosen = { type: "tool", toolName: "find_ticket" } as const;
    const named = await ask(server, { id, how, request: { tools: [tool], toolChoice: chosen } });
    expect(named.answer?.toolCalls).toHaveLength(1);
    const free = await ask(server, { id, how, request: { tools: [tool] } });
    expect(free.answer).toMatchObject({ toolCalls: [], finishReason: "stop" });
  });

  it.each(ways)("are not believed when they fail: $id, $how", async ({ id, how }) => {
    const passing: readonly [FaultKind, object][] = [
      ["rateLimited", { code: "RATE_LIMITED", retryable: true, details: { retryAfterMs: 3_000 } }],
      ["serverError", { code: "EXECUTION", retryable: true }],
      ["overloaded", { code: "EXECUTION", retryable: true }],
      ["cut", { code: "EXECUTION", retryable: true }],
      ["errorEvent", { code: "EXECUTION", retryable: true }],
      ["quota", { code: "RATE_LIMITED", retryable: false }],
    ];
    for (const [fault, expected] of passing) {
      // What comes is cut at other places with other seeds.
      for (let seed = 0; seed < (fault === "cut" ? 20 : 1); seed++) {
        const server = await serve({ seed, faults: { [fault]: 1 }, retryAfterMs: 3_000 });
        // A wait that would pass the deadline is told at once.
        const { answer, error } = await ask(server, { id, how, run: { timeoutMs: 2_500 } });
        expect({ fault, seed, answer, error }).toMatchObject({ answer: undefined, error: expected });
        expect(error?.message).not.toContain("[object");
        expect(server.counts.requests).toBe(1);
        await server.close();
      }
    }
  });

  it.each(ways)("tell that an answer was too long: $id, $how", async ({ id, how }) => {
    const server = await serve({ faults: { length: 1 } });
    const { answer } = await ask(server, { id, how });
    expect(answer?.finishReason).toBe("length");
  });

  it.each(ways)("are hung up on when they are silent: $id, $how", async ({ id, how }) => {
    for (const fault of ["hang", "stall"] as const) {
      const server = await serve({ faults: { [fault]: 1 } });
      const { error } = await ask(server, {
        id,
        how,
        with: how === "whole" ? { timeoutMs: 100 } : { firstTokenMs: 100, idleMs: 100 },
      });
      expect(error).toMatchObject({ code: "TIMEOUT" });
      await settled(server);
      expect(server.openRequests).toBe(0);
      expect(server.counts).toMatchObject({ requests: 1, hungUpByClient: 1 });
    }
  });

  it.each(ways)("are hung up on when the run is cancelled: $id, $how", async ({ id, how }) => {
    const server = await serve({ faults: { hang: 1 } });
    const controller = new AbortController();
    const asked = ask(server, { id, how, run: { signal: controller.signal } });
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (server.openRequests > 0 ? resolve() : setImmediate(look));
    look();
    await promise;
    controller.abort();
    expect((await asked).error).toMatchObject({ code: "CANCELLED" });
    await settled(server);
    expect(server.requests[0]?.outcome).toBe("hung-up-by-client");
  });

  it.each(ways)("are waited for as they ask, and asked again: $id, $how", async ({ id, how }) => {
    const server = await serve({
      faults: (_request, number) => (number <= 2 ? "rateLimited" : number === 3 ? "overloaded" : undefined),
      retryAfterMs: 120,
    });
    const { answer } = await ask(server, { id, how, with: { attempts: 2 } });
    expect(answer).toMatchObject({ calls: 4, text: "Simulated answer to: Hello, wörld" });
    const [first = 0, second = 0, third = 0] = server.requests.map(({ atMs }) => atMs);
    // Timers may fire a moment early.
    expect(Math.min(second - first, third - second)).toBeGreaterThan(118);
  });

  it.each(ways)("say that a key is wrong, and that nobody is there: $id, $how", async ({ id, how }) => {
    const server = await serve();
    const { baseUrl } = server;
    const { error } = await ask(server, { id, how, apiKey: "key-0987654321" });
    expect(error).toMatchObject({ code: "EXECUTION", retryable: false });
    expect(error?.message).toContain("401");
    expect(error?.hint).toContain("key");
    await server.close();
    const gone = await ask({ ...server, baseUrl }, { id, how });
    expect(gone.error).toMatchObject({ code: "EXECUTION", retryable: true });
    expect(gone.error?.message).toContain("could not be reached");
  });

  it("stand in for each other, over whatever protocol", async () => {
    const server = await serve({
      faults: ({ model }) =>
        model.startsWith("gpt") ? "quota" : model === "qwen3" ? "serverError" : undefined,
    });
    const id = ["openai/gpt-5-mini", "vllm/qwen3", "anthropic/claude-haiku-4-5"];
    for (const how of ["whole", "streamed"] as const) {
      const { answer } = await ask(server, { id, how, with: { attempts: 2 } });
      expect(answer).toMatchObject({ modelId: "anthropic/claude-haiku-4-5", calls: 4 });
    }
    const asked = server.requests.map(({ model, protocol }) => `${model} ${protocol}`);
    expect(asked.slice(0, 4)).toEqual([
      "gpt-5-mini responses",
      "qwen3 chat-completions",
      "qwen3 chat-completions",
      "claude-haiku-4-5 messages",
    ]);
  });

  it("are cut at any byte, and no cut is taken for an answer", async () => {
    for (const { id, how } of ways) {
      const seeds = Array.from({ length: 100 }, (_, seed) => seed);
      const server = await serve({ faults: { cut: 1 } });
      const accepted = await Promise.all(
        seeds.map(async () => (await ask(server, { id, how, request: { answer: answerSchema } })).answer),
      );
      expect({ id, how, accepted: accepted.filter((answer) => answer !== undefined) }).toMatchObject({
        accepted: [],
      });
      await server.close();
    }
  });
});
