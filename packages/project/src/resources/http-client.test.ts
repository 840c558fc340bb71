import { AtomicError, Secret, systemClock } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { httpClient, type HttpClient, type HttpSettings } from "./http-client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let answer: Answer;
/** What came, as `METHOD path`. */
let seen: string[] = [];
let address = "";
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`);
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => answer(request, response, body));
});

beforeAll(async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  // A server that listens on a port has such an address.
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
});

const json =
  (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };

function client(
  settings: Partial<HttpSettings> = {},
  signal = new AbortController().signal,
  clock = systemClock,
): HttpClient {
  const all = {
    name: "crm",
    url: `${address}/api`,
    headers: {},
    timeoutMs: 30_000,
    maxResponseBytes: 1_000,
    ...settings,
  };
  return httpClient(all, { signal, clock });
}

async function refusal(action: Promise<unknown>): Promise<AtomicError> {
  try {
    await action;
  } catch (error) {
    if (AtomicError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

describe("a request", () => {
  test("goes to a path below the address, with query and headers", async () => {
    let headers: IncomingMessage["headers"] = {};
    answer = (request, response, body) => {
      ({ headers } = request);
      json({ got: body })(request, response, body);
    };
    const crm = client({
      headers: { authorization: new Secret("Bearer a-very-secret-token"), accept: "text/plain" },
    });
    expect(await crm.get("users", { query: { page: 2, name: "a b&c", none: undefined } })).toEqual({
      got: "",
    });
    expect(await crm.get("/users?page=1#x", { headers: { accept: "application/json" } })).toEqual({
      got: "",
    });
    expect(headers).toMatchObject({
      authorization: "Bearer a-very-secret-token",
      accept: "application/json",
    });
    expect(await crm.post("", { a: 1 })).toEqual({ got: '{"a":1}' });
    expect(headers["content-type"]).toBe("application/json");
    await crm.request("PUT", "a/../b", { body: "text" });
    await crm.request("DELETE", "b", { body: new Uint8Array([104, 105]) });
    expect(seen).toEqual([
      "GET /api/users?page=2&name=a+b%26c",
      "GET /api/users?page=1",
      "POST /api",
      "PUT /api/b",
      "DELETE /api/b",
    ]);
    expect(crm.url).toBe(`${address}/api`);
  });

  test("gives what was answered", async () => {
    answer = (_request, response) =>
      void response.writeHead(200, { "content-type": "text/plain" }).end("plain é");
    expect(await client().get("a")).toBe("plain é");
    answer = (_request, response) => void response.writeHead(204).end();
    const { status, body } = await client().request("POST", "a");
    expect([status, body]).toEqual([204, null]);
    answer = (_request, response) =>
      void response.writeHead(200, { "content-type": "application/problem+json; charset=utf-8" }).end("[1]");
    expect(await client().get("a")).toEqual([1]);
  });

  test.each(["../other", "../../x", "a/../../b", "..%2f..", "%2e%2e/x", "..\\x"])(
    "stays below its address: %s",
    async (path) => {
      answer = json({});
      const result = await client()
        .get(path)
        .catch((error: unknown) => error);
      if (AtomicError.isInstance(result)) expect(result.code).toBe("CONFIG");
      else expect(seen.every((line) => line.startsWith("GET /api/"))).toBe(true);
    },
  );

  test.each(["https://elsewhere.example/x", "//elsewhere.example/x", "@elsewhere.example/"])(
    "goes to no other server: %s",
    async (path) => {
      answer = json({});
      await client()
        .get(path)
        .catch(() => {});
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatch(/^GET \/api\//);
    },
  );
});

describe("what goes wrong", () => {
  test.each<[number, string, boolean]>([
    [400, "EXECUTION", false],
    [404, "EXECUTION", false],
    [408, "EXECUTION", true],
    [429, "RATE_LIMITED", true],
    [500, "EXECUTION", true],
    [503, "EXECUTION", true],
  ])("status %i", async (status, code, retryable) => {
    answer = json({ error: "no" }, status, { "retry-after": "7" });
    const error = await refusal(client().get("a"));
    expect([error.code, error.retryable]).toEqual([code, retryable]);
    expect(error.message).toBe(`GET a of "crm" was answered with status ${status}: {"error":"no"}`);
    if (status === 429) expect(error.details).toEqual({ retryAfterMs: 7_000 });
  });

  test("a redirect is not followed, so that no token goes elsewhere", async () => {
    answer = (_request, response) => void response.writeHead(302, { location: `${address}/elsewhere` }).end();
    const error = await refusal(client().get("a"));
    expect(error.message).toBe('GET a of "crm" was answered with status 302; redirects are not followed');
    expect(seen).toEqual(["GET /api/a"]);
  });

  test("an answer that is too long is not read to its end", async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      const write = (): void => {
        while (!response.destroyed && response.write("x".repeat(10_000)));
        if (!response.destroyed) response.once("drain", write);
      };
      write();
    };
    const error = await refusal(client().get("a"));
    expect(error.message).toBe('GET a of "crm" was answered with more than 1000 bytes');
  });

  test("JSON that is none, a connection that breaks, and nobody there", async () => {
    answer = (_request, response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end("{");
    expect((await refusal(client().get("a"))).message).toBe(
      'GET a of "crm" was answered with JSON that is none',
    );
    answer = (_request, response) => void response.destroy();
    expect((await refusal(client().get("a"))).message).toMatch(/^GET a of "crm" got no answer: /);
    const nobody = await refusal(client({ url: "http://127.0.0.1:1/" }).get("a"));
    expect([nobody.code, nobody.retryable]).toEqual(["EXECUTION", true]);
  });

  test("an answer that repeats a secret does not show it", async () => {
    const token = new Secret("tok-8f2a-11c0", "token");
    answer = (request, response, body) =>
      json({ sent: request.headers.authorization }, 401)(request, response, body);
    const error = await refusal(client({ headers: { authorization: token } }).get("a"));
    expect(error.message).toContain("[secret token]");
    expect(JSON.stringify(error)).not.toContain("tok-8f2a-11c0");
  });

  test("one that takes too long, on the run's clock", async () => {
    const clock = createVirtualClock();
    const { promise: came, resolve } = Promise.withResolvers<void>();
    answer = () => resolve();
    const asked = refusal(client({ timeoutMs: 5_000 }, undefined, clock).get("a"));
    await came;
    await clock.advance(4_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    const error = await asked;
    expect([error.code, error.message]).toEqual(["TIMEOUT", 'GET a of "crm" took longer than 5000 ms']);
  });

  test("one that is given up on", async () => {
    const attempt = new AbortController();
    answer = () => attempt.abort();
    const error = await refusal(client({}, attempt.signal).get("a"));
    expect([error.code, error.message]).toEqual(["CANCELLED", 'GET a of "crm" was given up on']);
  });
});
