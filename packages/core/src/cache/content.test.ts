import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { copyContent, hashOfContent, isSameContent, notContent } from "./content.ts";
import { contentText, readContent } from "./content-text.ts";

/** Any text of UTF-16 code units, halves of surrogate pairs among them. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 })
  .map((units) => String.fromCharCode(...units));
const name = fc.oneof(fc.constantFrom("a", "b", "~", "__proto__", "constructor", "0", "1", ""), anyText);

const { content } = fc.letrec<{ content: unknown }>((tie) => ({
  content: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1n, "", "1"),
    fc.double(),
    fc.bigInt(),
    anyText,
    fc.date({ noInvalidDate: false }),
    fc.array(tie("content"), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie("content")), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
    fc.array(fc.tuple(tie("content"), tie("content")), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    fc.array(tie("content"), { maxLength: 3 }).map((items) => new Set(items)),
  ),
}));

/** The same content with the keys of its objects the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [reversed(key), reversed(item)]));
  if (value instanceof Set) return new Set([...value].map(reversed));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const pairs = Object.entries(value).map(([key, item]) => [key, reversed(item)] as const);
  return Object.fromEntries(pairs.toReversed());
}

test("a copy is equal, shares nothing, and reads and compares as the same", () => {
  fc.assert(
    fc.property(content, (value) => {
      const copy = copyContent(value);
      expect(isDeepStrictEqual(copy, value)).toBe(true);
      expect(sharesNothing(copy, value)).toBe(true);
      expect(isSameContent(copy, value)).toBe(true);
      expect(hashOfContent(copy)).toBe(hashOfContent(value));
    }),
  );
});

function sharesNothing(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || left === null) return true;
  if (left === right) return false;
  const parts = (value: object): readonly unknown[] => {
    if (value instanceof Map) return [...value].flat();
    return value instanceof Set ? [...value] : Object.values(value);
  };
  // The same kind of object: it has just been compared.
  const others = parts(right as object);
  return parts(left).every((part, index) => sharesNothing(part, others[index]));
}

test("the order of keys does not count", () => {
  fc.assert(
    fc.property(content, (value) => {
      const other = reversed(value);
      expect(isSameContent(value, other)).toBe(true);
      expect(hashOfContent(other)).toBe(hashOfContent(value));
      expect(contentText(other, "sorted")).toBe(contentText(value, "sorted"));
    }),
  );
});

test("two contents are the same exactly when their texts are, and then so are their hashes", () => {
  fc.assert(
    fc.property(content, content, (left, right) => {
      const same = isSameContent(left, right);
      expect(isSameContent(right, left)).toBe(same);
      expect(contentText(left, "sorted") === contentText(right, "sorted")).toBe(same);
      if (same) expect(hashOfContent(left)).toBe(hashOfContent(right));
    }),
    { numRuns: 2_000 },
  );
});

test("a text is JSON in well-formed Unicode, and reads back as it was, order of keys included", () => {
  fc.assert(
    fc.property(content, (value) => {
      const text = contentText(value, "kept");
      expect(text.isWellFormed()).toBe(true);
      const read = readContent(JSON.parse(text));
      expect(isDeepStrictEqual(read, value)).toBe(true);
      expect(contentText(read, "kept")).toBe(text);
    }),
  );
});

test("what is JSON is written as JSON.stringify writes it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('"~":'));
      // As it comes out of JSON, which -0 does not.
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(contentText(plain, "kept")).toBe(JSON.stringify(plain));
    }),
  );
});

describe("what looks alike is told apart", () => {
  const alike: readonly unknown[] = [
    0,
    -0,
    "0",
    0n,
    "0n",
    false,
    null,
    undefined,
    "",
    "null",
    "undefined",
    Number.NaN,
    "NaN",
    [],
    {},
    new Map(),
    new Set(),
    [undefined],
    [null],
    [[]],
    { a: undefined },
    { a: null },
    new Date(0),
    new Date(Number.NaN),
    new Map([["a", 1]]),
    { a: 1 },
    [["a", 1]],
    new Set(["a", 1]),
    "\ud800",
    "\udfff",
    "\ufffd",
    "\\ud800",
    new Map([
      ["a", 1],
      ["b", 2],
    ]),
    new Map([
      ["b", 2],
      ["a", 1],
    ]),
    new Set([1, 2]),
    new Set([2, 1]),
    { "~": ["date", 0] },
    { "~": ["undefined"] },
    { "~": ["object", [["a", 1]]] },
    JSON.parse('{"__proto__":{}}'),
    { a: "1" },
    [1],
    { 0: 1 },
  ];

  test.each(alike.map((value, index) => [contentText(value, "sorted"), value, index] as const))(
    "%s",
    (text, value, index) => {
      for (const [otherIndex, other] of alike.entries()) {
        expect(isSameContent(value, other)).toBe(index === otherIndex);
        expect(contentText(other, "sorted") === text).toBe(index === otherIndex);
      }
    },
  );
});

describe("what is no content", () => {
  class Point {
    readonly x = 1;
  }
  class OwnArray extends Array<number> {}
  class OwnDate extends Date {}
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const wide: unknown[] = [];
  wide.push(wide, wide);
  let deep: unknown = 1;
  for (let depth = 0; depth < 102; depth++) deep = [deep];
  const withHole = [1];
  withHole[2] = 3;
  const cases: readonly (readonly [string, unknown])[] = [
    ["a function", () => {}],
    ["a symbol", Symbol("x")],
    ["a class instance", new Point()],
    ["an instance of a class that extends Array", OwnArray.of(1)],
    ["an instance of a class that extends Date", new OwnDate(0)],
    ["a promise", Promise.resolve(1)],
    ["an error", new Error("x")],
    ["bytes", new Uint8Array(2)],
    ["a regular expression", /x/],
    ["a boxed text", Object("x")],
    ["an array with a hole", withHole],
    ["a circle", circle],
    ["a circle that branches", wide],
    ["what is deeper than a hundred", deep],
    ["an object with the prototype of a date only", Object.create(Date.prototype)],
    ["an object with the prototype of a map only", Object.create(Map.prototype)],
    [
      "a getter that throws",
      {
        get x() {
          throw new Error("no");
        },
      },
    ],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          getPrototypeOf() {
            throw new Error("no");
          },
        },
      ),
    ],
  ];

  test.each(cases)("%s, alone or inside", (_what, value) => {
    for (const holder of [value, [value], { a: { b: value } }, new Map([["a", value]]), new Set([value])]) {
      expect(copyContent(holder)).toBe(notContent);
      expect(hashOfContent(holder)).toBeUndefined();
    }
  });

  test.each([
    ["an array", (part: unknown) => [part, part]],
    ["an object", (part: unknown) => ({ a: part, b: part })],
    ["a set", (part: unknown) => new Set([part, [part]])],
  ])("%s that stands for 2^40 values", (_what, twice) => {
    let value: unknown = 1;
    for (let depth = 0; depth < 40; depth++) value = twice(value);
    expect(copyContent(value)).toBe(notContent);
    expect(hashOfContent(value)).toBeUndefined();
  });

  test("what is just deep enough is content", () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100; depth++) value = [value];
    expect(copyContent(value)).toEqual(value);
    expect(hashOfContent(value)).toBeDefined();
  });
});

test("what stands under a symbol does not belong to it", () => {
  const value = { a: 1, [Symbol("b")]: () => {} };
  expect(Reflect.ownKeys(copyContent(value) as object)).toEqual(["a"]);
  expect(isSameContent(value, { a: 1 })).toBe(true);
  expect(hashOfContent(value)).toBe(hashOfContent({ a: 1 }));
});

test("an object without prototype has the content of one with", () => {
  const bare: unknown = Object.assign(Object.create(null), { a: 1 });
  expect(isSameContent(bare, { a: 1 })).toBe(true);
  expect(hashOfContent(bare)).toBe(hashOfContent({ a: 1 }));
  expect(copyContent(bare)).toEqual({ a: 1 });
});

test("a key named __proto__ stays a key", () => {
  const value: unknown = JSON.parse('{"__proto__":{"admin":true},"a":1}');
  for (const copy of [copyContent(value), readContent(JSON.parse(contentText(value, "sorted")))]) {
    expect(Object.keys(copy as object)).toContain("__proto__");
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect("admin" in (copy as object)).toBe(false);
  }
});

test("contents that differ a little mostly have different hashes", () => {
  const hashes = new Set<number | undefined>();
  for (let index = 0; index < 10_000; index++) {
    hashes.add(
      hashOfContent({ id: index, text: `ticket ${index}`, tags: [index % 7, index], flag: index % 2 === 0 }),
    );
  }
  // Of ten thousand random 32-bit numbers about a hundredth pair is expected to meet.
  expect(hashes.size).toBeGreaterThan(9_950);
});
