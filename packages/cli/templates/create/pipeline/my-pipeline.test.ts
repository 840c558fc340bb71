import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openProject } from "@atomic-agents/project";
import { untyped } from "atomic-agents";

/** An input on each line. */
const examples = await readFile(join(import.meta.dirname, "my-pipeline.examples.jsonl"), "utf8");

await test("my-pipeline takes its examples through all of its stages", async () => {
  const project = await openProject({ directory: import.meta.dirname });
  const agent = untyped(await project.agent("my-pipeline"));
  for (const line of examples.trim().split("\n")) {
    const run = agent.start(JSON.parse(line));
    await run.result;
    assert.equal(run.report().status, "success", run.report().error?.message);
  }
});
