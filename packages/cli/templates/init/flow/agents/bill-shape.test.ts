import assert from "node:assert/strict";
import { test } from "node:test";
import { billShape } from "./bill-shape.ts";

await test("divides length by depth", async () => {
  const penguin = { species: "Gentoo", billLengthMm: 45, billDepthMm: 15 };
  assert.deepEqual(await billShape.run(penguin), { species: "Gentoo", billRatio: 3 });
});

await test("refuses a bill without depth", async () => {
  const penguin = { species: "Gentoo", billLengthMm: 45, billDepthMm: 0 };
  await assert.rejects(billShape.run(penguin), { code: "VALIDATION_INPUT" });
});
