import { fork } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CheckResult } from "./check.ts";
import type { Task } from "./child.ts";
import type { Row } from "./contender.ts";
import { importCosts } from "./import-cost.ts";
import { machineLine, versionOf } from "./machine.ts";
import type { Effort, Measurement } from "./measure.ts";
import { rows } from "./rows.ts";
import { floorRows, importLines, rowLine, tableHead } from "./table.ts";

const USAGE = `Usage: node bench/run.ts [--quick] [--rows id,id] [--peers]

  --quick   fewer processes and shorter slices: a first look, not a figure to quote
  --rows    only these rows: ${rows.map((row) => row.id).join(", ")}
  --peers   other libraries too (first: npm ci --prefix bench/peers)`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rows: { type: "string" },
    peers: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
if (typeof process.threadCpuUsage !== "function") {
  console.error(
    `The benchmark reads the CPU time of one thread, which needs Node >= 24; this is ${process.version}.`,
  );
  process.exit(2);
}

const effort: Effort = options.quick
  ? { slices: 9, sliceMs: 15, warmUpMs: 150 }
  : { slices: 25, sliceMs: 20, warmUpMs: 400 };
const processes = options.quick ? 1 : 5;
const importRounds = 20;
/** What else programs of this kind import: how long that takes tells how fast the machine is. */
const imported = ["@atomic-agents/core", "zod", "ajv"];
/** Beyond this a child is taken for hung. A slow peer runs a few operations a slice and stays far below. */
const CHILD_LIMIT_MS = 120_000;

const PEERS_FOLDER = new URL("./peers/", import.meta.url);

function selectedRows(): readonly Row[] {
  if (options.rows !== undefined) {
    const wanted = options.rows.split(",").map((id) => id.trim());
    const unknown = wanted.filter((id) => !rows.some((row) => row.id === id));
    if (unknown.length > 0) {
      console.error(`Unknown rows: ${unknown.join(", ")}.\n\n${USAGE}`);
      process.exit(2);
    }
    return rows.filter((row) => wanted.includes(row.id));
  }
  return rows.filter((row) => row.group !== "peer" || options.peers);
}

/** The benchmark runs what users get, the build; says so when it is missing or older than the source. */
function checkBuild(): void {
  for (const name of ["contracts", "core"]) {
    const folder = join(import.meta.dirname, "../packages", name);
    const built = join(folder, "dist/index.js");
    if (!existsSync(built)) {
      console.error(`${built} is missing: run \`npm run build\` first.`);
      process.exit(2);
    }
    const newest = (pattern: string) =>
      Math.max(...globSync(join(folder, pattern)).map((path) => statSync(path).mtimeMs));
    const isTest = (path: string) => path.includes(".test");
    const source = globSync(join(folder, "src/**/*.ts")).filter((path) => !isTest(path));
    const newestSource = Math.max(...source.map((path) => statSync(path).mtimeMs));
    if (newestSource > newest("dist/**/*.js")) {
      console.error(`Warning: packages/${name} has source newer than its build; run \`npm run build\`.`);
    }
  }
}

/** Gives one task to a fresh process and waits for its answer. */
function ask<TAnswer>(task: Task): Promise<TAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "child.ts"), {
      execArgv: ["--expose-gc", "--no-warnings"],
      env: {
        ...process.env,
        NODE_ENV: "production",
        LANGSMITH_TRACING: "false",
        LANGCHAIN_TRACING_V2: "false",
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let standardError = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      standardError = (standardError + chunk.toString("utf8")).slice(-2_000);
    });
    const limit = setTimeout(() => child.kill("SIGKILL"), CHILD_LIMIT_MS);
    let answer: { readonly value: TAnswer } | undefined;
    child.once("message", (message) => {
      // child.ts answers each kind of task with the type its caller names.
      answer = { value: message as TAnswer };
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      if (answer !== undefined) resolve(answer.value);
      else reject(new Error(`${task.kind} ${task.row} ended with ${signal ?? code}:\n${standardError}`));
    });
    child.send(task);
  });
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

let failed = false;
const selected = selectedRows();
if (selected.some((row) => row.group === "ours")) checkBuild();

const checks = new Map<string, CheckResult>();
const runnable: Row[] = [];
for (const row of selected) {
  progress(`checking ${row.id}`);
  try {
    const result = await ask<CheckResult>({ kind: "check", row: row.id });
    checks.set(row.id, result);
    const faults = [result.wrongOutput, ...(row.group === "peer" ? [] : result.letThrough)].filter(
      (fault) => fault !== "",
    );
    if (faults.length > 0) {
      failed = true;
      console.error(`${row.id} failed its check: ${faults.join("; ")}`);
    } else {
      runnable.push(row);
    }
  } catch (error) {
    const installed = (row.packages ?? []).every((name) => versionOf(name, PEERS_FOLDER) !== undefined);
    if (row.group === "peer" && !installed) {
      console.error(`${row.id} is not installed: npm ci --prefix bench/peers`);
      if (options.rows !== undefined) failed = true;
    } else {
      failed = true;
      console.error(String(error));
    }
  }
}

// Process by process over all rows, not row by row: an hour of the machine is the same for everyone.
const measurements = new Map<string, Measurement[]>(runnable.map((row) => [row.id, []]));
for (let round = 0; round < processes; round += 1) {
  for (const row of round % 2 === 0 ? runnable : runnable.toReversed()) {
    progress(`round ${round + 1} of ${processes}: ${row.id}`);
    try {
      measurements.get(row.id)?.push(await ask<Measurement>({ kind: "measure", row: row.id, effort }));
    } catch (error) {
      failed = true;
      console.error(String(error));
    }
  }
}
progress("");

const measured = runnable.flatMap((row) => {
  const taken = measurements.get(row.id) ?? [];
  return taken.length > 0 ? [{ row, taken, check: checks.get(row.id) }] : [];
});

const here = new URL(import.meta.url);
const versions = [`zod ${versionOf("zod", here) ?? "?"}`];
for (const row of measured.map(({ row }) => row)) {
  for (const name of row.packages ?? []) versions.push(`${name} ${versionOf(name, PEERS_FOLDER) ?? "?"}`);
}

console.log(
  `Measured ${new Date().toISOString().slice(0, 10)}${options.quick ? " with --quick (a first look)" : ""}.`,
);
console.log(`Machine: ${machineLine()}; load average at the end ${loadavg()[0]?.toFixed(2)}.`);
console.log(`Versions: ${versions.join(", ")}.`);
console.log(
  `Effort: ${processes} ${processes === 1 ? "process" : "processes"} per row × ${effort.slices} slices of about ${effort.sliceMs} ms, 64 rotating inputs.\n`,
);
if (measured.length > 0) {
  console.log(tableHead);
  for (const line of floorRows(measured.map(({ taken }) => taken))) console.log(line);
  for (const { row, taken, check } of measured) console.log(rowLine(row, taken, check));
}
if (options.rows === undefined) {
  console.log(`\n${importLines(importCosts(imported, importRounds))}`);
}
process.exitCode = failed ? 1 : 0;
