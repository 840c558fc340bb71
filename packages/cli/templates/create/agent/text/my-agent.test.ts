import assert from "node:assert/strict";
import { test } from "node:test";
import { untyped } from "atomic-agents";
import { myAgent } from "./my-agent.ts";

await test("takes white space off both ends", async () => {
  assert.deepEqual(await myAgent.run({ text: "  two words\n" }), { text: "two words" });
});

await test("takes a text that is empty", async () => {
  assert.deepEqual(await myAgent.run({ text: "" }), { text: "" });
});

await test("refuses what is no text", async () => {
  await assert.rejects(untyped(myAgent).run({ text: 21 }), { code: "VALIDATION_INPUT" });
});
