import { type Agent, defineAgent, pipeline } from "@atomic-agents/core";
import { expectTypeOf, test } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "./define-llm-agent.ts";
import type { LlmAgent } from "./llm-agent.ts";

const card = { name: "a", description: "A.", model: "simulated" } as const;

test("types follow from the schemas: what goes in and what comes out", () => {
  const agent = defineLlmAgent({
    ...card,
    input: z.object({ text: z.string(), limit: z.int().default(3) }),
    output: z.object({ words: z.string().transform((text) => text.split(" ")) }),
  });
  expectTypeOf(agent).toEqualTypeOf<
    LlmAgent<{ text: string; limit?: number | undefined }, { words: string[] }>
  >();
  expectTypeOf(agent).toExtend<Agent<{ text: string; limit: number }, { words: string[] }>>();
  expectTypeOf(agent.withModel("simulated/2").run).toEqualTypeOf<typeof agent.run>();
  // @ts-expect-error -- the input has a text
  void agent.run({ limit: 3 });
});

test("it fits between agents like any other, and only where its types do", () => {
  const agent = defineLlmAgent({ ...card, input: z.string(), output: z.object({ n: z.int() }) });
  const twice = defineAgent({
    name: "twice",
    description: "Doubles.",
    input: z.object({ n: z.int() }),
    output: z.int(),
    execute: ({ n }) => 2 * n,
  });
  expectTypeOf(pipeline("p").stage(agent).stage(twice).run).returns.toEqualTypeOf<Promise<number>>();
  // @ts-expect-error -- a number is no text
  pipeline("p").stage(twice).stage(agent);
});

test("parts that there are not are refused", () => {
  const schemas = { input: z.string(), output: z.string() };
  expectTypeOf(defineLlmAgent({ ...card, ...schemas })).toEqualTypeOf<LlmAgent<string, string>>();
  // @ts-expect-error -- misspelt
  defineLlmAgent({ ...card, ...schemas, promts: {} });
  // @ts-expect-error -- no such role
  defineLlmAgent({ ...card, ...schemas, systemRole: "boss" });
  // @ts-expect-error -- no such setting
  defineLlmAgent({ ...card, ...schemas, settings: { temprature: 1 } });
  // @ts-expect-error -- an agent without a model
  defineLlmAgent({ name: "a", description: "A.", ...schemas });
});
