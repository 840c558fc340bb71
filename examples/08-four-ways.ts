// One pipeline, four ways: as a function, from a flow file, behind `atomic serve`, and as a remote agent that is an agent
// again. What it gives is the same, and that is checked. Nothing leaves this computer, and the service is stopped at the end.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { remoteAgent } from "@atomic-agents/http/client";
import { loadAddresses } from "./sotu/dataset.ts";
import { sotuPipeline } from "./sotu/pipeline.ts";
import { AddressRecord } from "./sotu/record.ts";

const folder = join(import.meta.dirname, "sotu");
const bin = join(
  dirname(createRequire(import.meta.url).resolve("atomic-agents/package.json")),
  "bin/atomic.js",
);
// A token that is set for something else would be asked for here.
const { ATOMIC_TOKEN: _, ...env } = process.env;
const addresses = loadAddresses().slice(0, 3);
const limitMs = 50_000;

// 1. As a function.
const records: AddressRecord[] = [];
for (const address of addresses) records.push(await sotuPipeline.run(address));
console.log(`a function: ${records.map(({ id }) => id).join(", ")}`);
// => a function: 1790-george-washington, 1791-george-washington, 1792-george-washington

// 2. From a flow file, which names the pipeline: the records come from a source and go to a file.
mkdirSync(join(folder, "out"), { recursive: true });
const run = ["run", "sotu", "--limit", `${addresses.length}`, "--output", "out/four-ways.jsonl"];
const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, bin, ...run], {
  cwd: folder,
  env,
  encoding: "utf8",
  timeout: limitMs,
});
assert.equal(status, 0, stderr);
const lines = readFileSync(join(folder, "out/four-ways.jsonl"), "utf8").trimEnd().split("\n");
compare(
  "a flow file",
  lines.map((line) => JSON.parse(line)),
);
// => a flow file: 3 records, the same

// 3. Behind `atomic serve`, called by whatever speaks HTTP.
const serve = ["serve", "read-address", "--port", "0", "--json", "--drain-delay", "0", "--log-level", "warn"];
const service = spawn(process.execPath, [...process.execArgv, bin, ...serve], {
  cwd: folder,
  env: { ...env, ATOMIC_PROFILE: "" },
  stdio: ["ignore", "pipe", "inherit"],
  timeout: limitMs,
});
const ended = once(service, "exit");
try {
  const { url } = await firstLine(service.stdout);
  const answers: unknown[] = [];
  for (const address of addresses) {
    const answer = await fetch(`${url}/execute`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: address }),
      signal: AbortSignal.timeout(limitMs),
    });
    assert.equal(answer.status, 200);
    // What every service answers.
    const { output } = (await answer.json()) as { readonly output: unknown };
    answers.push(output);
  }
  compare("a service", answers);
  // => a service: 3 records, the same

  // 4. As an agent again, whose contract is held against the one that is expected before anything is sent.
  await using remote = await remoteAgent(url, { expect: sotuPipeline });
  const outputs: unknown[] = [];
  for (const address of addresses) outputs.push(await remote.run(address, { timeoutMs: limitMs }));
  compare("a remote agent", outputs);
  // => a remote agent: 3 records, the same
} finally {
  service.kill("SIGTERM");
}
const [exitCode] = await ended;
console.log(`the service has stopped with exit code ${exitCode}`); // => the service has stopped with exit code 0

function compare(way: string, given: readonly unknown[]): void {
  assert.deepStrictEqual(
    given.map((record) => AddressRecord.parse(record)),
    records,
    `${way} gives something else`,
  );
  console.log(`${way}: ${given.length} records, the same`);
}

/** The line in which the service says where it is. */
async function firstLine(output: NodeJS.ReadableStream): Promise<{ readonly url: string }> {
  for await (const line of createInterface({ input: output }))
    return JSON.parse(line) as { readonly url: string };
  throw new Error("The service ended before it was ready.");
}
