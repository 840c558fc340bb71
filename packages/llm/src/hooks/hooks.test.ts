import { createLog, defineAgent } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { type Reply, scriptedModel } from "../agent/scripted-model-child.ts";
import { type HookEvent, Hooks } from "./hooks.ts";

const events: readonly HookEvent[] = [
  "request",
  "response",
  "parseError",
  "error",
  "lastAttempt",
  "tokensCounted",
];
const good = '{"a":1}';

function hooked(replies: readonly Reply[]) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) });
  const hooks = new Hooks();
  const heard: string[] = [];
  for (const event of events) hooks.on(event, () => heard.push(event));
  const agent = defineLlmAgent({
    name: "a",
    description: "A.",
    model: scriptedModel(replies),
    input: z.string(),
    output: z.object({ a: z.int() }),
    hooks,
    reask: { attempts: 1 },
    calls: { attempts: 2, baseDelayMs: 0 },
  });
  return { hooks, heard, lines, run: () => agent.tryRun("x", { log }) };
}

describe("hooks", () => {
  it("change neither what is sent nor the agent by changing what they are told", async () => {
    const tool = defineAgent({
      name: "tool",
      description: "A tool.",
      input: z.object({}),
      output: z.string(),
      execute: () => "done",
    });
    const settings = { temperature: 0, stopSequences: ["END"] };
    const model = scriptedModel([good, good]);
    const hooks = new Hooks();
    const changes: ((request: unknown) => void)[] = [
      (request) => Object.assign((request as { settings: object }).settings, { temperature: 2 }),
      (request) => (request as { settings: { stopSequences: string[] } }).settings.stopSequences.pop(),
      (request) => (request as { tools: unknown[] }).tools.pop(),
      (request) => (request as { prompt: unknown[] }).prompt.pop(),
      (request) => Object.assign(request as object, { settings: {} }),
    ];
    for (const change of changes) hooks.on("request", ({ request }) => change(request));
    hooks.on("response", ({ answer }) => Object.assign(answer, { text: '{"a":2}' }));
    hooks.on("response", ({ answer }) =>
      (answer.toolCalls as unknown[]).push({ id: "1", name: "tool", input: {} }),
    );
    const agent = defineLlmAgent({
      name: "a",
      description: "A.",
      model,
      input: z.string(),
      output: z.object({ a: z.int() }),
      settings,
      tools: [tool],
      hooks,
    });
    const log = createLog({ write: () => undefined });
    expect(await agent.run("x", { log })).toEqual({ a: 1 });
    expect(await agent.run("x", { log })).toEqual({ a: 1 });
    expect(settings).toEqual({ temperature: 0, stopSequences: ["END"] });
    for (const { temperature, stopSequences, tools, prompt } of model.requests) {
      expect([temperature, stopSequences, tools?.length, prompt.length]).toEqual([0, ["END"], 1, 2]);
    }
  });

  it("tell of requests, responses, answers that do not fit, errors and last attempts", async () => {
    const { hooks, heard, run } = hooked([new Error("down"), "no", good]);
    const seen: unknown[] = [];
    hooks.on("parseError", ({ text, answer, issues }) => seen.push([text, answer, issues.length]));
    hooks.on("error", ({ model, error, attempt }) => seen.push([model, error.code, attempt]));
    hooks.on("lastAttempt", ({ of, attempt }) => seen.push([of, attempt]));
    expect((await run()).ok).toBe(true);
    expect(heard).toEqual([
      "tokensCounted",
      "request",
      "error",
      "lastAttempt",
      "request",
      "response",
      "parseError",
      "lastAttempt",
      "lastAttempt",
      "request",
      "response",
    ]);
    expect(seen).toEqual([
      ["scripted/m", "EXECUTION", 1],
      ["call", 2],
      ["no", 1, 1],
      ["answer", 2],
      // Asking again does not begin to count anew.
      ["call", 2],
    ]);
  });

  it("hear in the order in which they were added", async () => {
    const { hooks, run } = hooked([good]);
    const order: number[] = [];
    hooks.on("request", () => order.push(1));
    hooks.on("request", () => order.push(2));
    await run();
    expect(order).toEqual([1, 2]);
  });

  it("that throw or reject are logged, and stop neither the others nor the call", async () => {
    const { hooks, lines, run } = hooked([good]);
    const order: number[] = [];
    hooks.on("response", () => {
      throw new Error("broken hook");
    });
    hooks.on("response", () => Promise.reject(new Error("late hook")));
    hooks.on("response", () => order.push(1));
    expect((await run()).ok).toBe(true);
    expect(order).toEqual([1]);
    expect(lines.join("\n")).toMatch(/broken hook[\s\S]*late hook/);
  });

  it("can be taken away, one by one or all", async () => {
    const { hooks, heard, run } = hooked([good, good, good]);
    let count = 0;
    const handler = (): number => count++;
    hooks.on("request", handler);
    await run();
    hooks.off("request", handler);
    hooks.off("error", () => undefined);
    hooks.clear("response");
    expect([hooks.has("request"), hooks.has("response")]).toEqual([true, false]);
    heard.length = 0;
    await run();
    expect([count, heard]).toEqual([1, ["tokensCounted", "request"]]);
    hooks.clear();
    heard.length = 0;
    await run();
    expect(heard).toEqual([]);
  });

  it("are not called while they are disabled", async () => {
    const { hooks, heard, run } = hooked([good, good]);
    hooks.disable();
    await run();
    expect([hooks.enabled, heard]).toEqual([false, []]);
    hooks.enable();
    await run();
    expect([hooks.enabled, heard.length]).toEqual([true, 3]);
  });

  it("of one agent are not those of another", async () => {
    const first = hooked([good]);
    const second = hooked([good]);
    second.hooks.clear();
    await first.run();
    expect(first.heard).toHaveLength(3);
  });

  it("refuse events that there are not", () => {
    const hooks = new Hooks();
    expect(() => hooks.on("reponse" as never, () => undefined)).toThrow(/event must be one of request/);
    expect(() => hooks.on("response", 7 as never)).toThrow(/must be a function/);
  });
});
