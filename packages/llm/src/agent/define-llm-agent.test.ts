import {
  AtomicError,
  createLog,
  createResources,
  defineAgent,
  pipeline,
  type RunEvent,
  type RunOptions,
} from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createHistory } from "../history/create-history.ts";
import type { History } from "../history/history.ts";
import { image, isMedia, type Media } from "../history/media.ts";
import { Hooks } from "../hooks/hooks.ts";
import { createModels, models } from "../model/create-models.ts";
import { promptProvider } from "../prompt/prompt-provider.ts";
import { memorySessions } from "../sessions/memory-sessions.ts";
import { defineLlmAgent } from "./define-llm-agent.ts";
import type { LlmAgentDefinition } from "./llm-agent.ts";
import { type Reply, scriptedModel } from "./scripted-model-child.ts";

const Ticket = z.object({ kind: z.enum(["bug", "question"]), reason: z.string() });
const bug = { kind: "bug", reason: "It crashes." } as const;
const bugText = JSON.stringify(bug);

type Options = Partial<LlmAgentDefinition<z.ZodType<string>, typeof Ticket>>;

function sorter(replies: readonly Reply[], options: Options = {}) {
  const model = scriptedModel(replies);
  const agent = defineLlmAgent({
    name: "sort",
    description: "Sorts tickets.",
    model,
    input: z.string(),
    output: Ticket,
    ...options,
  });
  return { agent, model };
}

/** A run that reports its events. */
async function runOf(agent: ReturnType<typeof sorter>["agent"], input: string, options: RunOptions = {}) {
  const run = agent.start(input, options);
  const result = await run.result;
  const told = run.events
    .snapshot()
    .find((event): event is RunEvent & { type: "custom" } => event.type === "custom" && event.name === "llm");
  return { result, report: run.report(), told: told?.data };
}

/** The texts of a prompt's messages, with their roles. */
function saidIn(request: ReturnType<typeof scriptedModel>["requests"][number] | undefined) {
  return (request?.prompt ?? []).map(({ role, content }) => {
    if (typeof content === "string") return [role, content];
    return [role, content.map((part) => ("text" in part ? part.text : part.type)).join("|")];
  });
}

