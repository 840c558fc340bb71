import { anything } from "@atomic-agents/contracts";
import { defineAgent } from "@atomic-agents/core";
import { expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { scriptedModel } from "../agent/scripted-model-child.ts";
import { createHistory } from "../history/create-history.ts";
import { loadHistory } from "../history/load-history.ts";

const cyclic = (): unknown => {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
};
const deep = (): unknown => {
  let value: unknown = 1;
  for (let depth = 0; depth < 2_000; depth++) value = { value };
  return value;
};

/** What a model is told that called a tool with such a result. */
async function toldOf(result: () => unknown): Promise<string> {
  const odd = defineAgent({
    name: "odd",
    description: "Gives odd things.",
    input: z.object({}),
    output: anything(),
    execute: () => result(),
  });
  const call = { toolCalls: [{ id: "c", name: "odd", input: {} }], finish: "tool-calls" } as const;
  const model = scriptedModel([call, "Done."]);
  const history = createHistory();
  const agent = defineLlmAgent({
    name: "asks",
    description: "Asks.",
    model,
    input: z.string(),
    output: z.string(),
    tools: [odd],
    history,
  });
  expect(await agent.run("x")).toBe("Done.");
  // What is remembered can be kept.
  const kept = await loadHistory(JSON.parse(JSON.stringify(history.dump())));
  expect(kept.messages).toHaveLength(4);
  return JSON.stringify(model.requests[1]?.prompt.filter(({ role }) => role === "tool"));
}

it.each<[string, () => unknown, RegExp]>([
  ["a value that contains itself", cyclic, /contain itself|nested/],
  ["a value that is nested too deep", deep, /nested/],
  ["bytes", () => new Uint8Array(3), /without bytes/],
  ["a function", () => () => 1, /a function/],
  ["a symbol", () => Symbol("x"), /a symbol/],
  [
    "a value that cannot be read",
    () => ({
      get inner(): unknown {
        throw new Error("no sk-abcdefgh12345678");
      },
    }),
    /no \[redacted\]/,
  ],
  [
    "a value that throws what is no error",
    () => ({
      get inner(): unknown {
        throw Object.create(null);
      },
    }),
    /it cannot be read/,
  ],
  [
    "a value that says no JSON of itself",
    () => ({
      toJSON: (): unknown => {
        throw new Error("nope");
      },
    }),
    /nope/,
  ],
])("a model is told that %s is nothing that can be shown", async (_, result, words) => {
  const told = await toldOf(result);
  expect(told).toContain("It ran, but its result is nothing that can be shown");
  expect(told).toMatch(words);
});

it("a result is what it was when it was given", async () => {
  const live = { count: 0 };
  const counts = defineAgent({
    name: "count",
    description: "Counts.",
    input: z.object({}),
    output: anything(),
    execute: () => {
      live.count++;
      return live;
    },
  });
  const call = { toolCalls: [{ name: "count", input: {} }], finish: "tool-calls" } as const;
  const model = scriptedModel([call, call, "Done."]);
  const agent = defineLlmAgent({
    name: "asks",
    description: "Asks.",
    model,
    input: z.string(),
    output: z.string(),
    tools: [counts],
  });
  await agent.run("x");
  const said = JSON.stringify(model.requests[2]?.prompt);
  expect(said.match(/"count":\d/g)).toEqual(['"count":1', '"count":2']);
});

it.each<[string, () => unknown, string]>([
  ["a bigint", () => 7n, "7"],
  ["a date", () => new Date(0), "1970-01-01"],
  ["a map", () => new Map([["a", 1]]), '{"a":1}'],
  ["a number that JSON has not", () => ({ x: Number.NaN }), '{"x":null}'],
  ["nothing", () => undefined, "null"],
  ["an empty text", () => "", '""'],
])("a model is shown %s", async (_, result, text) => {
  const told = await toldOf(result);
  expect(told).not.toContain("nothing that can be shown");
  expect(told).toContain(text);
});
