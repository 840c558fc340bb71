import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { withEntries, withEntry } from "./edit-text.ts";
import { parseText } from "./parse-text.ts";

const agent = (text: string, value: unknown = "./b.ts#b") =>
  withEntry(text, ["agents", "b"], value, "yaml", "atomic.yaml");

describe("an entry in YAML", () => {
  test.each<[string, string, string]>([
    ["behind the last one", "agents:\n  a: x\n", "agents:\n  a: x\n  b: ./b.ts#b\n"],
    [
      "before what follows",
      "agents:\n  a: x\n\n# pipes\npipelines:\n  p: y\n",
      "agents:\n  a: x\n  b: ./b.ts#b\n\n# pipes\npipelines:\n  p: y\n",
    ],
    [
      "behind comments of the section",
      "agents:\n  # first\n  a: x # why\n  # c: z\npipelines: {}\n",
      "agents:\n  # first\n  a: x # why\n  # c: z\n  b: ./b.ts#b\npipelines: {}\n",
    ],
    [
      "before a comment of the next section",
      "agents:\n  a: x\n# pipes\npipelines: {}\n",
      "agents:\n  a: x\n  b: ./b.ts#b\n# pipes\npipelines: {}\n",
    ],
    [
      "behind an object",
      "agents:\n    a:\n        use: x\n        config: {c: 1} # d\nz: 1",
      "agents:\n    a:\n        use: x\n        config: {c: 1} # d\n    b: ./b.ts#b\nz: 1",
    ],
    [
      "behind a list",
      "agents:\n  a:\n    - x\n    - y # z\n",
      "agents:\n  a:\n    - x\n    - y # z\n  b: ./b.ts#b\n",
    ],
    [
      "behind a text in lines",
      "agents:\n  a: |\n    x\n\n    y\nz: 1\n",
      "agents:\n  a: |\n    x\n\n    y\n  b: ./b.ts#b\nz: 1\n",
    ],
    [
      "behind a folded text at the end",
      "agents:\n  a: >-\n    x\n    y",
      "agents:\n  a: >-\n    x\n    y\n  b: ./b.ts#b\n",
    ],
    ["behind nothing", "agents:\n  a:\nz: 1\n", "agents:\n  a:\n  b: ./b.ts#b\nz: 1\n"],
    ["without a line break at the end", "agents:\n  a: x", "agents:\n  a: x\n  b: ./b.ts#b\n"],
    [
      "with lines of Windows",
      "agents:\r\n  a: x\r\nz: 1\r\n",
      "agents:\r\n  a: x\r\n  b: ./b.ts#b\r\nz: 1\r\n",
    ],
    ["into an empty file", "", "agents:\n  b: ./b.ts#b\n"],
    ["into a file of comments", "# mine\n", "# mine\n\nagents:\n  b: ./b.ts#b\n"],
    ["with a new section", "name: x\n", "name: x\nagents:\n  b: ./b.ts#b\n"],
    [
      "with a new section apart, as the others",
      "name: x\n\npipelines:\n  p: y\n",
      "name: x\n\npipelines:\n  p: y\n\nagents:\n  b: ./b.ts#b\n",
    ],
    ["into a section without anything", "agents:\npipelines:\n", "agents:\n  b: ./b.ts#b\npipelines:\n"],
    [
      "into a section with only a comment",
      "agents: # mine\n  # a: x\npipelines:\n",
      "agents: # mine\n  # a: x\n  b: ./b.ts#b\npipelines:\n",
    ],
    ["into a section at the end", "name: x\nagents:", "name: x\nagents:\n  b: ./b.ts#b\n"],
    ["in place of null", "agents: ~ # none\nz: 1\n", "agents:  # none\n  b: ./b.ts#b\nz: 1\n"],
    ["in place of empty braces", "agents: {}\nz: 1\n", "agents:\n  b: ./b.ts#b\nz: 1\n"],
    [
      "in place of empty braces with a comment",
      "agents: {} # mine\nz: 1\n",
      "agents:  # mine\n  b: ./b.ts#b\nz: 1\n",
    ],
    ["into braces", "agents: { a: x }\n", "agents: { a: x, b: ./b.ts#b }\n"],
    ["into braces with a comma", "agents: {a: x,}\n", "agents: {a: x, b: ./b.ts#b}\n"],
    [
      "into braces in lines",
      "agents: {\n  a: x, # c\n  d: y\n}\n",
      "agents: {\n  a: x, # c\n  d: y,\n  b: ./b.ts#b\n}\n",
    ],
    ["in place of null in braces", "{ agents: null, z: 1 }\n", "{ agents: { b: ./b.ts#b }, z: 1 }\n"],
    ["in place of nothing in braces", "{agents: , z: 1}\n", "{ agents: { b: ./b.ts#b }, z: 1 }\n"],
    ["into empty braces in braces", "{agents: {}, z: 1}\n", "{agents: { b: ./b.ts#b }, z: 1}\n"],
    ["into a file in braces", "{ name: x }\n", "{ name: x, agents: { b: ./b.ts#b } }\n"],
    ["into a file of empty braces", "{}\n", "{ agents: { b: ./b.ts#b } }\n"],
    ["behind a mark of UTF-8", "\u{feff}name: x\n", "\u{feff}name: x\nagents:\n  b: ./b.ts#b\n"],
    [
      "between the marks of a document",
      "---\nagents:\n  a: x\n...\n",
      "---\nagents:\n  a: x\n  b: ./b.ts#b\n...\n",
    ],
    ["of quoted keys", '"agents":\n  "a": x\n', '"agents":\n  "a": x\n  b: ./b.ts#b\n'],
  ])("%s", (_what, before, after) => {
    expect(agent(before)).toBe(after);
  });

  test("that is an object, a list, and what YAML might take for something else", () => {
    const value = {
      use: "./b.ts",
      list: ["a", { c: "no" }],
      text: "x\ny\n",
      number: "012",
      empty: {},
      colon: "a: b",
      hash: "a #b",
    };
    const after = agent("agents:\n  a: x\nz: 1\n", value);
    expect(parseText(after, { file: "a.yaml" }).document?.value).toEqual({
      agents: { a: "x", b: value },
      z: 1,
    });
    expect(after).toBe(`agents:
  a: x
  b:
    use: ./b.ts
    list:
      - a
      - c: "no"
    text: |
      x
      y
    number: "012"
    empty: {}
    colon: "a: b"
    hash: "a #b"
z: 1
`);
  });

  test("of a flow, one after the other", () => {
    const text = "# schema\n# paths\nname: my-flow\n";
    const entries = [
      { path: ["source"], value: "data/a.jsonl" },
      { path: ["stages"], value: ["clean", { agent: "x", id: "z" }] },
      { path: ["sink"], value: "out/a.jsonl" },
    ];
    expect(withEntries(text, entries, { format: "yaml" })).toBe(
      "# schema\n# paths\nname: my-flow\nsource: data/a.jsonl\nstages:\n  - clean\n  - agent: x\n    id: z\nsink: out/a.jsonl\n",
    );
  });

  test.each<[string, string, string]>([
    ["that is there", "agents:\n  b: x\n", "atomic.yaml:2:3: agents.b is there already"],
    [
      "that is there, with nothing behind it",
      "agents:\n  b:\n",
      "atomic.yaml:2:3: agents.b is there already",
    ],
    [
      "in what is no object",
      "agents: x\n",
      "atomic.yaml:1:9: agents is no object, so that nothing can be added to it",
    ],
    ["in a list", "- x\n", "atomic.yaml:1:1: The file is no object, so that nothing can be added to it"],
    ["in what cannot be read", "agents: [\n", 'atomic.yaml:2:1: A "]" is missing before this place'],
  ])("refused: %s", (_what, before, message) => {
    expect(() => agent(before)).toThrow(message);
  });

  test("behind an alias goes to where it is written, or nowhere", () => {
    const before = "base: &x\n  a: y\nagents: *x\n";
    // The object is also the other one's.
    expect(() => agent(before)).toThrow(
      "The entry agents.b cannot be added to atomic.yaml as that is written",
    );
  });
});

