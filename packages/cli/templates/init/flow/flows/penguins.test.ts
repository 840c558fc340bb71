import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { loadFlow, openProject } from "@atomic-agents/project";

await test("finds the long bills, and keeps the bird aside that was not measured", async () => {
  const project = await openProject({ directory: dirname(import.meta.dirname) });
  const found: unknown[] = [];
  const dryRun = { onOutput: (record: unknown) => void found.push(record) };
  const flow = await loadFlow(project, "penguins", { dryRun, limit: 1_000 });
  const summary = await flow.start().summary;
  assert.deepEqual([summary.read, summary.delivered, summary.filtered, summary.deadLettered], [12, 6, 5, 1]);
  assert.equal(found.length, 6);
});
