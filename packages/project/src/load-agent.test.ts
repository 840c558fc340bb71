import { AtomicError, isAgent, untyped } from "@atomic-agents/core";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { loadAgent } from "./load-agent.ts";

// Each test waits for a process or two, which share the computer with other tests.
vi.setConfig({ testTimeout: 60_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../out");
mkdirSync(scratch, { recursive: true });
const cwd = realpathSync(mkdtempSync(join(scratch, "load-agent-")));
const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "load-agent-")));

const agentNamed = (name: string, exported: string) => `
export ${exported === "default" ? "default" : `const ${exported} =`} defineAgent({
  name: "${name}", description: "Doubles a number.",
  input: z.object({ value: z.number() }), output: z.number(),
  execute: ({ value }) => value * 2,
});`;
const imports = 'import { defineAgent } from "@atomic-agents/core";\nimport * as z from "zod";\n';

const modules: Readonly<Record<string, string>> = {
  "one.ts": `${imports}${agentNamed("double", "double")}\nexport const limit: number = 3;`,
  "two.mts": `${imports}${agentNamed("double", "double")}${agentNamed("triple", "triple")}
export { double as alias };`,
  "default.js": `${imports}${agentNamed("double", "default")}${agentNamed("other", "other")}`,
  "alias.mjs": `${imports}${agentNamed("double", "double")}\nexport { double as again };`,
  "values.ts": `
export const list: number[] = []; export const nothing = null; export const text = "x"; export const count = 1;
export function make() {} export class Maker {} export const config = { a: 1 };`,
  "empty.ts": "export {};",
  "throws.ts": "const a: number = 1;\nfunction fail(): never { throw new TypeError(`boom ${a}`); }\nfail();",
  "throws-text.mjs": "throw 'just text';",
  "throws-nothing.mjs": "throw undefined;",
  "throws-aside.mjs": "setTimeout(() => { throw new Error('late boom'); }, 1); await new Promise(() => {});",
  "rejects.mjs":
    "void Promise.reject(new Error('nobody caught me')); await new Promise((r) => setTimeout(r, 60_000));",
  "stuck.mjs": "export const a = 1;\nawait new Promise(() => {});",
  "waits.mjs": "setInterval(() => {}, 60_000);\nawait new Promise(() => {});",
  "loops.mjs": "for (;;) {}",
  "loops-on-exit.mjs": "process.on('exit', () => { for (;;) {} });\nprocess.exit(4);",
  "exit-0.mjs": "process.exit(0);",
  "exit-3.ts": "process.exit(3);",
  "kills-itself.mjs": "process.kill(process.pid, 'SIGKILL'); for (;;) {}",
  "aborts.mjs": "process.abort();",
  "syntax.mjs": "export const a = 1;\nexport const b = = 2;",
  "syntax.ts": "export const a: number = 1;\nexport const b = = 2;",
  "imports-syntax.mjs": 'import "./syntax.mjs";',
  "enum.ts": "export const a = 1;\nexport enum Colour { Red }",
  "parameter-property.ts": "export class A {\n  constructor(private readonly x: number) {}\n}",
  "namespace.ts": "namespace N {\n  export const a = 1;\n}\nexport const b = N.a;",
  "imports-enum.ts": 'import { Colour } from "./enum.ts";\nexport const a = Colour;',
  "no-package.mjs": 'import "no-such-package-anywhere";',
  "no-file.ts": 'import "./no-such-file.ts";',
  "no-name.ts": 'import { noSuchName } from "node:fs";\nexport const a = noSuchName;',
  "deep/agent.ts": `${imports}${agentNamed("deep", "deep")}`,
  "notes.txt": "no module",
  "strange #name%20.mjs": "export const a = 1;",
};

