import { createHash } from "node:crypto";
import { createLog, defineAgent } from "@atomic-agents/core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import type { OpenApiDocument } from "../openapi/build-open-api.ts";
import type { ServeOptions } from "../server/options.ts";
import { routes } from "../server/routes.ts";
import { type RunningService, serve } from "../server/serve.ts";
import type { InterfacesAnswer, Problem } from "../wire.ts";

const settings: ServeOptions = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  log: createLog({ level: "error", write: () => {} }),
};

async function started(
  agents: Parameters<typeof serve>[0],
  options: ServeOptions = {},
): Promise<RunningService> {
  const service = await serve(agents, { ...settings, ...options });
  onTestFinished(service.close);
  return service;
}

function agentNamed(name: string) {
  return defineAgent({
    name,
    description: `Is ${name}.`,
    input: z.object({ text: z.string() }),
    output: z.object({ length: z.int() }),
    execute: ({ text }) => ({ length: text.length }),
  });
}

const token = "t".repeat(32);

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
  return (await response.json()) as T;
}

describe("documents of a service", () => {
  it("has those of its one agent at the root and under its name", async () => {
    const service = await started(agentNamed("count it"));
    const atRoot = await json(`${service.url}/interface`);
    expect(atRoot).toMatchObject({ name: "count it", kind: "agent", input: { type: "object" } });
    expect(await json(`${service.url}/agents/count%20it/interface`)).toEqual(atRoot);
    const { paths } = await json<OpenApiDocument>(`${service.url}/openapi.json`);
    expect(Object.keys(paths)).toContain("/execute");
    const below = await json<OpenApiDocument>(`${service.url}/agents/count%20it/openapi.json`);
    expect(Object.keys(below.paths)).toContain("/agents/count%20it/execute");
    const from = new URL(below.servers[0]?.url ?? "", `${service.url}/agents/count%20it/openapi.json`);
    expect(from.href).toBe(`${service.url}/`);
  });

  it("has those of each of its agents, and of all", async () => {
    const service = await started([agentNamed("one"), agentNamed("two")]);
    const { agents } = await json<InterfacesAnswer>(`${service.url}/interface`);
    expect(agents.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(await json(`${service.url}/agents/two/interface`)).toEqual(agents[1]);
    const all = await json<OpenApiDocument>(`${service.url}/openapi.json`);
    expect(Object.keys(all.paths).filter((path) => path.endsWith("/execute"))).toEqual([
      "/agents/one/execute",
      "/agents/two/execute",
    ]);
    expect(await new Validator().validate({ ...all })).toMatchObject({ valid: true });
    const two = await json<OpenApiDocument>(`${service.url}/agents/two/openapi.json`);
    expect(Object.keys(two.paths)).not.toContain("/agents/one/execute");
  });

  it("describes every route that there is, and none besides", async () => {
    const service = await started([agentNamed("one"), agentNamed("two")]);
    const { paths } = await json<OpenApiDocument>(`${service.url}/openapi.json`);
    const described = Object.entries(paths)
      .filter(([path]) => !path.startsWith("/agents/two/"))
      .flatMap(([path, item]) =>
        ["get", "post", "delete"].flatMap((method) => (method in item ? [`${method} ${path}`] : [])),
      );
    const there = routes.map(({ method, path, of }) => {
      const template = path.replace(/:(\w+)/, "{$1}");
      return `${method.toLowerCase()} ${of === "agent" ? "/agents/one" : ""}${template}`;
    });
    expect(described.toSorted()).toEqual(there.toSorted());
  });

  it("asks for a token where there are any, and says in the document what for", async () => {
    const tokens = [{ name: "reader", value: token, scopes: ["read"] as const }];
    const service = await started(agentNamed("one"), { tokens });
    for (const path of ["/interface", "/openapi.json"]) {
      const refused = await fetch(service.url + path);
      expect(refused.status).toBe(401);
      expect(((await refused.json()) as Problem).code).toBe("UNAUTHENTICATED");
    }
    const headers = { authorization: `Bearer ${token}` };
    const document = await json<OpenApiDocument>(`${service.url}/openapi.json`, { headers });
    expect(document.paths["/execute"]?.["post"]?.security).toEqual([{ bearer: ["execute"] }]);
    expect(document.components["securitySchemes"]).toBeDefined();
  });
});

describe("the root", () => {
  it("says where everything is, and sends browsers to the page", async () => {
    const service = await started([agentNamed("one"), agentNamed("two")]);
    const index = await json<{ readonly docs: string; readonly agents: readonly Record<string, string>[] }>(
      `${service.url}/`,
    );
    expect(index).toMatchObject({ docs: "/docs", openapi: "/openapi.json", interface: "/interface" });
    const [, two] = index.agents;
    expect(two).toMatchObject({ name: "two", execute: "/agents/two/execute" });
    expect(await json(`${service.url}/agents/two`)).toEqual({ ...two, docs: "/docs" });
    for (const path of ["/", "/agents/two"]) {
      const headers = { accept: "text/html,application/xhtml+xml;q=0.9" };
      const sent = await fetch(service.url + path, { headers, redirect: "manual" });
      expect([sent.status, sent.headers.get("location")]).toEqual([302, "/docs"]);
    }
    for (const [path, what] of [
      ["/agents/three", "agent"],
      ["/nothing", "route"],
    ] as const) {
      const answer = await fetch(service.url + path);
      expect([answer.status, await answer.json()]).toMatchObject([404, { details: { what } }]);
    }
    expect(await (await fetch(`${service.url}/nothing`)).text()).toContain("/docs");
  });

  it("is that of its agent, too, where there is one, and asks for a token where there are any", async () => {
    const tokens = [{ name: "caller", value: token, scopes: ["execute"] as const }];
    const service = await started(agentNamed("one"), { tokens });
    for (const path of ["/", "/agents/one", "/agents/none"]) {
      const refused = await fetch(service.url + path, {
        headers: { accept: "text/html" },
        redirect: "manual",
      });
      expect([path, refused.status]).toEqual([path, 401]);
    }
    const headers = { authorization: `Bearer ${token}` };
    expect(await json(`${service.url}/`, { headers })).toMatchObject({ agents: [{ name: "one" }] });
  });
});

describe("the page", () => {
  it("is one file, whose own parts alone may run", async () => {
    const service = await started(agentNamed("one"));
    const response = await fetch(`${service.url}/docs`);
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    const policy = response.headers.get("content-security-policy") ?? "";
    const [, script = ""] = /<script type="module">([\s\S]*?)<\/script>/.exec(text) ?? [];
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
    for (const part of [script, style]) {
      expect(part.length).toBeGreaterThan(1_000);
      expect(policy).toContain(`'sha256-${createHash("sha256").update(part).digest("base64")}'`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(text).not.toMatch(/\b(src|href)="(https?:)?\/\//);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
  });

  it("is the same with tokens, but says so", async () => {
    const open = await started(agentNamed("one"));
    const tokens = [{ name: "reader", value: token, scopes: ["read"] as const }];
    const closed = await started(agentNamed("secret-agent"), { tokens });
    const response = await fetch(`${closed.url}/docs`);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    const text = await response.text();
    expect(text).toBe(await (await fetch(`${open.url}/docs`)).text());
    expect(text).not.toContain("secret-agent");
  });
});
