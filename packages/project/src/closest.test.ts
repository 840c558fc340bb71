import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closest } from "./closest.ts";

describe("closest", () => {
  it.each([
    ["sumarize", "summarize"],
    ["summraize", "summarize"],
    ["SUMMARIZE", "summarize"],
    ["language", "detect-language"],
    ["summarise-this", undefined],
    ["", undefined],
    ["zzz", undefined],
  ])("takes %j for %j", (word, meant) => {
    expect(closest(word, ["detect-language", "sentiment", "summarize"])).toBe(meant);
  });

  it("finds a word among others after one slip", () => {
    const words = ["summarize", "extract-keywords", "detect-language", "text-processor"];
    fc.assert(
      fc.property(
        fc.constantFrom(...words),
        fc.nat(),
        fc.constantFrom("drop", "swap", "double"),
        (word, at, slip) => {
          const index = at % (word.length - 1);
          const [a = "", b = ""] = word.slice(index, index + 2);
          const changed = { drop: a, swap: b + a, double: a + b + b }[slip];
          expect(closest(word.slice(0, index) + changed + word.slice(index + 2), words)).toBe(word);
        },
      ),
    );
  });
});
