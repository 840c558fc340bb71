import { AtomicError, createLog, defineAgent, pipeline, resource } from "@atomic-agents/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import type { Problem } from "../wire.ts";
import type { ServeOptions } from "./options.ts";
import { type RunningService, serve } from "./serve.ts";

const lines: string[] = [];

const settings: ServeOptions = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  log: createLog({ level: "error", write: (line) => lines.push(line) }),
};

/** A service that is closed when the test is over. */
async function started(...given: Parameters<typeof serve>): Promise<RunningService> {
  const service = await serve(...given);
  onTestFinished(service.close);
  return service;
}

const text = z.object({ text: z.string() });

const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: text,
  output: text,
  execute: (given) => ({ text: given.text.toUpperCase() }),
});

/** An agent that does as the test says. */
function doing(
  name: string,
  execute: (ctx: Parameters<Parameters<typeof defineAgent>[0]["execute"]>[1]) => unknown,
) {
  return defineAgent({
    name,
    description: "Does as it is told.",
    input: z.unknown(),
    output: z.unknown(),
    execute: (_, ctx) => execute(ctx),
  });
}

function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  // What the content type says.
  const problem = (await answer.json()) as Problem;
  expect(problem.status).toBe(answer.status);
  expect(problem.requestId).toBe(answer.headers.get("x-request-id"));
  return problem;
}

