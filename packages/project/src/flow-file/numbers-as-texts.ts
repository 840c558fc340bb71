import type { JsonSchema } from "@atomic-agents/contracts";

/** An annotation: stages that hand a value on hand it on as well, and what is computed of it has none. */
const mark = "Numbers that are written as texts, in the column ";

/** Texts of a column of CSV that are written as numbers, and of which nobody has said that they are to be texts. */
export function numbersAsTexts(column: string): JsonSchema {
  return { type: "string", description: `${mark}${column}` };
}

/** The column from which such texts come, under whatever key they stand by now; undefined for all other values. */
export function columnOfNumbersAsTexts(type: JsonSchema | undefined): string | undefined {
  const { description, anyOf = [] } = type ?? {};
  if (typeof description === "string" && description.startsWith(mark)) {
    return description.slice(mark.length);
  }
  return anyOf
    .map((each) => (typeof each === "object" ? columnOfNumbersAsTexts(each) : undefined))
    .find((column) => column !== undefined);
}