describe("defineLlmAgent", () => {
  it("is an agent like any other", async () => {
    const { agent } = sorter([bugText, bugText]);
    expect(await agent.run("It crashes")).toEqual(bug);
    const short = defineAgent({
      name: "short",
      description: "Gives the kind alone.",
      input: Ticket,
      output: z.string(),
      execute: ({ kind }) => kind,
    });
    expect(await pipeline("p").stage(agent).stage(short).run("It crashes")).toBe("bug");
    expect([agent.name, agent.version, agent.capabilities]).toEqual(["sort", "1.0.0", []]);
  });

  it("sends system prompt, input and schema", async () => {
    const { agent, model } = sorter([bugText], { prompt: { background: ["You sort."] } });
    await agent.run("It crashes");
    const [request] = model.requests;
    expect(saidIn(request)).toEqual([
      ["system", await agent.systemPrompt()],
      ["user", "It crashes"],
    ]);
    expect(await agent.systemPrompt()).toContain("- You sort.");
    expect(request?.responseFormat).toEqual({
      type: "json",
      name: "answer",
      schema: {
        type: "object",
        properties: { kind: { type: "string", enum: ["bug", "question"] }, reason: { type: "string" } },
        required: ["kind", "reason"],
        additionalProperties: false,
      },
    });
  });

  it("takes models from the run, by id", async () => {
    const { agent } = sorter([], { model: "openai/gpt-5-mini" });
    const model = scriptedModel([bugText]);
    const resources = createResources({ overrides: [[models, createModels({ override: model })]] });
    expect(await agent.run("It crashes", { resources })).toEqual(bug);
    expect(model.requests).toHaveLength(1);
  });

  it("runs offline on the simulated model", async () => {
    const { agent } = sorter([], { model: "simulated" });
    expect((await agent.run("hello")).reason).toMatch(/^Simulated/);
  });

  describe("asking again", () => {
    it("tells the model what is wrong, and sums up all that it took", async () => {
      const { agent, model } = sorter(['{"kind":"joke","reason":"ha"}', "I do not know", bugText]);
      const { result, told, report } = await runOf(agent, "It crashes");
      expect(result).toEqual({ ok: true, output: bug });
      expect(told).toMatchObject({
        model: "scripted/m",
        calls: 3,
        refusedAnswers: 2,
        usage: { inputTokens: 30, outputTokens: 15 },
      });
      expect(report.spent).toMatchObject({ calls: 3, tokens: 45 });
      const [, , assistant, correction] = saidIn(model.requests[1]);
      expect(assistant).toEqual(["assistant", '{"kind":"joke","reason":"ha"}']);
      expect(correction?.[0]).toBe("user");
      expect(correction?.[1]).toContain('"path":"kind"');
      expect(saidIn(model.requests[2])).toHaveLength(6);
    });

    it("fails with the issues and the raw text when none fits", async () => {
      const { agent, model } = sorter(["no", "{}", `{"kind":"bug","reason":${"9".repeat(9_000)}}`]);
      const result = await agent.tryRun("It crashes");
      if (result.ok) throw new Error("it should have failed");
      const { error } = result;
      if (!AtomicError.isInstance(error, "VALIDATION_OUTPUT")) throw error;
      expect(error.details.answers).toBe(3);
      expect(error.details.rawText).toMatch(/^\{"kind":"bug","reason":9+$/);
      expect(error.details.rawText).toHaveLength(4_000);
      expect(error.details.issues).toMatchObject([{ path: "reason" }]);
      expect(error.retryable).toBe(false);
      expect(model.requests).toHaveLength(3);
    });

    it.each([
      ["a transform", z.string().transform((text) => new Date(text).toISOString())],
      ["a check", z.string().refine((text) => new Date(text).toISOString() !== "")],
    ])("asks again where %s throws for what the model gave", async (_, day) => {
      const replies = ['{"day":"the 32nd"}', '{"day":"2026-05-01"}', '{"day":"tomorrow"}', '{"day":""}'];
      const model = scriptedModel(replies);
      const agent = defineLlmAgent({
        name: "day",
        description: "Finds a day.",
        model,
        input: z.string(),
        output: z.object({ day }),
        reask: { attempts: 1 },
      });
      expect((await agent.run("x")).day).toContain("2026-05-01");
      expect(JSON.stringify(model.requests[1]?.prompt)).toContain("Invalid time value");
      const result = await agent.tryRun("x");
      expect(result).toMatchObject({
        ok: false,
        error: { code: "VALIDATION_OUTPUT", details: { rawText: '{"day":""}', answers: 2 } },
      });
    });

    it("asks as often as it is told", async () => {
      const { agent, model } = sorter(["no"], { reask: { attempts: 0 } });
      expect((await agent.tryRun("x")).ok).toBe(false);
      expect(model.requests).toHaveLength(1);
    });

    it.each([
      ["an answer that was cut off", { text: bugText, finish: "length" }, 2],
      ["an answer that was withheld", { text: bugText, finish: "content-filter" }, 1],
      ["an empty object", { text: "{}" }, 2],
      ["nothing", { text: "" }, 2],
    ] as const)("takes %s for none", async (_, reply, calls) => {
      const { agent, model } = sorter([reply, reply], { reask: { attempts: 1 } });
      const result = await agent.tryRun("x");
      expect(result.ok ? result.output : result.error.code).toBe("VALIDATION_OUTPUT");
      expect(model.requests).toHaveLength(calls);
    });

    it("does not let a default fill in an empty object", async () => {
      const output = z.object({ kind: z.enum(["bug", "question"]).default("bug") });
      const model = scriptedModel(["{}", '{"kind":null}']);
      const agent = defineLlmAgent({ name: "a", description: "A.", model, input: z.string(), output });
      expect(await agent.run("x")).toEqual({ kind: "bug" });
      expect(model.requests).toHaveLength(2);
    });
  });

  it("gives what the output schema made of the answer", async () => {
    const output = z.object({
      words: z.string().transform((text) => text.split(" ")),
      extra: z.int().optional(),
    });
    const history = createHistory();
    const model = scriptedModel(['{"words":"a b","extra":null,"other":1}']);
    const agent = defineLlmAgent({ name: "a", description: "A.", model, input: z.string(), output, history });
    expect(await agent.run("x")).toEqual({ words: ["a", "b"] });
    // What a model is shown of its own answers has the shape that it is asked for.
    expect(history.messages[1]?.content).toMatchObject({ words: "a b" });
  });

  it.each([
    ["a text", z.string(), " Hello.\n", "Hello.", undefined],
    ["a list", z.array(z.int()), '{"value":[1,2]}', [1, 2], "value"],
    ["a list without its key", z.array(z.int()), "[1,2]", [1, 2], "value"],
    ["one of some words", z.enum(["yes", "no"]), '{"value":"yes"}', "yes", "value"],
    ["a union", z.union([z.object({ a: z.int() }), z.null()]), '{"value":null}', null, "value"],
  ])("answers with %s", async (_, output, text, expected, key) => {
    const model = scriptedModel([text]);
    const agent = defineLlmAgent({ name: "a", description: "A.", model, input: z.string(), output });
    expect(await agent.run("x")).toEqual(expected);
    const format = model.requests[0]?.responseFormat;
    const keys = format?.type === "json" ? Object.keys(format.schema?.properties ?? {}) : undefined;
    expect(keys).toEqual(key === undefined ? undefined : [key]);
  });

  describe("drafts", () => {
    it("show the output while it comes, the last one whole", async () => {
      const { agent } = sorter([bugText]);
      const run = agent.start("x");
      const drafts: unknown[] = [];
      for await (const draft of run.partials) drafts.push(draft);
      expect(drafts.at(-1)).toEqual(bug);
      expect(await run.result).toEqual({ ok: true, output: bug });
    });

    it("are not made where nothing is streamed", async () => {
      const { agent } = sorter([bugText], { stream: false });
      const run = agent.start("x");
      const drafts: unknown[] = [];
      for await (const draft of run.partials) drafts.push(draft);
      expect(drafts).toEqual([]);
      expect(await run.result).toEqual({ ok: true, output: bug });
    });
  });

  describe("memory", () => {
    it("has none unless told", async () => {
      const { agent, model } = sorter([bugText, bugText]);
      await agent.run("one");
      await agent.run("two");
      expect(saidIn(model.requests[1]).slice(1)).toEqual([["user", "two"]]);
      expect(agent.history).toBeUndefined();
    });

    it("is one conversation with a history, and a failed run leaves nothing in it", async () => {
      const history = createHistory();
      const { agent, model } = sorter([bugText, "no", new Error("down"), bugText], {
        history,
        reask: { attempts: 0 },
        calls: { attempts: 1 },
      });
      await agent.run("one");
      expect((await agent.tryRun("two")).ok).toBe(false);
      expect((await agent.tryRun("three")).ok).toBe(false);
      expect(history.turns).toHaveLength(1);
      await agent.run("four");
      expect(saidIn(model.requests[3]).slice(1)).toEqual([
        ["user", "one"],
        ["assistant", bugText],
        ["user", "four"],
      ]);
      await agent.resetHistory();
      expect(history.turns).toEqual([]);
    });

    it("is that of the session and the user", async () => {
      const { agent, model } = sorter([() => bugText], { sessions: memorySessions() });
      await agent.run("ada 1", { sessionId: "s", userId: "ada" });
      await agent.run("bob 1", { sessionId: "s", userId: "bob" });
      await agent.run("nobody");
      await agent.run("ada 2", { sessionId: "s", userId: "ada" });
      expect(saidIn(model.requests[2]).slice(1)).toEqual([["user", "nobody"]]);
      expect(saidIn(model.requests[3]).slice(1)).toEqual([
        ["user", "ada 1"],
        ["assistant", bugText],
        ["user", "ada 2"],
      ]);
      await agent.resetHistory({ sessionId: "s", userId: "ada" });
      await agent.run("ada 3", { sessionId: "s", userId: "ada" });
      expect(saidIn(model.requests[4])).toHaveLength(2);
      await expect(agent.resetHistory()).rejects.toMatchObject({ code: "CONFIG" });
    });

    it("leaves out the oldest turns when the context is too small, and says so", async () => {
      const lines: string[] = [];
      const history = createHistory();
      const estimate = (text: string): number => text.length / 4;
      const { total } = await sorter([], { estimate }).agent.countTokens();
      const maxContextTokens = Math.ceil(total) + 130;
      const { agent, model } = sorter([() => bugText], { history, maxContextTokens, estimate });
      const log = createLog({ write: (line) => void lines.push(line) });
      for (const input of ["one ".repeat(40), "two ".repeat(40), "three ".repeat(30)])
        await agent.run(input, { log });
      expect(saidIn(model.requests[2]).map(([role]) => role)).toEqual([
        "system",
        "user",
        "assistant",
        "user",
      ]);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain("A turn was left out");
      expect(history.messages.map(({ content }) => String(content).slice(0, 3))).toEqual([
        "two",
        "[ob",
        "thr",
        "[ob",
      ]);
      await expect(agent.run("four ".repeat(400))).rejects.toMatchObject({
        code: "CONFIG",
        message: expect.stringMatching(/\d+ tokens .* at most \d+/),
      });
    });
  });

  it("knows roles of the system prompt", async () => {
    const openai = scriptedModel([bugText, bugText], "openai.chat");
    const developer = sorter([], { model: openai, systemRole: "developer" }).agent;
    await developer.run("x");
    expect(openai.requests[0]?.providerOptions).toEqual({ openai: { systemMessageMode: "developer" } });
    expect(saidIn(openai.requests[0]).map(([role]) => role)).toEqual(["system", "user"]);
    const { agent, model } = sorter([bugText], { systemRole: "none" });
    await agent.run("x");
    expect(saidIn(model.requests[0])).toEqual([["user", "x"]]);
    expect(await agent.systemPrompt()).toBe("");
  });

  it("tells models that take no schema of it in the prompt", async () => {
    const { agent } = sorter([], { model: "vllm/qwen" });
    const inner = scriptedModel([bugText]);
    const found = [{ id: "vllm/qwen", model: inner, supportsSchema: false, price: undefined }];
    const own = { resolve: () => Promise.resolve(found) };
    const resources = createResources({ overrides: [[models, own]] });
    await agent.run("x", { resources });
    expect(saidIn(inner.requests[0])[0]?.[1]).toContain('"enum":["bug","question"]');
  });

  it("asks prompt providers anew, with the input", async () => {
    const weather = promptProvider({
      name: "w",
      title: "Weather",
      info: (_, { input }) => `for ${String(input)}`,
    });
    const { agent, model } = sorter([() => bugText], { promptProviders: [weather] });
    await agent.run("Monday");
    agent.promptProviders.unregister("w");
    await agent.run("Tuesday");
    expect(saidIn(model.requests[0])[0]?.[1]).toContain("for Monday");
    expect(saidIn(model.requests[1])[0]?.[1]).not.toContain("Weather");
  });

  it("makes the same agent for another model", async () => {
    const history = createHistory();
    const { agent, model } = sorter([], { history });
    const other = scriptedModel([bugText]);
    const second = agent.withModel(other);
    await second.run("x");
    expect([model.requests.length, other.requests.length, history.turns.length]).toEqual([0, 1, 1]);
    expect(second.hooks).toBe(agent.hooks);
    expect(second.id).not.toBe(agent.id);
    expect(() => agent.withModel(7 as never)).toThrow(/model must be an id/);
  });

  it("counts tokens, which add up, and tells who listens", async () => {
    const hooks = new Hooks();
    const counts: unknown[] = [];
    hooks.on("tokensCounted", (count) => counts.push(count));
    const { agent } = sorter([bugText], { hooks, maxContextTokens: 1_000 });
    const { total, system, history, tools, model, limit, utilization } = await agent.countTokens("hello");
    expect(total).toBe(system + history + tools);
    expect([model, limit, utilization]).toEqual(["scripted/m", 1_000, total / 1_000]);
    await agent.run("hello");
    expect(counts).toHaveLength(2);
    expect(counts[0]).toEqual(counts[1]);
  });

  it("stops at the budget, and when it is cancelled", async () => {
    const { agent, model } = sorter([() => "no"], { reask: { attempts: 9 } });
    const result = await agent.tryRun("x", { budget: { calls: 2 } });
    expect(result.ok ? "" : result.error.code).toBe("BUDGET_EXCEEDED");
    expect(model.requests).toHaveLength(2);
    const clock = createVirtualClock();
    const hanging = sorter([() => new Promise<string>(() => undefined)]).agent.start("x", {
      clock,
      timeoutMs: 500,
    });
    const ended = await clock.until(hanging.result);
    expect(ended.ok ? "" : ended.error.code).toBe("TIMEOUT");
  });

  it("never takes the beginning of an answer for an answer, not even where a part of it would do", async () => {
    interface Tree {
      readonly name: string;
      readonly children: readonly Tree[];
    }
    const Tree: z.ZodType<Tree> = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree);
      },
    });
    const tree = (depth: number): Tree => ({
      name: `{"name":"n${depth}"}`,
      children: depth === 0 ? [] : [tree(depth - 1), tree(0)],
    });
    const text = JSON.stringify(tree(8));
    let cut = 0;
    const model = scriptedModel([() => text.slice(0, cut)]);
    const agent = defineLlmAgent({
      name: "a",
      description: "A.",
      model,
      input: z.string(),
      output: Tree,
      reask: { attempts: 0 },
      stream: false,
    });
    const taken: number[] = [];
    for (; cut < text.length; cut++) if ((await agent.tryRun("x")).ok) taken.push(cut);
    expect(taken).toEqual([]);
    expect(cut).toBeGreaterThan(600);
    expect(await agent.run("x")).toEqual(tree(8));
  });

  it("leaves out the thoughts that some servers send before a text", async () => {
    const model = scriptedModel(["<think>Hm.</think>\n\nHello.", "<think>Hm. Hello."]);
    const output = z.string();
    const agent = defineLlmAgent({
      name: "a",
      description: "A.",
      model,
      input: z.string(),
      output,
      reask: { attempts: 0 },
    });
    expect(await agent.run("x")).toBe("Hello.");
    expect((await agent.tryRun("x")).ok).toBe(false);
  });

  it("tells how often a model was called that never answered", async () => {
    const down = new Error("down");
    const { agent } = sorter([down, down, down], { calls: { baseDelayMs: 0 } });
    const { result, told } = await runOf(agent, "x");
    expect(result.ok).toBe(false);
    // Nobody knows whether it worked on them: they are counted as in the run's budget.
    expect(told).toMatchObject({ calls: 3, usage: { estimated: true, outputTokens: 0 } });
  });

  it("does not mind when its history is reset while it runs", async () => {
    const history = createHistory();
    const { agent } = sorter([bugText, () => (history.reset(), bugText)], {
      history,
      maxContextTokens: 200,
      estimate: (text) => text.length / 4,
    });
    const log = createLog({ level: "silent" });
    await agent.run("one ".repeat(40), { log });
    await agent.run("two ".repeat(40), { log });
    expect(history.turns).toHaveLength(1);
  });

  it("hands its settings on as they are", async () => {
    const settings = {
      temperature: 0.1,
      maxOutputTokens: 9,
      seed: 1,
      providerOptions: { scripted: { x: 1 } },
    };
    const { agent, model } = sorter([bugText], { settings });
    await agent.run("x");
    expect(model.requests[0]).toMatchObject(settings);
  });

  it("tells strict providers not to be strict where a schema has open maps", async () => {
    const openai = scriptedModel(['{"map":{"a":1}}'], "openai.responses");
    const output = z.object({ map: z.record(z.string(), z.int()) });
    const agent = defineLlmAgent({ name: "a", description: "A.", model: openai, input: z.string(), output });
    expect(await agent.run("x")).toEqual({ map: { a: 1 } });
    expect(openai.requests[0]?.providerOptions).toEqual({ openai: { strictJsonSchema: false } });
  });

  it("takes a system prompt of one's own making", async () => {
    const prompt = { generate: ({ answer }: { answer?: string | undefined }) => `Answer with ${answer}!` };
    const { agent, model } = sorter([bugText], { prompt });
    await agent.run("x");
    expect(saidIn(model.requests[0])[0]).toEqual(["system", "Answer with json!"]);
  });

  it("adds no message of the user's without an input", async () => {
    const history = createHistory();
    const model = scriptedModel([bugText]);
    const agent = defineLlmAgent({
      name: "a",
      description: "A.",
      model,
      input: z.undefined(),
      output: Ticket,
      history,
    });
    await agent.run(undefined);
    expect(saidIn(model.requests[0]).map(([role]) => role)).toEqual(["system"]);
    expect(history.messages.map(({ role }) => role)).toEqual(["assistant"]);
  });

  it("keeps of a streamed answer the last and validated one, once", async () => {
    const history = createHistory();
    const { agent } = sorter(["no JSON", bugText], { history });
    await agent.run("x");
    expect(history.messages).toEqual([
      { role: "user", content: "x" },
      { role: "assistant", content: bug },
    ]);
  });

  it("goes back to what its history began with", async () => {
    const initial = [[{ role: "user" as const, content: "before" }]];
    const { agent, model } = sorter([() => bugText], { history: createHistory({ initial }) });
    await agent.run("one");
    await agent.resetHistory();
    await agent.run("two");
    expect(saidIn(model.requests[1]).slice(1)).toEqual([
      ["user", "before"],
      ["user", "two"],
    ]);
  });

  it("can have a history of one's own making", async () => {
    const inner = createHistory();
    const added: number[] = [];
    const own: History = {
      ...inner,
      get turns() {
        return inner.turns;
      },
      get messages() {
        return inner.messages;
      },
      add: (messages, id) => {
        added.push(messages.length);
        return inner.add(messages, id);
      },
      append: (messages) => inner.append(messages),
      deleteTurn: (id) => inner.deleteTurn(id),
      reset: () => inner.reset(),
      copy: () => inner.copy(),
      dump: () => inner.dump(),
    };
    const { agent, model } = sorter([() => bugText], { history: own });
    await agent.run("one");
    await agent.run("two");
    expect(added).toEqual([2, 2]);
    expect(saidIn(model.requests[1])).toHaveLength(4);
  });

  it("shows media to the model as files", async () => {
    const model = scriptedModel([bugText]);
    const input = z.object({ text: z.string(), photos: z.array(z.custom<Media>(isMedia)) });
    const agent = defineLlmAgent({ name: "a", description: "A.", model, input, output: Ticket });
    await agent.run({ text: "Look", photos: [image("https://example.com/a.png")] });
    expect(model.requests[0]?.prompt[1]).toMatchObject({
      role: "user",
      content: [
        { type: "text", text: '{"text":"Look"}' },
        { type: "file", mediaType: "image" },
      ],
    });
    const withOne = await agent.countTokens({ text: "Look", photos: [image("https://example.com/a.png")] });
    const without = await agent.countTokens({ text: "Look", photos: [] });
    expect(withOne.history).toBeGreaterThan(without.history + 500);
  });

  it("counts the schema where it stands", async () => {
    const plain = sorter([]).agent;
    const none = sorter([], { systemRole: "none" }).agent;
    const text = defineLlmAgent({
      name: "a",
      description: "A.",
      model: "nobody/knows-it",
      input: z.string(),
      output: z.string(),
    });
    const [whole, bare, texts] = [
      await plain.countTokens("x"),
      await none.countTokens("x"),
      await text.countTokens(),
    ];
    expect(whole.tools).toBeGreaterThan(30);
    expect([bare.system, bare.tools]).toEqual([0, whole.tools]);
    expect([texts.tools, texts.history, texts.model]).toEqual([0, 0, "nobody/knows-it"]);
  });

  it("tells what calls took that failed, and those before them", async () => {
    const { agent } = sorter(["no ticket", new Error("down"), new Error("down")], {
      calls: { attempts: 2, baseDelayMs: 0 },
    });
    const run = agent.start("It crashes.");
    expect(await run.result).toMatchObject({ ok: false, error: { code: "EXECUTION" } });
    const told = run.events.snapshot().find((event) => event.type === "custom" && event.name === "llm");
    if (told?.type !== "custom") throw new Error("nothing was told");
    const { calls, usage } = told.data as {
      calls: number;
      usage: { inputTokens: number; outputTokens: number };
    };
    expect(calls).toBe(3);
    expect(usage.inputTokens).toBeGreaterThan(100);
    expect(usage.inputTokens + usage.outputTokens).toBe(run.report().spent?.tokens);
  });

  it("refuses wrong sessions and options when it is given them later, too", async () => {
    const { agent } = sorter([]);
    const none = undefined as never;
    expect(() => agent.withSessions(none)).toThrow(/sessions must be a store/);
    expect(() => agent.withSessions(memorySessions(), { maxWaiting: -1 })).toThrow(/maxWaiting/);
    const other = agent.withSessions(memorySessions());
    for (const session of [null, {}, { sessionId: "" }, { sessionId: 5 }] as never[]) {
      await expect(other.resetHistory(session)).rejects.toMatchObject({ code: "CONFIG" });
    }
  });

  it.each([
    ["model", 7, /model must be an id/],
    ["model", [], /model must be an id/],
    ["systemRole", "boss", /systemRole/],
    ["settings", { temprature: 1 }, /temprature/],
    ["reask", { attempts: -1 }, /reask.attempts/],
    ["output", z.date(), /output must be a schema of JSON/],
    ["tools", [{}], /tools\[0\] must be an agent/],
    ["description", "", /description/],
    ["promts", {}, /promts/],
    ["history", {}, /history/],
    ["hooks", {}, /hooks/],
    ["calls", { attempts: 0 }, /calls.attempts/],
    ["stream", 1, /stream/],
    ["prompt", "You sort tickets.", /prompt must be an object with background/],
    ["prompt", null, /prompt must be an object with background/],
    ["promptProviders", {}, /promptProviders must be a list/],
    ["promptProviders", null, /promptProviders must be a list/],
    ["promptProviders", "currentTime", /promptProviders must be a list/],
    ["tools", {}, /tools must be an array of agents/],
    ["tools", null, /tools must be an array of agents/],
    ["settings", { temperature: "hot" }, /settings.temperature must be a number/],
    ["settings", { topP: Number.NaN }, /settings.topP must be a number/],
    ["settings", { seed: 1.5 }, /settings.seed must be a whole number/],
    ["settings", { stopSequences: "END" }, /settings.stopSequences must be an array of texts/],
    ["settings", { reasoning: "lots" }, /settings.reasoning must be one of/],
    ["settings", { providerOptions: 3 }, /settings.providerOptions must be an object/],
    ["reask", {}, /reask.attempts/],
    ["sessions", { load: () => undefined }, /sessions must be a store/],
    ["sessionOptions", { maxwaitMs: 1 }, /maxwaitMs/],
    ["sessionOptions", { maxWaitMs: "long" }, /maxWaitMs/],
    ["sessionOptions", { history: { maxTurns: -1 } }, /maxTurns/],
    ["sessionOptions", null, /sessionOptions/],
  ])("refuses a wrong %s", (key, value, message) => {
    expect(() => sorter([], { [key]: value })).toThrow(message);
  });
});
