import { createResources } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { createModels, models } from "../model/create-models.ts";
import { type SimulatedServer, type SimulatedServerOptions, startSimulatedServer } from "./index.ts";

const servers: SimulatedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(options: SimulatedServerOptions = {}): Promise<SimulatedServer> {
  const server = await startSimulatedServer(options);
  servers.push(server);
  return server;
}

const hello = { model: "any", messages: [{ role: "user", content: "Hello" }] };

function post(server: SimulatedServer, path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The data of the events of a stream. */
async function eventsOf(response: Response): Promise<readonly string[]> {
  const text = await response.text();
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data);
}

describe("startSimulatedServer", () => {
  it("says in all that it answers that it is simulated", async () => {
    const server = await serve();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const chat = await post(server, "/v1/chat/completions", hello);
    expect(chat.headers.get("x-simulated")).toBe("true");
    expect(await chat.json()).toMatchObject({
      model: "simulated-any",
      system_fingerprint: "simulated",
      choices: [{ message: { content: "Simulated answer to: Hello" }, finish_reason: "stop" }],
      usage: { simulated: true },
    });
    const responses = await post(server, "/v1/responses", { model: "any", input: "Hello" });
    expect(await responses.json()).toMatchObject({
      model: "simulated-any",
      metadata: { simulated: "true" },
      usage: { simulated: true },
    });
    const messages = await post(server, "/v1/messages", { ...hello, max_tokens: 100 });
    expect(await messages.json()).toMatchObject({
      model: "simulated-any",
      content: [{ type: "text", text: "Simulated answer to: Hello" }],
      usage: { simulated: true },
    });
    const models = await fetch(`${server.baseUrl}/models`);
    expect(await models.json()).toMatchObject({ data: [{ id: "simulated" }] });
    expect(models.headers.get("x-simulated")).toBe("true");
    expect(server.counts).toMatchObject({ requests: 3, answered: 3, faults: {} });
  });

  it("streams what each protocol knows, and tells the usage where it is asked to", async () => {
    const server = await serve();
    const asked = { ...hello, stream: true, stream_options: { include_usage: true } };
    const chat = await eventsOf(await post(server, "/openai/v1/chat/completions", asked));
    expect(chat.at(-1)).toBe("[DONE]");
    expect(JSON.parse(chat.at(-2) ?? "")).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number) as number },
    });
    const plain = await eventsOf(await post(server, "/v1/chat/completions", { ...hello, stream: true }));
    expect(plain.length).toBe(chat.length - 1);
    const types = async (path: string, body: object) =>
      (await eventsOf(await post(server, path, { ...body, stream: true }))).map(
        (data) => (JSON.parse(data) as { readonly type: string }).type,
      );
    const responses = await types("/v1/responses", { model: "any", input: "Hello" });
    expect([responses[0], responses.at(-1)]).toEqual(["response.created", "response.completed"]);
    const messages = await types("/v1/messages", { ...hello, max_tokens: 100 });
    expect([messages[0], messages.at(-1)]).toEqual(["message_start", "message_stop"]);
  });

  it("answers and fails the same each time, by seed and number of the request", async () => {
    const faults = { serverError: 0.3, empty: 0.2 };
    const format = {
      type: "json_schema",
      json_schema: {
        name: "n",
        schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
      },
    };
    const answers = async (seed: number) => {
      const server = await serve({ seed, faults });
      const found: string[] = [];
      for (let index = 0; index < 40; index++) {
        const body = {
          model: "m",
          messages: [{ role: "user", content: `n ${index}` }],
          response_format: format,
        };
        const response = await post(server, "/v1/chat/completions", body);
        const { choices } = (await response.json()) as { choices?: [{ message: { content: string } }] };
        found.push(`${response.status} ${choices?.[0].message.content}`);
      }
      return found;
    };
    const first = await answers(1);
    expect(await answers(1)).toEqual(first);
    expect(await answers(2)).not.toEqual(first);
    expect(first.some((text) => text.startsWith("500"))).toBe(true);
    expect(first).toContain("200 {}");
  });

  it("refuses what is no request, in the words of the protocol", async () => {
    const server = await serve({ apiKey: "key", maxBodyBytes: 1_000 });
    const key = { authorization: "Bearer key" };
    const status = async (response: Promise<Response>) => {
      const { status: found, headers } = await response;
      await (await response).text();
      return [found, headers.get("x-simulated")];
    };
    expect(await status(post(server, "/v1/chat/completions", hello))).toEqual([401, "true"]);
    expect(await status(post(server, "/v1/messages", hello, { "x-api-key": "key" }))).toEqual([200, "true"]);
    expect(await status(post(server, "/v1/embeddings", hello, key))).toEqual([404, "true"]);
    expect(await status(fetch(`${server.baseUrl}/responses`))).toEqual([404, "true"]);
    expect(await status(post(server, "/v1/responses", "[1]", key))).toEqual([400, "true"]);
    expect(await status(post(server, "/v1/responses", "{", key))).toEqual([400, "true"]);
    expect(await status(post(server, "/v1/responses", { input: "x".repeat(2_000) }, key))).toEqual([
      413,
      "true",
    ]);
    const endless = { text: { format: { type: "json_schema", schema: { $ref: "#" } } }, input: "x" };
    expect(await status(post(server, "/v1/responses", endless, key))).toEqual([400, "true"]);
    const refused = await post(server, "/v1/messages", hello);
    expect(await refused.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    // What was refused as no request is not counted as one.
    expect(server.counts.requests).toBe(2);
  });

  it("reads the schema in the prompt where it comes in words alone", async () => {
    const server = await serve();
    const endpoint = { baseUrl: server.baseUrl, supportsSchema: false };
    const own = createModels({ endpoints: { local: endpoint } });
    const resources = createResources({ overrides: [[models, own]] });
    const sort = defineLlmAgent({
      name: "sort",
      description: "Sorts tickets.",
      model: "local/any",
      input: z.string(),
      output: z.object({ kind: z.enum(["bug", "question"]), reason: z.string() }),
    });
    expect(await sort.run("It crashes", { resources })).toMatchObject({ reason: "Simulated reason" });
    expect(server.requests).toMatchObject([{ schema: undefined }]);
    await resources.close();
    const messages = [{ role: "system", content: "# JSON SCHEMA\n{ no json }\n" }, ...hello.messages];
    const response = await post(server, "/v1/chat/completions", { messages });
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: "Simulated answer to: Hello" } }],
    });
  });

  it("takes odd bodies for what they are, and answers", async () => {
    const server = await serve();
    const odd = [
      {},
      { messages: "no list", tools: 5, tool_choice: [], response_format: "json" },
      {
        messages: [null, 5, { role: 7, content: { a: 1 } }, { content: [null, { text: 5 }] }],
        stream: "yes",
      },
      { model: 5, max_tokens: -1, tools: [null, { function: null }], tool_choice: "required" },
    ];
    for (const body of odd) {
      for (const path of ["chat/completions", "responses", "messages"]) {
        const response = await post(server, `/v1/${path}`, body);
        expect({ path, body, status: response.status }).toMatchObject({ status: 200 });
        await response.text();
      }
    }
  });

  it("remembers no more requests than it is told to, and counts all", async () => {
    const server = await serve({ maxRequests: 3 });
    for (let index = 0; index < 5; index++) {
      await (await post(server, "/v1/responses", { input: `n ${index}` })).text();
    }
    expect(server.requests.map(({ number }) => number)).toEqual([3, 4, 5]);
    expect(server.requests.at(-1)).toMatchObject({
      protocol: "responses",
      path: "/v1/responses",
      outcome: "answered",
    });
    expect(server.counts.requests).toBe(5);
  });

  it("waits on its clock, and says how long a client should", async () => {
    const clock = createVirtualClock();
    const server = await serve({ latencyMs: 5_000, clock });
    const asked = post(server, "/v1/responses", { input: "x" });
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (server.requests.length === 1 ? resolve() : setImmediate(look));
    look();
    await promise;
    await clock.advance(4_999);
    expect(server.counts.answered).toBe(0);
    await clock.advance(1);
    const response = await asked;
    expect(response.status).toBe(200);
    await response.text();
    const busy = await serve({ faults: { rateLimited: 1 }, retryAfterMs: 7_000 });
    const refused = await post(busy, "/v1/responses", { input: "x" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await refused.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  });

  it("lets go of everything when it is closed, also in the middle of an answer", async () => {
    const server = await serve({ faults: { hang: 0.5, stall: 0.5 } });
    const asked = Promise.allSettled(
      Array.from({ length: 10 }, async () =>
        (await post(server, "/v1/responses", { input: "x", stream: true })).text(),
      ),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (server.openRequests === 10 ? resolve() : setImmediate(look));
    look();
    await promise;
    await server.close();
    expect((await asked).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => "rejected"));
    expect([server.openRequests, server.openSockets]).toEqual([0, 0]);
    await server.close();
  });

  it("takes no more connections than it is told to", async () => {
    const server = await serve({ faults: { hang: 1 }, maxSockets: 2 });
    const asked = [1, 2, 3].map(() => post(server, "/v1/responses", { input: "x" }));
    // Two are kept waiting; the one that is refused is the first to hear of it.
    await expect(Promise.race(asked)).rejects.toThrow("fetch failed");
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (server.openRequests === 2 ? resolve() : setImmediate(look));
    look();
    await promise;
    expect([server.openSockets, server.counts.requests]).toEqual([2, 2]);
    const ended = Promise.allSettled(asked);
    await server.close();
    await ended;
  });

  it("refuses wrong options, and a port that is taken", async () => {
    const wrong: readonly [object, string][] = [
      [{ host: "0.0.0.0" }, "host"],
      [{ port: -1 }, "port"],
      [{ port: Number.NaN }, "port"],
      [{ maxSockets: 0 }, "maxSockets"],
      [{ latencyMs: "5" }, "latencyMs"],
      [{ faults: { never: 1 } }, "faults"],
    ];
    for (const [options, place] of wrong) {
      await expect(startSimulatedServer(options)).rejects.toMatchObject({
        code: "CONFIG",
        message: expect.stringContaining(place) as string,
      });
    }
    const server = await serve();
    await expect(startSimulatedServer({ port: Number(new URL(server.url).port) })).rejects.toThrow(
      "EADDRINUSE",
    );
  });
});
