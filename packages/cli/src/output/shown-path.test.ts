import { expect, it } from "vitest";
import { momentText } from "./moment.ts";
import { shownPath } from "./shown-path.ts";

it.each([
  ["/home/ada/project/out/a.jsonl", "out/a.jsonl"],
  ["/home/ada/other/a.jsonl", "../other/a.jsonl"],
  ["/etc/a.jsonl", "/etc/a.jsonl"],
  ["/home/ada/project", "/home/ada/project"],
  ["out/a.jsonl", "out/a.jsonl"],
])("%s is shown as %s", (path, expected) => {
  expect(shownPath(path, "/home/ada/project")).toBe(expected);
});

it("a moment is shown by the clock on the wall", () => {
  expect(momentText(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe("2026-01-02 03:04:05");
  expect(momentText(Number.NaN)).toBe("");
});
