import type { AnySchema, JsonSchema } from "@atomic-agents/contracts";
import { type AgentDescription, defineAgent, describe as describeAgent, pipeline } from "@atomic-agents/core";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type } from "arktype";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { buildOpenApi, type OpenApiDocument } from "./build-open-api.ts";
import { findByPointer } from "./find-by-pointer.ts";

function agentOf(name: string, input: AnySchema, output: AnySchema = z.string()): AgentDescription {
  return describeAgent(defineAgent({ name, description: `Does ${name}.`, input, output, execute: () => "" }));
}

function describedBy(
  name: string,
  input: JsonSchema,
  output: JsonSchema = { type: "string" },
): AgentDescription {
  return { ...agentOf(name, z.string()), input, output };
}

const config = await createConfig({ extends: ["spec"], rules: { "security-defined": "error" } });

/** What both validators have against a document. */
async function complaints(document: OpenApiDocument): Promise<readonly unknown[]> {
  const source = JSON.stringify(document);
  const { valid, errors } = await new Validator().validate(JSON.parse(source));
  const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
  return [
    ...(valid ? [] : [errors]),
    ...problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`),
  ];
}

function documentOf(...agents: readonly AgentDescription[]): OpenApiDocument {
  return buildOpenApi({ agents, isAtRoot: agents.length === 1, isSecured: false });
}

/** Says what a component of a document takes. */
function componentCheck(document: OpenApiDocument, name: string): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...(JSON.parse(JSON.stringify(document)) as object), $id: "https://test.invalid/doc" });
  return ajv.compile({ $ref: `https://test.invalid/doc#/components/schemas/${name}` }) as (
    value: unknown,
  ) => boolean;
}

const Address = z.object({ street: z.string(), city: z.string() }).meta({ id: "Address" });
const Tree = z.object({
  value: z.number(),
  get children() {
    return z.array(Tree);
  },
});
const Named = z
  .object({
    name: z.string(),
    get next() {
      return Named.optional();
    },
  })
  .meta({ id: "Named node/äé %41~x" });

const agents: Readonly<Record<string, AgentDescription>> = {
  text: agentOf("clean-text", z.object({ text: z.string().meta({ examples: ["  a  b "] }) })),
  anything: agentOf("any-thing", z.any(), z.unknown()),
  never: agentOf("no-thing", z.never()),
  recursive: agentOf("grow-tree", Tree, Tree),
  named: agentOf("follow", Named, z.array(Named)),
  shared: agentOf("send", z.object({ from: Address, to: Address }), Address),
  union: agentOf(
    "choose",
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), n: z.int().min(1) }),
      z.object({ kind: z.literal("b"), s: z.string().nullable() }),
    ]),
  ),
  tuples: agentOf("pair", z.tuple([z.string(), z.number()]).rest(z.boolean()), z.record(z.string(), z.int())),
  annotated: agentOf(
    "annotated",
    z.string().meta({ title: "T", deprecated: true, color: "red", id: "Colour" }),
  ),
  odd: agentOf("n{a}me with ?#% <b>é", z.object({ "a b/c~d": z.string() })),
  surrogate: agentOf("half \ud800", z.string()),
  runs: agentOf("Runs", z.string()),
  digits: agentOf("2nd", z.string()),
  arktype: agentOf("ark", type({ name: "string > 1", "age?": "number.integer" })),
  pipeline: describeAgent(
    pipeline("two-steps")
      .stage(
        defineAgent({
          name: "one",
          description: "One.",
          input: z.object({ a: Address }),
          output: z.string(),
          execute: ({ a }) => a.city,
        }),
      )
      .stage(
        defineAgent({
          name: "two",
          description: "Two.",
          input: z.string(),
          output: Address,
          execute: (city) => ({ street: "", city }),
        }),
      ),
  ),
  notJson: agentOf("dates", z.date()),
};

