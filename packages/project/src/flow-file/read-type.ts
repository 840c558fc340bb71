import type { JsonSchema } from "@atomic-agents/contracts";
import type { ColumnType, FileFormat } from "@atomic-agents/flow";
import { numbersAsTexts } from "./numbers-as-texts.ts";
import type { ColumnsThere } from "./read-columns.ts";

const typesOfColumns: Readonly<Record<ColumnType, JsonSchema>> = {
  text: { type: "string" },
  // An empty field is null.
  number: { type: ["number", "null"] },
  integer: {
    type: ["integer", "null"],
    minimum: Number.MIN_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
  },
  boolean: { type: ["boolean", "null"] },
  json: {},
};

/** A line of text, as sources give it. */
const textLine: JsonSchema = {
  type: "object",
  properties: { line: { type: "integer", minimum: 1 }, text: { type: "string" } },
  required: ["line", "text"],
  additionalProperties: false,
};

/** What is said of the columns of rows. */
export interface ColumnsOfFile {
  readonly columns?: readonly string[] | undefined;
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
  /** What the first rows of the files say. */
  readonly there?: ColumnsThere | undefined;
}

/**
 * What records of a format are before a schema has looked at them; undefined where they may be anything.
 *
 * @param expected columns that are there in all likelihood, besides those that are named
 */
export function typeOfFormat(
  format: FileFormat,
  { columns, types = {}, there }: ColumnsOfFile,
  expected: readonly string[] = [],
): JsonSchema | undefined {
  if (format === "text") return textLine;
  if (format !== "csv") return undefined;
  const names = columns ?? there?.all ?? [...new Set([...Object.keys(types), ...expected])];
  return {
    type: "object",
    properties: Object.fromEntries(
      names.map((name) => [
        name,
        there?.asNumbers.includes(name) === true
          ? numbersAsTexts(name)
          : // One that there is not is told by the shape of the file.
            (typesOfColumns[Object.hasOwn(types, name) ? (types[name] ?? "text") : "text"] ?? {}),
      ]),
    ),
    required: columns ?? there?.inEach ?? names,
    // The other columns are those that the file has.
    additionalProperties: columns === undefined && there === undefined ? typesOfColumns.text : false,
  };
}
