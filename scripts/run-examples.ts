/**
 * Runs every numbered example as a user would, against the built packages, and compares what it prints; so too the
 * `main.ts` of a folder, where it says what it prints.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareOutput, expectedOutput } from "./expected-output.ts";
import { root } from "./steps.ts";

const folder = join(root, "examples");
const names = readdirSync(folder)
  .map((name) => (/^\d+-.*\.ts$/.test(name) ? name : join(name, "main.ts")))
  .filter((name) => existsSync(join(folder, name)) && (/^\d/.test(name) || tellsOutput(name)))
  .sort();
if (names.length === 0) throw new Error(`No numbered example (such as 01-name.ts) in ${folder}.`);

for (const name of names) {
  const path = join(folder, name);
  const printed = execFileSync(process.execPath, [path], {
    encoding: "utf8",
    timeout: 60_000,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const expected = expectedOutput(readFileSync(path, "utf8"));
  if (expected.length === 0) throw new Error(`examples/${name} has no "// =>" comment: say what it prints.`);
  const problem = compareOutput(expected, printed);
  if (problem !== undefined) {
    console.error(`examples/${name} does not print what its comments say.\n${problem}`);
    process.exit(1);
  }
  console.log(`examples/${name}: ${expected.length} lines as expected`);
}

function tellsOutput(name: string): boolean {
  return expectedOutput(readFileSync(join(folder, name), "utf8")).length > 0;
}
