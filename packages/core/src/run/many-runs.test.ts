import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("100,000 runs at a time do not mix, and give their memory back", async () => {
  const count = 100_000;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--expose-gc",
      "--conditions=@atomic-agents/source",
      "--no-warnings",
      path.join(import.meta.dirname, "many-runs-child.ts"),
      String(count),
    ],
    { timeout: 120_000 },
  );
  // What the child prints.
  const told = JSON.parse(stdout) as Readonly<Record<string, number>>;
  expect(told).toMatchObject({ mixed: 0, failed: count / 10, mostWaiting: count });
  expect(told["peakBytes"]).toBeGreaterThan(2 * Number(told["beforeBytes"]));
  expect(told["afterBytes"]).toBeLessThan(1.1 * Number(told["beforeBytes"]));
}, 150_000);
