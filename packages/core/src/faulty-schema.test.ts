import type { AnySchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { type AnyAgent, defineAgent, mapItems, parallel, pipeline, untyped } from "./index.ts";

const agentOf = (input: AnySchema, output: AnySchema) =>
  defineAgent({
    name: "faulty",
    description: "Hands on.",
    input,
    output,
    execute: (value) => value as never,
  });
const faulty = fromJsonSchema({ type: "object", properties: { a: { type: "strng" } } });
const nowhere = fromJsonSchema({ properties: { a: { $ref: "#/$defs/none" } } });

describe.each<readonly [string, (agent: AnyAgent) => AnyAgent, unknown]>([
  ["alone", (agent) => agent, { a: "x" }],
  [
    "in a pipeline that tries again",
    (agent) => pipeline("p").stage(untyped(agent), { retry: { attempts: 3 } }),
    { a: "x" },
  ],
  ["in parallel", (agent) => parallel({ slot: untyped(agent) }), { a: "x" }],
  ["over items", (agent) => mapItems(untyped(agent)), [{ a: "x" }]],
])("a faulty JSON Schema, %s,", (_name, wrap, input) => {
  test.each([
    ["input", agentOf(faulty, z.any()), "#/properties/a/type"],
    ["output", agentOf(z.any(), faulty), "#/properties/a/type"],
    ["reference", agentOf(nowhere, z.any()), "#/properties/a/$ref"],
  ])("is a fault of configuration: %s", async (_side, agent, path) => {
    const clock = createVirtualClock();
    const result = await clock.until(untyped(wrap(agent)).tryRun(input, { clock }));
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "CONFIG",
        agent: "faulty",
        retryable: false,
        message: expect.stringContaining(`The JSON Schema is faulty at ${path}: `) as unknown,
        details: { path, got: "BAD_SCHEMA" },
        hint: expect.stringMatching(/.+/) as unknown,
      },
    });
    // It would be faulty again.
    expect(clock.now()).toBe(0);
  });
});
