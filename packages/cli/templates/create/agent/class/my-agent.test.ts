import assert from "node:assert/strict";
import { test } from "node:test";
import { untyped } from "atomic-agents";
import { MyAgent } from "./my-agent.ts";

await test("gives the mean of all values so far", async () => {
  const agent = new MyAgent();
  assert.deepEqual(await agent.run({ value: 1 }), { value: 1, count: 1 });
  assert.deepEqual(await agent.run({ value: 4 }), { value: 2.5, count: 2 });
});

await test("refuses what is no number", async () => {
  await assert.rejects(untyped(new MyAgent()).run({ value: "21" }), { code: "VALIDATION_INPUT" });
});