describe("execute", () => {
  it("runs an agent, at the root and under its name", async () => {
    const service = await started(shout, settings);
    for (const path of ["/execute", "/agents/shout/execute", "/agents/sh%6fut/execute", "/execute?a=b"]) {
      const answer = await post(service.url + path, { input: { text: "hello" } });
      expect(answer.status).toBe(200);
      const runId = answer.headers.get("atomic-run-id");
      expect(await answer.json()).toEqual({
        output: { text: "HELLO" },
        runId,
        durationMs: expect.any(Number) as number,
      });
    }
  });

  it("finds agents of any name, and names them where there is no such agent", async () => {
    const odd = ["with space", "häh", "50%", "*", ":name", "a?b", "#", "..."];
    const agents = odd.map((name) => doing(name, () => name));
    const service = await started(agents, settings);
    for (const name of odd) {
      const answer = await post(`${service.url}/agents/${encodeURIComponent(name)}/execute`, { input: 1 });
      expect(await answer.json()).toMatchObject({ output: name });
    }
    for (const path of ["/execute", "/agents/nobody/execute"]) {
      const answer = await post(service.url + path, { input: 1 });
      expect(answer.status).toBe(404);
      expect(await problemOf(answer)).toMatchObject({
        code: "NOT_FOUND",
        detail: expect.stringContaining("häh"),
      });
    }
  });

  it("gives the agent what the caller says of itself", async () => {
    const tell = doing("tell", ({ requestId, userId, sessionId, metadata }) => ({
      requestId,
      userId,
      sessionId,
      metadata,
    }));
    const service = await started(tell, settings);
    const context = { requestId: "mine-1", userId: "u", sessionId: "s", metadata: { a: [1] } };
    const answer = await post(`${service.url}/execute`, { input: 1, context });
    expect(await answer.json()).toMatchObject({ output: context });
    expect(answer.headers.get("x-request-id")).toBe("mine-1");
    const byHeader = await post(`${service.url}/execute`, { input: 1 }, { "x-request-id": "mine-2" });
    expect(await byHeader.json()).toMatchObject({ output: { requestId: "mine-2" } });
    const unusable = await post(`${service.url}/execute`, { input: 1 }, { "x-request-id": "no good" });
    expect(unusable.headers.get("x-request-id")).not.toBe("no good");
  });

  it("lets callers lower the deadline and the budget, never raise them", async () => {
    const limits = doing("limits", ({ deadline, clock, budget }) => ({
      leftMs: (deadline ?? Number.POSITIVE_INFINITY) - clock.now(),
      limits: budget.limits,
    }));
    const service = await started(limits, {
      ...settings,
      timeoutMs: 5_000,
      budget: { tokens: 100, calls: 3 },
    });
    const ask = async (headers: Record<string, string>) => {
      const answer = await post(`${service.url}/execute`, { input: 1 }, headers);
      const { output } = (await answer.json()) as { output: { leftMs: number; limits: object } };
      return output;
    };
    expect((await ask({})).leftMs).toBeGreaterThan(1_000);
    expect((await ask({})).limits).toEqual({ tokens: 100, calls: 3 });
    const lower = await ask({ "atomic-timeout-ms": "1000", "atomic-budget": "tokens=50, money=0.5" });
    expect(lower.leftMs).toBeLessThanOrEqual(1_000);
    expect(lower.limits).toEqual({ tokens: 50, calls: 3, money: 0.5 });
    const higher = await ask({ "atomic-timeout-ms": "99999999", "atomic-budget": "tokens=1000000" });
    expect(higher.leftMs).toBeLessThanOrEqual(5_000);
    expect(higher.limits).toEqual({ tokens: 100, calls: 3 });
  });

  it.each([
    { "atomic-timeout-ms": "0" },
    { "atomic-timeout-ms": "-1" },
    { "atomic-timeout-ms": "1e3" },
    { "atomic-timeout-ms": "soon" },
    { "atomic-budget": "tokens" },
    { "atomic-budget": "tokens=-1" },
    { "atomic-budget": "tokens=NaN" },
    { "atomic-budget": "dollars=1" },
  ])("refuses %o", async (headers) => {
    const service = await started(shout, settings);
    const answer = await post(`${service.url}/execute`, { input: { text: "a" } }, headers);
    expect(answer.status).toBe(400);
    expect(await problemOf(answer)).toMatchObject({ details: { problem: "header" } });
  });

  it("says what was spent", async () => {
    const spend = doing("spend", ({ budget }) => budget.spend({ calls: 1, tokens: 7 }));
    const service = await started(spend, settings);
    const answer = await post(`${service.url}/execute`, { input: 1 });
    expect(answer.headers.get("atomic-spent")).toBe("calls=1, tokens=7, money=0");
  });

  it("cancels the run when the caller goes away", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    const hang = doing("hang", (ctx) => {
      ctx.signal.addEventListener("abort", () => abort());
      begin();
      return new Promise(() => {});
    });
    const service = await started(hang, settings);
    const caller = new AbortController();
    const answer = fetch(`${service.url}/execute`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"input":1}',
      signal: caller.signal,
    });
    await begun;
    caller.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    await aborted;
  });

  it("keeps resources for all runs and disposes of them when it closes", async () => {
    const said: string[] = [];
    const db = resource("db", {
      create: () => said.push("made"),
      dispose: () => void said.push("gone"),
    });
    const use = doing("use", async (ctx) => ctx.use(db));
    const service = await started(use, settings);
    await post(`${service.url}/execute`, { input: 1 });
    await post(`${service.url}/execute`, { input: 1 });
    expect(said).toEqual(["made"]);
    await service.close();
    expect(said).toEqual(["made", "gone"]);
    expect(await service.stopped).toBe(true);
  });
});

