import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { openProject } from "@atomic-agents/project";
import { untyped } from "atomic-agents";

await test("mends a text before it counts its words", async () => {
  const project = await openProject({ directory: dirname(import.meta.dirname) });
  const reading = untyped(await project.agent("reading"));
  assert.deepEqual(await reading.run({ content: " one\u200b  two \r\n" }), { words: 2, minutes: 2 / 238 });
});
