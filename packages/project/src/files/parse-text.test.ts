import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseText } from "./parse-text.ts";
import { formatProblem } from "./problem.ts";
import type { TextFormat } from "./text-document.ts";

/** The one problem of a text, as a user sees it, with its hint. */
function refusal(text: string, format: TextFormat = "yaml"): string {
  const { document, problems } = parseText(text, { file: format === "yaml" ? "a.yaml" : "a.json" });
  expect(document).toBeUndefined();
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error("unreachable: there is one");
  return [formatProblem(problem), problem.hint].filter((part) => part !== undefined).join(" | ");
}

function valueOf(text: string, format: TextFormat = "yaml"): unknown {
  const { document, problems } = parseText(text, { file: "a", format });
  expect(problems).toEqual([]);
  return document?.value;
}

const laughs = [
  "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]",
  ..."bcdefghi".split("").map((name, index) => {
    const before = "abcdefgh"[index] ?? "";
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`;
  }),
].join("\n");

describe("YAML that is refused", () => {
  test.each([
    [
      "a tab as indentation",
      "agents:\n\tclean: x\n",
      "a.yaml:2:1: A tab where only spaces may indent | Indent with spaces, two for each level.",
    ],
    [
      "a tab after spaces",
      "a:\n  b: 1\n\tc: 2\n",
      "a.yaml:3:1: A tab where only spaces may indent | Indent with spaces, two for each level.",
    ],
    [
      "what looks like spaces as indentation",
      "stages:\n\u00a0\u00a0- filter: record.a\n  - agent: b\n",
      "a.yaml:2:1: The character U+00A0 where only spaces may indent | It looks like a space: put a plain one in its place.",
    ],
    [
      "such a space among others, a key and a value",
      "a:\n  b: 1\n \u3000c: 2\n",
      "a.yaml:3:2: The character U+3000 where only spaces may indent | It looks like a space: put a plain one in its place.",
    ],
    [
      "a value in a value",
      "a: b: c\n",
      'a.yaml:1:4: A second ": " in one value | A text that holds ": " stands in quotes. Look at the indentation: what belongs together begins at the same column.',
    ],
    [
      "a text with a colon",
      "name: tickets\ndescription: Tickets: cleaned\n",
      'a.yaml:2:14: A second ": " in one value | A text that holds ": " stands in quotes. Look at the indentation: what belongs together begins at the same column.',
    ],
    [
      "a list that is not closed",
      "a: [1, 2\nb: 3\n",
      'a.yaml:2:1: A "]" is missing before this place | Close what was opened with "[" or "{", or put the text in quotes.',
    ],
    [
      "an object that is not closed",
      "a: {b: 1\n",
      'a.yaml:2:1: A "}" is missing before this place | Close what was opened with "[" or "{", or put the text in quotes.',
    ],
    [
      "a quote that is not closed",
      "a: 'x\nb: 1\n",
      "a.yaml:1:4: A text whose ' is not closed | Close the quote, or put the text in the other kind of quotes.",
    ],
    [
      "text after a quote",
      "a: 'it's'\n",
      "a.yaml:1:8: Text after the end of a value | Put the whole text in quotes, or look for a missing comma or line break.",
    ],
    [
      "an unknown escape",
      'a: "x\\q"\n',
      "a.yaml:1:6: \\q is no escape in double quotes | Write \\\\ for a backslash, or use single quotes.",
    ],
    [
      "a wrong indentation",
      "a:\n  - b\n - c\n",
      "a.yaml:3:1: A list that begins at another column than the lines before it | Look at the indentation: what belongs together begins at the same column.",
    ],
    [
      "a key without a value",
      "agents\npipelines: 1\n",
      'a.yaml:1:1: A line without ": " | Each line is "key: value", with a space after the colon, or "- item". Look at the indentation: what belongs together begins at the same column.',
    ],
    [
      "no space after the colon",
      "a: 1\nb:2\n",
      'a.yaml:2:1: A line without ": " | Each line is "key: value", with a space after the colon, or "- item".',
    ],
    [
      "a text that begins with @",
      "a: @x\n",
      "a.yaml:1:4: A text that begins with @ | Put the text in quotes.",
    ],
    [
      "a text that begins with a backtick",
      "a: `x`\n",
      "a.yaml:1:4: A text that begins with ` | Put the text in quotes.",
    ],
    [
      "a list on the line of its key",
      "a: - b\n",
      "a.yaml:1:4: A list that begins on the line of its key | Begin its items on lines of their own, or write it as [a, b].",
    ],
    [
      "a key that is a list",
      "? [a]\n: b\n",
      "a.yaml:1:3: A key that is no text | A key is a text; put it in quotes.",
    ],
    [
      "a second document",
      "a: 1\n---\nb: 2\n",
      'a.yaml:2:1: A second document begins here; a project file holds one | Remove the line "---", or put the second document into a file of its own.',
    ],
    [
      "a second document after an end",
      "a: 1\n...\nb: 2\n",
      'a.yaml:3:1: A second document begins here; a project file holds one | Remove the line "---", or put the second document into a file of its own.',
    ],
    [
      "the directive of another version",
      "%YAML 1.1\n---\na: no\n",
      'a.yaml:1:1: The directive "%YAML 1.1" is not taken: project files are YAML 1.2 | Remove the line.',
    ],
    [
      "a directive for tags",
      "%TAG ! tag:example.com,2000:\n---\na: !x b\n",
      "a.yaml:3:4: The tag !x is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a tag of one's own",
      "a: !point [1, 2]\n",
      "a.yaml:1:4: The tag !point is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a function",
      "a: 1\nb: !!js/function 'function () { return 1 }'\n",
      "a.yaml:2:4: The tag !!js/function is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a function, written out",
      "a: !<tag:yaml.org,2002:js/function> 'x'\n",
      "a.yaml:1:4: The tag !<tag:yaml.org,2002:js/function> is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "bytes",
      "a: !!binary aGVsbG8=\n",
      "a.yaml:1:4: The tag !!binary is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a set",
      "a: !!set {b, c}\n",
      "a.yaml:1:4: The tag !!set is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a date",
      "a: !!timestamp 2001-12-14\n",
      "a.yaml:1:4: The tag !!timestamp is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a tag that does not hold",
      "a: !!int x\n",
      'a.yaml:1:4: A value that is no "int", as its tag says | Remove the tag.',
    ],
    [
      "a tag at a key",
      "!!binary aGVsbG8=: 1\n",
      "a.yaml:1:1: The tag !!binary is not taken: a project file holds plain data, from which nothing is made | Remove the tag; a text that begins with ! stands in quotes.",
    ],
    [
      "a duplicate key",
      "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
      'a.yaml:5:3: The key "c" stands twice in the same object; first on line 3 | Remove one of them.',
    ],
    [
      "a duplicate key in braces",
      "{a: 1, 'a': 2}\n",
      'a.yaml:1:8: The key "a" stands twice in the same object; first on line 1 | Remove one of them.',
    ],
    [
      "the key __proto__",
      "a:\n  __proto__: {admin: true}\n",
      'a.yaml:2:3: The key "__proto__" is not allowed: programs may take it for a part of the object itself | Choose another name.',
    ],
    [
      "the key constructor",
      'a: {"constructor": {prototype: 1}}\n',
      'a.yaml:1:5: The key "constructor" is not allowed: programs may take it for a part of the object itself | Choose another name.',
    ],
    [
      "a merge",
      "base: &base {a: 1}\nb:\n  <<: *base\n",
      'a.yaml:3:3: The merge key "<<" is not part of YAML 1.2 | Write the keys out; what differs between environments belongs into profiles.',
    ],
    [
      "a merge of __proto__",
      "a:\n  <<: {__proto__: {admin: true}}\n",
      'a.yaml:2:3: The merge key "<<" is not part of YAML 1.2 | Write the keys out; what differs between environments belongs into profiles.',
    ],
    [
      "an alias of itself",
      "a: &a [*a]\n",
      'a.yaml:1:8: The alias "*a" stands inside of what it stands for | Write out what is meant.',
    ],
    [
      "an alias inside of its anchor",
      "a: &x\n  b:\n    c: *x\n",
      'a.yaml:3:8: The alias "*x" stands inside of what it stands for | Write out what is meant.',
    ],
    [
      "an alias without anchor",
      "a: &clean 1\nb: *claen\n",
      'a.yaml:2:4: The alias "*claen" has no anchor "&claen" before it | Did you mean "*clean"?',
    ],
    [
      "a billion laughs",
      laughs,
      "a.yaml:6:12: The file has more than 100,000 values; an alias counts as what it stands for | Use fewer aliases; data belongs into a file that a flow reads.",
    ],
    ["an infinite number", "a: .inf\n", "a.yaml:1:4: .inf is no number of JSON"],
    ["no number", "a: .NaN\n", "a.yaml:1:4: .NaN is no number of JSON"],
    [
      "a large number",
      "id: 12345678901234567890\n",
      'a.yaml:1:5: The number 12345678901234567890 is too large to be kept exactly | Is it a text? Then put it in quotes: "12345678901234567890".',
    ],
    [
      "NUL",
      "a: b\0c\n",
      "a.yaml:1:5: The control character U+0000 (NUL) | Is it a text file, saved as UTF-8?",
    ],
    [
      "a control character",
      "a: b\n\u001fc: 1\n",
      'a.yaml:2:1: The control character U+001F | Remove it; in double quotes it is written "\\x1F".',
    ],
  ])("%s", (_what, text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

describe("JSON that is refused", () => {
  test.each([
    [
      "a comment in JSON",
      '{\n  // why\n  "a": 1\n}',
      "a.json:2:3: A comment; JSON has none | Remove it, or write the file in YAML, which has comments.",
    ],
    [
      "a comment at the end of JSON",
      '{"a": 1} /* end */',
      "a.json:1:10: A comment; JSON has none | Remove it, or write the file in YAML, which has comments.",
    ],
    [
      "a comment of YAML in JSON",
      '{"a": 1}\n# end',
      "a.json:2:1: A comment; JSON has none | Remove it, or write the file in YAML, which has comments.",
    ],
    [
      "a comma at the end of a JSON object",
      '{"a": 1,}',
      'a.json:1:8: A comma before "}" | JSON has none there; remove it.',
    ],
    [
      "a comma at the end of a JSON list",
      '{"a": [1, 2, ]}',
      'a.json:1:12: A comma before "]" | JSON has none there; remove it.',
    ],
    ["no comma in JSON", '{"a": 1\n "b": 2}', 'a.json:2:2: "," or "}" was expected here, not "\\""'],
    ["no colon in JSON", '{"a" 1}', 'a.json:1:6: ":" after the key was expected here, not "1"'],
    [
      "single quotes in JSON",
      "{'a': 1}",
      'a.json:1:2: A key in double quotes was expected here, not "\'" | JSON has only double quotes.',
    ],
    [
      "no quotes in JSON",
      "{a: 1}",
      'a.json:1:2: A key in double quotes was expected here, not "a" | Texts and keys stand in double quotes.',
    ],
    [
      "a word in JSON",
      '{"a": yes}',
      'a.json:1:7: A value was expected here, not "yes" | JSON has true, false, null, numbers and texts in double quotes.',
    ],
    [
      "a number of YAML in JSON",
      '{"a": 012}',
      'a.json:1:7: A value was expected here, not "012" | A number of JSON has no plus and no zeros in front, and digits on both sides of its point.',
    ],
    [
      "a number with a plus in JSON",
      '{"a": +1}',
      'a.json:1:7: A value was expected here, not "+1" | A number of JSON has no plus and no zeros in front, and digits on both sides of its point.',
    ],
    [
      "half a number in JSON",
      '{"a": .5}',
      'a.json:1:7: A value was expected here, not ".5" | A number of JSON has no plus and no zeros in front, and digits on both sides of its point.',
    ],
    ["a number out of range in JSON", '{"a": 1e400}', "a.json:1:7: The number 1e400 is too large"],
    [
      "a large number in JSON",
      '{"a": 12345678901234567890}',
      'a.json:1:7: The number 12345678901234567890 is too large to be kept exactly | Is it a text? Then put it in quotes: "12345678901234567890".',
    ],
    [
      "a line break in a text of JSON",
      '{"a": "b\nc"}',
      'a.json:1:7: A text without a closing quote on its line | Close it with ", or write a line break as \\n.',
    ],
    ["a tab in a text of JSON", '{"a": "b\tc"}', "a.json:1:9: A tab inside of a text | Write it as \\t."],
    [
      "an unknown escape in JSON",
      '{"a": "b\\x41"}',
      'a.json:1:9: "\\\\x" is no escape of JSON | Write "\\\\" for a backslash.',
    ],
    ["a text that is not closed in JSON", '{"a": "b', "a.json:1:7: A text without a closing quote"],
    [
      "an object that is not closed in JSON",
      '{"a": {"b": 1}',
      'a.json:1:15: The file ends before the "}" to what began on line 1, column 1',
    ],
    ["an empty JSON file", "", "a.json:1:1: A value was expected here, not the end of the file"],
    [
      "something after the JSON value",
      '{"a": 1} }',
      'a.json:1:10: "}" after the end of the JSON value | A JSON file holds one value; look for a brace or bracket that closes too early.',
    ],
    [
      "two JSON values",
      '{"a": 1}\n{"b": 2}',
      'a.json:2:1: "{" after the end of the JSON value | A JSON file holds one value; look for a brace or bracket that closes too early.',
    ],
    [
      "a duplicate key in JSON",
      '{"a": 1,\n "a": 2}',
      'a.json:2:2: The key "a" stands twice in the same object; first on line 1 | Remove one of them.',
    ],
    [
      "the key __proto__ in JSON",
      '{"__proto__": {"a": 1}}',
      'a.json:1:2: The key "__proto__" is not allowed: programs may take it for a part of the object itself | Choose another name.',
    ],
    [
      "the key __proto__ in disguise in JSON",
      '{"__pro\\u0074o__": {"a": 1}}',
      'a.json:1:2: The key "__proto__" is not allowed: programs may take it for a part of the object itself | Choose another name.',
    ],
    [
      "YAML in a JSON file",
      "a: 1",
      'a.json:1:1: A value was expected here, not "a" | Texts and keys stand in double quotes.',
    ],
  ])("%s", (_what, text, message) => {
    expect(refusal(text, "json")).toBe(message);
  });
});

describe("values", () => {
  test.each<[string, string, unknown]>([
    [
      "words of YAML 1.1 are texts",
      "[no, yes, on, off, y, n, NO]",
      ["no", "yes", "on", "off", "y", "n", "NO"],
    ],
    ["true and false", "[true, False, TRUE]", [true, false, true]],
    ["a number with a zero in front is decimal", "a: 012", { a: 12 }],
    ["octal and hexadecimal numbers of YAML 1.2", "[0o14, 0x1F]", [12, 31]],
    ["minutes and seconds are a text", "a: 1:30", { a: "1:30" }],
    ["a date is a text", "a: 2001-12-14", { a: "2001-12-14" }],
    ["underscores make a text", "a: 1_000", { a: "1_000" }],
    ["a version", "[1.10, '1.10']", [1.1, "1.10"]],
    ["nothing", "a:\nb: ~\nc: null", { a: null, b: null, c: null }],
    ["keys are texts", "1: a\ntrue: b\nno: c\n012: d", { 1: "a", true: "b", no: "c", "012": "d" }],
    ["tags of JSON's types", "[!!str 12, !!int 12, !!seq [], !!map {}]", ["12", 12, [], {}]],
    ["aliases", "a: &a {b: 1}\nc: [*a, *a]", { a: { b: 1 }, c: [{ b: 1 }, { b: 1 }] }],
    ["the directive of YAML 1.2", "%YAML 1.2\n---\na: 1", { a: 1 }],
    ["a beginning without a second document", "---\na: 1\n", { a: 1 }],
    ["an end without a second document", "a: 1\n...\n", { a: 1 }],
    ["an empty file", "", null],
    ["only comments", "# nothing\n", null],
    ["a mark of UTF-8", "\u{feff}a: 1\nb: 2", { a: 1, b: 2 }],
    ["texts of several lines", "a: |\n  b\n  c\nd: >\n  e\n  f\n", { a: "b\nc\n", d: "e f\n" }],
    ["lines of Windows", "a: 1\r\nb:\r\n  - c\r\n", { a: 1, b: ["c"] }],
    ["the key toString", "toString: 1", { toString: 1 }],
    ["a key without a text", '"": 1', { "": 1 }],
  ])("YAML: %s", (_what, text, value) => {
    expect(valueOf(text)).toStrictEqual(value);
  });

  test.each<[string, string, unknown]>([
    [
      "all types",
      ' {"a": [1, -2.5e3, true, false, null, "x"], "b": {}}\n',
      { a: [1, -2500, true, false, null, "x"], b: {} },
    ],
    ["escapes", '"\\u00e9\\n\\/\\ud83d\\ude00"', "é\n/😀"],
    ["a mark of UTF-8", '\u{feff}{"a": 1}', { a: 1 }],
  ])("JSON: %s", (_what, text, value) => {
    expect(valueOf(text, "json")).toStrictEqual(value);
  });

  test("JSON is read as JSON.parse does", () => {
    // Keys that are refused, and numbers that lose digits, are no part of it.
    const key = fc.string().filter((text) => !["__proto__", "constructor", "<<"].includes(text));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.string({ unit: "binary" }),
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree")),
        fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
        // A text of `binary` units may hold halves of a pair, which JSON.stringify escapes; a number above 2^53 is refused.
        const text = JSON.stringify(value, null, space);
        fc.pre(!/\d{16}/.test(text) && !text.includes("\u007f"));
        expect(valueOf(text, "json")).toStrictEqual(JSON.parse(text));
      }),
    );
  });

  test("are frozen", () => {
    const value = valueOf("a: [{b: 1}]") as { a: [{ b: number }] };
    expect([value, value.a, value.a[0]].every((part) => Object.isFrozen(part))).toBe(true);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe("limits", () => {
  test.each<[string, string, TextFormat, string]>([
    [
      "depth of lists in brackets",
      "[".repeat(10_000),
      "yaml",
      "a.yaml:1:103: Lists and objects are nested more than 100 levels deep here",
    ],
    [
      "depth of lists in lines",
      `${"- ".repeat(10_000)}x`,
      "yaml",
      "a.yaml:1:204: Lists and objects are nested more than 100 levels deep here",
    ],
    [
      "depth of objects in lines",
      Array.from({ length: 1_000 }, (_, level) => `${" ".repeat(level)}a:\n`).join(""),
      "yaml",
      "a.yaml:102:103: Lists and objects are nested more than 100 levels deep here",
    ],
    [
      "depth of keys",
      `${"? ".repeat(10_000)}x`,
      "yaml",
      "a.yaml:1:204: Lists and objects are nested more than 100 levels deep here",
    ],
    [
      "depth by aliases",
      Array.from(
        { length: 200 },
        (_, level) => `a${level}: &a${level} [${level === 0 ? "" : `*a${level - 1}`}]`,
      ).join("\n"),
      "yaml",
      "a.yaml:100:12: Lists and objects are nested more than 100 levels deep here",
    ],
    [
      "depth of JSON",
      "[".repeat(1_000_000),
      "json",
      "a.json:1:101: Lists and objects are nested more than 100 levels deep here",
    ],
    [
      "100,000 stages",
      `stages:\n${"- clean\n".repeat(100_000)}`,
      "yaml",
      "a.yaml:10002:3: A list of more than 10,000 members",
    ],
    [
      "100,000 stages in brackets",
      `stages: [${"a,".repeat(100_000)}]`,
      "yaml",
      "a.yaml:1:20010: A list of more than 10,000 members",
    ],
    [
      "100,000 keys",
      Array.from({ length: 60_000 }, (_, index) => `k${index}: 1\n`).join(""),
      "yaml",
      "a.yaml:10001:1: An object of more than 10,000 members",
    ],
    [
      "10,001 items in JSON",
      `[${"1,".repeat(10_000)}1]`,
      "json",
      "a.json:1:1: A list of more than 10,000 members",
    ],
    [
      "many values in JSON",
      `[${`[${"1,".repeat(9_998)}1],`.repeat(11)}1]`,
      "json",
      "a.json:1:199999: The file has more than 100,000 values; an alias counts as what it stands for",
    ],
    [
      "many documents",
      "---\n".repeat(200_000),
      "yaml",
      "a.yaml:60001:1: The file has more than 120,000 parts (keys, values, punctuation, comments); it was read up to here",
    ],
    [
      "many comments",
      "#\n".repeat(500_000),
      "yaml",
      "a.yaml:60001:2: The file has more than 120,000 parts (keys, values, punctuation, comments); it was read up to here",
    ],
    [
      "many anchors",
      "&a ".repeat(300_000),
      "yaml",
      "a.yaml:1:180001: The file has more than 120,000 parts (keys, values, punctuation, comments); it was read up to here",
    ],
    ["many mistakes", `[${",".repeat(110_000)}]`, "yaml", "a.yaml:1:3: A comma with nothing before it"],
    [
      "10 MB",
      "a".repeat(10_000_000),
      "yaml",
      "a.yaml:1:1: The file is 10,000,000 bytes long; a project file has at most 1,048,576",
    ],
  ])("%s", (_what, text, format, message) => {
    expect(refusal(text, format).split(" | ")[0]).toBe(message);
  });

  test.each<[string, TextFormat]>([
    [`${"[".repeat(100)}${"]".repeat(100)}`, "yaml"],
    [`${"- ".repeat(100)}x`, "yaml"],
    [`${"[".repeat(100)}${"]".repeat(100)}`, "json"],
    [`a:\n${"- x\n".repeat(10_000)}`, "yaml"],
    [`[${"1,".repeat(9_999)}1]`, "json"],
  ])("just what is allowed is read (%#)", (text, format) => {
    expect(parseText(text, { file: "a", format }).problems).toEqual([]);
  });
});

describe("whatever a text is", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "a",
      "b",
      ":",
      ": ",
      "- ",
      "? ",
      "\n",
      "\n  ",
      "\n    ",
      "\t",
      "[",
      "]",
      "{",
      "}",
      ",",
      ", ",
      "|",
      ">",
      "|+",
      ">-",
    ),
    fc.constantFrom(
      "'",
      '"',
      "&a",
      "*a",
      "&a ",
      "*a ",
      "!",
      "!!str ",
      "!!x ",
      "%",
      "%YAML 1.2",
      "---",
      "...",
      "---\n",
      "#",
      " # c",
      "<<",
      "~",
    ),
    fc.constantFrom(
      "012",
      "1e999",
      "-.inf",
      "no",
      "\\",
      "\\u",
      "\u{feff}",
      "\0",
      "\r\n",
      "\r",
      "é😀",
      "\ud800",
      "__proto__",
      "x: y\n",
      "- z\n",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );

  test("it is read, or refused once with a place in it", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
        fc.constantFrom<TextFormat>("yaml", "json"),
        (text, format) => {
          const { document, problems } = parseText(text, { file: "a", format });
          expect(problems).toHaveLength(document === undefined ? 1 : 0);
          const lines = text.split("\n");
          for (const { line, column, message } of problems) {
            expect(message).not.toBe("");
            expect(line).toBeGreaterThan(0);
            expect(line).toBeLessThanOrEqual(lines.length);
            expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          }
          // What was read is JSON.
          const { value } = document ?? { value: null };
          expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);
        },
      ),
    );
  });
});
