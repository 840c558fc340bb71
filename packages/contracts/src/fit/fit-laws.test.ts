import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type AnySchema, type JsonSchema, toJsonSchema } from "../index.ts";
import { fromJsonSchema } from "../json-schema/index.ts";
import { fromValibot } from "../valibot/index.ts";
import { apartNodes } from "./apart.ts";
import { Budget } from "./budget.ts";
import { type Dialect, dialectOf, plainDialect } from "./dialect.ts";
import { obstacleOf } from "./inside.ts";
import { type Fit, fit, fitJson } from "./index.ts";
import { Reader } from "./reader.ts";

/** What the schemas of all vendors are made of here, so that the same can be built in each. */
type Spec =
  | { readonly kind: "string"; readonly min: number; readonly max: number }
  | { readonly kind: "int" | "number"; readonly min: number; readonly max: number; readonly of: number }
  | { readonly kind: "boolean" | "null" | "any" }
  | { readonly kind: "enum"; readonly values: readonly (string | number)[] }
  | { readonly kind: "array"; readonly item: Spec; readonly min: number; readonly max: number }
  | { readonly kind: "tuple"; readonly items: readonly Spec[] }
  | {
      readonly kind: "object";
      readonly fields: readonly Field[];
      readonly extra: "strip" | "refuse" | "keep";
    }
  | { readonly kind: "record"; readonly value: Spec }
  | { readonly kind: "union"; readonly options: readonly Spec[] };

interface Field {
  readonly key: string;
  readonly value: Spec;
  readonly isOptional: boolean;
}

const none = Number.POSITIVE_INFINITY;
const range = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
    .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const bounds = (low: number, high: number, least: number) =>
  fc.oneof(
    fc.constant({ min: least, max: none }),
    range(low, high),
    range(low, high).map(({ min }) => ({ min, max: none })),
    range(low, high).map(({ max }) => ({ min: least, max })),
  );

const specs: fc.Arbitrary<Spec> = fc.letrec<{ spec: Spec }>((tie) => {
  const spec = tie("spec");
  const fields = fc.uniqueArray(
    fc.record({ key: fc.constantFrom("a", "b", "c", "kind"), value: spec, isOptional: fc.boolean() }),
    { maxLength: 3, selector: ({ key }) => key },
  );
  const tagged = fc
    .uniqueArray(fc.constantFrom("x", "y", "w"), { minLength: 2, maxLength: 3 })
    .chain((tags) =>
      fc.tuple(fc.constant(tags), fc.array(fields, { minLength: tags.length, maxLength: tags.length })),
    )
    .map(([tags, lists]): Spec => {
      const options = tags.map((tag, index): Spec => {
        const kind: Field = { key: "kind", value: { kind: "enum", values: [tag] }, isOptional: false };
        const others = (lists[index] ?? []).filter(({ key }) => key !== "kind");
        return { kind: "object", fields: [kind, ...others], extra: "strip" };
      });
      return { kind: "union", options };
    });
  return {
    spec: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      bounds(0, 4, 0).map((limits): Spec => ({ kind: "string", ...limits })),
      fc
        .tuple(bounds(-5, 10, -none), fc.constantFrom(1, 1, 1, 2, 3, 6))
        .map(([limits, of]): Spec => ({ kind: "int", ...limits, of })),
      bounds(-5, 10, -none).map((limits): Spec => ({ kind: "number", ...limits, of: 1 })),
      fc.constantFrom<Spec>({ kind: "boolean" }, { kind: "null" }, { kind: "any" }),
      fc
        .uniqueArray(fc.constantFrom<string | number>("x", "y", "a", "long text", 0, 1, 2.5), {
          minLength: 1,
          maxLength: 3,
        })
        .map((values): Spec => ({ kind: "enum", values })),
      fc.tuple(spec, bounds(0, 3, 0)).map(([item, limits]): Spec => ({ kind: "array", item, ...limits })),
      fc.array(spec, { minLength: 1, maxLength: 2 }).map((items): Spec => ({ kind: "tuple", items })),
      fc
        .tuple(fields, fc.constantFrom("strip", "strip", "refuse", "keep"))
        .map(([list, extra]): Spec => ({ kind: "object", fields: list, extra })),
      spec.map((value): Spec => ({ kind: "record", value })),
      fc.array(spec, { minLength: 2, maxLength: 3 }).map((options): Spec => ({ kind: "union", options })),
      spec.map((option): Spec => ({ kind: "union", options: [option, { kind: "null" }] })),
      tagged,
    ),
  };
}).spec;

