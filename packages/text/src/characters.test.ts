import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCharacters, isBlank, skipBlank, visibleLength } from "./characters.ts";

const invisible = [
  "",
  " ",
  "\n\t\r",
  "\u00a0\u3000\u2028",
  "\u200b\u200c\u200d\u2060\ufeff",
  "\u00ad",
  "\u0000\u001b",
];

describe("isBlank", () => {
  it.each([...invisible, "\ufe0f", "\u3164\u115f", "\u2800", "\u{e0041}", invisible.join("")])(
    "says yes to %j",
    (text) => expect(isBlank(text)).toBe(true),
  );

  it.each(["a", " . ", "😀", "א", "\u0301", "\ud800", "\ufffd", "漢"])("says no to %j", (text) => {
    expect(isBlank(text)).toBe(false);
  });
});

describe("countCharacters", () => {
  it("counts code points, as spreading a string does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(countCharacters(text)).toBe(Array.from(text).length);
      }),
    );
  });

  it("counts halves of pairs one by one", () => {
    expect(countCharacters("\ud800\ud800\udc00\udc00")).toBe(3);
  });
});

describe("skipBlank and visibleLength", () => {
  it("leave out what is blank at the ends, never half a pair", () => {
    const blank = fc.constantFrom(...invisible, "\u{e0041}");
    const visible = fc.constantFrom("a", "😀", "שלום", "a b", "\ud800");
    fc.assert(
      fc.property(blank, visible, blank, (before, middle, after) => {
        const text = before + middle + after;
        expect(text.slice(skipBlank(text, 0), visibleLength(text))).toBe(middle);
      }),
    );
  });

  it("find nothing in a blank text", () => {
    expect(skipBlank(" \n ", 1)).toBe(3);
    expect(visibleLength(" \u200b\u{e0041}")).toBe(0);
  });
});
