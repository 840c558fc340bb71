import { AtomicError } from "@atomic-agents/core";
import { describe, expect, test } from "vitest";
import { parseText } from "./parse-text.ts";
import type { Problem } from "./problem.ts";
import { problemFrom } from "./problem-from.ts";
import { ProjectError } from "./project-error.ts";

const problem = (line: number, message: string, severity: Problem["severity"] = "error"): Problem => ({
  severity,
  code: "unknown-key",
  message,
  file: "atomic.yaml",
  line,
  column: 3,
  hint: `Look at line ${line}.`,
});

describe("ProjectError", () => {
  test("tells the first error, and how many more there are", () => {
    const error = new ProjectError([
      problem(9, "third"),
      problem(1, "only a warning", "warning"),
      problem(7, "second"),
      problem(2, "first"),
      problem(2, "first"),
    ]);
    expect(error.message).toBe("atomic.yaml:2:3: first (and 2 more problems)");
    expect(error.hint).toBe("Look at line 2.");
    expect(error.problems.map(({ line }) => line)).toEqual([1, 2, 7, 9]);
    expect(new ProjectError([problem(7, "a"), problem(8, "b")]).message).toBe(
      "atomic.yaml:7:3: a (and 1 more problem)",
    );
    expect(new ProjectError([problem(7, "a", "warning")]).message).toBe("atomic.yaml:7:3: a");
  });

  test("is an AtomicError of its own kind", () => {
    const error = new ProjectError([problem(1, "a")]);
    expect(AtomicError.isInstance(error, "CONFIG")).toBe(true);
    expect(ProjectError.isProjectError(error)).toBe(true);
    const other = new AtomicError("CONFIG", "x", { details: { path: "a", expected: "b", got: "c" } });
    expect(ProjectError.isProjectError(other)).toBe(false);
    expect(ProjectError.isProjectError(undefined)).toBe(false);
  });
});

test("problemFrom places an error, unless it has a place", () => {
  const { document } = parseText("agents:\n  clean: ./a.ts\n", { file: "atomic.yaml" });
  if (document === undefined) throw new Error("unreachable: it is YAML");
  const place = { document, path: ["agents", "clean"] };
  const config = new AtomicError("CONFIG", "no such file", {
    details: { path: "a", expected: "b", got: "c" },
    hint: "Make one.",
  });
  expect(problemFrom(config, place)).toEqual({
    severity: "error",
    code: "load",
    message: "no such file",
    hint: "Make one.",
    file: "atomic.yaml",
    line: 2,
    column: 10,
  });
  expect(problemFrom("thrown", { ...place, of: "key", code: "resource" })).toMatchObject({
    code: "resource",
    message: "thrown",
    column: 3,
  });
  expect(problemFrom(new ProjectError([problem(5, "a")]), place)).toMatchObject({ line: 5, message: "a" });
});
