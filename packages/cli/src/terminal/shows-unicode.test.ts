import { expect, it } from "vitest";
import { showsUnicode } from "./shows-unicode.ts";

it.each([
  [{ LANG: "en_GB.UTF-8" }, true],
  [{ LANG: "C.utf8" }, true],
  [{ LANG: "de_DE.ISO-8859-1" }, false],
  [{}, false],
  [{ LANG: "C" }, false],
  [{ LANG: "en_GB.UTF-8", LC_ALL: "C" }, false],
  [{ LANG: "C", LC_CTYPE: "en_GB.UTF-8" }, true],
  [{ LANG: "en_GB.UTF-8", LC_ALL: "" }, true],
])("%o: %s", (env, expected) => {
  expect(showsUnicode(env, "linux")).toBe(expected);
});

it("asks for the program around it on Windows", () => {
  expect(showsUnicode({ WT_SESSION: "x" }, "win32")).toBe(true);
  expect(showsUnicode({ LANG: "en_GB.UTF-8" }, "win32")).toBe(false);
});
