import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonLine, logLine } from "./json-line.ts";

const options = { maxBytes: 65_536 };

/** What a reader of the line gets. */
const read = (value: unknown): unknown => JSON.parse(jsonLine(value, options));

const throwing = (): never => {
  throw new Error("not to be read");
};

test("JSON is written as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(jsonLine(value, options)).toBe(JSON.stringify(value));
    }),
  );
});

test("whatever it is, it becomes one line of JSON within its bounds", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 3_000 }),
    fc.string({
      unit: fc.constantFrom('"', "\\", "\n", "\u0000", "u", "\ud83d", "é", "€"),
      maxLength: 3_000,
    }),
  );
  const value = fc.anything({
    values: [text, fc.double(), fc.bigInt(), fc.constant(undefined), fc.func(fc.nat())],
    key: text,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withBoxedValues: true,
    withNullPrototype: true,
    withObjectString: true,
    withTypedArray: true,
    withSparseArray: true,
    withUnicodeString: true,
    maxDepth: 4,
  });
  fc.assert(
    fc.property(
      value,
      fc.array(fc.tuple(text, value), { maxLength: 5 }),
      fc.integer({ min: 1_024, max: 8_000 }),
      (message, entries, maxBytes) => {
        for (const line of [
          jsonLine(message, { maxBytes }),
          logLine('"level":"info"', message, entries, { maxBytes }),
        ]) {
          expect(() => JSON.parse(line) as unknown).not.toThrow();
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
          // No control character but in escapes, and no line end of any kind.
          expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        }
      },
    ),
  );
});

test("control characters and line ends of any kind are escaped", () => {
  const text = "a\n\r\u0000\u001b[31m\u007f\u0085\u009b\u2028\u2029";
  expect(jsonLine(text, options)).toBe('"a\\n\\r\\u0000\\u001b[31m\\u007f\\u0085\\u009b\\u2028\\u2029"');
  expect(read({ [text]: text })).toEqual({ [text]: text });
});

