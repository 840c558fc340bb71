import fc from "fast-check";
import { expect, it } from "vitest";
import { fitText, onOneLine } from "./fit-text.ts";
import { textWidth } from "./text-width.ts";

it("fills a text that is shorter, and cuts one that is longer", () => {
  expect(fitText("ab", 4)).toBe("ab  ");
  expect(fitText("abcd", 4)).toBe("abcd");
  expect(fitText("abcde", 4)).toBe("abc…");
});

it("cuts between characters, and fills up what a wide one leaves", () => {
  expect(fitText("日本語", 6)).toBe("日本語");
  expect(fitText("日本語", 5)).toBe("日本…");
  expect(fitText("日本語", 4)).toBe("日… ");
  expect(fitText("👩‍👩‍👧👩‍👩‍👧", 3)).toBe("👩‍👩‍👧…");
});

it("takes exactly the columns that it is given", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      expect(textWidth(fitText(onOneLine(text), width))).toBe(width);
    }),
  );
});

it("makes a space of what would move the cursor", () => {
  expect(onOneLine("a\r\nb\tc\u001b[2Jd\u2028e\u0085f")).toBe("a b c [2Jd e f");
});
