import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setValue } from "./set-value.ts";

describe("setValue", () => {
  it.each([
    [undefined, "a=1", { a: 1 }],
    [{ a: 1 }, "a=2", { a: 2 }],
    [{ a: { b: 1, c: 2 } }, "a.b=3", { a: { b: 3, c: 2 } }],
    [{}, "a.b.c=x", { a: { b: { c: "x" } } }],
    [{}, "a==", { a: "=" }],
    [{}, "a=", { a: "" }],
    [{}, 'a="1"', { a: "1" }],
    [{}, "a=[1,null]", { a: [1, null] }],
    [[1, 2], "1=3", [1, 3]],
    [[1], "1=2", [1, 2]],
    [{ list: [{ a: 1 }] }, "list.0.a=2", { list: [{ a: 2 }] }],
    [{ list: [] }, "list.0.a=2", { list: [{ a: 2 }] }],
    [{}, "constructor.prototype.x=1", { constructor: { prototype: { x: 1 } } }],
  ])("%j with %s", (input, assignment, expected) => {
    expect(setValue(input, assignment)).toEqual(expected);
  });

  it.each(["", "a", "=1", ".a=1", "a.=1", "a..b=1", "__proto__=1", "a.__proto__.b=1"])(
    "refuses %j",
    (assignment) => {
      expect(() => setValue({}, assignment)).toThrow(/sets nothing|refused/);
    },
  );

  it("sets one value, leaves the others and the input as they are, and nothing else in the world", () => {
    const key = fc.constantFrom("a", "b", "constructor", "toString", "length", "0");
    fc.assert(
      fc.property(fc.dictionary(key, fc.integer()), key, fc.jsonValue(), (input, name, value) => {
        const before = structuredClone(input);
        const { [name]: _, ...others } = input;
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(setValue(input, `${name}=${JSON.stringify(value)}`)).toEqual({ ...others, [name]: plain });
        expect(input).toEqual(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});
