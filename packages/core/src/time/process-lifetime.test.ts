import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const core = fileURLToPath(new URL("../index.ts", import.meta.url));

/** Runs a program in a process of its own until it ends by itself, for 15 seconds at most. */
async function runProgram(body: string) {
  const program = `
    import { defineAgent, sleep, withPolicy } from ${JSON.stringify(core)};
    import { anything } from "@atomic-agents/contracts";
    const agent = (execute) =>
      defineAgent({ name: "a", description: "Test.", input: anything(), output: anything(), execute });
    ${body}`;
  const child = spawn(
    process.execPath,
    ["--conditions=@atomic-agents/source", "--no-warnings", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), timeout: 15_000, stdio: ["ignore", "pipe", "pipe"] },
  );
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, printed: printed.trim() };
}

test("a process ends by itself after its last run, whatever deadlines were armed", async () => {
  const ended = await runProgram(`
    const waits = agent((input, ctx) => sleep(5, ctx).then(() => "done"));
    console.log(await waits.run(0));
    console.log((await waits.start(0, { timeoutMs: 1_000_000 }).result).output);
  `);
  expect(ended).toEqual({ code: 0, signal: null, printed: "done\ndone" });
});

test("it stays alive while a deadline or a retry is armed", async () => {
  const ended = await runProgram(`
    const hangs = withPolicy(agent(() => new Promise(() => {})), { timeoutMs: 30 });
    console.log((await hangs.tryRun(0)).error.code);
    let calls = 0;
    const flaky = agent(() => {
      if (++calls < 3) throw new Error("busy");
      return calls;
    });
    console.log(await withPolicy(flaky, { retry: { attempts: 3, baseDelayMs: 30, jitter: "none" } }).run(0));
  `);
  expect(ended).toEqual({ code: 0, signal: null, printed: "TIMEOUT\n3" });
});
