/**
 * Every `@example` of a doc block that says what it prints is compiled and run, so that no documentation tells what is
 * not so. An example may leave out imports of its own package, of `core` and `contracts`, of Zod as `z`, and of the
 * agents in `doc-agents.ts`; and in one that does not print, `value; // => …` stands for printing the value, with
 * strings in quotes.
 * Run it with `node --conditions=@atomic-agents/source`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { formatWithOptions } from "node:util";
import { docExamples, type DocExample } from "./doc-example.ts";
import { compareOutput, expectedOutput } from "./expected-output.ts";
import { root, toolPath } from "./steps.ts";
import { readWorkspace } from "./workspace.ts";

const folder = join(root, "out", "doc-examples");
rmSync(folder, { recursive: true, force: true });

const examples = docExamples(readWorkspace()).map((example) => ({
  ...example,
  path: join(folder, example.name),
}));
for (const { path, program } of examples) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, program);
}
compile();
const failed: string[] = [];
for (const example of examples) {
  const problem = await problemOf(example);
  if (problem !== undefined)
    failed.push(`${example.place}: the example does not print what it says\n${problem}`);
}
for (const failure of failed) console.error(`${failure}\n`);
if (failed.length === 0) console.log(`${examples.length} examples of doc blocks print what they say`);
// An example may leave a timer or a resource open; nothing here waits for it.
process.exit(failed.length === 0 ? 0 : 1);

function compile(): void {
  const tsconfig = join(folder, "tsconfig.json");
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(
    tsconfig,
    JSON.stringify({ extends: "../../tsconfig.test.json", compilerOptions, include: ["**/*.ts"] }),
  );
  try {
    execFileSync("tsc", ["-p", tsconfig], {
      cwd: root,
      env: { ...process.env, PATH: toolPath() },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  } catch (error) {
    // execFileSync throws an Error that carries the output.
    const { stdout = "" } = error as Error & { readonly stdout?: string };
    const places = examples
      .map(({ name, place }) => `  ${name} is the example at ${place}`)
      .filter((line) => stdout.includes(line.trim().split(" ", 1)[0] ?? "-"));
    console.error(`${stdout}\n${places.join("\n")}`);
    process.exit(1);
  }
}

/** Runs an example in this process: a process for each would take most of its time to start. */
async function problemOf({
  path,
  program,
}: DocExample & { readonly path: string }): Promise<string | undefined> {
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => void printed.push(formatWithOptions({}, ...values));
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    console.log = log;
  }
  return compareOutput(expectedOutput(program).map(sameQuotes), sameQuotes(printed.join("\n")));
}

/** Node.js prints strings inside of objects in single quotes, authors write them in double ones. */
function sameQuotes(text: string): string {
  return text.replaceAll("'", '"');
}
