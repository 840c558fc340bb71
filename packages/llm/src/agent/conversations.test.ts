import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createHistory } from "../history/create-history.ts";
import { Hooks } from "../hooks/hooks.ts";
import { promptProvider } from "../prompt/prompt-provider.ts";
import { PromptProviders } from "../prompt/prompt-providers.ts";
import { memorySessions } from "../sessions/memory-sessions.ts";
import { defineLlmAgent } from "./define-llm-agent.ts";
import type { LlmAgentDefinition } from "./llm-agent.ts";
import { type Reply, scriptedModel } from "./scripted-model-child.ts";

function talker(
  replies: readonly Reply[],
  options: Partial<LlmAgentDefinition<z.ZodOptional<z.ZodString>, z.ZodString>> = {},
) {
  const model = scriptedModel(replies);
  const agent = defineLlmAgent({
    name: "talker",
    description: "Talks.",
    model,
    input: z.string().optional(),
    output: z.string(),
    ...options,
  });
  return { agent, model };
}

/** What the last request said, but for the system's. */
function saidTo({ requests }: ReturnType<typeof scriptedModel>) {
  return (requests.at(-1)?.prompt ?? [])
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => {
      const parts = typeof content === "string" ? [{ type: "text", text: content }] : content;
      return `${role}: ${parts.map((part) => ("text" in part ? part.text : part.type)).join("|")}`;
    });
}

