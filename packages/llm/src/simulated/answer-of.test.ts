import type { JsonSchema } from "@atomic-agents/contracts";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { answerOf } from "./answer-of.ts";

const newest = new Ajv2020({ strict: false, logger: false });
const draft7 = new Ajv({ strict: false, logger: false });
// Its default export is a module to TypeScript, and a function to Node.
for (const ajv of [newest, draft7]) (addFormats as unknown as (ajv: Ajv | Ajv2020) => void)(ajv);

/** A JSON Schema of its types names what may be undefined; ours leaves it out. */
const jsonOf = (schema: z.ZodType, target: "draft-7" | "draft-2020-12" = "draft-2020-12") =>
  z.toJSONSchema(schema, { target, io: "output" }) as JsonSchema;

const formats = [
  z.email(),
  z.url(),
  z.uuid(),
  z.iso.datetime(),
  z.iso.date(),
  z.iso.time(),
  z.ipv4(),
  z.ipv6(),
  z.string().regex(/^[A-Z]{2}-\d{3,5}$/),
  z.string().startsWith("id-"),
];
const texts = fc
  .tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.nat({ max: 3 }))
  .map(([least, more, kind]) =>
    kind === 0
      ? z.string()
      : kind === 1
        ? z.string().min(least)
        : kind === 2
          ? z.string().max(least)
          : z
              .string()
              .min(least)
              .max(least + more),
  );
const numbers = fc
  .tuple(fc.integer({ min: -1_000, max: 1_000 }), fc.nat({ max: 100 }), fc.nat({ max: 8 }))
  .map(([least, more, kind]): z.ZodType => {
    if (kind === 0) return z.number();
    if (kind === 1) return z.int();
    if (kind === 2)
      return z
        .int()
        .min(least)
        .max(least + more);
    if (kind === 3)
      return z
        .number()
        .min(least)
        .max(least + more);
    if (kind === 4) return z.number().positive();
    if (kind === 5)
      return z
        .int()
        .gt(least)
        .lt(least + more + 2);
    if (kind === 6) return z.number().multipleOf(0.5).min(least);
    if (kind === 7) return z.int().multipleOf(7).max(least);
    return z
      .number()
      .gt(least / 10)
      .lt(least / 10 + 0.5);
  });
const simple: fc.Arbitrary<z.ZodType> = fc.oneof(
  texts,
  numbers,
  fc.constantFrom<z.ZodType>(
    ...formats,
    z.boolean(),
    z.null(),
    z.literal("only"),
    z.literal([1, "two", true]),
    z.enum(["low", "medium", "high"]),
    z.unknown(),
  ),
);
const keys = fc.constantFrom(
  "name",
  "total",
  "items",
  "dueDate",
  "a b",
  "ä",
  "__proto",
  "type",
  "enum",
  "properties",
);

/** Schemas as authors write them, some levels deep. */
const { schema: schemas } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    simple,
    fc.array(fc.tuple(keys, tie("schema"), fc.nat({ max: 4 })), { maxLength: 5 }).chain((parts) =>
      fc.nat({ max: 2 }).map((kind) => {
        const shape = Object.fromEntries(
          parts.map(([key, part, how]): [string, z.ZodType] => [
            key,
            how === 0
              ? part.optional()
              : how === 1
                ? part.nullable()
                : how === 2
                  ? part.describe(`the ${key}`)
                  : part,
          ]),
        );
        return kind === 0 ? z.object(shape) : kind === 1 ? z.strictObject(shape) : z.looseObject(shape);
      }),
    ),
    fc
      .tuple(tie("schema"), fc.nat({ max: 6 }), fc.nat({ max: 6 }), fc.nat({ max: 2 }))
      .map(([part, least, more, kind]) =>
        kind === 0
          ? z.array(part)
          : kind === 1
            ? z.array(part).min(least)
            : z
                .array(part)
                .min(least)
                .max(least + more),
      ),
    fc.tuple(tie("schema"), tie("schema")).map((parts) => z.tuple(parts)),
    fc.tuple(tie("schema"), tie("schema")).map((parts) => z.union(parts)),
    tie("schema").map((part) => z.record(z.string(), part)),
    tie("schema").map((part) => z.record(z.enum(["one", "two"]), part)),
    fc
      .tuple(tie("schema"), tie("schema"))
      .map(([one, other]) =>
        z.discriminatedUnion("kind", [
          z.object({ kind: z.literal("a"), one }),
          z.object({ kind: z.literal("b"), other: other.optional() }),
        ]),
      ),
    fc
      .tuple(tie("schema"), tie("schema"))
      .map(([one, other]) => z.intersection(z.object({ one }), z.object({ other: other.optional() }))),
  ),
}));

