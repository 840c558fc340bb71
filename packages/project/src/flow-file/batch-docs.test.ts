import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

// Modules are imported in processes of their own first.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const page = readFileSync(join(root, "docs/batch-processing.md"), "utf8");
mkdirSync(join(root, "out"), { recursive: true });
const directory = realpathSync(mkdtempSync(join(root, "out", "batch-page-")));
afterAll(() => rmSync(directory, { recursive: true }));

it("the page about batches has a flow that does what the page says", async () => {
  const results = new Map<string, string>();
  writeFileSync(join(directory, "atomic.yaml"), "name: batches\n");
  for (const { groups = {} } of page.matchAll(
    /^```\w+\n(?:#|\/\/) file: (?<name>\S+)\n(?<content>[^]*?)^```$/gm,
  )) {
    const { name = "", content = "" } = groups;
    if (name.startsWith("out/")) results.set(name, content);
    else {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), content);
    }
  }
  const project = await openProject({ directory });
  expect(await checkProject(project, { strict: true })).toEqual([]);
  const loaded = await loadFlow(project, "texts");
  const summary = await loaded.start().summary;
  expect(summary).toMatchObject({ read: 4, delivered: 3, deadLettered: 1 });
  const [letter] = summary.deadLetters;
  expect(page.replaceAll(/\s+/g, " ")).toContain(letter?.error.message);
  expect(letter).toMatchObject({ record: 2, stage: "embed" });
  expect(results.size).toBe(2);
  for (const [name, content] of results) {
    expect([name, readFileSync(join(directory, name), "utf8")]).toEqual([name, content]);
  }
  await loaded.close();
});
