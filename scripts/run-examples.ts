/** Runs every numbered example as a user would, against the built packages, and compares what it prints. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareOutput, expectedOutput } from "./expected-output.ts";
import { root } from "./steps.ts";

const folder = join(root, "examples");
const names = readdirSync(folder)
  .filter((name) => /^\d+-.*\.ts$/.test(name))
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
