import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBlank } from "./characters.ts";
import { cleanText } from "./clean-text.ts";

describe("cleanText", () => {
  it.each([
    ["  The   app\tcrashes  ", "The app crashes"],
    ["one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"],
    ["one \n \n \n\n two", "one\n\ntwo"],
    ["\ufeffzero\u200bwidth co\u00adoperate\u0000\u001b", "zerowidth cooperate"],
    ["cafe\u0301", "café"],
    ["half \ud800 pair 😀", "half \ufffd pair 😀"],
    ["نمی\u200cخواهم \u202bשלום\u202c 👩\u200d👧", "نمی\u200cخواهم \u202bשלום\u202c 👩\u200d👧"],
    ["\u00a0non-breaking\u00a0space", "non-breaking space"],
  ])("%j becomes %j", (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it("changes nothing the second time, and gives well-formed text that shows something if the text did", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\r",
        "\n",
        " ",
        "\t",
        "\u200b",
        "\u0301",
        "e",
        "\ud800",
        "\udc00",
        "\u00ad",
        "\u0085",
        "\u2028",
        "\u2800",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        expect(clean.isWellFormed()).toBe(true);
        expect(isBlank(clean)).toBe(isBlank(text));
      }),
      { numRuns: 1_000 },
    );
  });
});
