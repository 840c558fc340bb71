import { isDeepStrictEqual } from "node:util";
import { scope, type } from "arktype";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnySchema } from "../schema.ts";
import { canParseOnce, inspectSchema } from "../traits.ts";

const traitsOf = (schema: AnySchema) => {
  const { opaqueChecks, transforms, parseIsIdempotent } = inspectSchema(schema);
  const text = ({ path, name }: { path: string; name: string }) => `${path}: ${name}`;
  return { opaque: opaqueChecks.map(text), transforms: transforms.map(text), once: parseIsIdempotent };
};

const recursive = scope({ node: { value: "string", "next?": "node" } }).export().node;

const safe: readonly AnySchema[] = [
  type("string"),
  type("1 <= string.alpha < 9"),
  type({ a: "string", "k?": "number" }).or({ a: "string", c: "string" }),
  type({ "+": "reject", a: "string|null" }),
  type({ "[string]": "number|boolean" }),
  type(["string", "number?", "...", "boolean[]"]),
  type("'a' | 1 | null"),
  type({ at: "Date", map: "Map" }),
  type({ kind: "'a'", x: "number" }).or({ kind: "'b'", "y?": "string[]" }),
  type("unknown"),
  recursive,
  recursive.array(),
];

const unsafe: readonly AnySchema[] = [
  type("string.trim"),
  type("string.numeric.parse"),
  type({ a: "string = 'x'" }),
  type(["string", "number = 3"]),
  type({ "+": "delete", a: "string" }),
  type({ a: "string.date.parse" }),
  type("string").pipe((text) => text.length),
  type("string").narrow((text) => text !== "b"),
  type({ a: "string.url" }),
  scope({ node: { value: "string.trim", "next?": "node" } }).export().node,
];

describe("what an ArkType type hides", () => {
  it("is nothing for a plain one", () => {
    for (const schema of safe) expect(traitsOf(schema)).toEqual({ opaque: [], transforms: [], once: true });
  });

  it("names predicates, built-in ones too", () => {
    const even = type("number").narrow(function isEven(count) {
      return count % 2 === 0;
    });
    const schema = type({ even, items: type({ link: "string.url" }).array(), word: /^a/i });
    const { opaque, once } = traitsOf(schema);
    expect(opaque).toEqual([
      "even: narrow isEven",
      "items[].link: narrow isParsableUrl",
      "word: regex flags i",
    ]);
    expect(once).toBe(false);
  });

  it("names whatever may hand on another value", () => {
    const schema = type({
      trimmed: "string.trim",
      length: type("string").pipe((text) => text.length),
      "given?": "string.numeric.parse",
      pair: ["string", "number = 3"],
      nested: { "+": "delete", a: "string = 'x'" },
      "[symbol]": "string.trim",
    });
    expect(traitsOf(schema).transforms.sort()).toEqual([
      "*: morph",
      "given: morph",
      "length: morph",
      "nested: default a",
      "nested: undeclared delete",
      "pair: default",
      "trimmed: morph",
    ]);
    for (const transforming of unsafe) expect(traitsOf(transforming).once).toBe(false);
  });
});

const { anyValue } = fc.letrec<{ anyValue: unknown }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>("", "a", "b", " a ", 0, 1, -1, null, true, undefined, new Date(0), new Map()),
    fc.dictionary(
      fc.constantFrom("a", "c", "k", "kind", "x", "y", "value", "next", "at", "map"),
      tie("anyValue"),
      {
        maxKeys: 4,
      },
    ),
    fc.array(tie("anyValue"), { maxLength: 3 }),
  ),
}));

describe("a type that may be parsed once", () => {
  it("gives the same for what it gave", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...safe, ...unsafe), anyValue, async (schema, value) => {
        if (!canParseOnce(schema)) return;
        const first = await schema["~standard"].validate(value);
        if (first.issues) return;
        const second = await schema["~standard"].validate(first.value);
        expect(second.issues).toBeUndefined();
        expect(isDeepStrictEqual("value" in second && second.value, first.value)).toBe(true);
        // What makes it so.
        expect(first.value).toBe(value);
      }),
      { numRuns: (fc.readConfigureGlobal().numRuns ?? 100) * 10 },
    );
  });

  it("takes values that are made for it", async () => {
    const values: readonly unknown[] = [
      "a",
      "abc",
      { a: "x", c: "y", k: "no" },
      { a: null },
      { a: 1, b: true },
      ["a", 1, true],
      "a",
      { at: new Date(0), map: new Map() },
      { kind: "b", y: ["a"], z: 1 },
      undefined,
      { value: "a", next: { value: "b" } },
      [{ value: "a" }],
    ];
    for (const [index, schema] of safe.entries()) {
      expect(await schema["~standard"].validate(values[index])).toEqual({ value: values[index] });
    }
  });
});