function partsOf(spec: Spec): readonly Spec[] {
  switch (spec.kind) {
    case "array":
      return [spec.item];
    case "tuple":
      return spec.items;
    case "object":
      return spec.fields.map(({ value }) => value);
    case "record":
      return [spec.value];
    case "union":
      return spec.options;
    default:
      return [];
  }
}

/** The same with another in one place, so that pairs are often nearly alike. */
function changed(spec: Spec, other: Spec, choice: number): Spec {
  const parts = partsOf(spec);
  if (parts.length === 0 || choice % 4 === 0) return other;
  const at = choice % parts.length;
  const next = (part: Spec, index: number) =>
    index === at ? changed(part, other, Math.floor(choice / 2)) : part;
  switch (spec.kind) {
    case "array":
      return { ...spec, item: next(spec.item, 0) };
    case "tuple":
      return { ...spec, items: spec.items.map(next) };
    case "object":
      if (choice % 3 === 0) return { ...spec, fields: spec.fields.filter((_, index) => index !== at) };
      return {
        ...spec,
        fields: spec.fields.map((field, index) => ({ ...field, value: next(field.value, index) })),
      };
    case "record":
      return { ...spec, value: next(spec.value, 0) };
    case "union":
      if (choice % 3 === 0 && parts.length > 2)
        return { ...spec, options: parts.filter((_, index) => index !== at) };
      return { ...spec, options: spec.options.map(next) };
    default:
      return other;
  }
}

const pairs: fc.Arbitrary<readonly [Spec, Spec]> = fc.oneof(
  fc.tuple(specs, specs),
  fc.tuple(specs, specs, fc.nat(1_000)).map(([a, b, choice]) => [a, changed(a, b, choice)] as const),
  fc.tuple(specs, specs, fc.nat(1_000)).map(([a, b, choice]) => [changed(a, b, choice), a] as const),
  specs.map((spec) => [spec, spec] as const),
);

function toZod(spec: Spec): z.ZodType {
  switch (spec.kind) {
    case "string":
      return limited(
        limited(z.string(), spec.min > 0, (s) => s.min(spec.min)),
        spec.max < none,
        (s) => s.max(spec.max),
      );
    case "int":
    case "number": {
      const base = spec.kind === "int" ? z.int() : z.number();
      const low = limited<z.ZodNumber>(base, spec.min > -none, (s) => s.min(spec.min));
      const both = limited(low, spec.max < none, (s) => s.max(spec.max));
      return limited(both, spec.of > 1, (s) => s.multipleOf(spec.of));
    }
    case "boolean":
      return z.boolean();
    case "null":
      return z.null();
    case "any":
      return z.any();
    case "enum":
      return z.literal([...spec.values]);
    case "array": {
      const base = limited(z.array(toZod(spec.item)), spec.min > 0, (s) => s.min(spec.min));
      return limited(base, spec.max < none, (s) => s.max(spec.max));
    }
    case "tuple":
      return z.tuple(spec.items.map(toZod) as [z.ZodType, ...z.ZodType[]]);
    case "object": {
      const shape = Object.fromEntries(
        spec.fields.map(({ key, value, isOptional }) => [
          key,
          isOptional ? toZod(value).optional() : toZod(value),
        ]),
      );
      if (spec.extra === "strip") return z.object(shape);
      return spec.extra === "refuse" ? z.strictObject(shape) : z.looseObject(shape);
    }
    case "record":
      return z.record(z.string(), toZod(spec.value));
    case "union": {
      const tags = spec.options.map((option) =>
        option.kind === "object" ? tagOf(option.fields) : undefined,
      );
      const options = spec.options.map(toZod);
      if (!tags.includes(undefined) && new Set(tags).size === tags.length) {
        return z.discriminatedUnion("kind", options as unknown as [z.ZodObject, z.ZodObject]);
      }
      return z.union(options);
    }
  }
}

