import { AtomicError, Secret } from "@atomic-agents/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { letterFromJson, letterLine } from "./letter-line.ts";

const error = new AtomicError("TIMEOUT", "too slow", {
  agent: "classify",
  stage: "classify",
  runId: "run-1",
  details: { scope: "attempt", timeoutMs: 50 },
  disposition: "dead-letter",
  timestamp: 5_000,
});

const letter: DeadLetter = {
  record: 7,
  records: [
    [7, 9],
    [12, 12],
  ],
  source: "tickets.jsonl",
  file: "tickets.jsonl",
  line: 8,
  column: 3,
  byteOffset: 120,
  stage: "classify",
  agent: "classify",
  entry: { kind: "stage", id: "batch" },
  input: { text: "hello\u2028", n: 1 },
  error,
  attempts: 3,
  timestamp: 5_000,
  flow: "tickets",
  flowHash: "0f".repeat(32),
  runId: "run-1",
  redriveOf: "run-0",
};

const through = (one: DeadLetter): DeadLetter => letterFromJson(JSON.parse(letterLine(one)));

describe("a letter in a file", () => {
  it("comes back as it was", () => {
    const { error: readError, ...read } = through(letter);
    const { error: _error, ...rest } = letter;
    expect(read).toEqual(rest);
    expect(AtomicError.isInstance(readError, "TIMEOUT")).toBe(true);
    expect(readError.toJSON()).toEqual(error.toJSON());
  });

  it("is one line with known names", () => {
    const line = letterLine(letter);
    expect(line).not.toContain("\n");
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      ...["version", "record", "records", "source", "file", "line", "column", "byteOffset", "stage", "entry"],
      ...["agent", "attempts", "timestamp", "flow", "flowHash", "runId", "redriveOf", "error", "input"],
    ]);
  });

  it("has any input that is JSON as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (input) => {
        fc.pre(!JSON.stringify(input).includes("__proto__"));
        const read = through({ ...letter, input });
        expect(read.inputProblem).toBeUndefined();
        // JSON has no negative zero.
        expect(read.input).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });

  it("has a list as it was, whatever it calls its parts", () => {
    const read = through({ ...letter, input: { list: Object.assign([1, 2], { keys: 5, entries: 5 }) } });
    expect([read.inputProblem, read.input]).toEqual([undefined, { list: [1, 2] }]);
  });

  it("has any input at all, or says why not", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
        (input) => {
          const read = through({ ...letter, input });
          if (read.inputProblem === undefined) {
            const json = JSON.parse(JSON.stringify(input)) as unknown;
            expect(read.input).toEqual(json);
          }
        },
      ),
    );
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  let deep: unknown = 1;
  for (let level = 0; level < 500; level++) deep = [deep];
  let tooDeep: unknown = 1;
  for (let level = 0; level < 100_000; level++) tooDeep = [tooDeep];
  class Point {
    readonly x = 1;
  }
  const losses: Readonly<Record<string, readonly [input: unknown, problem: RegExp]>> = {
    "a date": [{ at: [new Date(0)] }, /^at\.0: an object of class Date is no JSON$/],
    "a map": [new Map([["a", 1]]), /^an object of class Map is no JSON$/],
    "an object of a class": [{ point: new Point() }, /^point: an object of class Point is no JSON$/],
    "no number": [[1, Number.NaN], /^1: NaN is no JSON$/],
    "a hole in a list": [[undefined], /^0: a value of type undefined is no JSON$/],
    "a list with iterators of its own": [
      Object.assign([1, Number.NaN], { keys: () => [], entries: () => [] }),
      /^1: NaN is no JSON$/,
    ],
    "a list that gives other JSON": [
      { all: Object.assign([1], { toJSON: () => 2 }) },
      /^all: a list with a toJSON of its own is no JSON$/,
    ],
    nothing: [undefined, /^a value of type undefined is no JSON$/],
    "a function": [{ call: () => 1 }, /^call: a value of type function is no JSON$/],
    "a bigint": [{ n: 5n }, /BigInt/],
    "a circle": [circular, /circular/],
    "a name of the prototype": [JSON.parse('{"a":{"__proto__":1}}'), /^a: has the key "__proto__"$/],
    "a deep value": [deep, /nests deeper than 499/],
    "a very deep value": [tooDeep, /call stack/],
    "what is too large": ["é".repeat(9_000_000), /^takes 18000002 bytes, more than 16777216$/],
    "what throws when it is read": [
      {
        get bad(): never {
          throw new Error("not to be read");
        },
      },
      /^not to be read$/,
    ],
  };
  it.each(Object.entries(losses))("says that its input is not what it was: %s", (_name, [input, problem]) => {
    const read = through({ ...letter, input });
    expect(read.inputProblem).toMatch(problem);
    expect(letterLine(read).length).toBeLessThan(40_000);
  });

  it("keeps the deepest input that can be read again", () => {
    // Its own line is one level around it.
    const [input] = deep as [unknown];
    expect(through({ ...letter, input }).inputProblem).toBeUndefined();
  });

  it("has no texts of secrets, neither in the input nor in the error", () => {
    const secret = new Secret("opal-heron-1187", "vault");
    const thrown = new AtomicError("EXECUTION", `refused ${secret.reveal()}`, {
      details: { thrown: secret.reveal() },
    });
    const line = letterLine({
      ...letter,
      error: thrown,
      input: { url: `https://x/?k=${secret.reveal()}`, b: 1 },
    });
    expect(line).not.toContain("heron");
    const read = letterFromJson(JSON.parse(line));
    expect(read.inputProblem).toBe("it holds the text of a secret");
    expect(read.input).toEqual({ url: "https://x/?k=[secret vault]", b: 1 });
    expect(read.error.message).toBe("refused [secret vault]");
  });
});

