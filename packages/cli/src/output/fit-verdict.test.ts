import { describe, expect, it } from "vitest";
import { fitJsonText, fitText } from "./fit-verdict.ts";

describe("a verdict", () => {
  const sometimes = {
    verdict: "sometimes",
    passes: { size: 1, note: undefined },
    fails: { size: Number.POSITIVE_INFINITY },
    path: "size",
    why: "size: expected number, got number Infinity",
  } as const;

  it("is shown with its witnesses, those that are not JSON too", () => {
    expect(fitText("b", "a", sometimes)).toBe(
      [
        "b after a: sometimes",
        "  why:     size: expected number, got number Infinity",
        "  passes:  { size: 1, note: undefined }",
        "  fails:   { size: Infinity }",
      ].join("\n"),
    );
    expect(JSON.parse(fitJsonText("b", "a", sometimes))).toMatchObject({
      agent: "b",
      after: "a",
      verdict: "sometimes",
      passes: { size: 1 },
      fails: { size: "Infinity" },
    });
  });

  it("is shown without what it does not have", () => {
    expect(fitText("b", "a", { verdict: "always" })).toBe("b after a: always");
    expect(fitText("b", "a", { verdict: "never", path: "", why: "w" })).toBe(
      "b after a: never\n  why:     w",
    );
    expect(fitText("b", "a", { verdict: "unknown", keyword: "refine", path: "x", why: "x: w" })).toBe(
      "b after a: unknown\n  why:     x: w\n  keyword: refine",
    );
  });
});
