import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { countCharacters, isBlank, skipBlank, visibleLength } from "../characters.ts";
import { Content, LongContent } from "./content.ts";

const blanks = fc.constantFrom("", " ", "\n\t", "\u200b\u200d", "\u{e0041}", "\u2800 ");
const messageOf = (text: unknown) => Content.safeParse(text).error?.issues[0]?.message;

describe("Content", () => {
  it.each(["a", " שלום ", "😀", "\u202bמימין\u202c", "e\u0301", "x".repeat(10_000), "😀".repeat(10_000)])(
    "takes %j",
    (text) => expect(Content.parse(text)).toBe(text),
  );

  it("takes 10,000 characters with white space around them, and refuses 10,001", () => {
    const around = (text: string) => `${" \u200b".repeat(9_000)}${text}${"\n".repeat(9_000)}`;
    expect(Content.safeParse(around("a".repeat(10_000))).success).toBe(true);
    expect(messageOf("a".repeat(10_001))).toContain("at most 10000 characters, has 10001");
    const besides = "at most 10000 characters, not counting white space at its ends, has 10001";
    expect(messageOf(around("a".repeat(10_001)))).toContain(besides);
    expect(messageOf("😀".repeat(10_001))).toContain("has 10001");
    expect(messageOf(`${"ab ".repeat(4_000)}c`)).toContain("has 12001");
  });

  it.each(["", " ", "\n\t\r\u00a0", "\u200b\u200c\u200d\u2060\ufeff", "\u0000", "\ufe0f", "\u3164"])(
    "refuses %j as blank",
    (text) => {
      expect(messageOf(text)).toContain("must show something");
    },
  );

  it("refuses halves of surrogate pairs, and says where", () => {
    expect(messageOf("ab\ud800c")).toContain("half of a surrogate pair at place 2");
    expect(messageOf("\udc00")).toContain("at place 0");
    expect(LongContent.safeParse("a\ud800\ud800\udc00").success).toBe(false);
  });

  it("agrees with what is said in words, for any text and in any validator of JSON Schema", () => {
    const jsonSchema = z.toJSONSchema(Content);
    const patterns = (jsonSchema.allOf ?? []).map(({ pattern }) => new RegExp(pattern ?? "", "u"));
    expect(patterns).toHaveLength(3);
    const middle = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.integer({ min: 9_990, max: 10_010 }).map((length) => "é😀 ".repeat(length).slice(0, length)),
    );
    fc.assert(
      fc.property(blanks, middle, blanks, (before, text, after) => {
        const content = before + text + after;
        const visible = content.slice(skipBlank(content, 0), visibleLength(content));
        const fits = !isBlank(content) && content.isWellFormed() && countCharacters(visible) <= 10_000;
        expect(Content.safeParse(content).success).toBe(fits);
        expect(patterns.every((pattern) => pattern.test(content))).toBe(fits);
      }),
    );
  });

  it("takes time in proportion to the text, however its white space lies", () => {
    const run = " ".repeat(500_000);
    const nasty = [
      `${run}${"a".repeat(10_001)}${run}`,
      `a${run}`.repeat(3),
      `${run}b${run}`,
      "a ".repeat(500_000),
    ];
    // Tried from each place anew, one of these would take hours.
    expect(nasty.map((text) => Content.safeParse(text).success)).toEqual([false, false, true, false]);
  });
});
