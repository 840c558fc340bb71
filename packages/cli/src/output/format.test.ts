import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignNumbers } from "./align-numbers.ts";
import { toCsv } from "./csv.ts";
import { formatOf, formatResult } from "./format.ts";
import { toJsonText } from "./json.ts";
import { drawTable } from "./table.ts";
import { textWidth } from "./text-width.ts";

/** Reads CSV by the grammar of RFC 4180, with line feeds. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const line = lines.at(-1) ?? [];
    const add = (more: string) => line.push((line.pop() ?? "") + more);
    if (quoted && character === '"' && text[at + 1] === '"') {
      add('"');
      at++;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ",") line.push("");
    else if (!quoted && character === "\n") lines.push([""]);
    else add(character);
  }
  return lines;
}

const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "日") });

describe("CSV", () => {
  it("gives back every text that went in", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ a: cell, b: cell }), { minLength: 1 }), (records) => {
        expect(parseCsv(toCsv(records))).toEqual([["a", "b"], ...records.map(({ a, b }) => [a, b])]);
      }),
    );
  });

  it.each([
    [[{ a: 1 }, { b: true }], "a,b\n1,\n,true"],
    [{ a: { b: { c: 1 } }, d: [1, { e: 2 }] }, 'a.b.c,d\n1,"[1,{""e"":2}]"'],
    [[1, "two", null], "value\n1\ntwo\n"],
    [[], ""],
    [{ at: new Date(0) }, "at\n1970-01-01T00:00:00.000Z"],
    [JSON.parse('[{"__proto__":1,"toString":2}]'), "__proto__,toString\n1,2"],
  ])("writes %j", (value, expected) => {
    expect(toCsv(value)).toBe(expected);
  });
});

describe("a table", () => {
  it("is never wider than it may be, and never breaks a line", () => {
    const wild = fc.string({
      unit: fc.constantFrom("a", "日", "é", "\n", "\u001b", "👍", " "),
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(wild, wild), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 18, max: 80 }),
        (cells, width) => {
          const lines = drawTable({ columns: ["one", "two"], cells }, { width }).split("\n");
          expect(lines.length).toBe(cells.length + 1);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it("cuts the headings of numbers, and never a number", () => {
    const rows = alignNumbers(
      ["STAGE", "DEAD-LETTERED"],
      [
        ["aggregate-by-month", "1,090"],
        ["map", "7"],
      ],
      new Set(["DEAD-LETTERED"]),
    );
    expect(drawTable(rows, { width: 18 })).toBe("STAGE     DEAD-LE…\naggrega…     1,090\nmap              7");
    expect(drawTable(rows, { width: 3 })).toBe("STAGE     DEAD…\naggrega…  1,090\nmap           7");
  });

  it("keeps columns below each other, whatever is in them", () => {
    const text = formatResult(
      [
        { a: "日本", b: 1 },
        { a: "x", b: 2 },
      ],
      { format: "table", pretty: false },
    );
    expect(text).toBe("a     b\n日本  1\nx     2");
  });
});

describe("text", () => {
  it.each([
    ["plain\ntext", "plain\ntext"],
    [5, "5"],
    [null, ""],
    [undefined, ""],
    [["a", 1], "a\n1"],
    [{ a: 1, b: { c: "x" } }, "a: 1\nb.c: x"],
    [{ value: 1 }, "value: 1"],
  ])("of %j", (value, expected) => {
    expect(formatResult(value, { format: "text", pretty: false })).toBe(expected);
  });
});

describe("JSON", () => {
  it("says what it cannot hold, and where", () => {
    const fails = () => {
      throw new Error("no luck");
    };
    const circle: Record<string, unknown> = {};
    circle["self"] = { back: circle };
    for (const [value, message] of [
      [{ a: [1n] }, "a[0] is a bigint"],
      [new Map(), "it is a Map"],
      [{ a: new Set() }, "a is a Set"],
      [{ a: Number.NaN }, "a is NaN"],
      [() => {}, "it is a function"],
      [circle, "self.back is a circle: it holds itself"],
      [new Uint8Array(1), "it is a Uint8Array"],
      [{ toJSON: () => fails() }, "written as JSON: reading it threw: no luck"],
      [
        {
          a: {
            get b() {
              return fails();
            },
          },
        },
        "written as JSON: reading it threw: no luck",
      ],
    ] as const) {
      expect(() => toJsonText(value)).toThrow(message);
    }
    let deep: unknown = 0;
    for (let level = 0; level < 5_000; level++) deep = [deep];
    expect(() => toJsonText(deep)).toThrow("more than 1000 levels deep");
  });

  it("is what JSON.stringify makes of JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toJsonText(value)).toBe(JSON.stringify(value));
      }),
    );
    const twice = { a: 1 };
    expect(toJsonText([twice, twice, undefined, new Date(0)])).toBe(
      '[{"a":1},{"a":1},null,"1970-01-01T00:00:00.000Z"]',
    );
    expect(toJsonText(undefined)).toBe("null");
  });
});

it.each([
  ["x.csv", "csv"],
  ["x.JSONL", "jsonl"],
  ["x.txt", "text"],
  ["x.table", "table"],
  ["x.xml", "json"],
  ["-", "json"],
  [undefined, "json"],
])("the form of %s is %s", (path, format) => {
  expect(formatOf(path)).toBe(format);
});

it("draws a table of more lines than a call takes arguments", () => {
  const cells = Array.from({ length: 130_000 }, (_unused, index) => [String(index)]);
  const lines = drawTable({ columns: ["number"], cells }).split("\n");
  expect([lines.length, lines.at(-1)]).toEqual([130_001, "129999"]);
});
