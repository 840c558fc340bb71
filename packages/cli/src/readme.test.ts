import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";

// Each test waits for a process or two, which share the computer with other tests.
vi.setConfig({ testTimeout: 60_000 });

/** Within the workspace, so that the module finds the packages. */
const scratch = join(import.meta.dirname, "../../../out");
mkdirSync(scratch, { recursive: true });
const cwd = mkdtempSync(join(scratch, "readme-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const module = /```ts\n(?<code>\/\/ file: agents\.ts\n[^]*?)```/.exec(readme)?.groups?.["code"] ?? "";
writeFileSync(join(cwd, "agents.ts"), module);

/** The commands in the document, each with what it is said to print. */
const shown = [...readme.matchAll(/```console\n(?<session>[^]*?)```/g)].flatMap(({ groups }) =>
  (groups?.["session"] ?? "")
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...output] = part.split("\n");
      return { command, output: output.join("\n") };
    }),
);

function shell(command: string): Promise<string> {
  const options = '--conditions=@atomic-agents/source "$PROGRAM" "$@"';
  const script = `atomic() { "$NODE" ${options}; }\n{ ${command}; } 2>&1`;
  const env = {
    ...process.env,
    NODE: process.execPath,
    PROGRAM: join(import.meta.dirname, "bin.ts"),
    NO_COLOR: "1",
    NODE_OPTIONS: "",
    NODE_COMPILE_CACHE: join(scratch, "compile-cache"),
  };
  return new Promise((resolve) => {
    // A command that fails has printed why, and that is compared.
    execFile("sh", ["-c", script], { cwd, env, timeout: 50_000 }, (_error, stdout) => resolve(stdout));
  });
}

it("shows commands", () => {
  expect(shown.length).toBeGreaterThan(8);
});

it.concurrent.each(shown)("$command", async ({ command, output }) => {
  expect(await shell(command)).toBe(output);
});