describe("a conversation", () => {
  it("begins with what its history was given", async () => {
    const history = createHistory({ initial: [[{ role: "assistant", content: "Hello, how can I help?" }]] });
    const { agent, model } = talker(["So."], { history });
    await agent.run("Help me.");
    expect(saidTo(model)).toEqual(["assistant: Hello, how can I help?", "user: Help me."]);
  });

  it("may be shared by agents with different prompts", async () => {
    const history = createHistory();
    const optimist = talker(["Good."], { history, prompt: { background: ["You hope."] } });
    const pessimist = talker(["Bad."], { history, prompt: { background: ["You fear."] } });
    await optimist.agent.run("The weather?");
    await pessimist.agent.run("And now?");
    expect(saidTo(pessimist.model)).toEqual(["user: The weather?", "assistant: Good.", "user: And now?"]);
    expect(JSON.stringify(pessimist.model.requests[0]?.prompt)).not.toContain("You hope");
    expect(history.turns).toHaveLength(2);
  });

  it("goes on without an input behind a result that the program has put there", async () => {
    const history = createHistory();
    const { agent, model } = talker(["Let me look.", "It is 3."], { history });
    await agent.run("1 + 2?");
    history.append([{ role: "tool", content: { sum: 3 } }]);
    expect(await agent.run(undefined)).toBe("It is 3.");
    const said = saidTo(model);
    expect(said.slice(0, 2)).toEqual(["user: 1 + 2?", "assistant: Let me look."]);
    expect(said[2]).toMatch(/^user: .*"sum":3/);
    expect(history.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  });

  it("has a turn for each run, with an id of its own, which all its messages share", async () => {
    const history = createHistory();
    const { agent } = talker(["a", "b"], { history });
    await agent.run("1");
    await agent.run("2");
    expect(history.turns.map(({ messages }) => messages.map(({ content }) => content))).toEqual([
      ["1", "a"],
      ["2", "b"],
    ]);
    expect(new Set(history.turns.map(({ id }) => id)).size).toBe(2);
  });

  it("loses no turn for want of room when the run fails", async () => {
    const history = createHistory();
    for (const word of ["one ", "two "]) history.add([{ role: "user", content: word.repeat(200) }]);
    const estimate = (text: string): number => text.length / 4;
    const maxContextTokens = Math.ceil((await talker([], { estimate }).agent.countTokens()).total) + 300;
    const { agent, model } = talker([new Error("down"), "Done."], {
      history,
      estimate,
      maxContextTokens,
      calls: { attempts: 1 },
    });
    expect((await agent.tryRun("x")).ok).toBe(false);
    expect([saidTo(model).length, history.turns.length]).toEqual([2, 2]);
    await agent.run("x");
    expect(history.turns).toHaveLength(2);
    expect(String(history.messages[0]?.content).slice(0, 3)).toBe("two");
  });

  it("is nobody's where the session id is empty", async () => {
    const sessions = memorySessions();
    const { agent, model } = talker(["a", "b"], { sessions });
    await agent.run("My secret", { sessionId: "" });
    await agent.run("Hello", { sessionId: "" });
    expect(saidTo(model)).toEqual(["user: Hello"]);
  });

  it("is not written by counting its tokens", async () => {
    const history = createHistory();
    const { agent, model } = talker([], { history });
    expect((await agent.countTokens("Hello")).history).toBeGreaterThan(0);
    expect([history.turns.length, model.requests.length]).toEqual([0, 0]);
  });
});

describe("what the model is told", () => {
  it("has the descriptions of schemas and their properties", async () => {
    const model = scriptedModel(['{"kind":"bug"}']);
    const agent = defineLlmAgent({
      name: "sort",
      description: "Sorts.",
      model,
      input: z.object({ text: z.string() }),
      output: z
        .object({ kind: z.enum(["bug"]).meta({ description: "What it is." }) })
        .meta({ title: "Triage", description: "What a ticket is about." }),
    });
    await agent.run({ text: "x" });
    const format = model.requests[0]?.responseFormat;
    expect(format).toMatchObject({
      type: "json",
      schema: {
        description: "What a ticket is about.",
        properties: { kind: { description: "What it is." } },
      },
    });
  });

  it("has the same providers for agents that share them", async () => {
    let weather = "rain";
    const providers = new PromptProviders([
      promptProvider({ name: "weather", title: "Weather", info: () => weather }),
    ]);
    const first = talker([() => "a"], { promptProviders: providers });
    const second = talker([() => "b"], { promptProviders: providers });
    await first.agent.run("x");
    weather = "sun";
    await second.agent.run("x");
    expect(JSON.stringify(first.model.requests[0]?.prompt)).toContain("rain");
    expect(JSON.stringify(second.model.requests[0]?.prompt)).toContain("sun");
    providers.unregister("weather");
    expect(await first.agent.systemPrompt()).not.toContain("Weather");
    expect(await second.agent.systemPrompt()).not.toContain("Weather");
  });

  it("keeps background, steps and instructions in the order in which they were given", async () => {
    const { agent } = talker([], {
      prompt: { background: ["b2", "b1"], steps: ["s2", "s1"], outputInstructions: ["o2", "o1"] },
    });
    const lines = (await agent.systemPrompt()).split("\n").filter((line) => /^- [bso]\d$/.test(line));
    expect(lines).toEqual(["- b2", "- b1", "- s2", "- s1", "- o2", "- o1"]);
  });
});

describe("hooks of an agent", () => {
  it("hear the same of answers that are streamed and of those that are not", async () => {
    const heard: string[][] = [];
    for (const stream of [true, false]) {
      const hooks = new Hooks();
      const events: string[] = [];
      heard.push(events);
      for (const event of ["request", "response", "error", "lastAttempt", "tokensCounted"] as const) {
        hooks.on(event, () => void events.push(event));
      }
      const { agent } = talker([new Error("down"), "Hello."], {
        hooks,
        stream,
        calls: { attempts: 2, baseDelayMs: 0 },
      });
      await agent.run("x");
    }
    expect(heard[0]).toEqual(["tokensCounted", "request", "error", "lastAttempt", "request", "response"]);
    expect(heard[1]).toEqual(heard[0]);
  });

  it("hear of tokens that are counted, unless they are disabled", async () => {
    const hooks = new Hooks();
    const totals: number[] = [];
    hooks.on("tokensCounted", ({ total }) => void totals.push(total));
    const { agent } = talker([], { hooks });
    const { total } = await agent.countTokens("x");
    hooks.disable();
    await agent.countTokens("x");
    hooks.enable();
    await agent.countTokens("x");
    expect(totals).toEqual([total, total]);
  });
});
