import { describe, expect, test } from "vitest";
import { parseText } from "./parse-text.ts";
import type { TextFormat } from "./text-document.ts";
import type { TextPath } from "./text-node.ts";

function read(text: string, format: TextFormat = "yaml") {
  const { document, problems } = parseText(text, { file: "a", format });
  if (document === undefined) throw new Error(JSON.stringify(problems));
  return document;
}

const yaml = `# a comment
name: tickets
agents:
  clean: "./a.ts"
  "to sum": {use: x, config: {max: 2}}
stages:
  - clean
  - agent: &who classify
    id: *who
empty:
list: []
`;

describe("positionOf", () => {
  test.each<[TextPath, "key" | "value", string]>([
    [[], "value", "2:1"],
    [["name"], "value", "2:7"],
    [["name"], "key", "2:1"],
    [["agents"], "value", "4:3"],
    [["agents"], "key", "3:1"],
    [["agents", "clean"], "value", "4:10"],
    [["agents", "to sum", "config", "max"], "value", "5:36"],
    [["agents", "to sum", "config", "max"], "key", "5:31"],
    [["stages", 0], "value", "7:5"],
    [["stages", 1], "value", "8:5"],
    [["stages", 1, "agent"], "key", "8:5"],
    [["stages", 1, "id"], "value", "9:9"],
    // Nothing is written there: the key it belongs to.
    [["empty"], "value", "10:1"],
    [["list"], "value", "11:7"],
    // Not there: the nearest that is.
    [["agents", "clean", "use"], "value", "4:3"],
    [["agents", "missing"], "key", "3:1"],
    [["stages", 7], "value", "6:1"],
    [["missing"], "value", "2:1"],
    [["list", "missing", 1], "value", "11:1"],
  ])("%j, %s", (path, of, place) => {
    const { line, column } = read(yaml).positionOf(path, of);
    expect(`${line}:${column}`).toBe(place);
  });

  test("of JSON, with a mark of UTF-8, lines of Windows and characters of two units", () => {
    const document = read('\u{feff}{\r\n  "😀": [1,\r\n 2]\r\n}', "json");
    expect(document.positionOf(["😀"])).toEqual({ line: 2, column: 9 });
    expect(document.positionOf(["😀"], "key")).toEqual({ line: 2, column: 3 });
    expect(document.positionOf(["😀", 1])).toEqual({ line: 3, column: 2 });
    expect(document.positionOf([])).toEqual({ line: 1, column: 1 });
  });
});

describe("positionWithin", () => {
  /** The place of the first unit of `part`, which stands in the value at `a`, as the character that stands there. */
  function found(text: string, part: string, format?: TextFormat): string {
    const document = read(text, format);
    const { a } = document.value as { readonly a: string };
    const { line, column } = document.positionWithin(["a"], a.indexOf(part));
    return `${line}:${column} ${text.split(/\r?\n/)[line - 1]?.slice(column - 1) ?? ""}`;
  }

  test.each([
    ["plain", "a: record.x + 1 # why", "+ 1", "1:13 + 1 # why"],
    ["in single quotes", "a: 'record.x + \"b\"'", '"b"', '1:16 "b"\''],
    ["in single quotes with a quote", "a: 'x == ''b'' || y'", "y", "1:19 y'"],
    ["in double quotes", 'a: "record.x + 1"', "+", '1:14 + 1"'],
    ["in double quotes with escapes", 'a: "x == \\"b\\" || y"', "y", '1:19 y"'],
    ["literal lines", "a: |\n  x == 1\n    || y\n", "y", "3:8 y"],
    ["folded lines", "a: >-\n  x == 1\n  || y\n", "y", "3:6 y"],
    ["plain on several lines", "a: x == 1\n  || y\n  || z\n", "z", "3:6 z"],
    ["with lines of Windows", "a: |\r\n  x == 1\r\n  || y\r\n", "y", "3:6 y"],
  ])("%s", (_what, text, part, place) => {
    expect(found(text, part)).toBe(place);
  });

  test("of JSON", () => {
    expect(found('{"a": "x == \\"b\\" + y"}', "y", "json")).toBe('1:21 y"}');
  });

  test("the end, and beyond", () => {
    const document = read("a: 'xyz'");
    expect([3, 4, 100, -1].map((offset) => document.positionWithin(["a"], offset).column)).toEqual([
      8, 8, 8, 5,
    ]);
  });

  test("of what is no text: where it stands", () => {
    expect(read("a: 12").positionWithin(["a"], 1)).toEqual({ line: 1, column: 4 });
  });
});

test("sourceOf gives what was written", () => {
  const document = read("a: 'no'\nb: 0o14\nc: {d: 1}\ne:");
  const paths: readonly TextPath[] = [["a"], ["b"], ["c"], ["e"], ["f"]];
  expect(paths.map((path) => document.sourceOf(path))).toEqual(["'no'", "0o14", "{d: 1}", "", undefined]);
});
