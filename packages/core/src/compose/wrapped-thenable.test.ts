import { expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, pipeline, untyped } from "../index.ts";
import { makeWrapper, wrappedStep } from "./wrapper.ts";

const gives = (value: unknown) =>
  defineAgent({
    name: "odd",
    description: "Gives a thenable whose `then` gives nothing back.",
    input: z.string(),
    output: z.string(),
    execute: () => ({ then: (resolve: (value: unknown) => void) => resolve(value) }) as never,
  });

test.each([
  ["the right output", "yes", { ok: true, output: "yes" }],
  ["a wrong output", 5, { ok: false, error: { code: "VALIDATION_OUTPUT", agent: "odd" } }],
])("a wrapped agent whose thenable is no promise, with %s", async (_name, value, outcome) => {
  const agent = gives(value);
  const step = () => wrappedStep(agent, (next) => next);
  const wrapped = makeWrapper({ what: "around", kind: "cache", agent, options: {}, step });
  expect(await wrapped.tryRun("in")).toMatchObject(outcome);
  expect(await untyped(pipeline("p").stage(wrapped)).tryRun("in")).toMatchObject(outcome);
});
