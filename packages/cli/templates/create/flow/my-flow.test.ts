import assert from "node:assert/strict";
import { test } from "node:test";
import { loadFlow, openProject } from "@atomic-agents/project";

await test("my-flow takes the first records of its source through all of its stages", async () => {
  const project = await openProject({ directory: import.meta.dirname });
  const outputs: unknown[] = [];
  // Reads ten records, and writes nothing.
  const dryRun = { onOutput: (record: unknown) => void outputs.push(record) };
  const flow = await loadFlow(project, "my-flow", { dryRun });
  const summary = await flow.start().summary;
  assert.equal(summary.status, "success", summary.error?.message);
  assert.ok(outputs.length > 0);
});
