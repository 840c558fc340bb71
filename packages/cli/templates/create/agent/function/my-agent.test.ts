import assert from "node:assert/strict";
import { test } from "node:test";
import { untyped } from "atomic-agents";
import { myAgent } from "./my-agent.ts";

await test("doubles a value", async () => {
  assert.deepEqual(await myAgent.run({ value: 21 }), { value: 42 });
});

await test("refuses what is no number", async () => {
  await assert.rejects(untyped(myAgent).run({ value: "21" }), { code: "VALIDATION_INPUT" });
});
