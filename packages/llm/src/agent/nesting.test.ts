import { anything } from "@atomic-agents/contracts";
import { type AnyAgent, defineAgent, type RunOptionsOrContext, untyped } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createHistory } from "../history/create-history.ts";
import { memorySessions } from "../sessions/memory-sessions.ts";
import { defineLlmAgent } from "./define-llm-agent.ts";
import type { LlmAgentDefinition } from "./llm-agent.ts";
import { scriptedModel } from "./scripted-model-child.ts";

const callOf = (name: string) =>
  ({ toolCalls: [{ name, input: { text: "x" } }], finish: "tool-calls" }) as const;

type Options = Partial<LlmAgentDefinition<z.ZodType, z.ZodString>>;

/** An agent whose model calls a tool, which asks the agent that `ask` gives, and does so again and again unless it is told when to end. */
function askingAgent(
  name: string,
  ask: () => AnyAgent,
  options: Options = {},
  most = Number.POSITIVE_INFINITY,
) {
  const tool = defineAgent({
    name: "ask",
    description: "Asks an agent.",
    input: z.object({ text: z.string() }),
    output: anything(),
    execute: (input, ctx) => untyped(ask()).run(input, ctx),
  });
  let calls = 0;
  const model = scriptedModel([() => (++calls > most ? "Enough." : callOf("ask"))]);
  const agent = defineLlmAgent({
    name,
    description: "Asks.",
    model,
    input: z.object({ text: z.string() }),
    output: z.string(),
    tools: [tool],
    ...options,
  });
  return { agent, model };
}

async function failureOf(agent: AnyAgent, options: RunOptionsOrContext = {}) {
  const clock = createVirtualClock();
  const result = await clock.until(untyped(agent).tryRun({ text: "x" }, { ...options, clock }));
  return { error: result.ok ? undefined : result.error, nowMs: clock.now() };
}

describe("an agent that asks itself", () => {
  it.each<[string, Options, RunOptionsOrContext]>([
    ["its history", { history: createHistory() }, {}],
    ["its session", { sessions: memorySessions() }, { sessionId: "s" }],
  ])("does not wait for %s, which it is in", async (_, options, run) => {
    const { agent, model } = askingAgent("self", (): AnyAgent => agent, options);
    const { error, nowMs } = await failureOf(agent, run);
    expect(error).toMatchObject({ code: "CONFIG", hint: expect.stringContaining("own tools") as string });
    expect(error?.message).toContain('Agent "self" was asked from within its own conversation');
    expect([nowMs, model.requests.length]).toEqual([0, 1]);
  });

  it("does not do so by way of another one either", async () => {
    const history = createHistory();
    const other = askingAgent("other", (): AnyAgent => first.agent);
    const first = askingAgent("first", () => other.agent, { history });
    const { error, nowMs } = await failureOf(first.agent);
    expect(error?.message).toContain('Agent "first" was asked from within its own conversation');
    expect(nowMs).toBe(0);
    expect(history.turns).toEqual([]);
  });

  it("ends where it is too deep, and all of the run with it", async () => {
    const { agent, model } = askingAgent("self", (): AnyAgent => agent);
    const { error } = await failureOf(agent);
    expect(error).toMatchObject({ code: "CONFIG", details: { path: "depth" } });
    expect(error?.message).toContain("at most 10 agents that ask models");
    expect(model.requests).toHaveLength(10);
  });

  it("may do so a few times where it remembers nothing", async () => {
    const { agent, model } = askingAgent("self", (): AnyAgent => agent, {}, 3);
    expect((await failureOf(agent)).error).toBeUndefined();
    expect(model.requests.length).toBeGreaterThan(3);
  });

  it("takes turns with others of the same run that are not within it", async () => {
    const history = createHistory();
    const model = scriptedModel([() => "Done."]);
    const agent = defineLlmAgent({
      name: "a",
      description: "A.",
      model,
      input: z.string(),
      output: z.string(),
      history,
    });
    const both = defineAgent({
      name: "both",
      description: "Asks twice.",
      input: anything(),
      output: anything(),
      execute: (_: unknown, ctx) => Promise.all([agent.run("1", ctx), agent.run("2", ctx)]),
    });
    expect(await untyped(both).run(null)).toEqual(["Done.", "Done."]);
    expect(history.turns).toHaveLength(2);
  });
});
