import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { parseText } from "../files/parse-text.ts";
import { openProject } from "../project/open-project.ts";
import { checkFlowFile } from "../schemas/check-shape.ts";
import { loadFlow } from "./load-flow.ts";

// Modules are imported in processes of their own first.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const text = readFileSync(join(root, "docs/flow-files.md"), "utf8");
const blocks = Array.from(
  text.matchAll(/^```(?<language>.*)\n(?<content>[^]*?)^```$/gm),
  ({ groups = {} }) => ({
    language: groups["language"] ?? "",
    content: groups["content"] ?? "",
  }),
);

/** The files that the page shows, by their names. */
const files = new Map(
  blocks.flatMap(({ content }) => {
    const { name, rest } = /^(?:#|\/\/) file: (?<name>\S+)\n(?<rest>[^]*)$/.exec(content)?.groups ?? {};
    return name === undefined || rest === undefined ? [] : [[name, rest] as const];
  }),
);

mkdirSync(join(root, "out"), { recursive: true });
const directory = realpathSync(mkdtempSync(join(root, "out", "flow-files-")));
afterAll(() => rmSync(directory, { recursive: true }));

describe("the page about flow files", () => {
  it("has a project that does what the page says", async () => {
    const isResult = (name: string): boolean => name.startsWith("out/");
    for (const [name, content] of files) {
      if (isResult(name)) continue;
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), content);
    }
    const project = await openProject({ directory });
    expect(await checkProject(project, { strict: true })).toEqual([]);
    const tickets = await loadFlow(project, "tickets");
    const summary = await tickets.start().summary;
    expect(summary).toMatchObject({ read: 5, delivered: 2, filtered: 1, deadLettered: 2 });
    expect(new Set(summary.deadLetters.map(({ record }) => record))).toEqual(new Set([4, 5]));
    const results = [...files].filter(([name]) => isResult(name));
    expect(results).toHaveLength(2);
    for (const [name, content] of results) {
      // Rows of CSV end as RFC 4180 has it.
      expect(readFileSync(join(directory, name), "utf8").replaceAll("\r\n", "\n")).toBe(content);
    }
  });

  it("shows stages, sources and sinks that are written rightly", () => {
    const stages = blocks.filter(
      ({ language, content }) => language === "yaml" && content.startsWith("stages:"),
    );
    expect(stages).toHaveLength(3);
    const kinds = Array.from(
      text.matchAll(/^\| `(?<part>(?:source|sink): [^`]+)` \|/gm),
      ({ groups = {} }) => groups["part"] ?? "",
    );
    expect(kinds).toHaveLength(13);
    const documents = [
      ...stages.map(({ content }) => `source: a.jsonl\nsink: b.jsonl\n${content}`),
      ...kinds.map((part) => `${part}\n${part.startsWith("source") ? "sink" : "source"}: a.jsonl\n`),
    ];
    for (const content of documents) {
      const { document, problems } = parseText(content, { file: "a.flow.yaml" });
      expect(problems).toEqual([]);
      expect(document && checkFlowFile(document)).toEqual([]);
    }
  });
});