function tagOf(fields: readonly Field[]): unknown {
  const tag = fields.find(({ key, isOptional }) => key === "kind" && !isOptional)?.value;
  return tag?.kind === "enum" && tag.values.length === 1 ? tag.values[0] : undefined;
}

function limited<T>(schema: T, isLimited: boolean, limit: (schema: T) => T): T {
  return isLimited ? limit(schema) : schema;
}

type AnyValibot = v.GenericSchema;

function toValibot(spec: Spec): AnyValibot {
  switch (spec.kind) {
    case "string": {
      const low = spec.min > 0 ? v.pipe(v.string(), v.minLength(spec.min)) : v.string();
      return spec.max < none ? v.pipe(low, v.maxLength(spec.max)) : low;
    }
    case "int":
    case "number": {
      const base = spec.kind === "int" ? v.pipe(v.number(), v.integer()) : v.number();
      const low = spec.min > -none ? v.pipe(base, v.minValue(spec.min)) : base;
      const both = spec.max < none ? v.pipe(low, v.maxValue(spec.max)) : low;
      return spec.of > 1 ? v.pipe(both, v.multipleOf(spec.of)) : both;
    }
    case "boolean":
      return v.boolean();
    case "null":
      return v.null();
    case "any":
      return v.any();
    case "enum":
      return v.picklist(spec.values);
    case "array": {
      const base = v.array(toValibot(spec.item));
      const low = spec.min > 0 ? v.pipe(base, v.minLength(spec.min)) : base;
      return spec.max < none ? v.pipe(low, v.maxLength(spec.max)) : low;
    }
    case "tuple":
      return v.strictTuple(spec.items.map(toValibot));
    case "object": {
      const entries = Object.fromEntries(
        spec.fields.map(({ key, value, isOptional }) => [
          key,
          isOptional ? v.optional(toValibot(value)) : toValibot(value),
        ]),
      );
      if (spec.extra === "strip") return v.object(entries);
      return spec.extra === "refuse" ? v.strictObject(entries) : v.looseObject(entries);
    }
    case "record":
      return v.record(v.string(), toValibot(spec.value));
    case "union":
      return v.union(spec.options.map(toValibot));
  }
}

type AnyArk = type.Any<unknown>;

function toArk(spec: Spec): AnyArk {
  // The types that are put together at run time only have no static type.
  const ark = (value: unknown) => value as AnyArk;
  switch (spec.kind) {
    case "string": {
      const low = spec.min > 0 ? type.string.atLeastLength(spec.min) : type.string;
      return ark(spec.max < none ? low.atMostLength(spec.max) : low);
    }
    case "int":
    case "number": {
      const base = spec.kind === "int" ? type("number.integer") : type.number;
      const low = spec.min > -none ? base.atLeast(spec.min) : base;
      const both = spec.max < none ? low.atMost(spec.max) : low;
      return ark(spec.of > 1 ? both.divisibleBy(spec.of) : both);
    }
    case "boolean":
      return ark(type.boolean);
    case "null":
      return ark(type.null);
    case "any":
      return ark(type.unknown);
    case "enum":
      return ark(type.enumerated(...spec.values));
    case "array": {
      const base = toArk(spec.item).array();
      const low = spec.min > 0 ? base.atLeastLength(spec.min) : base;
      return ark(spec.max < none ? low.atMostLength(spec.max) : low);
    }
    case "tuple":
      return ark(type(spec.items.map(toArk) as unknown as "unknown"));
    case "object": {
      const entries = spec.fields.map(({ key, value, isOptional }) => [
        isOptional ? `${key}?` : key,
        toArk(value),
      ]);
      const extra = spec.extra === "keep" ? [] : [["+", spec.extra === "strip" ? "delete" : "reject"]];
      return ark(type(Object.fromEntries([...entries, ...extra]) as unknown as "unknown"));
    }
    case "record":
      return ark(type({ "[string]": toArk(spec.value) } as unknown as "unknown"));
    case "union":
      return spec.options.map(toArk).reduce((all, option) => ark(all.or(option as never)));
  }
}

