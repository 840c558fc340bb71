import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentTypes } from "./agent-types.ts";
import { type ProjectTemplate, projectTemplates, readTemplate } from "./project-templates.ts";

const root = join(import.meta.dirname, "../../../..");
const templates = join(import.meta.dirname, "../../templates");
const scratch = mkdtempSync(join(tmpdir(), "atomic-templates-"));
chmodSync(scratch, 0o755);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// The keys of a literal are its own.
const names = Object.keys(projectTemplates) as readonly ProjectTemplate[];

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

// Manifests of this repository have this form; one that has not fails below.
const manifestIn = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

function run(cwd: string, program: string, args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "--conditions=@atomic-agents/source" };
  return new Promise<{ readonly code: unknown; readonly said: string }>((resolve) =>
    execFile(program, args, { cwd, env, timeout: 100_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr }),
    ),
  );
}

it("are those that lie in their folders", () => {
  expect(names.toSorted()).toEqual(readdirSync(join(templates, "init")).toSorted());
  expect(Object.keys(agentTypes).toSorted()).toEqual(readdirSync(join(templates, "create/agent")).toSorted());
});

it.each(names)("%s installs the versions that this workspace has", (template) => {
  const manifest = manifestIn(join(templates, "init", template));
  const workspace = manifestIn(root).devDependencies;
  const { version } = manifestIn(join(root, "packages/cli"));
  for (const [name, wanted] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const known = /^(@atomic-agents\/.+|atomic-agents)$/.test(name) ? version : workspace[name];
    expect({ name, version: wanted }).toEqual({ name, version: known });
  }
});

it("share what is not their own", () => {
  for (const file of ["tsconfig.json", "gitignore"]) {
    const texts = names.map((name) => readFileSync(join(templates, "init", name, file), "utf8"));
    expect(new Set(texts).size).toBe(1);
  }
});

describe.each(names)("a project of %s", (template) => {
  const project = join(scratch, template);
  const files = readTemplate(template, "tickets");

  beforeAll(() => {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    }
    // Outside of the workspace, whose settings of tools leave some folders out; with its packages.
    const modules = join(scratch, "node_modules");
    if (!existsSync(modules)) symlinkSync(join(root, "node_modules"), modules);
    for (const name of ["biome.json", ".oxlintrc.json"]) cpSync(join(root, name), join(scratch, name));
  });

  const bin = (name: string) => join(root, "node_modules/.bin", name);
  const tools: readonly (readonly [string, string, readonly string[]])[] = [
    ["atomic check", process.execPath, [join(import.meta.dirname, "../bin.ts"), "check"]],
    ["tsc", bin("tsc"), ["--customConditions", "@atomic-agents/source"]],
    ["biome", bin("biome"), ["format", "--config-path", scratch, "."]],
    [
      "oxlint",
      bin("oxlint"),
      ["--config", join(scratch, ".oxlintrc.json"), "--type-aware", "--deny-warnings", "."],
    ],
    ["node --test", process.execPath, ["--test"]],
  ];

  const hasModules = [...files.keys()].some((path) => path.endsWith(".ts"));
  const some = tools.filter(([tool]) => hasModules || !["tsc", "oxlint"].includes(tool));

  it.each(some)("pleases %s", async (_, program, args) => {
    const { code, said } = await run(project, program, args);
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
  });

  it("has its name, and no other", () => {
    for (const [path, text] of files)
      expect({ path, has: text.includes("my-project") }).toEqual({ path, has: false });
  });
});
