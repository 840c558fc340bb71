import { AtomicError, createLog, defineAgent, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { generateText, stepCountIs } from "ai";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import type { LlmAgentDefinition } from "../agent/llm-agent.ts";
import { type Reply, scriptedModel } from "../agent/scripted-model-child.ts";
import { createHistory } from "../history/create-history.ts";
import { toAiSdkTool } from "./to-ai-sdk-tool.ts";

const add = defineAgent({
  name: "add",
  description: "Adds two numbers.",
  input: z.object({ a: z.number(), b: z.number().optional() }),
  output: z.object({ sum: z.number() }),
  execute: ({ a, b = 1 }) => ({ sum: a + b }),
});

const Answer = z.object({ answer: z.string() });
const done = JSON.stringify({ answer: "done" });

function withTools(
  replies: readonly Reply[],
  tools: LlmAgentDefinition<z.ZodString, typeof Answer>["tools"],
  options: Partial<LlmAgentDefinition<z.ZodString, typeof Answer>> = {},
) {
  const model = scriptedModel(replies);
  const agent = defineLlmAgent({
    name: "calc",
    description: "Calculates.",
    model,
    input: z.string(),
    output: Answer,
    tools,
    ...options,
  });
  return { agent, model };
}

/** What the model was told of its calls. */
function resultsIn(request: ReturnType<typeof scriptedModel>["requests"][number] | undefined) {
  return (request?.prompt ?? []).flatMap(({ role, content }) =>
    role === "tool" ? content.flatMap((part) => (part.type === "tool-result" ? [part] : [])) : [],
  );
}

const calls = (...toolCalls: { name: string; input: unknown; id?: string }[]) => ({
  toolCalls: toolCalls.map((call, index) => ({ id: `c${index}`, ...call })),
  finish: "tool-calls" as const,
});

describe("tools of an agent", () => {
  it("are agents; their results come back as data", async () => {
    const { agent, model } = withTools(
      [calls({ name: "add", input: { a: 1, b: 2 } }, { name: "add", input: { a: 5, b: null } }), done],
      [add],
    );
    expect(await agent.run("1 + 2?")).toEqual({ answer: "done" });
    expect(model.requests[0]?.tools).toEqual([
      {
        type: "function",
        name: "add",
        description: "Adds two numbers.",
        inputSchema: {
          type: "object",
          properties: { a: { type: "number" }, b: { anyOf: [{ type: "number" }, { type: "null" }] } },
          required: ["a", "b"],
          additionalProperties: false,
        },
      },
    ]);
    expect(resultsIn(model.requests[1])).toEqual([
      { type: "tool-result", toolCallId: "c0", toolName: "add", output: { type: "json", value: { sum: 3 } } },
      { type: "tool-result", toolCallId: "c1", toolName: "add", output: { type: "json", value: { sum: 6 } } },
    ]);
  });

  it("are never run when they are unknown, or called with other arguments", async () => {
    let runs = 0;
    const counted = defineAgent({
      name: "counted",
      description: "Counts its runs.",
      input: z.object({ text: z.string() }),
      output: z.null(),
      execute: () => {
        runs++;
        return null;
      },
    });
    const hostile = '{"text":"x","__proto__":{"admin":true}}';
    const wrong = [
      { name: "delete_everything", input: {} },
      { name: "constructor", input: {} },
      { name: "counted", input: { text: 7 } },
      { name: "counted", input: "no JSON" },
      { name: "counted", input: hostile },
      { name: "counted", input: `${'{"text":'.repeat(600)}1${"}".repeat(600)}` },
    ];
    const { agent, model } = withTools([calls(...wrong), done], [counted]);
    await agent.run("x");
    expect(runs).toBe(0);
    const results = resultsIn(model.requests[1]);
    expect(results.map(({ output }) => output.type)).toEqual(wrong.map(() => "error-text"));
    const words = results.map(({ output }) => (output.type === "error-text" ? output.value : ""));
    expect(words[0]).toBe("There is no tool of that name. There are: counted.");
    expect(words[2]).toContain('"path":"text"');
    expect(words[4]).toContain("__proto__");
    expect(words[5]).toContain("nests deeper");
  });

  it.each([true, false])("are not run by calls that were cut off, streamed %s", async (stream) => {
    const matched: unknown[] = [];
    const remove = defineAgent({
      name: "remove",
      description: "Removes what matches.",
      input: z.object({ match: z.string().optional() }),
      output: z.number(),
      execute: (input) => matched.push(input),
    });
    // Where not even the beginning of the arguments has come, they are as empty as those of a call without any.
    const cut = { ...calls({ name: "remove", input: "" }), finish: "length" as const };
    const { agent, model } = withTools([cut, done], [remove], { stream });
    expect(await agent.run("x")).toEqual({ answer: "done" });
    expect(matched).toEqual([]);
    expect(JSON.stringify(model.requests[1]?.prompt)).toContain("cut off");

    const withheld = { ...calls({ name: "remove", input: {} }), finish: "content-filter" as const };
    const result = await withTools([withheld], [remove], { stream }).agent.tryRun("x");
    expect([result.ok, matched]).toEqual([false, []]);
  });

  it("are told of arguments that nest too deep, and the call costs what the provider says", async () => {
    const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    const { agent, model } = withTools([calls({ name: "add", input: deep }), done], [add]);
    const run = agent.start("x");
    expect(await run.result).toMatchObject({ ok: true, output: { answer: "done" } });
    expect(run.report().spent).toMatchObject({ calls: 2, tokens: 30 });
    expect(JSON.stringify(resultsIn(model.requests[1]))).toContain("nests deeper");
  });

  it.each([
    ["no id", { toolName: "add", input: '{"a":1}' }],
    ["arguments that have been read", { toolCallId: "c", toolName: "add", input: { a: 1 } }],
  ])("are run by a call of a model of others' making, with %s", async (_, call) => {
    const { agent, model } = withTools(["", done], [add], { stream: false, history: createHistory() });
    const own: typeof model.doGenerate = async (options) => {
      const given = await model.doGenerate(options);
      const isFirst = model.requests.length === 1;
      return isFirst ? { ...given, content: [{ type: "tool-call", ...call } as never] } : given;
    };
    const other = agent.withModel({ ...model, doGenerate: own });
    expect(await other.run("x")).toEqual({ answer: "done" });
    expect(resultsIn(model.requests[1])).toMatchObject([{ output: { value: { sum: 2 } } }]);
    expect(agent.history?.turns).toHaveLength(1);
  });

  it("that fail are told of, without the run failing", async () => {
    const failing = defineAgent({
      name: "failing",
      description: "Fails.",
      input: z.object({}),
      output: z.null(),
      execute: () => {
        throw new Error("no connection");
      },
    });
    const { agent, model } = withTools([calls({ name: "failing", input: {} }), done], [failing]);
    expect(await agent.run("x")).toEqual({ answer: "done" });
    expect(resultsIn(model.requests[1])[0]?.output).toEqual({
      type: "error-text",
      value: expect.stringContaining("no connection"),
    });
  });

  it("share the run's budget, and end it when it is spent", async () => {
    const inner = withTools([() => done], []).agent;
    const { agent, model } = withTools(
      [calls({ name: "inner", input: { value: "x" } }), done],
      [{ ...inner, name: "inner" }],
    );
    const result = await agent.tryRun("x", { budget: { calls: 1 } });
    expect(result.ok ? "" : result.error.code).toBe("BUDGET_EXCEEDED");
    expect(model.requests).toHaveLength(1);
  });

  it("run at the same time, some of them, and are cancelled with the run", async () => {
    let atOnce = 0;
    let most = 0;
    let aborted = 0;
    const slow = defineAgent({
      name: "slow",
      description: "Is slow.",
      input: z.object({}),
      output: z.null(),
      execute: async (_, ctx) => {
        most = Math.max(most, ++atOnce);
        ctx.signal.addEventListener("abort", () => aborted++);
        await sleep(1_000, ctx);
        atOnce--;
        return null;
      },
    });
    const many = calls(...Array.from({ length: 40 }, () => ({ name: "slow", input: {} })));
    const ids = { ...many, toolCalls: many.toolCalls.map((call) => ({ ...call, id: "same" })) };
    const clock = createVirtualClock();
    const { agent, model } = withTools([ids, done], [slow]);
    const result = await clock.until(agent.start("x", { clock }).result);
    expect(result.ok).toBe(true);
    expect(most).toBe(8);
    expect(clock.now()).toBe(4_000);
    const results = resultsIn(model.requests[1]);
    expect(new Set(results.map(({ toolCallId }) => toolCallId)).size).toBe(40);
    expect(results.filter(({ output }) => output.type === "error-text")).toHaveLength(8);
    const second = withTools([ids, done], [slow]).agent.start("x", { clock });
    await clock.advance(500);
    second.cancel();
    const ended = await second.result;
    expect(ended.ok ? "" : ended.error.code).toBe("CANCELLED");
    expect(aborted).toBe(8);
  });

  it("are called in so many rounds and no more", async () => {
    const { agent, model } = withTools([() => calls({ name: "add", input: { a: 1, b: 1 } })], [add], {
      maxToolRounds: 3,
    });
    const result = await agent.tryRun("x");
    expect(result.ok ? undefined : result.error).toMatchObject({
      code: "LOOP_LIMIT",
      details: { maxRounds: 3 },
    });
    expect(model.requests.map(({ toolChoice }) => toolChoice?.type)).toEqual([
      undefined,
      undefined,
      undefined,
      "none",
    ]);
  });

  it("belong to the turn, and a useless answer after them does not", async () => {
    const history = createHistory();
    const { agent } = withTools([calls({ name: "add", input: { a: 1, b: 2 } }), "no", done], [add], {
      history,
    });
    await agent.run("1 + 2?");
    expect(history.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(history.turns).toHaveLength(1);
  });

  it("leave out older turns when what they gave leaves no room for them", async () => {
    const history = createHistory();
    const tell = defineAgent({
      name: "tell",
      description: "Tells much.",
      input: z.object({}),
      output: z.string(),
      execute: () => "word ".repeat(200),
    });
    const estimate = (text: string): number => text.length / 4;
    const { total } = await withTools([], [tell], { estimate }).agent.countTokens();
    const { agent, model } = withTools([done, done, calls({ name: "tell", input: {} }), done], [tell], {
      history,
      estimate,
      maxContextTokens: Math.ceil(total) + 380,
    });
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    for (const input of ["first ".repeat(70), "second ".repeat(30), "third"]) await agent.run(input, { log });
    const said = model.requests.map(({ prompt }) =>
      JSON.stringify(prompt)
        .match(/first|second|third/g)
        ?.join(),
    );
    expect(said.map((words) => [...new Set(words?.split(","))].join())).toEqual([
      "first",
      "first,second",
      "first,second,third",
      "second,third",
    ]);
    expect(lines).toHaveLength(1);
    expect(history.turns.map(({ messages }) => messages.length)).toEqual([2, 2, 4]);
  });

  it("have names that providers take, each its own", async () => {
    const named = (name: string) => ({ ...add, name });
    const { agent, model } = withTools([done], [named("add numbers (fast)"), named("ä"), named("json")]);
    await agent.run("x");
    expect(model.requests[0]?.tools?.map(({ name }) => name)).toEqual([
      "add_numbers_fast_",
      "_",
      "json_tool",
    ]);
    expect(() => withTools([], [named("a b"), named("a_b")])).toThrow(/another name/);
  });

  it("show no more of a long result than a model can read", async () => {
    const long = defineAgent({
      name: "long",
      description: "Says much.",
      input: z.object({}),
      output: z.string(),
      execute: () => "x".repeat(300_000),
    });
    const { agent, model } = withTools([calls({ name: "long", input: {} }), done], [long]);
    await agent.run("x");
    const [result] = resultsIn(model.requests[1]);
    expect(JSON.stringify(result).length).toBeLessThan(101_000);
    expect(JSON.stringify(result)).toContain("300000 characters");
  });
});

describe("toAiSdkTool", () => {
  it("is a tool of generateText", async () => {
    const model = scriptedModel([calls({ name: "add", input: { a: 2, b: null } }), "It is 3."]);
    const { text, steps } = await generateText({
      model,
      tools: { add: toAiSdkTool(add) },
      prompt: "2 + 1?",
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(text).toBe("It is 3.");
    expect(steps[0]?.toolResults[0]?.output).toEqual({ sum: 3 });
    expect(model.requests[0]?.tools?.[0]).toMatchObject({ name: "add", description: "Adds two numbers." });
  });

  it("refuses wrong arguments without running the agent", async () => {
    const model = scriptedModel([calls({ name: "add", input: { a: "two" } }), "Sorry."]);
    const { steps } = await generateText({
      model,
      tools: { add: toAiSdkTool(add) },
      prompt: "x",
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(steps[0]?.toolResults).toEqual([]);
    expect(JSON.stringify(resultsIn(model.requests[1]))).toContain("expected number");
  });

  it("takes inputs that are no objects under a key, and hands on the signal", async () => {
    const echo = defineAgent({
      name: "echo",
      description: "Echoes.",
      input: z.string(),
      output: z.string(),
      execute: (text) => text,
    });
    const tool = toAiSdkTool(echo);
    expect(tool.inputSchema.jsonSchema.required).toEqual(["value"]);
    expect(await tool.execute({ value: "hi" })).toBe("hi");
    const aborted = tool.execute({ value: "hi" }, { abortSignal: AbortSignal.abort() });
    await expect(aborted).rejects.toSatisfy((error) => AtomicError.isInstance(error, "CANCELLED"));
    expect(() => toAiSdkTool({} as never)).toThrow(/must be an agent/);
    expect(await tool.inputSchema.validate(JSON.parse('{"__proto__":1}'))).toMatchObject({ success: false });
  });
});