describe("an entry in JSON", () => {
  const add = (text: string, value: unknown = { use: "x" }) =>
    withEntry(text, ["agents", "b"], value, "json", "a.json");
  test.each<[string, string, string]>([
    [
      "in lines",
      '{\n  "agents": {\n    "a": "y"\n  }\n}\n',
      '{\n  "agents": {\n    "a": "y",\n    "b": {\n      "use": "x"\n    }\n  }\n}\n',
    ],
    [
      "with tabs",
      '{\n\t"agents": {\n\t\t"a": "y"\n\t}\n}\n',
      '{\n\t"agents": {\n\t\t"a": "y",\n\t\t"b": {\n\t\t\t"use": "x"\n\t\t}\n\t}\n}\n',
    ],
    ["on one line", '{"agents": {"a": "y"}}', '{"agents": {"a": "y", "b": {"use":"x"}}}'],
    [
      "with a new section",
      '{\n    "name": "y"\n}\n',
      '{\n    "name": "y",\n    "agents": {\n        "b": {\n            "use": "x"\n        }\n    }\n}\n',
    ],
    [
      "into an empty section",
      '{\n  "agents": {}\n}\n',
      '{\n  "agents": {\n    "b": {\n      "use": "x"\n    }\n  }\n}\n',
    ],
    [
      "in place of null",
      '{\n  "agents": null\n}\n',
      '{\n  "agents": {\n    "b": {\n      "use": "x"\n    }\n  }\n}\n',
    ],
    ["into an empty object", "{}\n", '{\n  "agents": {\n    "b": {\n      "use": "x"\n    }\n  }\n}\n'],
  ])("%s", (_what, before, after) => {
    expect(add(before)).toBe(after);
  });
});

