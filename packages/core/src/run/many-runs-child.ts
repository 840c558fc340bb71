/**
 * Has a number of runs of one pipeline under way at the same time, and prints what became of them and of the memory.
 * Needs --expose-gc.
 */
import { anything } from "@atomic-agents/contracts";
import {
  type Context,
  defineAgent,
  parallel,
  pipeline,
  sleep,
  untyped,
  withPolicy,
  withUndo,
} from "../index.ts";

const count = Number(process.argv[2]);

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

/** Counts those that wait here, so that all are seen to be under way at the same time. */
let waiting = 0;
let mostWaiting = 0;
const waits = agent("waits", async (input, ctx) => {
  waiting++;
  mostWaiting = Math.max(mostWaiting, waiting);
  await sleep(1_500, ctx);
  waiting--;
  return [input, ctx.userId];
});
const fails = agent("fails", (input) => {
  if (Number((input as readonly unknown[])[0]) % 10 === 0) throw new Error("every tenth");
  return input;
});
const keep = agent("keep", (input) => input);

const busy = pipeline("busy")
  .stage(withUndo(withPolicy(waits, { timeoutMs: 60_000, retry: { attempts: 2 } }), () => {}))
  .stage(parallel({ a: keep, b: fails }));

async function runAll(runs: number): Promise<{ readonly mixed: number; readonly failed: number }> {
  let mixed = 0;
  let failed = 0;
  await Promise.all(
    Array.from({ length: runs }, async (_unused, index) => {
      const userId = `user-${index}`;
      const result = await untyped(busy).tryRun(index, { userId, metadata: { index } });
      if (!result.ok) failed++;
      else if (JSON.stringify(result.output) !== JSON.stringify({ a: [index, userId], b: [index, userId] }))
        mixed++;
    }),
  );
  return { mixed, failed };
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

await runAll(1_000);
mostWaiting = 0;
const beforeBytes = heapBytes();
const outcome = await runAll(count);
const peakBytes = process.memoryUsage().heapUsed;
// Timers and promises that are done are let go of in the next turns.
await new Promise((resolve) => setTimeout(resolve, 200));
const afterBytes = heapBytes();
process.stdout.write(`${JSON.stringify({ ...outcome, mostWaiting, beforeBytes, peakBytes, afterBytes })}\n`);
