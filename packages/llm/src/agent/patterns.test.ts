/** The ways of putting agents together that users of the Python framework are taught, as they are written here. */
import {
  branchOn,
  CircuitBreaker,
  defineAgent,
  fallback,
  loop,
  parallel,
  pipeline,
  withCircuitBreaker,
} from "@atomic-agents/core";
import { expect, it } from "vitest";
import * as z from "zod";
import { createHistory } from "../history/create-history.ts";
import { defineLlmAgent } from "./define-llm-agent.ts";
import { type Reply, scriptedModel } from "./scripted-model-child.ts";

const Question = z.object({ question: z.string() });
const Query = z.object({ query: z.string() });

function asking<TIn extends z.ZodType, TOut extends z.ZodType>(
  name: string,
  input: TIn,
  output: TOut,
  replies: readonly Reply[],
) {
  const model = scriptedModel(replies);
  const agent = defineLlmAgent({
    name,
    description: `Does ${name}.`,
    model,
    input,
    output,
    calls: { attempts: 1 },
  });
  return { agent, model };
}

const search = defineAgent({
  name: "search",
  description: "Searches.",
  input: Query,
  output: z.object({ found: z.string() }),
  execute: ({ query }) => ({ found: `pages about ${query}` }),
});

it("one agent's output schema is the next one's input schema", async () => {
  const { agent } = asking("query", Question, Query, ['{"query":"otters"}']);
  expect(await pipeline("p").stage(agent).stage(search).run({ question: "What are otters?" })).toEqual({
    found: "pages about otters",
  });
});

it("a pipeline with a mapping by hand between its agents", async () => {
  const { agent, model } = asking("sum", z.string(), z.string(), ["Short."]);
  const both = pipeline("both")
    .stage(search)
    .map(({ found }) => `Sum up: ${found}`, z.string())
    .stage(agent);
  expect(await both.run({ query: "otters" })).toBe("Short.");
  expect(JSON.stringify(model.requests[0]?.prompt)).toContain("Sum up: pages about otters");
});

it("agents that work at the same time on the same input", async () => {
  const one = asking("one", z.string(), z.string(), ["1"]);
  const two = asking("two", z.string(), z.string(), ["2"]);
  expect(await parallel({ one: one.agent, two: two.agent }).run("x")).toEqual({ one: "1", two: "2" });
  expect(two.model.requests).toHaveLength(1);
});

it("a router, whose label chooses the specialist", async () => {
  const label = asking("label", z.string(), z.object({ kind: z.enum(["bug", "question"]) }), [
    '{"kind":"bug"}',
  ]);
  const answers = {
    bug: asking("bug", z.unknown(), z.string(), ["Fixed."]),
    question: asking("question", z.unknown(), z.string(), []),
  };
  const routed = pipeline("routed")
    .stage(label.agent)
    .stage(branchOn("kind", { bug: answers.bug.agent, question: answers.question.agent }));
  expect(await routed.run("It crashes")).toBe("Fixed.");
  expect(answers.question.model.requests).toEqual([]);
});

it("a supervisor that goes on until it is content, and not for ever", async () => {
  const Draft = z.object({ text: z.string(), isDone: z.boolean() });
  const draft = asking("draft", Draft, Draft, [
    '{"text":"a","isDone":false}',
    '{"text":"ab","isDone":true}',
    '{"text":"never","isDone":false}',
  ]);
  const refined = loop(draft.agent, { until: ({ isDone }) => isDone, maxRounds: 5 });
  expect(await refined.run({ text: "", isDone: false })).toEqual({ text: "ab", isDone: true });
  expect(draft.model.requests).toHaveLength(2);
});

it("a chain of agents that stand in for each other", async () => {
  const first = asking("first", z.string(), z.string(), [new Error("down")]);
  const second = asking("second", z.string(), z.string(), ["Here."]);
  expect(await fallback([first.agent, second.agent]).run("x")).toBe("Here.");
  expect(first.model.requests).toHaveLength(1);
});

it("a circuit breaker around an agent that keeps failing", async () => {
  const down = asking("down", z.string(), z.string(), Array<Reply>(5).fill(new Error("down")));
  const breaker = new CircuitBreaker({ failures: 2 });
  const guarded = withCircuitBreaker(down.agent, breaker);
  const codes: string[] = [];
  for (let call = 0; call < 4; call++) {
    const result = await guarded.tryRun("x");
    codes.push(result.ok ? "ok" : result.error.code);
  }
  expect(codes).toEqual(["EXECUTION", "EXECUTION", "CIRCUIT_OPEN", "CIRCUIT_OPEN"]);
  expect(down.model.requests).toHaveLength(2);
});

it("an agent chooses tools by what they say of themselves, and another one is given those alone", async () => {
  const others = ["mail", "calendar"].map((name) => ({ ...search, name, description: `Does ${name}.` }));
  const all = [search, ...others];
  const chooser = asking("choose", z.array(z.string()), z.object({ names: z.array(z.string()) }), [
    '{"names":["search"]}',
  ]);
  const { names } = await chooser.agent.run(all.map(({ name, description }) => `${name}: ${description}`));
  const model = scriptedModel([
    { toolCalls: [{ name: "search", input: { query: "otters" } }], finish: "tool-calls" },
    "They swim.",
  ]);
  const worker = defineLlmAgent({
    name: "work",
    description: "Works.",
    model,
    input: z.string(),
    output: z.string(),
    tools: all.filter(({ name }) => names.includes(name)),
  });
  expect(await worker.run("What are otters?")).toBe("They swim.");
  expect(model.requests[0]?.tools?.map(({ name }) => name)).toEqual(["search"]);
});

it("the model chooses a tool, the program runs it, and the same conversation has the answer", async () => {
  const history = createHistory();
  const model = scriptedModel(['{"tool":"search","query":"otters"}', '{"tool":"none","query":""}']);
  const agent = defineLlmAgent({
    name: "choose",
    description: "Chooses a tool.",
    model,
    input: z.string().optional(),
    output: z.object({ tool: z.enum(["search", "none"]), query: z.string() }),
    history,
  });
  const choice = await agent.run("What are otters?");
  expect(choice.tool).toBe("search");
  history.append([{ role: "tool", content: await search.run(choice) }]);
  expect((await agent.run(undefined)).tool).toBe("none");
  expect(JSON.stringify(model.requests[1]?.prompt)).toContain("pages about otters");
});
