import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { loadFlow } from "../flow-file/load-flow.ts";
import { openProject } from "../project/open-project.ts";
import { castTypes } from "./transform/cast-value.ts";
import { transformSteps } from "./transform/transform-options.ts";
import { inferFile } from "./profile/infer-file.ts";

const root = join(import.meta.dirname, "../../../..");
mkdirSync(join(root, "out"), { recursive: true });
const folder = realpathSync(mkdtempSync(join(root, "out", "capability-pages-")));
afterAll(() => rmSync(folder, { recursive: true }));

const textOf = (page: string): string => readFileSync(join(root, "docs", page), "utf8");

/** Writes the files that a page shows; those that its flows are to make are given back. */
function projectOf(page: string) {
  const directory = join(folder, page);
  mkdirSync(directory);
  writeFileSync(join(directory, "atomic.yaml"), "name: pages\n");
  const results = new Map<string, string>();
  for (const { groups = {} } of textOf(page).matchAll(
    /^```\w+\n(?:#|\/\/) file: (?<name>\S+)\n(?<content>[^]*?)^```$/gm,
  )) {
    const { name = "", content = "" } = groups;
    if (name.endsWith(".ts")) continue;
    if (name.startsWith("out/")) results.set(name, content);
    else {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), content);
    }
  }
  return { directory, results };
}

describe.each([
  ["transform.md", 1, 1],
  ["validation.md", 2, 2],
  ["aggregation.md", 1, 1],
  ["enrichment.md", 1, 1],
  ["stream-processing.md", 2, 2],
])("docs/%s", (page, flows, letters) => {
  it("shows flows that do what it says", async () => {
    const { directory, results } = projectOf(page);
    const project = await openProject({ directory });
    expect((await checkProject(project, { strict: false })).map(({ message }) => message)).toEqual([]);
    expect(project.flows.size).toBe(flows);
    expect(results.size).toBe(flows);
    const messages: string[] = [];
    for (const name of project.flows.keys()) {
      const { deadLetters, status } = await (await loadFlow(project, name)).start().summary;
      expect(status).not.toBe("failed");
      messages.push(...deadLetters.map(({ error }) => error.message));
    }
    expect(messages).toHaveLength(letters);
    // The page may break the line anywhere.
    expect(textOf(page).replaceAll(/\s+/g, " ")).toContain(messages[0]);
    for (const [name, content] of results) {
      expect(readFileSync(join(directory, name), "utf8").replaceAll("\r\n", "\n")).toBe(content);
    }
  });
});

it("docs/validation.md shows the schema that is inferred", async () => {
  const page = textOf("validation.md");
  const shown = /```json\n(?<schema>\{[^]*?)```/.exec(page)?.groups?.["schema"] ?? "";
  const directory = join(folder, "infer");
  mkdirSync(directory);
  const lines = /# file: data\/items\.jsonl\n(?<lines>[^]*?)```/.exec(page)?.groups?.["lines"] ?? "";
  writeFileSync(join(directory, "items.jsonl"), lines);
  expect((await inferFile("items.jsonl", { directory })).schema).toEqual(JSON.parse(shown));
});

it("docs/transform.md has every step in its order, and every type", () => {
  const rows = (column: string): readonly string[] => {
    const [, table = ""] = textOf("transform.md").split(`\n| ${column} |`);
    const [body = ""] = table.split("\n\n");
    return Array.from(body.matchAll(/^\| `(?<name>\w+)`/gm), ({ groups = {} }) => groups["name"] ?? "");
  };
  expect(rows("step")).toEqual(transformSteps);
  expect(rows("to")).toEqual(castTypes);
});