describe("values that JSON does not have", () => {
  test.each<[string, unknown, unknown]>([
    ["a bigint", 5n, "5"],
    ["nothing", undefined, null],
    ["a symbol", Symbol("x"), null],
    ["not a number", Number.NaN, null],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a date that is none", new Date(Number.NaN), null],
    [
      "a map",
      new Map<unknown, unknown>([
        ["a", 1],
        [{}, 2],
      ]),
      { a: 1, "[object]": 2 },
    ],
    ["a set", new Set([1, "b"]), [1, "b"]],
    ["bytes", Buffer.from("abc"), "[3 bytes]"],
    ["a boxed text", Object("text"), "text"],
    ["what is nothing in an array", [undefined, () => 1, ...new Array(1), 2], [null, null, null, 2]],
    ["what an object leaves out", { a: undefined, b: () => 1, c: Symbol("c"), d: 1 }, { d: 1 }],
    ["a URL", new URL("https://a.example/b"), "https://a.example/b"],
    ["what says itself what it is", { toJSON: () => ({ a: { toJSON: () => 1 } }) }, { a: 1 }],
    ["a name of the prototype", JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ])("%s", (_name, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  test("an error says what it is, with causes and stack", () => {
    const cause = Object.assign(new TypeError("inner"), { status: 500 });
    const error = new Error("outer", { cause });
    expect(read({ error })).toEqual({
      error: {
        name: "Error",
        message: "outer",
        cause: { name: "TypeError", message: "inner", status: 500, stack: cause.stack },
        stack: error.stack,
      },
    });
    expect(read(new AggregateError([new Error("a")], "all"))).toMatchObject({
      message: "all",
      errors: [{ message: "a" }],
    });
  });

  test("an error that is its own cause", () => {
    const error = new Error("x");
    error.cause = error;
    expect(read(error)).toMatchObject({ message: "x", cause: "[circular]" });
  });
});

describe("values that resist", () => {
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  test.each<[string, unknown, unknown]>([
    [
      "a getter",
      {
        a: 1,
        get b() {
          return throwing();
        },
        c: 2,
      },
      { a: 1, b: "[could not be read]", c: 2 },
    ],
    ["toJSON", { toJSON: throwing }, "[could not be read]"],
    ["an iterator", Object.assign(new Set([1]), { [Symbol.iterator]: throwing }), "[could not be read]"],
    ["a revoked proxy", revoked(), "[could not be read]"],
    ["a proxy that refuses keys", new Proxy({}, { ownKeys: throwing }), "[could not be read]"],
    ["a proxy that refuses reading", new Proxy([1], { get: throwing }), "[could not be read]"],
    [
      "a proxy that refuses one property",
      new Proxy({ a: 1 }, { get: (_, key) => (key === "a" ? throwing() : undefined) }),
      { a: "[could not be read]" },
    ],
  ])("%s that throws", (_name, value, expected) => {
    expect(read({ before: 1, value, after: 2 })).toEqual({ before: 1, value: expected, after: 2 });
  });

  test("an error whose parts throw", () => {
    const error = new Error("x");
    for (const key of ["message", "stack", "toJSON"]) Object.defineProperty(error, key, { get: throwing });
    expect(read(error)).toEqual({
      name: "Error",
      message: "[could not be read]",
      stack: "[could not be read]",
    });
  });

  test("what is circular, and what only comes twice", () => {
    const shared = { a: 1 };
    const circle: Record<string, unknown> = { first: shared, second: shared };
    circle["self"] = circle;
    circle["list"] = [circle];
    expect(read(circle)).toEqual({
      first: { a: 1 },
      second: { a: 1 },
      self: "[circular]",
      list: ["[circular]"],
    });
  });

  test("what is deeper than ten levels, and what has no end", () => {
    const nested = (levels: number): unknown => (levels === 0 ? { end: true } : { in: nested(levels - 1) });
    expect(read(nested(9))).toEqual(nested(9));
    expect(jsonLine(nested(10), options)).toContain('{"in":"[object]"}');
    expect(jsonLine([[[[[[[[[[[1]]]]]]]]]]], options)).toBe('[[[[[[[[[["[array]"]]]]]]]]]]');
    const endless = {
      get more(): unknown {
        return {
          ...Object.getOwnPropertyDescriptors(endless),
          endless: {
            get more() {
              return endless;
            },
          },
        };
      },
    };
    expect(() => jsonLine(endless, options)).not.toThrow();
    const growing = { toJSON: () => ({ growing: { toJSON: growing.toJSON } }) } as { toJSON: () => unknown };
    expect(jsonLine(growing, options)).toContain("[object]");
  });
});

describe("what is too long", () => {
  const small = { maxBytes: 2_048 };
  const line = (message: unknown, fields: Readonly<Record<string, unknown>> = {}) =>
    // It is an object, by the property above.
    JSON.parse(logLine('"level":"info"', message, Object.entries(fields), small)) as Record<string, unknown>;

  test("is cut, says so, and leaves room for what comes after it", () => {
    const { message, a, b, last } = line("m".repeat(9_000), {
      a: "a".repeat(9_000),
      b: { b: "b".repeat(9_000) },
      last: "here",
    });
    expect(message).toMatch(/^m{100,}… \[cut, 9000 characters\]$/);
    expect(a).toMatch(/^a{100,}… \[cut, 9000 characters\]$/);
    expect(b).toMatchObject({ b: expect.stringMatching(/^b{50,}… \[cut, 9000 characters\]$/) as unknown });
    expect(last).toBe("here");
  });

  test("arrays and objects end with a mark", () => {
    const { list, map, set, last } = line("m", {
      list: Array.from({ length: 9_000 }, (_, index) => index),
      map: new Map(Array.from({ length: 9_000 }, (_, index) => [`k${index}`, index])),
      set: new Set(Array.from({ length: 9_000 }, (_, index) => index)),
      last: "here",
    });
    expect((list as readonly unknown[]).slice(0, 3)).toEqual([0, 1, 2]);
    expect((list as readonly unknown[]).at(-1)).toBe("[cut]");
    expect(map).toMatchObject({ k0: 0, "[cut]": true });
    expect((set as readonly unknown[]).at(-1)).toBe("[cut]");
    expect(last).toBe("here");
  });

  test("fits exactly, wherever the room ends", () => {
    const wide = (levels: number): unknown => ({
      text: "t".repeat(25),
      inner: levels === 0 ? "i".repeat(60) : wide(levels - 1),
      list: Array.from({ length: 40 }, () => 123_456_789.5),
      last: "l".repeat(100),
    });
    for (let maxBytes = 1_024; maxBytes < 3_000; maxBytes += 7) {
      const value = wide(8);
      const line = logLine('"level":"info"', "m", Object.entries({ value, more: value }), { maxBytes });
      expect(() => JSON.parse(line) as unknown).not.toThrow();
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
      expect(Buffer.byteLength(line)).toBeGreaterThan(maxBytes / 2);
    }
  });

  test("so many fields that there is no room for all", () => {
    const fields = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`key${index}`, index]));
    expect(line("m", fields)).toMatchObject({ message: "m", key0: 0, "[cut]": true });
  });

  test("is not read to its end", () => {
    let reads = 0;
    const list = new Proxy(new Array(1_000_000), {
      get: (target, key) => {
        reads++;
        return key === "length" ? target.length : "x";
      },
    });
    line("m", { list });
    expect(reads).toBeLessThan(1_000);
  });

  test("is cut between characters and escapes", () => {
    for (const character of ["\ud83d\ude00", "\\", '"', "\n", "\u0001", "\u2028"]) {
      for (let before = 0; before < 8; before++) {
        const { message } = line(`${"x".repeat(before)}${character.repeat(3_000)}`);
        expect(message).toMatch(/… \[cut, \d+ characters\]$/);
        const kept = (message as string).slice(before).replace(/… \[cut.*$/, "");
        expect(kept).toBe(character.repeat(kept.length / character.length));
        expect(kept.length).toBeGreaterThan(20);
      }
    }
  });

  test("bytes are counted, not characters", () => {
    const text = "€".repeat(800);
    expect(line(text)["message"]).toMatch(/^€{50,}… \[cut, 800 characters\]$/);
    expect(line("e".repeat(800))["message"]).toBe("e".repeat(800));
  });
});
