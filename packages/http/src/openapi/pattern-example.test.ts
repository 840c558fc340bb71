import { describe, expect, it } from "vitest";
import { patternExample } from "./pattern-example.ts";

describe("patternExample", () => {
  it.each([
    ["^\\d{5}$", "11111"],
    ["^[A-Z]{2}-\\d+$", "AA-111"],
    ["^[a-z][a-z0-9-]*$", "a"],
    ["^\\+?[0-9]{2,4}\\.x$", "11.x"],
    ["^.{3}$", "aaa"],
    ["[\\w.]+@b", "aaa@b"],
    ["", ""],
  ])("matches %s", (pattern, text) => {
    expect(patternExample(pattern)).toBe(text);
  });

  it.each(["^(a|b)$", "a|b", "^(?=x)y$", "[", "^\\p{L}$", "a{2", "^[^\\s\\S]$"])(
    "does not guess at %s",
    (pattern) => {
      expect(patternExample(pattern)).toBeUndefined();
    },
  );
});
