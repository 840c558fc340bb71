import { expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, untyped } from "./index.ts";

const Words = z.object({ words: z.array(z.string()) });
const hand = defineAgent({
  name: "hand-on",
  description: "Hands on.",
  input: z.object({ words: z.array(z.any()) }),
  output: Words,
  execute: (input) => input,
});
const take = defineAgent({
  name: "take",
  description: "Takes words.",
  input: Words,
  output: z.any(),
  execute: () => "taken",
});

test.each([
  [1, /: words\[0\]: .*, got number 0$/, 1],
  [2, /, got number 0 \(and 1 more\)$/, 2],
  [3, /, got number 0 \(and 2 more\)$/, 3],
  [20, /, got number 0 \(and 19 more\)$/, 20],
  [70, /, got number 0 \(and 69 more\)$/, 21],
])("of %i issues the message tells the first and counts the others", async (count, message, shown) => {
  const input = { words: Array.from({ length: count }, (_, index) => index) };
  for (const agent of [hand, take]) {
    const result = await untyped(agent).tryRun(input);
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: agent === hand ? "VALIDATION_OUTPUT" : "VALIDATION_INPUT",
        message: expect.stringMatching(message) as unknown,
        details: { issues: { length: shown } },
      },
    });
  }
});