describe("answerOf", () => {
  it("gives what a schema describes, in both dialects that models are asked in", () => {
    fc.assert(
      fc.property(
        schemas,
        fc.nat(),
        fc.constantFrom("draft-7", "draft-2020-12" as const),
        (schema, seed, target) => {
          const described = jsonOf(schema, target);
          const value = answerOf(described, seed);
          const ajv = target === "draft-7" ? draft7 : newest;
          const validate = ajv.compile(described);
          if (!validate(value))
            expect.fail(
              `${JSON.stringify(value)} of ${JSON.stringify(described)}: ${ajv.errorsText(validate.errors)}`,
            );
          expect(JSON.stringify(answerOf(described, seed))).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  it("begins every text that may be any with what it is", () => {
    const schema = z.object({
      title: z.string().max(60),
      dueDate: z.string().nullable(),
      tags: z.array(z.string().min(20)).min(1),
      code: z.string().max(4),
    });
    const spoken = (kind: object) => ({ type: ["string", "null"], ...kind });
    for (let seed = 0; seed < 50; seed++) {
      const value = schema.parse(answerOf(jsonOf(schema), seed));
      expect(value).toMatchObject({ title: "Simulated title", code: "Simu" });
      expect(value.dueDate ?? "Simulated due date").toBe("Simulated due date");
      expect(value.tags.every((tag) => /^Simulated tags\.{6}$/.test(tag))).toBe(true);
      expect([null, "Simulated answer"]).toContain(answerOf(spoken({ description: "a text" }), seed));
      expect([null, "red"]).toContain(answerOf(spoken({ enum: ["red", null] }), seed));
    }
  });

  it("gives other values for other seeds, and comes to all choices", () => {
    const described = jsonOf(z.object({ kind: z.enum(["a", "b", "c"]), is: z.boolean() }));
    const found = new Set(
      Array.from({ length: 100 }, (_, seed) => JSON.stringify(answerOf(described, seed))),
    );
    expect(found.size).toBe(6);
  });

  it("comes to an end where a schema does not", () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree);
      },
      get parent() {
        return Tree.optional();
      },
    });
    const described = jsonOf(Tree);
    for (let seed = 0; seed < 50; seed++) {
      const value = answerOf(described, seed);
      expect(Tree.safeParse(value)).toMatchObject({ success: true });
      expect(JSON.stringify(value).length).toBeLessThan(100_000);
    }
  });

  it("follows references, and says which it cannot follow", () => {
    const json = z.json();
    type Json = z.infer<typeof json>;
    const described = jsonOf(z.object({ data: json, same: json }));
    for (let seed = 0; seed < 50; seed++) {
      const value = answerOf(described, seed) as Json;
      expect(newest.validate(described, value)).toBe(true);
    }
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `part${index}`,
        {
          type: "object",
          properties: Object.fromEntries(
            Array.from({ length: 12 }, (__, other) => [`to${other}`, { $ref: `#/$defs/part${other}` }]),
          ),
        },
      ]),
    );
    const tangled = { $ref: "#/$defs/part0", $defs: many };
    expect(newest.validate(tangled, answerOf(tangled, 1))).toBe(true);
    expect(() => answerOf({ $ref: "https://example.com/other.json" }, 1)).toThrow("points elsewhere");
    expect(() => answerOf({ $ref: "#/$defs/none" }, 1)).toThrow("points nowhere");
    expect(() => answerOf({ type: "array", items: { $ref: "#" }, minItems: 1 }, 1)).toThrow("ever ends");
  });

  it("keeps long lists short, and refuses what asks for too much", () => {
    const many = answerOf({ type: "array", items: { type: "integer" }, minItems: 2, maxItems: 100_000 }, 1);
    expect((many as readonly unknown[]).length).toBeLessThan(6);
    for (const wanted of [{ minLength: 1e9 }, { minItems: 1e9 }, { minProperties: 1e9 }]) {
      const type = "minLength" in wanted ? "string" : "minItems" in wanted ? "array" : "object";
      expect(() => answerOf({ type, ...wanted }, 1)).toThrow("10000");
    }
  });

  it("takes names of properties for names, whatever they are", () => {
    const schema = z.object({ type: z.string(), enum: z.string(), required: z.string(), items: z.string() });
    expect(answerOf(jsonOf(schema), 1)).toEqual({
      type: "Simulated type",
      enum: "Simulated enum",
      required: "Simulated required",
      items: "Simulated items",
    });
  });
});