/** Schemas that lead their references in all the ways there are, with values that they take and refuse. */
const reRooted: readonly {
  readonly title: string;
  readonly schema: JsonSchema;
  readonly takes: readonly unknown[];
  readonly refuses: readonly unknown[];
}[] = [
  {
    title: "the root by #",
    schema: { type: "object", properties: { next: { $ref: "#" }, n: { type: "integer" } }, required: ["n"] },
    takes: [{ n: 1 }, { n: 1, next: { n: 2 } }],
    refuses: [{ n: 1, next: {} }],
  },
  {
    title: "a place in the root",
    schema: { properties: { a: { type: "string" }, b: { $ref: "#/properties/a" } } },
    takes: [{ a: "", b: "" }],
    refuses: [{ b: 1 }],
  },
  {
    title: "definitions that lead to each other and to the root",
    schema: {
      $ref: "#/$defs/A",
      $defs: {
        A: { type: "object", properties: { b: { $ref: "#/$defs/B" }, all: { $ref: "#" } } },
        B: { type: "array", items: { $ref: "#/$defs/A" } },
        Unused: { $ref: "#/$defs/B" },
      },
    },
    takes: [{ b: [{ b: [] }], all: {} }],
    refuses: [{ b: {} }, { all: 1 }, { b: [1] }],
  },
  {
    title: "names with odd characters, encoded or not",
    schema: {
      properties: {
        a: { $ref: "#/$defs/a b~1c~0d%25" },
        b: { $ref: "#/$defs/a%20b~1c~0d%25" },
        c: { $ref: "#/$defs/__proto__" },
        d: { $ref: "#/$defs/%E4%B8%AD" },
        e: { $ref: "#/properties/with space~1/properties/x" },
        "with space/": { properties: { x: { type: "null" } } },
      },
      $defs: Object.fromEntries([
        ["a b/c~d%", { type: "string" }],
        ["__proto__", { type: "number" }],
        ["中", { type: "boolean" }],
      ]),
    },
    takes: [{ a: "", b: "", c: 1, d: true, e: null }],
    refuses: [{ a: 1 }, { b: 1 }, { c: "" }, { d: 1 }, { e: 1 }],
  },
  {
    title: "ids and anchors",
    schema: {
      $id: "https://example.com/root",
      type: "object",
      properties: {
        a: { $ref: "#text" },
        b: { $ref: "https://example.com/root#/$defs/Number" },
        c: { $ref: "part" },
        d: { $ref: "part#inner" },
        e: { $ref: "https://example.com/root" },
      },
      $defs: {
        Text: { $anchor: "text", type: "string" },
        Number: { type: "number" },
        Part: {
          $id: "part",
          type: "array",
          items: { $ref: "#/$defs/Own" },
          $defs: { Own: { $anchor: "inner", type: "boolean" } },
        },
      },
    },
    takes: [{ a: "", b: 1, c: [true], d: false, e: { a: "" } }],
    refuses: [{ a: 1 }, { b: "" }, { c: [1] }, { c: 1 }, { d: 1 }, { e: { a: 1 } }],
  },
  {
    title: "a dynamic reference with one anchor",
    schema: {
      $dynamicAnchor: "node",
      type: "object",
      properties: { children: { type: "array", items: { $dynamicRef: "#node" } } },
      additionalProperties: false,
    },
    takes: [{ children: [{ children: [] }] }],
    refuses: [{ children: [{ other: 1 }] }],
  },
  {
    title: "booleans",
    schema: {
      properties: { yes: true, no: false, all: { $ref: "#/$defs/Any" }, none: { $ref: "#/$defs/None" } },
      $defs: { Any: true, None: false },
    },
    takes: [{ yes: 1, all: [] }],
    refuses: [{ no: 1 }, { none: 1 }],
  },
  {
    title: "a reference beside other keywords",
    schema: {
      properties: { a: { $ref: "#/$defs/Short", minLength: 2, description: "Beside." } },
      $defs: { Short: { type: "string", maxLength: 3 } },
    },
    takes: [{ a: "ab" }],
    refuses: [{ a: "a" }, { a: "abcd" }],
  },
  {
    title: "definitions by their former name",
    schema: { items: { $ref: "#/definitions/N" }, type: "array", definitions: { N: { type: "integer" } } },
    takes: [[1]],
    refuses: [["a"]],
  },
];

