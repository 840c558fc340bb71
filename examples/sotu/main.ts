/**
 * Every State of the Union address through a flow of atomic agents: `npm run demo`. The flow is in `sotu.flow.yaml`, what
 * it does with an address in `pipeline.ts`; with `--model` a model works on some of them (`tasks.ts`). This types the
 * commands that a user would, draws a table of the result, and has the same pipeline served (`../08-four-ways.ts`).
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { openProject } from "@atomic-agents/project";
import { AddressRecord } from "./record.ts";
import { groupTable } from "./summary-table.ts";
import { taskTable } from "./task-table.ts";
import { AddressTasks } from "./tasks.ts";

const folder = import.meta.dirname;
const bin = join(
  dirname(createRequire(import.meta.url).resolve("atomic-agents/package.json")),
  "bin/atomic.js",
);
const { model, options } = readArguments(process.argv.slice(2));
if (model !== undefined) await checkModel(model);

atomic("run", "sotu", "--metrics", ...options);
if (failedRecords() > 0) {
  atomic("dead-letters", "show", "last");
  process.stderr.write("\nIts year came as a text. The profile `mended` of atomic.yaml reads those, too:\n");
  atomic("redrive", "last", "--profile", "mended", "--append");
}
process.stdout.write(`\n${groupTable(readRecords("sotu.jsonl", AddressRecord))}`);
if (model !== undefined) {
  process.stderr.write(
    "\nA model looks at a sample of the addresses, and works on what follows from them:\n",
  );
  atomic("run", "tasks", "--model", model);
  process.stdout.write(`\n${taskTable(readRecords("tasks.jsonl", AddressTasks), model)}`);
}
process.stderr.write(
  "\nThe same pipeline as a function, from its flow file, served over HTTP, and as a remote agent:\n",
);
node(join(folder, "../08-four-ways.ts"));

/** Says at once, and not behind all addresses, that a model is unknown or its key missing. */
async function checkModel(id: string): Promise<void> {
  try {
    await (await openProject({ directory: folder })).models({ model: id }).resolve(id);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

/** `--model <id>` is for the stage with a model; the rest, such as `--limit 20`, is what `atomic run` takes. */
function readArguments(args: readonly string[]) {
  const at = args.findIndex((argument) => /^--model(?:=|$)/.test(argument));
  if (at < 0) return { model: undefined, options: args };
  const [, inline] = args[at]?.split(/=(.*)/s) ?? [];
  const id = inline ?? args[at + 1];
  if (id === undefined || id === "" || id.startsWith("-")) {
    process.stderr.write("--model needs a model: npm run demo -- --model simulated\n");
    process.exit(2);
  }
  return { model: id, options: args.toSpliced(at, inline === undefined ? 2 : 1) };
}

function atomic(...args: readonly string[]): void {
  process.stderr.write(`\n$ atomic ${args.join(" ")}\n`);
  node(bin, ...args);
}

/** Runs a program with the terminal as its own; ends this one as that ends when it fails. */
function node(...args: readonly string[]): void {
  const { status, error } = spawnSync(process.execPath, [...process.execArgv, ...args], {
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

function readRecords<TRecord>(
  file: string,
  schema: { readonly parse: (value: unknown) => TRecord },
): readonly TRecord[] {
  const lines = readFileSync(join(folder, "out", file), "utf8")
    .split("\n")
    .filter(Boolean);
  return lines.map((line) => schema.parse(JSON.parse(line)));
}
