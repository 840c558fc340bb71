import { defineAgent } from "@atomic-agents/core";
import { type } from "arktype";
import { expect, test } from "vitest";
import * as z from "zod";
import { agentInput } from "./agent-input.ts";

type Schema = Parameters<typeof defineAgent>[0]["input"];

const given = (input: Schema, set: readonly string[], text?: string) =>
  agentInput(
    defineAgent({ name: "a", description: "Takes.", input, output: z.any(), execute: (value) => value }),
    { reference: "a", text, input: undefined, set },
    new AbortController().signal,
  );

const Options = z.object({
  text: z.string(),
  options: z.object({ maxSentences: z.int() }).partial().optional(),
});

test.each([
  ["misspelt", ["textt=1"], /no use for "textt"/, 'Did you mean "text"?'],
  ["misspelt further in", ["options.maxSentence=1"], /"options.maxSentence"/, 'Did you mean "maxSentences"?'],
  ["like no other", ["text=x", "verbose.very=1"], /"verbose"/, undefined],
])("a key that is %s is refused", async (_name, set, message, hint) => {
  const refused = given(Options, set, "hello");
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toMatchObject({ hint });
});

test.each<[string, Schema, readonly string[]]>([
  ["has a name", Options, ["text=x", "options.maxSentences=2"]],
  ["is one of any", z.looseObject({ text: z.string() }), ["text=x", "more=1"]],
  ["stays, though it has no name", type({ text: "string" }), ["text=x", "more=1"]],
  ["is in a record", z.object({ text: z.string(), by: z.record(z.string(), z.int()) }), ["text=x", "by.a=1"]],
  ["is in what is not taken anyway", Options, ["text=5", "more=1"]],
  ["is made into something else", Options.transform(({ text }) => text), ["text=x", "more=1"]],
  [
    "the union may have",
    z.union([z.object({ text: z.string() }), z.object({ to: z.string() })]),
    ["text=x", "mor=1"],
  ],
])("a key that %s is set", async (_name, schema, set) => {
  expect(await given(schema, set)).toMatchObject({ text: expect.anything() });
});
