import { createLog } from "@atomic-agents/core";
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
      "request",
      "response",
    ]);
    expect(seen).toEqual([
      ["scripted/m", "EXECUTION", 1],
      ["call", 2],
      ["no", 1, 1],
      ["answer", 2],
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