/** Values of a spec, with keys that are not declared where they are not refused. */
function valuesOf(spec: Spec): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case "string":
      return fc.string({ minLength: spec.min, maxLength: Math.min(spec.max, spec.min + 5) });
    case "int":
      return fc
        .integer({ min: Math.max(-20, spec.min), max: Math.min(20, spec.max) })
        .map((value) => value - (value % spec.of));
    case "number":
      return fc.oneof(
        fc.integer({ min: Math.max(-20, spec.min), max: Math.min(20, spec.max) }),
        fc.double({ min: Math.max(-20, spec.min), max: Math.min(20, spec.max), noNaN: true }),
      );
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "any":
      return fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom<unknown>("x", 0, {}, []));
    case "enum":
      return fc.constantFrom(...spec.values);
    case "array":
      return fc.array(valuesOf(spec.item), {
        minLength: spec.min,
        maxLength: Math.min(spec.max, spec.min + 2),
      });
    case "tuple":
      return fc.tuple(...spec.items.map(valuesOf));
    case "object": {
      const declared = Object.fromEntries(spec.fields.map(({ key, value }) => [key, valuesOf(value)]));
      const requiredKeys = spec.fields.filter(({ isOptional }) => !isOptional).map(({ key }) => key);
      const object = fc.record(declared, { requiredKeys });
      if (spec.extra === "refuse") return object;
      const extra = fc.dictionary(
        fc.constantFrom("a", "b", "c", "other"),
        fc.constantFrom<unknown>(0, "x", null),
        {
          maxKeys: 1,
        },
      );
      return fc.tuple(extra, object).map(([more, own]) => ({ ...more, ...own }));
    }
    case "record":
      return fc.dictionary(fc.constantFrom("a", "b", "kind", "other"), valuesOf(spec.value), { maxKeys: 2 });
    case "union":
      return fc.oneof(...spec.options.map(valuesOf));
  }
}

const vendors: Readonly<Record<string, (spec: Spec) => AnySchema>> = {
  zod: toZod,
  valibot: (spec) => fromValibot(toValibot(spec)),
  arktype: toArk,
};

/** What a schema hands on, or nothing where it refuses it. (Some unions of ArkType throw where they should refuse.) */
function outputOf(schema: AnySchema, value: unknown): { readonly value: unknown } | undefined {
  try {
    const result = schema["~standard"].validate(structuredClone(value));
    return "then" in result || result.issues ? undefined : { value: result.value };
  } catch {
    return undefined;
  }
}

/** What a verdict says that the validators do not: nothing where it is right. */
function faultsOf(
  verdict: Fit,
  from: AnySchema,
  to: AnySchema,
  values: readonly unknown[],
): readonly unknown[] {
  if (verdict.verdict === "unknown") return [];
  if (verdict.verdict === "sometimes") {
    const { passes, fails, why } = verdict;
    return [
      ...(outputOf(to, passes) === undefined ? [{ passes, but: "it is refused" }] : []),
      ...(outputOf(to, fails) === undefined ? [] : [{ fails, but: "it is taken" }]),
      ...[passes, fails].filter((value) => outputOf(from, value) === undefined),
      ...(why.includes("expected") ? [] : [{ why }]),
    ];
  }
  return values.flatMap((value) => {
    const output = outputOf(from, value);
    if (output === undefined) return [];
    const isTaken = outputOf(to, output.value) !== undefined;
    return isTaken === (verdict.verdict === "always") ? [] : [{ verdict, output: output.value, isTaken }];
  });
}

const cases = fc
  .tuple(pairs, fc.constantFrom("zod", "valibot", "arktype"), fc.constantFrom("zod", "valibot", "arktype"))
  .chain(([pair, from, to]) =>
    fc.record({
      pair: fc.constant(pair),
      from: fc.constant(from),
      to: fc.constant(to),
      values: fc.array(fc.oneof(valuesOf(pair[0]), valuesOf(pair[0]), valuesOf(pair[1])), {
        minLength: 20,
        maxLength: 20,
      }),
    }),
  );

/** ArkType refuses to make a type that nothing can be of. */
function build(vendor: string, spec: Spec): AnySchema | undefined {
  try {
    return vendors[vendor]?.(spec);
  } catch {
    return undefined;
  }
}