describe("whatever a file holds", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/);
  const scalar = fc.oneof(
    word,
    fc.constantFrom(
      "a: b",
      "x # y",
      "",
      "two\nlines\n",
      "two\n\nlines",
      " led",
      "no",
      "012",
      "*x",
      "- z",
      "é😀",
      "\t",
    ),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthIdentifier: "tree" },
      scalar,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(word, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const section = fc.option(fc.dictionary(word, tree, { maxKeys: 3, noNullPrototype: true }), { nil: null });
  const file = fc.record(
    { name: scalar, agents: section, pipelines: section, other: tree },
    { requiredKeys: [], noNullPrototype: true },
  );

  test("the entry is there afterwards, and all else as it was, comments too", () => {
    fc.assert(
      fc.property(
        file,
        tree,
        fc.record({
          indent: fc.constantFrom(2, 4),
          isFlow: fc.boolean(),
          isWindows: fc.boolean(),
          spaced: fc.boolean(),
          comments: fc.boolean(),
        }),
        (value, added, { indent, isFlow, isWindows, spaced, comments }) => {
          const document = parseDocument(
            stringify(value, { indent, ...(isFlow && { collectionStyle: "flow" }), lineWidth: 0 }),
          );
          if (comments && !isFlow && Object.keys(value).length > 0) document.comment = " the end";
          if (comments) document.commentBefore = " the beginning";
          let text = document.toString({ indent, lineWidth: 0 });
          if (spaced && !isFlow) text = text.replaceAll(/\n(?=[a-z]+:)/g, "\n\n");
          if (isWindows) text = text.replaceAll("\n", "\r\n");
          const read = parseText(text, { file: "a.yaml" }).document?.value ?? {};
          const agents = (read as { agents?: object | null }).agents ?? {};
          fc.pre(!Object.hasOwn(agents, "new"));
          const after = withEntry(text, ["agents", "new"], added, "yaml");
          const result = parseText(after, { file: "a.yaml" }).document?.value;
          expect(result).toEqual({ ...read, agents: { ...agents, new: added } });
          const commentsOf = (from: string) => from.match(/^# the .*$/gm) ?? [];
          expect(commentsOf(after)).toEqual(commentsOf(text));
        },
      ),
    );
  });
});
