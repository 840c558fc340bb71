import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCharacters, isBlank, skipBlank, visibleLength } from "./characters.ts";
import { splitText } from "./split-text.ts";

describe("splitText", () => {
  it("keeps a text that fits in one piece, and gives none for an empty text", () => {
    expect(splitText("  One two. ")).toEqual(["  One two. "]);
    expect(splitText("a".repeat(10_000))).toHaveLength(1);
    expect(splitText("")).toEqual([]);
  });

  it("cuts behind a paragraph that fills half of the chunk", () => {
    const text = "One two three. Four.\n\nFive six seven. Eight.";
    expect(splitText(text, { maxCharacters: 35 })).toEqual([
      "One two three. Four.\n\n",
      "Five six seven. Eight.",
    ]);
    expect(splitText(text, { maxCharacters: 20 })).toEqual([
      "One two three. Four.\n\n",
      "Five six seven. ",
      "Eight.",
    ]);
  });

  it("cuts behind a sentence rather than behind a short paragraph", () => {
    const text = "One.\n\nTwo three four five. Six seven eight nine ten.";
    expect(splitText(text, { maxCharacters: 40 })).toEqual([
      "One.\n\nTwo three four five. ",
      "Six seven eight nine ten.",
    ]);
  });

  it.each([
    ["a title", "One two. Three four Dr. Five six.", 24],
    ["initials", "One two. Three four J. R. Five six.", 23],
    ["a country", "One two. The U.S. Senate met.", 18],
    ["a reference", "One two. Three et al. (2015) say so.", 22],
    ["an example", "One two. Three, e.g. Four.", 21],
  ])("does not cut behind %s", (_, text, maxCharacters) => {
    expect(splitText(text, { maxCharacters })[0]).toBe("One two. ");
  });

  it("cuts behind a word where no sentence ends, and between characters where no word does", () => {
    expect(splitText("one two three", { maxCharacters: 9 })).toEqual(["one two ", "three"]);
    expect(splitText("one two three", { maxCharacters: 7 })).toEqual(["one two ", "three"]);
    expect(splitText("abcdefg", { maxCharacters: 3 })).toEqual(["abc", "def", "g"]);
    expect(splitText("😀😀😀", { maxCharacters: 2 })).toEqual(["😀😀", "😀"]);
  });

  it("counts characters, not UTF-16 units, and not the white space at a chunk's ends", () => {
    expect(splitText("😀".repeat(10_000))).toHaveLength(1);
    expect(splitText("😀".repeat(10_001))).toHaveLength(2);
    expect(splitText(`${" ".repeat(50)}ab${" ".repeat(50)}c`, { maxCharacters: 2 })).toEqual([
      `${" ".repeat(50)}ab${" ".repeat(50)}`,
      "c",
    ]);
  });

  it("gives the text back exactly, in chunks that are not too long, not blank and not cut inside a pair", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "word",
        "a",
        ". ",
        "! ",
        "\n",
        "\n\n",
        "\r\n\r\n",
        " ",
        "😀",
        "漢字。",
        "\u200b",
        "\u0301",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        (pieces, maxCharacters) => {
          const text = pieces.join("").toWellFormed();
          const chunks = splitText(text, { maxCharacters });
          expect(chunks.join("")).toBe(text);
          for (const chunk of chunks) {
            expect(chunk.isWellFormed()).toBe(true);
            const visible = chunk.slice(skipBlank(chunk, 0), visibleLength(chunk));
            expect(countCharacters(visible)).toBeLessThanOrEqual(maxCharacters);
            expect(isBlank(chunk)).toBe(isBlank(text));
          }
        },
      ),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    "refuses maxCharacters %d",
    (maxCharacters) => {
      expect(() => splitText("text", { maxCharacters })).toThrow(
        expect.objectContaining({
          code: "CONFIG",
          details: expect.objectContaining({ path: "maxCharacters" }),
        }),
      );
    },
  );
});