it("has no more of an error than there is room for, whatever is in it", () => {
  const details = { thrown: "x".repeat(100_000), list: [5n, new Map([["a", 1]])] };
  const large = new AtomicError("EXECUTION", "é".repeat(50_000), { details });
  const line = letterLine({ ...letter, error: large });
  expect(Buffer.byteLength(line)).toBeLessThan(20_000);
  expect(letterFromJson(JSON.parse(line)).error.code).toBe("EXECUTION");
});

describe("what is no letter is refused, with what is wrong", () => {
  // What a line holds is an object.
  const good = JSON.parse(letterLine(letter)) as object;
  const cases: readonly (readonly [string, unknown])[] = [
    ["the line must be an object", []],
    ["the line must be an object", null],
    ['no dead letter of version 1: "version" is undefined', { text: "a record" }],
    ['"version" is 2', { ...good, version: 2 }],
    ["record must be a whole number from 1", { ...good, record: 0 }],
    ["record must be a whole number from 1", { ...good, record: "1" }],
    ["source must be a text", { ...good, source: undefined }],
    ["stage must be a text", { ...good, stage: 5 }],
    ["entry must be an object", { ...good, entry: "clean" }],
    ["entry.kind must be one of source, stage, tee, sink", { ...good, entry: { kind: "x", id: "a" } }],
    ["entry.id must be a text", { ...good, entry: { kind: "stage" } }],
    ["input must be there", { ...good, input: undefined }],
    ["error must be an object", { ...good, error: "TIMEOUT" }],
    ["error.code must be a text", { ...good, error: {} }],
    ["attempts must be a whole number from 0", { ...good, attempts: -1 }],
    ["timestamp must be a number", { ...good, timestamp: "now" }],
    ["flow must be a text", { ...good, flow: null }],
    ["flowHash must be a text", { ...good, flowHash: 1 }],
    ["runId must be a text", { ...good, runId: undefined }],
    ["redriveOf must be a text", { ...good, redriveOf: 1 }],
    ["inputProblem must be a text", { ...good, inputProblem: true }],
    ["line must be a whole number from 1", { ...good, line: 0 }],
    ["records must be pairs of record numbers", { ...good, records: [[7]] }],
    ["records must be pairs of record numbers", { ...good, records: [[9, 7]] }],
    ["records must be pairs of record numbers", { ...good, records: 7 }],
    [
      "records must be in order, each once",
      {
        ...good,
        records: [
          [7, 9],
          [9, 10],
        ],
      },
    ],
    ['records must be with "record" among them', { ...good, records: [[8, 9]] }],
    ["records must be no more than 1000000", { ...good, records: [[1, 2 ** 50]] }],
  ];
  it.each(cases)("%s", (message, json) => {
    // As it stands in a file: without what is undefined.
    expect(() => letterFromJson(JSON.parse(JSON.stringify(json)))).toThrow(message);
  });

  it("but not one with names that a later version may write", () => {
    expect(letterFromJson({ ...good, worker: "w-1" }).record).toBe(7);
  });
});
