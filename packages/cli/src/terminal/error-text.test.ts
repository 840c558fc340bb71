import { expect, test } from "vitest";
import { errorText } from "./error-text.ts";

test("control characters of a message are shown, and not obeyed", () => {
  const text = errorText(new Error("two\u001b[31mred\u0007"), false);
  expect(text).toContain("two\\x1b[31mred\\x07");
});