beforeAll(() => {
  // What probes the modules must find the packages' sources, as the tests do.
  vi.stubEnv("NODE_OPTIONS", "--conditions=@atomic-agents/source");
  for (const [name, text] of Object.entries(modules)) {
    const path = join(cwd, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  writeFileSync(join(elsewhere, "agent.mjs"), "globalThis.wasImported = true;");
  symlinkSync(join(elsewhere, "agent.mjs"), join(cwd, "link.mjs"));
  symlinkSync(join(cwd, "one.ts"), join(cwd, "link-inside.ts"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cwd, { recursive: true, force: true });
  rmSync(elsewhere, { recursive: true, force: true });
});

async function failure(reference: string, timeoutMs = 10_000): Promise<AtomicError<"CONFIG">> {
  const error = await loadAgent(reference, { cwd, timeoutMs }).then(
    () => expect.fail(`${reference} was loaded`),
    (thrown: unknown) => thrown,
  );
  if (!AtomicError.isInstance(error, "CONFIG")) throw error;
  expect(error.details.path).toBe(reference);
  return error;
}

describe("an agent from a module", () => {
  it.each([
    ["./one.ts#double", "double"],
    ["./one.ts", "double"],
    ["one.ts", "double"],
    ["./link-inside.ts", "double"],
    ["./two.mts#triple", "triple"],
    ["./default.js", "double"],
    ["./default.js#default", "double"],
    ["./default.js#other", "other"],
    ["./alias.mjs", "double"],
    ["deep/agent.ts", "deep"],
    ["./deep/../one.ts#double", "double"],
    [`${cwd}/one.ts#double`, "double"],
  ])("loads %s", async (reference, name) => {
    const agent = await loadAgent(reference, { cwd });
    expect(agent.name).toBe(name);
    expect(isAgent(agent)).toBe(true);
    expect(await untyped(agent).run({ value: 21 })).toBe(42);
  });

  it("is the same object each time", async () => {
    expect(await loadAgent("./one.ts", { cwd })).toBe(await loadAgent("./one.ts#double", { cwd }));
  });

  it("may lie in a file with a strange name", async () => {
    expect((await failure("./strange #name%20.mjs#b")).message).toContain("it exports a");
  });
});

describe("a reference that names no agent", () => {
  it.each([
    ["data:text/javascript,export default 1", /"data:" references are refused/],
    ["http://example.com/agent.ts", /"http:" references are refused/],
    ["https://example.com/agent.ts#a", /"https:" references are refused/],
    ["node:child_process", /"node:" references are refused/],
    ["file:///etc/passwd", /"file:" references are refused/],
    ["./one\0.ts", /NUL/],
    ["#double", /it has no path/],
    ["./one.ts#", /nothing stands after the "#"/],
    ["../agent.mjs", /lies outside of/],
    ["deep/../../x.ts", /lies outside of/],
    ["/etc/passwd", /lies outside of/],
    ["%2e%2e/agent.mjs", /there is no file .*%2e%2e\/agent\.mjs/],
    ["./link.mjs", /lies outside of/],
    [".", /is a folder/],
    ["deep", /is a folder/],
    ["./deep#x", /is a folder/],
    ["./notes.txt", /notes\.txt is not a module/],
    ["./nowhere/at-all.ts", /there is no file .*at-all\.ts/],
  ])("refuses %j", async (reference, message) => {
    expect((await failure(reference)).message).toMatch(message);
  });

  it("says what was looked for, and what is there instead", async () => {
    const error = await failure("./oen.ts#double");
    expect(error.message).toContain(`there is no file ${join(cwd, "oen.ts")}`);
    expect(error.hint).toContain('Did you mean "one.ts"?');
    expect((await failure("./one")).hint).toContain('"one.ts"');
  });

  it("names the exports there are", async () => {
    const error = await failure("./two.mts#duoble");
    expect(error.message).toContain('no export "duoble"; it exports alias, double, triple');
    expect(error.hint).toBe('Did you mean "double"?');
    expect((await failure("./empty.ts#x")).message).toContain("it exports nothing");
    // Names that every object inherits are no exports.
    expect((await failure("./one.ts#toString")).message).toContain('no export "toString"');
  });

  it("asks which of several agents is meant", async () => {
    const error = await failure("./two.mts");
    expect(error.message).toContain("it exports 2 agents");
    expect(error.hint).toContain("./two.mts#double");
  });

  it.each([
    ["list", "an array"],
    ["nothing", "null"],
    ["text", "a string"],
    ["count", "a number"],
    ["make", "a function"],
    ["Maker", "a class"],
    ["config", "an object"],
  ])("says that #%s is %s", async (name, kind) => {
    const error = await failure(`./values.ts#${name}`);
    expect(error.message).toContain(`its export "${name}" is no agent but ${kind}`);
  });

  it("points from an export that is none to the agents of the module", async () => {
    expect((await failure("./one.ts#limit")).hint).toBe("Name one, such as ./one.ts#double.");
    expect((await failure("./values.ts")).message).toContain("it exports no agent");
  });
});

describe.concurrent("a module that cannot be imported", () => {
  it.each([
    ["throws.ts", /it threw while it was imported: boom 1 \(.*throws\.ts:2:\d+\)/],
    ["throws-text.mjs", /it threw while it was imported: just text/],
    ["throws-nothing.mjs", /it threw while it was imported: undefined/],
    ["throws-aside.mjs", /something that it began threw while it was imported: late boom/],
    ["rejects.mjs", /something that it began threw while it was imported: nobody caught me/],
    ["stuck.mjs", /stuck\.mjs awaits at its top level something that nothing will ever settle/],
    ["exit-0.mjs", /exit-0\.mjs ended the process with exit code 0/],
    ["exit-3.ts", /exit-3\.ts ended the process with exit code 3/],
    ["kills-itself.mjs", /ended by SIGKILL/],
    ["aborts.mjs", /ended by SIG/],
    ["syntax.mjs", /a syntax error: Unexpected token '=' \(.*syntax\.mjs:2\)/],
    ["syntax.ts", /a syntax error: Expression expected \(.*syntax\.ts:2\)/],
    ["imports-syntax.mjs", /a syntax error: .* \(.*\/syntax\.mjs:2\)/],
    ["enum.ts", /TypeScript enum is not supported .*\(.*enum\.ts:2\)/],
    ["parameter-property.ts", /parameter property is not supported .*\(.*parameter-property\.ts:2\)/],
    ["namespace.ts", /namespace.* not supported .*\(.*namespace\.ts:1\)/],
    ["imports-enum.ts", /TypeScript enum is not supported .*\(.*\/enum\.ts:2\)/],
    ["no-package.mjs", /imports what is not there: Cannot find package 'no-such-package-anywhere'/],
    ["no-file.ts", /imports what is not there: Cannot find module '.*no-such-file\.ts'/],
    ["no-name.ts", /does not provide an export named 'noSuchName'.*no-name\.ts:1/],
  ])("%s", async (name, message) => {
    expect((await failure(`./${name}`)).message).toMatch(message);
  });

  it.each(["waits.mjs", "loops.mjs"])("%s is given up after the time limit", async (name) => {
    const error = await failure(`./${name}`, 1_000);
    expect(error.message).toContain(`${name} was still being imported after 1000 ms`);
  });

  it("is ended even where its exit never ends", async () => {
    expect((await failure("./loops-on-exit.mjs", 1_000)).message).toMatch(/still being imported|exit code 4/);
  });

  it("keeps what was thrown as the cause", async () => {
    const { cause } = await failure("./throws.ts");
    expect(cause).toMatchObject({ name: "TypeError", message: "boom 1" });
  });

  it("tells how TypeScript has to be written", async () => {
    expect((await failure("./enum.ts")).hint).toContain("no enums");
    expect((await failure("./no-package.mjs")).hint).toBe("Install it: npm install no-such-package-anywhere");
  });
});

describe("loading", () => {
  it("stops when the signal aborts", async () => {
    const controller = new AbortController();
    const loading = loadAgent("./waits.mjs", { cwd, signal: controller.signal });
    controller.abort();
    await expect(loading).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(loadAgent("./one.ts", { cwd, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    "refuses a time limit of %s",
    async (timeoutMs) => {
      await expect(loadAgent("./one.ts", { cwd, timeoutMs })).rejects.toMatchObject({
        code: "CONFIG",
        details: { path: "timeoutMs" },
      });
    },
  );
});