describe("fit, by the vendors' own validators", () => {
  it.each([
    ["zod", "zod"],
    ["valibot", "valibot"],
    ["arktype", "arktype"],
  ])("never says a false always or never, and its witnesses hold: %s", (from, to) => {
    fc.assert(
      fc.property(cases, ({ pair, values }) => {
        const a = build(from, pair[0]);
        const b = build(to, pair[1]);
        const isBuilt = a !== undefined && b !== undefined;
        expect(isBuilt ? faultsOf(fit(a, b), a, b, values) : []).toEqual([]);
      }),
    );
  });

  it("holds between vendors", () => {
    fc.assert(
      fc.property(cases, ({ pair, from, to, values }) => {
        const a = build(from, pair[0]);
        const b = build(to, pair[1]);
        const isBuilt = a !== undefined && b !== undefined;
        expect(isBuilt ? faultsOf(fit(a, b), a, b, values) : []).toEqual([]);
      }),
    );
  });

  it("decides nearly all of what it understands, and gives every verdict", () => {
    const sample = fc.sample(pairs, { numRuns: 1_000, seed: 7 });
    const counts: Record<string, number> = {};
    for (const [a, b] of sample) {
      const { verdict } = fit(toZod(a), toZod(b));
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
    expect(counts["unknown"] ?? 0).toBeLessThan(20);
    for (const verdict of ["always", "sometimes", "never"]) expect(counts[verdict]).toBeGreaterThan(100);
  });
});

const scalars: readonly unknown[] = [null, true, false, -1, 0, 1, 2, 3, 0.5, "", "a", "b", "ab"];
const domain: readonly unknown[] = [
  ...scalars,
  [],
  [0],
  [1],
  ["a"],
  [0, 0],
  [0, "a"],
  {},
  { a: 0 },
  { a: 1 },
  { a: "a" },
  { b: 0 },
  { a: 0, b: 0 },
  { a: "b", b: 1 },
  { a: { a: 0 } },
];

const jsonSchemas: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const schema = tie("schema");
  const small = fc.integer({ min: -1, max: 3 });
  const size = fc.integer({ min: 0, max: 2 });
  const types = fc.constantFrom("null", "boolean", "integer", "number", "string", "array", "object");
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.record({ type: types }),
      fc.record({ type: fc.uniqueArray(types, { minLength: 2, maxLength: 3 }) }),
      fc
        .uniqueArray(fc.constantFrom(...domain), { minLength: 1, maxLength: 3 })
        .map((list) => ({ enum: list })),
      fc.constantFrom(...domain).map((value) => ({ const: value })),
      fc.record({ type: types, minimum: small, exclusiveMaximum: small }, { requiredKeys: [] }),
      fc.record(
        { exclusiveMinimum: small, maximum: small, multipleOf: fc.constantFrom(2, 3, 0.5) },
        { requiredKeys: [] },
      ),
      fc.record({ type: fc.constant("string"), minLength: size, maxLength: size }, { requiredKeys: [] }),
      fc.record({ pattern: fc.constantFrom("a", "^b") }),
      fc.record(
        { type: fc.constant("array"), items: schema, minItems: size, maxItems: size },
        { requiredKeys: ["type"] },
      ),
      fc.record({
        type: fc.constant("array"),
        prefixItems: fc.array(schema, { minLength: 1, maxLength: 2 }),
        items: fc.boolean(),
      }),
      fc.record(
        {
          type: fc.constant("object"),
          properties: fc.dictionary(fc.constantFrom("a", "b"), schema, { maxKeys: 2 }),
          required: fc.uniqueArray(fc.constantFrom("a", "b")),
          additionalProperties: fc.oneof(fc.boolean(), schema),
          propertyNames: fc.constantFrom<JsonSchema>({ type: "string" }, { enum: ["a"] }, { maxLength: 1 }),
        },
        { requiredKeys: ["type"] },
      ),
      fc.array(schema, { minLength: 1, maxLength: 2 }).map((list) => ({ allOf: list })),
      fc.array(schema, { minLength: 1, maxLength: 3 }).map((list) => ({ anyOf: list })),
      fc.array(schema, { minLength: 1, maxLength: 2 }).map((list) => ({ oneOf: list })),
      fc.tuple(schema, types).map(([inner, name]) => ({ ...inner, anyOf: [{ type: name }, { const: 0 }] })),
      schema.map((inner) => ({ not: inner })),
      fc.constant({ uniqueItems: true }),
      fc.constant({ minProperties: 1 }),
      fc.constant({}),
    ),
  };
}).schema;

