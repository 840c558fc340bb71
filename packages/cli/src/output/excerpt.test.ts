import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excerpt } from "./excerpt.ts";
import { textWidth } from "./text-width.ts";

describe("excerpt", () => {
  it("hides passwords in addresses, and moves nothing", () => {
    const line = 'url: "https://ann:geheim@example.org/a:b@c"';
    expect(excerpt(line, { line: 3, column: 6 }, 80)).toBe(
      '  3 | url: "https://ann:******@example.org/a:b@c"\n    |      ^',
    );
  });

  it("has a caret below the place", () => {
    expect(excerpt("  - filter: record.colour", { line: 7, column: 20 }, 80)).toBe(
      "  7 |   - filter: record.colour\n    |                    ^",
    );
    expect(excerpt("name:", { line: 12, column: 6 }, 80)).toBe("  12 | name:\n     |      ^");
    expect(excerpt("", { line: 1, column: 1 }, 80)).toBe("  1 | \n    | ^");
  });

  it("counts wide characters as wide, and tabs as one", () => {
    expect(excerpt("日本: x", { line: 1, column: 5 }, 80)).toBe("  1 | 日本: x\n    |       ^");
    expect(excerpt("\ta: x", { line: 1, column: 2 }, 80)).toBe("  1 |  a: x\n    |  ^");
  });

  it("shows the part of a long line where the place is", () => {
    const text = `${"a".repeat(500)}!${"b".repeat(500)}`;
    const [line = "", caret = ""] = excerpt(text, { line: 1, column: 501 }, 60).split("\n");
    expect(line).toBe(`  1 | …${"a".repeat(20)}!${"b".repeat(31)}…`);
    expect(caret.indexOf("^")).toBe(line.indexOf("!"));
    expect(excerpt(text, { line: 1, column: 1 }, 60)).toBe(`  1 | ${"a".repeat(53)}…\n    | ^`);
  });

  it("holds nothing that a terminal would obey, and is never wider than it may be", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 40, max: 120 }),
        (text, column, width) => {
          const lines = excerpt(text, { line: 3, column }, width).split("\n");
          expect(lines).toHaveLength(2);
          for (const line of lines) {
            // oxlint-disable-next-line no-control-regex
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
            expect(textWidth(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});
