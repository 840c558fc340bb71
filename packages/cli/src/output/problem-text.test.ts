import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileLines } from "./file-lines.ts";
import { problemCounts, problemText } from "./problem-text.ts";

const problem = {
  severity: "error",
  code: "expression",
  message: '"colour" is no key of\nwhat comes here',
  file: "flows/tickets.flow.yaml",
  line: 2,
  column: 12,
  hint: 'Did you mean "color"?',
} as const;
const warning = { ...problem, severity: "warning", file: "atomic.yaml" } as const;

it("says where, what and what to try, with the line itself", () => {
  const lineOf = () => "- filter: record.colour";
  expect(
    problemText(problem, { width: 80, nameOf: (file) => `../${file}`, lineOf }),
  ).toBe(`../flows/tickets.flow.yaml:2:12: error: "colour" is no key of what comes here
  2 | - filter: record.colour
    |            ^
  try: Did you mean "color"?`);
  const { hint: _hint, ...plain } = warning;
  expect(problemText(plain, { width: 80, nameOf: (file) => file, lineOf: () => undefined })).toBe(
    'atomic.yaml:2:12: warning: "colour" is no key of what comes here',
  );
});

it("shows no line where a secret may stand", () => {
  const secret = { ...problem, isSecret: true as const };
  const text = problemText(secret, { width: 80, nameOf: (file) => file, lineOf: () => "tokens: canary" });
  expect(text).not.toContain("canary");
  expect(text).toContain("try: ");
});

it("names the option that was given in the place of what stands there", () => {
  const given = { ...problem, option: "deadLetters" as const };
  const text = problemText(given, { width: 80, nameOf: (file) => file, lineOf: () => "deadLetters: a" });
  expect(text).toBe(
    '--dead-letters: error: "colour" is no key of what comes here\n  try: Did you mean "color"?',
  );
  expect(problemCounts([given])).toBe("1 error");
  expect(problemCounts([given, problem])).toBe("2 errors in 1 file");
});

it("counts them", () => {
  expect(problemCounts([])).toBe("no problems");
  expect(problemCounts([problem])).toBe("1 error in 1 file");
  expect(problemCounts([warning, warning])).toBe("2 warnings in 1 file");
  expect(problemCounts([problem, warning, problem])).toBe("2 errors and 1 warning in 2 files");
});

it("reads lines of files, whatever ends them", () => {
  const folder = mkdtempSync(join(tmpdir(), "lines-"));
  try {
    const path = join(folder, "a.yaml");
    writeFileSync(path, "\uFEFFone\r\ntwo\nthree");
    const lineOf = fileLines();
    expect([1, 2, 3, 4].map((line) => lineOf(path, line))).toEqual(["one", "two", "three", undefined]);
    expect(lineOf(folder, 1)).toBeUndefined();
    expect(lineOf(join(folder, "none"), 1)).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
