import { untyped } from "@atomic-agents/core";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatProblem, openProject, parseText, type Project } from "./index.ts";
import { checkProjectFile } from "./schemas/check-shape.ts";
import { loadSchema, resolveSchema } from "./schemas/schema.ts";

/** docs/project-files.md says what is so. */
const page = readFileSync(join(import.meta.dirname, "../../../docs/project-files.md"), "utf8");

function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n(?<code>[^]*?)\`\`\``, "g"))].map(
    ({ groups }) => groups?.["code"] ?? "",
  );
}

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../out");
mkdirSync(scratch, { recursive: true });
const directory = realpathSync(mkdtempSync(join(scratch, "project-files-")));
afterAll(() => rmSync(directory, { recursive: true }));

const [example = "", ...others] = blocks("yaml");

beforeAll(() => {
  writeFileSync(join(directory, "atomic.yaml"), example);
  for (const code of blocks("ts")) {
    const name = /^\/\/ file: (?<name>\S+)/.exec(code)?.groups?.["name"] ?? "";
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), code);
  }
});

describe("the example", () => {
  test("has no mistakes, but for the secrets that are not set here", async () => {
    const project = await openProject({ directory, environment: { CRM_TOKEN: "token" } });
    expect(project.problems).toEqual([]);
    expect([...project.agents.keys()]).toEqual(["label", "summarize", "remember"]);
    const told = async (profile?: string) =>
      (await openProject({ directory, profile, environment: {} })).problems.map(formatProblem);
    expect(await told()).toEqual(["atomic.yaml:28:31: The environment variable CRM_TOKEN is not set"]);
    expect(await told("production")).toEqual([
      'atomic.yaml:43:40: The secret file "/run/secrets/crm" cannot be used: it is not there',
    ]);
  });

  test("runs, in both profiles", async () => {
    const run = async (project: Project): Promise<unknown> => {
      const resources = project.createResources();
      try {
        const triage = untyped(await project.agent("triage"));
        await triage.run({ id: 1, text: "Help me now" }, { resources });
        const content = "Bees make honey. It rained. Honey from bees keeps for years.";
        return await untyped(await project.agent("summarize")).run({ content });
      } finally {
        await resources.close();
      }
    };
    expect(await run(await openProject({ directory, environment: {} }))).toMatchObject({
      sentences: { length: 2 },
    });
    const production = await openProject({ directory, profile: "production", environment: {} });
    expect(production.settings).toMatchObject({
      logLevel: "warn",
      alerts: { errorRate: 0.05, deadLetters: 100 },
    });
    await run(production);
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(join(directory, "data/tickets.db"));
    for (const table of ["tickets", "archive"]) {
      expect(db.prepare(`select id, label from ${table}`).all()).toMatchObject([{ id: 1, label: "urgent" }]);
    }
    db.close();
  });
});

test("the other pieces of YAML have the right shape", () => {
  expect(others.length).toBeGreaterThan(1);
  for (const text of others) {
    const { document } = parseText(text, { file: "atomic.yaml" });
    expect(document === undefined ? [text] : checkProjectFile(document)).toEqual([]);
  }
});

test("the table of settings has all of them, with their defaults", () => {
  const schema = loadSchema("atomic");
  const rows: string[] = [];
  const add = (prefix: string, given: ReturnType<typeof resolveSchema>): void => {
    for (const [key, part] of Object.entries(given.properties ?? {})) {
      if (part.properties !== undefined) add(`${prefix}${key}.`, part);
      else rows.push(`${prefix}${key}: ${shown(part.default)}`);
    }
  };
  const shown = (value: unknown) =>
    ["string", "number", "boolean"].includes(typeof value) ? String(value) : "none";
  add("", resolveSchema(schema, { $ref: "#/definitions/settings" }));
  const table = page.slice(page.indexOf("## Settings"), page.indexOf("## Profiles"));
  const told = [...table.matchAll(/^\| `(?<name>[\w.]+)` \| `?(?<value>[^`|]+?)`? \|/gm)].map(
    ({ groups }) => `${groups?.["name"]}: ${groups?.["value"]}`,
  );
  expect(told).toEqual(rows);
});

test("the messages are what is said", () => {
  const problems = [
    ...checkProjectFile(parse(`${"\n".repeat(11)}  pipelnes: {}\n`)),
    ...checkProjectFile(parse(`${"\n".repeat(5)}settings:\n   logLevel: WARN\n`)),
  ];
  const told = problems.map((problem) => `${formatProblem(problem)} | ${problem.hint}`);
  expect(told).toEqual(blocks("text")[0]?.trimEnd().split("\n"));
});

function parse(text: string) {
  const { document } = parseText(text, { file: "atomic.yaml" });
  if (document === undefined) throw new Error("unreachable: it is YAML");
  return document;
}