describe("buildOpenApi", () => {
  it.each(Object.entries(agents))("describes an agent as both validators want it: %s", async (_, agent) => {
    expect(await complaints(documentOf(agent))).toEqual([]);
    expect(await complaints(buildOpenApi({ agents: [agent], isAtRoot: false, isSecured: true }))).toEqual([]);
  });

  it("has nothing that a strict reader would have otherwise", async () => {
    const strict = await createConfig({
      extends: ["recommended"],
      // Whose licence it would be is not known; and what says how a service is has nothing to refuse.
      rules: { "info-license": "off", "operation-4xx-response": "off" },
    });
    for (const isSecured of [true, false]) {
      const document = buildOpenApi({ agents: [agents["text"] ?? []].flat(), isAtRoot: true, isSecured });
      const source = JSON.stringify(document);
      const problems = await lintFromString({ source, absoluteRef: "openapi.json", config: strict });
      expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
    }
  });

  it("describes all agents in one document", async () => {
    const document = documentOf(...Object.values(agents));
    expect(await complaints(document)).toEqual([]);
    expect(Object.keys(document.paths)).toContain("/agents/clean-text/execute");
    expect(document.paths["/agents/clean-text/execute"]?.["post"]?.operationId).toBe("executeCleanText");
  });

  it.each(reRooted)(
    "leads references to where schemas are now: $title",
    async ({ schema, takes, refuses }) => {
      const other = describedBy("other", { type: "object", $defs: { A: { type: "null" } } });
      const document = documentOf(other, describedBy("subject", schema, schema));
      expect(await complaints(document)).toEqual([]);
      const original = new Ajv2020({ strict: false }).compile(schema);
      const isTaken = componentCheck(document, "SubjectInput");
      const judged = [...takes, ...refuses].map((value) => [value, original(value), isTaken(value)]);
      expect(judged).toEqual([
        ...takes.map((value) => [value, true, true]),
        ...refuses.map((value) => [value, false, false]),
      ]);
    },
  );

  it("gives agents whose names look alike names of their own", () => {
    const { paths } = documentOf(
      agentOf("a-b", z.string()),
      agentOf("aB", z.string()),
      agentOf("a b", z.string()),
    );
    const operations = Object.values(paths).map((item) => item["post"]?.operationId);
    expect(operations.filter((id) => id?.startsWith("execute"))).toEqual([
      "executeAB",
      "executeAB2",
      "executeAB3",
    ]);
  });

  it("lets go what cannot be followed, and says so", async () => {
    const document = documentOf(
      describedBy("far", {
        properties: {
          away: { $ref: "https://example.com/elsewhere.json", type: "string" },
          nowhere: { $ref: "#/$defs/Missing" },
          unknown: { $ref: "#/x-things/a" },
        },
        "x-things": { a: { type: "string" } },
      }),
    );
    expect(await complaints(document)).toEqual([]);
    expect(document.components["schemas"]?.["FarInput"]).toMatchObject({
      properties: { away: { type: "string", $comment: expect.stringContaining("elsewhere.json") as string } },
    });
  });

  it("has the examples that authors wrote, and none of its own", () => {
    const stated = agentOf("clean", z.object({ text: z.string().meta({ examples: ["a b"] }) }), z.string());
    const body = documentOf(stated).paths["/execute"]?.["post"]?.requestBody?.content["application/json"];
    expect(body?.example).toEqual({ input: { text: "a b" } });
    const without = documentOf(agentOf("clean", z.object({ text: z.string() })));
    expect(without.paths["/execute"]?.["post"]?.requestBody?.content["application/json"]).not.toHaveProperty(
      "example",
    );
  });

  it("names a scope for all but what is open", () => {
    const { paths } = buildOpenApi({ agents: [agentOf("a", z.string())], isAtRoot: true, isSecured: true });
    const open = Object.entries(paths).flatMap(([path, item]) =>
      Object.values(item).some((operation) => operation.security?.length === 0) ? [path] : [],
    );
    expect(open).toEqual(["/docs", "/health", "/ready"]);
    expect(paths["/execute"]?.["post"]?.security).toEqual([{ bearer: ["execute"] }]);
    expect(paths["/metrics"]?.["get"]?.security).toEqual([{ bearer: ["read"] }]);
  });

  it("takes any schema, and any value that an agent takes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 8, unit: "binary" }), anySchema), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 10 }),
        async (described, values) => {
          const document = documentOf(
            ...described.map(([name, schema], index) =>
              describedBy(`${index} ${name.replaceAll(/[/\p{Cc}\u2028\u2029]/gu, "")}`, schema),
            ),
          );
          expect(await complaints(document)).toEqual([]);
          for (const [index, [, schema]] of described.entries()) {
            const reference = document.tags[index]?.["x-atomic-agent"]?.input ?? "";
            expect(findByPointer(document, reference)).toBeDefined();
            const original = new Ajv2020({ strict: false }).compile(schema);
            const isTaken = componentCheck(document, reference.split("/").at(-1) ?? "");
            for (const value of values) expect(isTaken(value)).toBe(original(value));
          }
        },
      ),
      { numRuns: process.env["FULL"] === "1" ? 300 : 20 },
    );
  }, 300_000);
});

const key = fc.constantFrom("a", "b c", "d/e", "~f", "%41", "ä");
const definition = fc.constantFrom("A", "B b", "C/c~", "%44", "__proto__");

const { schema: anySchemaPart } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<JsonSchema>(
      {},
      { type: "string" },
      { type: "integer", minimum: 0 },
      { enum: [1, "a", null] },
    ),
    // Under a property, so that it cannot lead to itself without a value to look into.
    fc.record({ name: key, to: definition }).map(({ name, to }) => ({
      properties: Object.fromEntries([
        [name, { $ref: `#/$defs/${encodeURIComponent(to.replaceAll("~", "~0").replaceAll("/", "~1"))}` }],
      ]),
    })),
    fc.record({ name: key }).map(({ name }) => ({ properties: Object.fromEntries([[name, { $ref: "#" }]]) })),
    fc.dictionary(key, tie("schema")).map((properties) => ({ type: "object", properties })),
    tie("schema").map((items) => ({ type: "array", items })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
  ),
}));

/** A document in which every reference leads somewhere. */
const anySchema: fc.Arbitrary<JsonSchema> = fc
  .tuple(anySchemaPart, fc.array(anySchemaPart, { minLength: 5, maxLength: 5 }))
  .map(([root, parts]) => ({
    ...root,
    $defs: Object.fromEntries(
      ["A", "B b", "C/c~", "%44", "__proto__"].map((name, index) => [name, parts[index] ?? true]),
    ),
  }));
