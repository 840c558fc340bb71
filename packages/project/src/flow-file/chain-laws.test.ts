import type { JsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { type AnyAgent, defineAgent } from "@atomic-agents/core";
import { type DeadLetter, toArray } from "@atomic-agents/flow";
import { arbitraryOf } from "@atomic-agents/testing";
import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseText } from "../files/parse-text.ts";
import type { Project } from "../project/project.ts";
import { planFlow } from "./plan-flow.ts";

const folder = mkdtempSync(join(tmpdir(), "chains-"));
afterAll(() => rmSync(folder, { recursive: true }));

const keys = ["a", "b", "c"] as const;
const bounds = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 2, max: 5 }));
const leaves: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.constantFrom<JsonSchema>(
    { type: "string" },
    { type: "integer" },
    { type: "number" },
    { type: "boolean" },
  ),
  bounds.map(([minLength, maxLength]): JsonSchema => ({ type: "string", minLength, maxLength })),
  bounds.map(([minimum, maximum]): JsonSchema => ({ type: "integer", minimum, maximum })),
  fc.subarray(["x", "y", 1, null], { minLength: 1 }).map((values): JsonSchema => ({ enum: values })),
);
const { schemas } = fc.letrec<{ schemas: JsonSchema; objects: JsonSchema }>((tie) => ({
  schemas: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    { weight: 3, arbitrary: leaves },
    tie("objects"),
    fc
      .tuple(tie("schemas"), bounds)
      .map(([items, [minItems, maxItems]]): JsonSchema => ({ type: "array", items, minItems, maxItems })),
    fc.tuple(tie("schemas"), tie("schemas")).map((anyOf): JsonSchema => ({ anyOf })),
  ),
  objects: objectsOf(tie("schemas")),
}));

/** Objects whose keys are mostly all there, so that chains of them often fit. */
function objectsOf(values: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> {
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1 }),
      fc.array(values, { minLength: 3, maxLength: 3 }),
      fc.nat(5),
      fc.boolean(),
    )
    .map(
      ([names, inside, skipped, isOpen]): JsonSchema => ({
        type: "object",
        properties: Object.fromEntries(names.map((name, index) => [name, inside[index] ?? true])),
        required: names.filter((_, index) => index !== skipped - 3),
        additionalProperties: isOpen,
      }),
    );
}

/** Like another schema, and mostly wider: so that what is given is often taken. */
function widened(schema: JsonSchema, choice: number): JsonSchema {
  const { required, properties } = schema;
  switch (choice % 4) {
    case 0:
      return { ...schema, ...(schema["minLength"] !== undefined && { minLength: 0 }) };
    case 1:
      return { anyOf: [schema, { type: "null" }] };
    case 2:
      return properties === undefined
        ? schema
        : { ...schema, additionalProperties: true, required: required?.slice(1) ?? [] };
    default:
      return schema;
  }
}

interface Link {
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  readonly outputs: readonly unknown[];
  readonly onError: "dead-letter" | "pass";
  /** What stands before it. */
  readonly before: "nothing" | "map" | "filter" | "input";
}

const chains = fc
  .tuple(
    objectsOf(schemas),
    fc.array(fc.tuple(objectsOf(schemas), objectsOf(schemas), fc.nat(20), fc.nat(7), fc.nat(9)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .chain(([first, rest]) => {
    let given = first;
    const links = rest.map(([other, output, choice, before, pass]): fc.Arbitrary<Link> => {
      const input = choice % 5 === 4 ? other : widened(given, choice);
      given = output;
      const kinds = ["nothing", "map", "filter", "input"] as const;
      return fc.array(arbitraryOf(output), { minLength: 1, maxLength: 3 }).map((outputs) => ({
        input,
        output,
        outputs,
        onError: pass === 0 ? "pass" : "dead-letter",
        before: kinds[before] ?? "nothing",
      }));
    });
    return fc.record({
      schema: fc.constant(first),
      records: fc.array(arbitraryOf(first), { minLength: 3, maxLength: 8 }),
      links: fc.tuple(...links),
    });
  });

/** A mapping of all that the schema says is there. */
function mappingOf(schema: JsonSchema): Readonly<Record<string, string>> {
  const names = schema.required ?? [];
  return Object.fromEntries(names.map((name) => [name, `record.${name}`]));
}

function stagesOf(schema: JsonSchema, links: readonly Link[]): readonly unknown[] {
  let given = schema;
  return links.flatMap(({ output, onError, before }, index): readonly unknown[] => {
    const mapping = mappingOf(given);
    const known = given.required?.[0];
    given = output;
    const agent = { agent: `agent-${index}`, onError };
    if (before === "map") return [{ map: mapping }, agent];
    if (before === "input") return [{ ...agent, input: mapping }];
    if (before === "filter" && known !== undefined)
      return [{ filter: `record.${known} == record.${known}` }, agent];
    return [agent];
  });
}

function agentOf({ input, output, outputs }: Link, index: number): AnyAgent {
  let count = 0;
  return defineAgent({
    name: `agent-${index}`,
    description: "Gives some values.",
    input: fromJsonSchema(input),
    output: fromJsonSchema(output),
    execute: () => {
      count++;
      // Now and then it fails, so that records are passed on.
      if (count % 3 === 0) throw new Error("busy");
      return outputs[count % outputs.length];
    },
  });
}

describe("a flow of which the strict check has nothing to say", () => {
  // Each is a flow that is run: many take long.
  const runs = Math.min((fc.readConfigureGlobal().numRuns ?? 100) * 2, 1_500);

  it("runs without a record that a stage does not take", { timeout: 600_000 }, async () => {
    const tally = { silent: 0, told: 0 };
    await fc.assert(
      fc.asyncProperty(chains, async ({ schema, records, links }) => {
        const lines = records.map((record) => JSON.stringify(record)).join("\n");
        writeFileSync(join(folder, "in.jsonl"), lines);
        const agents = new Map(links.map((link, index) => [`agent-${index}`, agentOf(link, index)]));
        const project = {
          directory: folder,
          agents: new Map(),
          pipelines: new Map(),
          resources: new Map(),
          flows: new Map(),
          settings: { runs: { path: ".atomic/runs" } },
          agent: async (name: string) => agents.get(name),
          pathOf: (path: string) => join(folder, path),
        } as unknown as Project;
        const file = {
          source: { file: "in.jsonl", schema },
          stages: stagesOf(schema, links),
          sink: "out.jsonl",
        };
        const { document } = parseText(JSON.stringify(file), { file: "chain.flow.json" });
        if (document === undefined) throw new Error("it is JSON");
        const { problems, make } = await planFlow(document, {
          project,
          name: "chain",
          isStrict: true,
          isRun: true,
          madeElsewhere: new Set(),
          concurrency: undefined,
          moduleOptions: {},
        });
        if (problems.length > 0 || make === undefined) {
          tally.told++;
          return;
        }
        tally.silent++;
        const letters: DeadLetter[] = [];
        const got: unknown[] = [];
        const summary = await make(() => toArray(got), undefined).to(toArray(got), {
          deadLetters: toArray(letters),
        });
        expect(summary.read).toBe(records.length);
        const messages = letters.map(({ error }) => error.message);
        expect(messages.filter((message) => !message.endsWith("threw: busy"))).toEqual([]);
      }),
      { numRuns: runs },
    );
    // Otherwise the law was never put to the test.
    expect(tally.silent).toBeGreaterThan(runs / 20);
    expect(tally.told).toBeGreaterThan(runs / 20);
  });
});
