import { expect, test } from "vitest";
import { visible } from "./visible.ts";

test.each([
  ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
  ["\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
  ["\u009b31m", "\\x9b31m"],
  ["pass\u0008\u0008\u007f", "pass\\x08\\x08\\x7f"],
  ["all is well\rfailed", "all is wellfailed"],
  ["a\u202ecba\u2066d", "a\\u202ecba\\u2066d"],
])("%j cannot steer a terminal", (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each(["one\n\ttwo\n", "שלום, สวัสดี, こんにちは", "👩‍🚀 é ﷽", "a\u200fb"])("%j stays as it is", (text) => {
  expect(visible(text)).toBe(text);
});
