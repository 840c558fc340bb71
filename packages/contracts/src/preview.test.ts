import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preview } from "./preview.ts";

class Account {
  readonly owner = "Ada";
  get secret(): string {
    throw new Error("read");
  }
}

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe("preview", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ["", 'string ""'],
    ["it's", 'string "it\'s"'],
    ['say "hi"\n\t\\', 'string "say \\"hi\\"\\n\\t\\\\"'],
    ["\u0000\u001b[31m\u007f\u0085", 'string "\\u0000\\u001B[31m\\u007F\\u0085"'],
    ["a\u202eb\u200bc\ufeff\u2028", 'string "a\\u202Eb\\u200Bc\\uFEFF\\u2028"'],
    ["\ud800", 'string "\\uD800"'],
    ["👍 größe שלום", 'string "👍 größe שלום"'],
    ["a".repeat(61), `string "${"a".repeat(60)}…" of 61 characters`],
    ["…", 'string "…"'],
    [1.5, "number 1.5"],
    [-0, "number -0"],
    [Number.NaN, "number NaN"],
    [12n, "bigint 12n"],
    [10n ** 99n, "bigint of more than 50 digits"],
    [true, "boolean true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("a\nb"), 'symbol "a\\nb"'],
    [Symbol(), 'symbol ""'],
    [function named() {}, "function named"],
    [() => 1, "function"],
    [class Model {}, "function Model"],
    [[], "empty array"],
    [[1, 2], "array of 2"],
    [{}, "object without keys"],
    [{ a: 1 }, "object with key a"],
    [{ a: 1, "b\n": 2 }, "object with keys a, b\\n"],
    [Object.create(null), "object without keys"],
    [new Account(), "object of class Account with key owner"],
    [new Date(0), "Date 1970-01-01T00:00:00.000Z"],
    [new Date(Number.NaN), "Date that is invalid"],
    [new Map([[1, 2]]), "Map of 1"],
    [new Set(), "Set of 0"],
    [Promise.resolve(1), "Promise, not awaited"],
  ];
  it("shows the type and the beginning of a value", () => {
    for (const [value, text] of cases) expect(preview(value)).toBe(text);
  });

  it("names so many keys as fit, and how many there are", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key${index}`, index]));
    expect(preview(many)).toBe(
      "object with 100 keys: key0, key1, key2, key3, key4, key5, key6, key7, key8, key9, …",
    );
  });

  it("takes a value that contains itself", () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    expect(preview(circular)).toBe("object with key self");
  });

  it("calls no getter", () => {
    let calls = 0;
    const value = {
      get a() {
        calls += 1;
        return 1;
      },
    };
    expect(preview(value)).toBe("object with key a");
    expect(calls).toBe(0);
  });

  it("takes proxies that throw, and objects of another realm", () => {
    const fail = (): never => {
      throw new Error("trap");
    };
    expect(preview(new Proxy({}, { ownKeys: fail, getPrototypeOf: fail, get: fail }))).toBe(
      "object that cannot be read",
    );
    expect(preview(revoked())).toBe("object that cannot be read");
    expect(preview(new Proxy(() => 1, { getOwnPropertyDescriptor: fail }))).toBe(
      "function that cannot be read",
    );
    expect(preview(runInContext("({ a: [1] })", createContext()))).toBe("object with key a");
  });

  it("is one short line without anything hidden, and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything({ withBigInt: true, withDate: true, withMap: true }),
          fc.string({ unit: "binary" }),
        ),
        (value) => {
          const text = preview(value);
          expect(text.length).toBeLessThanOrEqual(150);
          expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        },
      ),
    );
  });
});
