import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countWords, splitWords } from "./split-words.ts";

describe("splitWords", () => {
  it.each([
    ["Don't panic, well-known U.S. users!", ["Don't", "panic", "well-known", "U.S", "users"]],
    ["3.14 and 1,000,000; COVID-19", ["3.14", "and", "1,000,000", "COVID-19"]],
    ["O’Brien said “yes” — 'no'", ["O’Brien", "said", "yes", "no"]],
    ["end.\nNext a--b", ["end", "Next", "a", "b"]],
    ["cafe\u0301 co\u00adoperate", ["cafe\u0301", "co\u00adoperate"]],
    ["one\u200btwo", ["one", "two"]],
    ["Привет, мир!", ["Привет", "мир"]],
    ["שלום עולם", ["שלום", "עולם"]],
    ["مرحبا بالعالم", ["مرحبا", "بالعالم"]],
    ["نمی\u200cخواهم", ["نمی\u200cخواهم"]],
    ["देवनागरी लिपि", ["देवनागरी", "लिपि"]],
    ["안녕하세요 세계", ["안녕하세요", "세계"]],
    ["今日は良い天気です。", ["今日", "は", "良い", "天気", "です"]],
    ["สวัสดีครับ", ["สวัสดี", "ครับ"]],
    ["abc漢字def", ["abc", "漢字", "def"]],
    ["𝒜stral 𐐀𐐁", ["𝒜stral", "𐐀𐐁"]],
    ["\ud800abc\udc00", ["abc"]],
    ["😀 *** … 👩‍👩‍👧", []],
    ["", []],
  ])("%j", (text, words) => {
    expect(splitWords(text).map((word) => word.text)).toEqual(words);
  });

  it("gives words in order, where it says they are, and each holds a letter or a digit", () => {
    const pieces = fc.constantFrom(
      "word",
      "漢字かな",
      "สวัสดี",
      "😀",
      " ",
      ".",
      "'",
      "-",
      "1,5",
      "\ud800",
      "\u200b",
      "é",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: "binary" }))), (parts) => {
        const text = parts.join("");
        let end = 0;
        for (const word of splitWords(text)) {
          expect(word.start).toBeGreaterThanOrEqual(end);
          expect(text.slice(word.start, word.end)).toBe(word.text);
          expect(word.text).toMatch(/[\p{L}\p{N}\p{Pc}]/u);
          end = word.end;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe("countWords", () => {
  it("adds up over texts put side by side with a space", () => {
    const sentence = fc.lorem({ mode: "sentences", maxCount: 3 });
    fc.assert(
      fc.property(sentence, sentence, (first, second) => {
        expect(countWords(`${first} ${second}`)).toBe(countWords(first) + countWords(second));
      }),
    );
  });
});
