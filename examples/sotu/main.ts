/**
 * Every State of the Union address through a flow of atomic agents: `npm run demo`. The flow is in `sotu.flow.yaml`, what
 * it does with an address in `pipeline.ts`. This types the commands that a user would, and draws a table of the result.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AddressRecord } from "./record.ts";
import { groupTable } from "./summary-table.ts";

const folder = import.meta.dirname;
const bin = join(
  dirname(createRequire(import.meta.url).resolve("atomic-agents/package.json")),
  "bin/atomic.js",
);
// Such as `--limit 20`: what `atomic run` takes.
const options = process.argv.slice(2);

atomic("run", "sotu", ...options);
if (failedRecords() > 0) {
  atomic("dead-letters", "show", "last");
  process.stderr.write("\nIts year came as a text. The profile `mended` of atomic.yaml reads those, too:\n");
  atomic("redrive", "last", "--profile", "mended", "--append");
}
process.stdout.write(`\n${groupTable(readRecords())}`);

/** Runs the command with the terminal as its own; ends this program as it ends when it fails. */
function atomic(...args: readonly string[]): void {
  process.stderr.write(`\n$ atomic ${args.join(" ")}\n`);
  const { status, error } = spawnSync(process.execPath, [...process.execArgv, bin, ...args], {
    cwd: folder,
    stdio: "inherit",
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function failedRecords(): number {
  const listed = spawnSync(
    process.execPath,
    [...process.execArgv, bin, "runs", "list", "--limit", "1", "--json"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  // What the command documents.
  const [run] = JSON.parse(listed.stdout) as readonly { readonly letters: number }[];
  return run?.letters ?? 0;
}

function readRecords(): readonly AddressRecord[] {
  const lines = readFileSync(join(folder, "out/sotu.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => AddressRecord.parse(JSON.parse(line)));
}
