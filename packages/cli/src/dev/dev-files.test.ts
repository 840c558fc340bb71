import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { devFilesOf } from "./dev-files.ts";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "dev files ")));
afterAll(() => rmSync(directory, { recursive: true }));

/** Which of these files matter to a flow. */
async function matter(text: string, paths: readonly string[]) {
  const file = join(directory, "a.flow.yaml");
  writeFileSync(file, text);
  const files = await devFilesOf(directory, file);
  return { has: paths.filter((path) => files.has(join(directory, path))), roots: files.roots };
}

const flow = `source: "data/*.csv"
stages:
  - lookup: { file: tables/countries.csv, key: code, by: country }
  - join: { source: { file: ../beside/customers.jsonl }, on: id }
  - join: { source: data/more/blocked.jsonl, on: id, type: anti }
  - tee: { file: out/all.json }
sink: out/a.json.gz
deadLetters: out/letters.json
`;

it("has what a project is made of and what a flow reads, and not what it writes", async () => {
  const mine = [
    "a.flow.yaml",
    "atomic.yaml",
    "agents/a.ts",
    "b.schema.json",
    "data/a.csv",
    "data/more/blocked.jsonl",
  ];
  const others = ["tables/countries.csv", "../beside/customers.jsonl"];
  const not = [
    "tables/other.csv",
    "notes.md",
    "store.db",
    "out/all.json",
    "out/a.json.gz",
    "out/a.redrive-7.json.gz",
    "out/letters.json",
    "../beside/agent.ts",
    "../elsewhere/customers.jsonl",
  ];
  const { has, roots } = await matter(flow, [...mine, ...others, ...not]);
  expect(has).toEqual([...mine, ...others]);
  expect(roots).toEqual([directory, join(directory, "../beside")]);
});

it("has a project's parts where the flow cannot be read", async () => {
  expect((await matter("source: [", ["a.flow.yaml", "agents/a.ts", "data/a.csv"])).has).toEqual([
    "a.flow.yaml",
    "agents/a.ts",
  ]);
});
