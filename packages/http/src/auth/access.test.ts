/** Tokens, hosts and origins, over real sockets. */
import { request } from "node:http";
import { createLog, defineAgent } from "@atomic-agents/core";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import type { ServeOptions } from "../server/options.ts";
import { type RunningService, serve } from "../server/serve.ts";

const calls: string[] = [];

const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: z.string(),
  output: z.string(),
  execute: (text) => {
    calls.push(text);
    return text.toUpperCase();
  },
});

async function serving(options: ServeOptions = {}): Promise<RunningService> {
  calls.length = 0;
  const log = createLog({ level: "silent" });
  const service = await serve(shout, { port: 0, handleSignals: false, drainDelayMs: 0, log, ...options });
  onTestFinished(() => service.close());
  return service;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Unlike `fetch` it sends any Host. */
function ask(
  { port }: RunningService,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = path.endsWith("/execute") ? "POST" : "GET",
): Promise<Answered> {
  const body = method === "POST" ? '{"input":"a"}' : undefined;
  const type = body === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path, method, headers: { ...type, ...headers } });
    asked.on("error", reject).on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
    });
    asked.end(body);
  });
}

const executor = "executor".repeat(5);
const reader = "reader-1".repeat(5);
const admin = "admin-01".repeat(5);
const expired = "expired1".repeat(5);
const tokens = [
  { name: "executor", value: executor, scopes: ["execute"] },
  { name: "reader", value: reader, scopes: ["read"] },
  { name: "admin", value: admin, scopes: ["admin"] },
  { name: "old", value: expired, expiresAt: "2020-01-01T00:00:00Z" },
] as const;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("a service with tokens", () => {
  test("answers anybody at /health and /ready alone", async () => {
    const service = await serving({ tokens });
    for (const path of ["/health", "/ready"]) {
      expect((await ask(service, path)).status).toBe(200);
      expect((await ask(service, path, bearer("wrong"))).status).toBe(200);
    }
    for (const path of ["/execute", "/agents/shout/execute", "/metrics", "/none", "/runs/x"]) {
      const { status, headers, body } = await ask(service, path);
      expect([path, status]).toEqual([path, 401]);
      expect(headers).toMatchObject({
        "www-authenticate": "Bearer",
        "content-type": "application/problem+json",
      });
      expect(JSON.parse(body)).toMatchObject({ code: "UNAUTHENTICATED", details: { problem: "missing" } });
    }
    expect(calls).toEqual([]);
  });

  test("lets nobody see by the answer which paths and methods there are", async () => {
    const service = await serving({ tokens });
    const { body } = await ask(service, "/none");
    expect(body).not.toContain("shout");
    expect((await ask(service, "/execute", {}, "GET")).status).toBe(401);
    expect((await ask(service, "/health", {}, "POST")).status).toBe(401);
  });

  test("lets each token do what its scopes say, and nothing else", async () => {
    const service = await serving({ tokens });
    const statuses = async (token: string) => [
      (await ask(service, "/execute", bearer(token))).status,
      (await ask(service, "/metrics", bearer(token))).status,
    ];
    expect(await statuses(executor)).toEqual([200, 403]);
    expect(await statuses(reader)).toEqual([403, 200]);
    expect(await statuses(admin)).toEqual([403, 403]);
    expect(calls).toEqual(["a"]);
    const { body } = await ask(service, "/execute", bearer(reader));
    expect(JSON.parse(body)).toMatchObject({ code: "FORBIDDEN", details: { needs: "execute" } });
  });

  test.each([
    ["that is wrong", bearer("x".repeat(40))],
    ["that is short", bearer("x")],
    ["that is cut", bearer(executor.slice(0, -1))],
    ["that has expired", bearer(expired)],
    ["in another scheme", { authorization: `Basic ${executor}` }],
    ["as a JSON Web Token without a signature", bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")],
    ["in a cookie", { cookie: `token=${executor}` }],
    ["in another header", { "x-api-key": executor }],
  ])("refuses a token %s", async (_what, headers) => {
    const service = await serving({ tokens });
    const { status, headers: answered, body } = await ask(service, "/execute", headers);
    expect(status).toBe(401);
    expect(answered["www-authenticate"]).toMatch(/^Bearer/);
    expect(body).not.toContain(executor.slice(0, 8));
    expect(calls).toEqual([]);
  });

  test("takes no token from a query", async () => {
    const service = await serving({ tokens });
    const path = `/execute?token=${executor}&access_token=${executor}`;
    expect((await ask(service, path, {}, "POST")).status).toBe(401);
  });

  test("takes two tokens of one name, until the old one expires", async () => {
    const service = await serving({
      tokens: [
        { name: "gateway", value: executor },
        { name: "gateway", value: reader },
      ],
    });
    for (const token of [executor, reader]) {
      expect((await ask(service, "/execute", bearer(token))).status).toBe(200);
    }
  });

  test("may be reached from elsewhere", async () => {
    const service = await serving({ tokens, host: "0.0.0.0" });
    expect((await ask(service, "/execute", { ...bearer(executor), host: "10.1.2.3:80" })).status).toBe(200);
  });
});

describe("a service is not started", () => {
  test.each(["0.0.0.0", "::", "192.0.2.1"])("without tokens at %s", async (host) => {
    const starting = serve(shout, { port: 0, host, handleSignals: false });
    await expect(starting).rejects.toMatchObject({ code: "CONFIG", details: { path: "host" } });
  });

  test("with a token that is too short, and does not say which", async () => {
    const short = "short-token-of-31-characters-ab";
    const starting = serve(shout, { port: 0, handleSignals: false, tokens: [{ name: "ada", value: short }] });
    const error = await starting.then(String, String);
    expect(error).toContain("tokens[0].value must be a text of 32 to 512 characters, got");
    expect(error).not.toContain(short);
  });

  test("with an empty list of tokens", async () => {
    const starting = serve(shout, { port: 0, handleSignals: false, tokens: [] });
    await expect(starting).rejects.toMatchObject({ code: "CONFIG", details: { path: "tokens" } });
  });
});

describe("a request that a browser was led to send", () => {
  test.each([
    ["by a name that points here now", { host: "evil.example" }, "host"],
    ["by another page", { origin: "https://evil.example" }, "origin"],
    ["by a page of another server here", { origin: "http://localhost:1" }, "origin"],
    ["by a page without an origin", { origin: "null" }, "origin"],
  ])("%s is refused everywhere", async (_what, headers, needs) => {
    const service = await serving();
    for (const path of ["/execute", "/health", "/metrics", "/none"]) {
      const { status, body } = await ask(service, path, headers);
      expect([path, status]).toEqual([path, 403]);
      expect(JSON.parse(body)).toMatchObject({ code: "FORBIDDEN", details: { needs } });
      // Told to who has sent it, as the text of a problem that no browser takes for a page.
      const [value] = Object.values(headers);
      expect(JSON.parse(body)).toHaveProperty(
        "detail",
        expect.stringContaining(`does not allow: ${JSON.stringify(value)}`),
      );
    }
    expect(calls).toEqual([]);
  });

  test("by the service's own page is answered", async () => {
    const service = await serving();
    const host = `localhost:${service.port}`;
    expect((await ask(service, "/execute", { host, origin: `http://${host}` })).status).toBe(200);
  });

  test("by a page that is allowed is answered", async () => {
    const service = await serving({
      allowedHosts: ["api.example.com"],
      allowedOrigins: ["https://app.example.com"],
    });
    const headers = { host: "api.example.com", origin: "https://app.example.com" };
    expect((await ask(service, "/execute", headers)).status).toBe(200);
  });
});
