import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonSchema } from "@atomic-agents/contracts";
import { describe, expect, it } from "vitest";
import { functionNames } from "./calls.ts";
import { compileExpression } from "./compile-expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { limits } from "./limits.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/expressions.md"), "utf8");

/** The rows of the tables whose heading begins like this. */
function rowsUnder(...heading: readonly string[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let isInside = false;
  for (const line of page.split("\n")) {
    const cells = line.startsWith("|")
      ? line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
      : undefined;
    if (cells === undefined) isInside = false;
    else if (heading.every((title, index) => cells[index] === title)) isInside = true;
    else if (isInside && !line.startsWith("|---")) rows.push(cells);
  }
  return rows;
}

const code = (cell = ""): string => /^`(.*)`$/.exec(cell)?.[1] ?? cell;

const record: JsonSchema = {
  type: "object",
  properties: {
    id: { type: "integer" },
    title: { type: "string" },
    score: { type: "number" },
    label: { enum: ["positive", "negative"] },
    rating: { type: ["number", "null"] },
    note: { type: "string" },
  },
  required: ["id", "title", "score", "label", "rating"],
};

describe("docs/expressions.md", () => {
  it.each(rowsUnder("function", "", "example", "gives").map((cells) => [code(cells[2]), code(cells[3])]))(
    "%s gives %s",
    (source, gives) => {
      const { evaluate } = compileExpression(source, { variables: { record: undefined } });
      const data = {
        address: { city: "Bern" },
        tags: ["old", "new"],
        lines: [{ price: 12.5 }, { price: 1.5 }],
      };
      expect(evaluate({ record: data })).toEqual(JSON.parse(gives));
    },
  );

  it("has every function, and no other", () => {
    const written = rowsUnder("function", "", "example", "gives")
      .map(([cell]) => /(\w+)\(/.exec(code(cell))?.[1])
      .filter((name) => name !== undefined);
    expect([...new Set(written)].sort()).toEqual([...functionNames].sort());
  });

  it.each(rowsUnder("expression", "error").map((cells) => [code(cells[0]), cells[1] ?? ""]))(
    "%s",
    (source, said) => {
      let error: unknown;
      try {
        compileExpression(source, { variables: { record } });
      } catch (thrown) {
        error = thrown;
      }
      const { message, hint } = error as ExpressionError;
      expect(`${message}: ${hint}`).toBe(said);
    },
  );

  it.each(rowsUnder("expression", "warning").map((cells) => [code(cells[0]), cells[1] ?? ""]))(
    "%s",
    (source, said) => {
      const { warnings } = compileExpression(source, { variables: { record } });
      expect(warnings.map(({ message, hint }) => `${message}: ${hint}`)).toEqual([said]);
    },
  );

  it("says what the limits are", () => {
    const said = [
      ...rowsUnder("of an expression, when it is checked"),
      ...rowsUnder("of an evaluation, which fails beyond it"),
    ].flatMap(([, cell]) =>
      [...(cell ?? "").matchAll(/[\d,]*\d/g)].map(([number]) => Number(number.replaceAll(",", ""))),
    );
    const { sourceLength, nodes, depth, elements, nestedMacros, patternLength, patternSteps } = limits;
    const { templateKeys, templateDepth, work, textLength, resultSize } = limits;
    expect(said).toEqual([
      ...[sourceLength, nodes, depth, elements, nestedMacros, patternLength, patternSteps],
      ...[templateKeys, templateDepth, work, textLength, resultSize],
    ]);
  });
});