function isOf(schema: JsonSchema): (value: unknown) => boolean {
  const compiled = fromJsonSchema(schema);
  return (value) => outputOf(compiled, value) !== undefined;
}

/** Two that are often nearly alike, so that much is proved of them. */
const jsonPairs: fc.Arbitrary<readonly [JsonSchema, JsonSchema]> = fc
  .tuple(jsonSchemas, jsonSchemas, fc.constantFrom("apart", "added", "changed"))
  .map(([from, other, relation]) => {
    if (relation === "apart") return [from, other];
    return relation === "added" ? [{ ...from, ...other }, from] : [from, { ...from, ...other }];
  });

/** Proofs are quick, and few pairs lie on an edge. */
const manyRuns = process.env["FULL"] === "1" ? 20_000 : 2_000;

/** What is proved of two JSON Schemas, before any value is tried. */
function proved(from: JsonSchema, to: JsonSchema, dialects: readonly [Dialect, Dialect]): Fit["verdict"] {
  const budget = new Budget(200_000);
  const a = new Reader(from, dialects[0], budget).read();
  const b = new Reader(to, dialects[1], budget).read();
  if (apartNodes(a, b, budget)) return a.shapes.length === 0 ? "unknown" : "never";
  return obstacleOf(a, b, "", budget) === undefined ? "always" : "unknown";
}

/** As `faultsOf`, for a verdict that names no values. */
function proofFaults(
  verdict: Fit["verdict"],
  from: AnySchema,
  to: AnySchema,
  values: readonly unknown[],
): readonly unknown[] {
  if (verdict === "always") return faultsOf({ verdict }, from, to, values);
  return verdict === "never" ? faultsOf({ verdict, path: "", why: "" }, from, to, values) : [];
}

describe("the proofs by themselves", () => {
  it("are right about JSON Schema", () => {
    fc.assert(
      fc.property(jsonPairs, ([from, to]) => {
        const verdict = proved(from, to, [plainDialect, plainDialect]);
        expect(proofFaults(verdict, fromJsonSchema(from), fromJsonSchema(to), domain)).toEqual([]);
      }),
      { numRuns: manyRuns },
    );
  });

  it("are right about vendors", () => {
    fc.assert(
      fc.property(cases, ({ pair, from, to, values }) => {
        const a = build(from, pair[0]);
        const b = build(to, pair[1]);
        if (a === undefined || b === undefined) return;
        const verdict = proved(toJsonSchema(a, "output"), toJsonSchema(b, "input"), [
          dialectOf(a, "output", false),
          dialectOf(b, "input", false),
        ]);
        expect(proofFaults(verdict, a, b, values)).toEqual([]);
      }),
    );
  });
});

describe("fitJson, against trying every value of a small domain", () => {
  it("is right", () => {
    fc.assert(
      fc.property(jsonPairs, ([from, to]) => {
        const [a, b] = [fromJsonSchema(from), fromJsonSchema(to)];
        expect(faultsOf(fitJson(from, to), a, b, domain)).toEqual([]);
        expect(faultsOf(fit(a, b), a, b, domain)).toEqual([]);
      }),
    );
  });

  it("is right about a few values, and knows it but for keywords that it does not read", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...domain), { minLength: 1 }), jsonSchemas, (values, to) => {
        const verdict = fitJson({ enum: values }, to);
        if (verdict.verdict === "unknown") {
          expect(JSON.stringify(to)).toMatch(
            /"(not|oneOf|uniqueItems|minProperties|propertyNames|multipleOf)"/,
          );
          return;
        }
        const taken = values.filter(isOf(to));
        const expected =
          taken.length === values.length ? "always" : taken.length === 0 ? "never" : "sometimes";
        expect(verdict.verdict).toBe(expected);
      }),
    );
  });
});
