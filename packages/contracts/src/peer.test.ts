import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** Where a package is installed; some export no `package.json` that could be resolved. */
function folderOf(name: string): string {
  const folder = require.resolve
    .paths(name)
    ?.map((path) => join(path, name))
    .find(existsSync);
  if (folder === undefined) throw new Error(`${name} is not installed`);
  return folder;
}

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "atomic-contracts-"));
  const tsc = join(folderOf("typescript"), "bin", "tsc");
  const project = ["-p", join(packageFolder, "tsconfig.json"), "--outDir", join(root, "dist")];
  const output = ["--composite", "false", "--incremental", "false", "--emitDeclarationOnly", "false"];
  await run(process.execPath, [tsc, ...project, ...output]);
}, 60_000);
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A folder where the package, built, is installed, and these of its peers. */
function install(name: string, peers: readonly string[]): string {
  const folder = join(root, name);
  const installed = join(folder, "node_modules", "@atomic-agents", "contracts");
  mkdirSync(installed, { recursive: true });
  cpSync(join(packageFolder, "package.json"), join(installed, "package.json"));
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true });
  for (const peer of peers) symlinkSync(folderOf(peer), join(folder, "node_modules", peer));
  return folder;
}

/** What a module prints as JSON, run in a process of its own in that folder. */
async function evaluate(folder: string, code: string): Promise<unknown> {
  const prelude = `
    import { ContractError } from "@atomic-agents/contracts";
    const attempt = (action) => {
      try {
        return action();
      } catch (error) {
        if (!ContractError.isInstance(error)) throw error;
        return { code: error.code, message: error.message, hint: error.hint };
      }
    };
    const show = (value) => console.log(JSON.stringify(value));
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", prelude + code], {
    cwd: folder,
  });
  return JSON.parse(stdout);
}

describe("without its peers", () => {
  it("fromJsonSchema says what to install, once Ajv is needed", async () => {
    const folder = install("no-ajv", []);
    const code = `
      import { toJsonSchema } from "@atomic-agents/contracts";
      import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
      const schema = fromJsonSchema({ type: "string" });
      show([toJsonSchema(schema, "input").type, attempt(() => schema["~standard"].validate("a"))]);
    `;
    expect(await evaluate(folder, code)).toEqual([
      "string",
      {
        code: "MISSING_PEER",
        message: "fromJsonSchema needs the package ajv, which is not installed.",
        hint: "npm install ajv",
      },
    ]);
  });

  it("fromValibot says what to install", async () => {
    const folder = install("no-converter", ["valibot"]);
    const code = `
      import { fromValibot } from "@atomic-agents/contracts/valibot";
      import * as v from "valibot";
      show(attempt(() => fromValibot(v.string())));
    `;
    expect(await evaluate(folder, code)).toEqual({
      code: "MISSING_PEER",
      message: "fromValibot needs the package @valibot/to-json-schema, which is not installed.",
      hint: "npm install @valibot/to-json-schema",
    });
  });

  it("formats are annotations, unless they are asked for", async () => {
    const folder = install("no-formats", ["ajv"]);
    const code = `
      import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
      const validate = (options) =>
        attempt(() => fromJsonSchema({ format: "email" }, options)["~standard"].validate("no"));
      show([validate({}), validate({ formats: "annotate" }), validate({ formats: "assert" })]);
    `;
    expect(await evaluate(folder, code)).toEqual([
      { value: "no" },
      { value: "no" },
      {
        code: "MISSING_PEER",
        message:
          'fromJsonSchema with formats: "assert" needs the package ajv-formats, which is not installed.',
        hint: "npm install ajv-formats",
      },
    ]);
  });
});

describe("with its peers", () => {
  it("everything works, and Ajv is loaded when a value is validated, not before", async () => {
    const folder = install("all", ["ajv", "ajv-formats"]);
    const code = `
      import Module from "node:module";
      import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
      const loaded = () => Object.keys(Module._cache).some((file) => file.includes("ajv"));
      const schema = fromJsonSchema({ format: "email" });
      const before = loaded();
      const issues = schema["~standard"].validate("no").issues.length;
      show([before, issues, loaded()]);
    `;
    expect(await evaluate(folder, code)).toEqual([false, 1, true]);
  });
});

it("is installed beside any version of Zod: what is too old for it is not compiled, and validates as ever", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  // npm refuses to install a package whose peer is there in another version, also where the peer is optional.
  expect(manifest).toMatchObject({
    peerDependencies: { zod: "*" },
    peerDependenciesMeta: { zod: { optional: true } },
  });
});

it("is bundled where there is no Zod: webpack does not look for its compiler", () => {
  const built = readFileSync(join(root, "dist", "vendors", "zod-compiler.js"), "utf8");
  expect(built).toMatch(/import\(\s*\/\* webpackIgnore: true \*\/\s*"zod\/v4\/core"\s*\)/);
});
