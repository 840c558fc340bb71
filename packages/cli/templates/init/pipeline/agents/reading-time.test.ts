import assert from "node:assert/strict";
import { test } from "node:test";
import { readingTime } from "./reading-time.ts";

await test("counts words", async () => {
  assert.deepEqual(await readingTime.run({ content: "word ".repeat(476) }), { words: 476, minutes: 2 });
});

await test("takes no time to read nothing", async () => {
  assert.deepEqual(await readingTime.run({ content: "" }), { words: 0, minutes: 0 });
});
