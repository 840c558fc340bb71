import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

const out = join(import.meta.dirname, "../../../../out");
mkdirSync(out, { recursive: true });
const directory = realpathSync(mkdtempSync(join(out, "past-")));
afterAll(() => rmSync(directory, { recursive: true }));

const visits = Array.from({ length: 100 }, (_, n) => ({ user: `user-${n % 20}`, seconds: n }));

function projectOf(stages: string): ReturnType<typeof openProject> {
  writeFileSync(join(directory, "atomic.yaml"), "name: shop\n");
  writeFileSync(
    join(directory, "visits.jsonl"),
    visits.map((visit) => `${JSON.stringify(visit)}\n`).join(""),
  );
  const text = `source: visits.jsonl\nstages:\n${stages}\nsink: out/got.jsonl\n`;
  writeFileSync(join(directory, "work.flow.yaml"), text);
  return openProject({ directory });
}

async function problemsOf(stages: string): Promise<readonly string[]> {
  const problems = await checkProject(await projectOf(stages), { strict: false });
  return problems.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`);
}

it("goes on in DuckDB, beyond what is said of groups and keys", async () => {
  const project = await projectOf(`  - deduplicate: { by: [seconds], maxKeys: 7, past: duckdb }
  - aggregate:
      by: [user]
      calculate: { visits: { count: true }, longest: { max: seconds } }
      maxGroups: 3
      past: { duckdb: { memoryLimitMb: 64, temporaryDirectory: ${JSON.stringify(directory)} } }`);
  const summary = await (await loadFlow(project, "work")).start().summary;
  expect(summary).toMatchObject({ status: "success", read: 100, delivered: 100, emitted: 20 });
  const lines = readFileSync(join(directory, "out/got.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    Array.from({ length: 20 }, (_, n) => ({ user: `user-${n}`, visits: 5, longest: 80 + n })),
  );
});

it("has temporary files where the project says, wherever it is run", async () => {
  mkdirSync(join(directory, "scratch"), { recursive: true });
  for (const [folder, status] of [
    ["scratch", "success"],
    ["none", "failed"],
  ] as const) {
    const duckdb = `temporaryDirectory: ${folder}, threads: 1`;
    const project = await projectOf(`  - sort: { by: [user], maxInMemory: 5, past: { duckdb: { ${duckdb} } } }
  - sql: { query: from records, ${duckdb} }`);
    const { error, ...summary } = await (await loadFlow(project, "work")).start().summary;
    expect(summary.status).toBe(status);
    if (status === "failed") expect(error?.message).toContain(join(directory, folder));
  }
});

it("sorts and joins in DuckDB, as it does in memory", async () => {
  const stages = (past: string): string => `  - sort: { by: [{ key: user, order: desc }, seconds]${past} }
  - join:
      source: { file: visits.jsonl }
      on: [user, { left: record.seconds + 20, right: seconds }]
      type: left
      as: next${past.replace(", ", "\n      ").replace(", ", "\n      ")}
  - join: { source: visits.jsonl, on: seconds, type: semi${past} }`;
  const lines = async (past: string): Promise<string> => {
    const project = await projectOf(stages(past));
    expect(await checkProject(project, { strict: true })).toEqual([]);
    const summary = await (await loadFlow(project, "work")).start().summary;
    expect(summary).toMatchObject({ status: "success", read: 100, delivered: 100 });
    return readFileSync(join(directory, "out/got.jsonl"), "utf8");
  };
  const inMemory = await lines("");
  expect(inMemory.split("\n")[0]).toBe('{"user":"user-9","seconds":9,"next":{"user":"user-9","seconds":29}}');
  expect(await lines(", maxInMemory: 5, past: duckdb")).toBe(inMemory);
  expect(await problemsOf("  - sort: { by: [user], past: sqlite }")).toEqual([
    expect.stringMatching(/^error 3:\d+ .*duckdb/),
  ]);
  expect(
    await problemsOf(
      "  - join: { source: visits.jsonl, on: user, type: semi, past: { duckdb: { memory: 5 } } }",
    ),
  ).toEqual([expect.stringMatching(/^error 3:\d+ .*memory/)]);
});

it("says where it is wrong", async () => {
  const near = "{ text: user, similarity: 0.5 }";
  expect(await problemsOf(`  - deduplicate: { near: ${near}, past: duckdb }`)).toEqual([
    expect.stringMatching(/^error 3:\d+ past/),
  ]);
  expect(
    await problemsOf("  - aggregate: { by: [user], calculate: { n: { count: true } }, past: sqlite }"),
  ).toEqual([expect.stringMatching(/^error 3:\d+ .*duckdb/)]);
  expect(
    await problemsOf(
      "  - aggregate: { by: [user], calculate: { n: { count: true } }, past: { duckdb: { memory: 5 } } }",
    ),
  ).toEqual([expect.stringMatching(/^error 3:\d+ .*memory/)]);
  for (const past of ["{}", "{ duckdb: 5 }", "{ duckdb: { memoryLimitMb: some } }", "5"]) {
    const problems = await problemsOf(
      `  - aggregate: { by: [user], calculate: { n: { count: true } }, past: ${past} }`,
    );
    expect(problems).toEqual([expect.stringMatching(/^error 3:\d+ stages\[0\]\.aggregate\.past/)]);
  }
});