describe("problems", () => {
  it("are told of paths and methods that are not there", async () => {
    const service = await started(shout, settings);
    const nowhere = await fetch(`${service.url}/nowhere`);
    expect(nowhere.status).toBe(404);
    expect(await problemOf(nowhere)).toMatchObject({ code: "NOT_FOUND", details: { what: "route" } });
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const answer = await fetch(`${service.url}/execute`, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe("POST");
      await answer.arrayBuffer();
    }
    const head = await fetch(`${service.url}/health`, { method: "HEAD" });
    expect(head.status).toBe(200);
  });

  it("show a caller what is wrong with its own input", async () => {
    const twice = pipeline("twice").stage("first", shout).stage("second", shout);
    const service = await started(twice, settings);
    const answer = await post(`${service.url}/execute`, { input: { text: 5 } });
    expect(answer.status).toBe(422);
    const problem = await problemOf(answer);
    expect(problem).toMatchObject({
      code: "VALIDATION_INPUT",
      details: { issues: [{ path: "text", got: "number 5" }] },
    });
  });

  it("show nothing that an agent's code says, but its place and request", async () => {
    const canary = "canary-4711";
    const codes = [
      "EXECUTION",
      "BAD_REQUEST",
      "UNAUTHENTICATED",
      "FORBIDDEN",
      "RATE_LIMITED",
      "CONFIG",
    ] as const;
    const faulty = [
      doing("throws", () => {
        throw new TypeError(canary, { cause: new Error(canary) });
      }),
      doing("rejects", async () => Promise.reject(canary)),
      doing("not-json", () => ({ [canary]: 10n })),
      ...codes.map((code) =>
        doing(code, () => {
          // Whatever a program in JavaScript puts there.
          throw new AtomicError(code, canary, {
            details: { status: 200, reason: canary } as never,
            hint: canary,
          });
        }),
      ),
      defineAgent({
        name: "bad-output",
        description: "Breaks its contract.",
        input: z.unknown(),
        output: z.object({ a: z.number() }),
        execute: () => ({ a: canary as unknown as number }),
      }),
      defineAgent({
        name: "inner-input",
        description: "Gives another agent what it does not take.",
        input: z.unknown(),
        output: z.unknown(),
        execute: async (_, ctx) => shout.run({ text: { [canary]: canary } as unknown as string }, ctx),
      }),
    ];
    const service = await started(faulty, settings);
    for (const { name } of faulty) {
      lines.length = 0;
      const answer = await post(`${service.url}/agents/${name}/execute`, { input: 1 });
      expect(answer.status).toBeGreaterThanOrEqual(name === "inner-input" ? 422 : 429);
      const problem = await problemOf(answer);
      expect(JSON.stringify([problem, ...answer.headers])).not.toContain(canary);
      expect(problem.detail).not.toBe("");
      expect(lines.join("\n")).toContain(problem.requestId);
    }
  });

  it("show all of it in development", async () => {
    const throws = doing("throws", () => {
      throw new Error("the reason");
    });
    const service = await started(throws, { ...settings, exposeErrors: true });
    const answer = await post(`${service.url}/execute`, { input: 1 });
    expect(await problemOf(answer)).toMatchObject({
      status: 500,
      detail: expect.stringContaining("the reason"),
    });
  });
});

describe("options", () => {
  it.each([
    { port: 70_000 },
    { port: Number.NaN },
    { host: "" },
    { timeoutMs: 0 },
    { maxBodyBytes: -1 },
    { maxQueued: -1 },
    { budget: { tokens: -1 } },
    { onReady: "now" },
    { handleSignals: "no" },
    { prot: 1 },
  ])("refuses %o", async (wrong) => {
    await expect(serve(shout, wrong as ServeOptions)).rejects.toMatchObject({ code: "CONFIG" });
  });

  it("refuses agents that it cannot tell apart, and what is no agent", async () => {
    await expect(serve([shout, shout], settings)).rejects.toMatchObject({ code: "CONFIG" });
    await expect(serve([], settings)).rejects.toMatchObject({ code: "CONFIG" });
    await expect(
      serve(
        doing("..", () => 1),
        settings,
      ),
    ).rejects.toMatchObject({ code: "CONFIG" });
    await expect(serve({} as never, settings)).rejects.toMatchObject({ code: "CONFIG" });
  });

  it("says that a port is taken", async () => {
    const service = await started(shout, settings);
    await expect(serve(shout, { ...settings, port: service.port })).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining("EADDRINUSE"),
    });
  });
});
