import type { JsonSchema } from "@atomic-agents/contracts";
import type { ColumnKind } from "./column-kind.ts";
import { quoteName, quoteText } from "./identifiers.ts";
import { isSamePattern } from "./same-pattern.ts";
import { typesOf } from "./schema-parts.ts";

/** A key of a schema, as a column. */
interface ContractColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** How a line's value is first read. */
  readonly read: "JSON" | "VARCHAR";
  /** Its value, from what was read; of a whole number that of the column of `numberOf`. */
  readonly value: string;
  /** Takes only what the schema takes, over values; undefined where SQL cannot say it. */
  readonly check: string | undefined;
  /** Whether the check asks if there was anything, by the column of `absenceOf`. */
  readonly asksForAbsence: boolean;
}

/** The column that says whether there was nothing. */
export function absenceOf(name: string): string {
  return quoteName(`~none ${name}`);
}

/** The column of what became a whole number, as a number, which may be none. */
export function numberOf(name: string): string {
  return quoteName(`~number ${name}`);
}

/** A schema as columns. */
export interface LineContract {
  readonly columns: readonly ContractColumn[];
  /** The keys of which only the schema itself can tell whether they are right; none where it can be told of all. */
  readonly unproved: readonly string[];
}

/** Keywords of a property that are checked, or say nothing of values. */
const known = new Set([
  "$schema",
  "type",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "enum",
  "const",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** Keywords of the whole that do no harm. */
const knownOfObject = new Set([
  "$schema",
  "$id",
  "type",
  "properties",
  "required",
  "additionalProperties",
  "title",
  "description",
  "examples",
]);

const ofNumbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const ofTexts = ["minLength", "maxLength", "pattern"];
const ofAll = [...ofNumbers, ...ofTexts];

/**
 * What a JSON Schema says of the keys of a record, as SQL that takes no line that the schema does not take. It may well not take
 * one that the schema does: whoever asks looks at those by the schema.
 *
 * @param quoted texts of which some look like other JSON, and so are read with their quotes
 * @returns undefined for a schema that is none of an object with known keys
 */
export function lineContract(
  schema: JsonSchema | undefined,
  quoted: ReadonlySet<string> = new Set(),
): LineContract | undefined {
  if (schema?.type !== "object" || schema.properties === undefined) return undefined;
  const { required = [], additionalProperties } = schema;
  const columns = Object.entries(schema.properties).map(([name, property]): ContractColumn => {
    const part = typeof property === "boolean" ? {} : property;
    return columnOf(name, property === false ? undefined : part, required.includes(name), quoted.has(name));
  });
  const unproved = columns.flatMap(({ name, check }) => (check === undefined ? [name] : []));
  const isOpen =
    additionalProperties === undefined || additionalProperties === true || isEmpty(additionalProperties);
  const isKnown = Object.keys(schema).every((keyword) => knownOfObject.has(keyword));
  return { columns, unproved: isOpen && isKnown ? unproved : ["keys that the schema does not name"] };
}

function columnOf(
  name: string,
  given: JsonSchema | undefined,
  isRequired: boolean,
  isQuoted: boolean,
): ContractColumn {
  const column = quoteName(name);
  const { schema, isNullable } = withoutNull(given);
  const types = typesOf(schema);
  const [type] = types?.size === 1 ? types : [];
  const isNumber = type === "number" || (types?.size === 2 && types.has("number") && types.has("integer"));
  const conditions = schema === undefined ? undefined : conditionsOf(column, schema, type, isNumber);
  // Null and what is not there look alike.
  const asksForAbsence = isNullable && !isRequired;
  const made = (kind: ColumnKind, read: "JSON" | "VARCHAR", value: string, base: string): ContractColumn => {
    const whole = conditions && [base, ...conditions].join(" and ");
    const check = whole && (asksForAbsence ? `(${absenceOf(name)} or ${whole})` : whole);
    return { name, kind, read, value, check, asksForAbsence };
  };
  if (type === "string" && isQuoted) {
    const inner = `substring(${column}, 2, length(${column}) - 2)`;
    const plain = `case when contains(${column}, '\\') then (${column} ->> '$') else ${inner} end`;
    const value = `case when starts_with(${column}, '"') then ${plain} end`;
    return made("text", "JSON", value, `${column} is not null`);
  }
  if (type === "string") return made("text", "VARCHAR", column, isText(column));
  const number = `try_cast(${column}::varchar as double)`;
  if (type === "integer") {
    return made("integer", "JSON", number, `${numberOf(name)} = ${column}::double`);
  }
  if (isNumber) return made("number", "JSON", number, `${column} is not null`);
  if (type === "boolean") {
    const value = `case ${column}::varchar when 'true' then true when 'false' then false end`;
    return made("boolean", "JSON", value, `${column} is not null`);
  }
  const isAny = given !== undefined && isEmpty(given) && !isRequired;
  return {
    name,
    kind: "json",
    read: "JSON",
    value: column,
    check: isAny ? "true" : undefined,
    asksForAbsence: isAny,
  };
}

/** First letters that no other JSON begins with, from the one to before the other; the most frequent ones first. */
const lettersOfTexts = [
  ["g", "t"],
  ["u", "{"],
  ["a", "f"],
  ["A", "I"],
  ["O", "["],
  ["J", "N"],
] as const;

/**
 * Whether a text was one in the line: DuckDB makes texts of other values, too. The first letter of most tells it at once; a
 * case of its own for each range costs half of what one for all does.
 */
function isText(column: string): string {
  const atOnce = lettersOfTexts.map(
    ([from, to]) => `when ${column} >= '${from}' and ${column} < '${to}' then true`,
  );
  return `case ${atOnce.join(" ")}
    when ${column} >= 'A' and ${column} < '[' or ${column} >= '\\' and ${column} < '{' or ${column} >= '|'
    then ${column} not in ('true', 'false', 'NaN', 'Infinity')
    else not starts_with(${column}, '[') and not starts_with(${column}, '{') and try_cast(${column} as double) is null end`;
}

/** What else a schema says of a column's values; undefined where SQL cannot say all of it. */
function conditionsOf(
  column: string,
  schema: JsonSchema,
  type: string | undefined,
  isNumber: boolean,
): readonly string[] | undefined {
  if (!Object.keys(schema).every((keyword) => known.has(keyword))) return undefined;
  const foreign = type === "string" ? ofNumbers : type === "integer" || type === "number" ? ofTexts : ofAll;
  // Said of values of another type they say nothing, which is rare enough to be left to the schema.
  if (foreign.some((keyword) => keyword in schema)) return undefined;
  const conditions: string[] = [];
  const add = (keyword: string, condition: (value: number) => string): boolean => {
    const value = schema[keyword];
    if (value === undefined) return true;
    if (typeof value !== "number" || !Number.isFinite(value)) return false;
    conditions.push(condition(value));
    return true;
  };
  if (ofNumbers.some((keyword) => keyword in schema && !Number.isFinite(schema[keyword]))) return undefined;
  if (type === "integer") conditions.push(`${column} between ${boundsOf(schema).join(" and ")}`);
  else if (isNumber) {
    const least = bound(schema, "minimum", -Number.MAX_VALUE);
    // Neither NaN nor an infinity is between numbers.
    const most = bound(schema, "maximum", Number.MAX_VALUE);
    conditions.push(`${column} between ${double(least)} and ${double(most)}`);
  }
  const isSaid =
    (type === "integer" || add("exclusiveMinimum", (value) => `${column} > ${double(value)}`)) &&
    (type === "integer" || add("exclusiveMaximum", (value) => `${column} < ${double(value)}`)) &&
    // Some count characters, and some UTF-16 units: what both take.
    add("minLength", (value) => (value === 1 ? `${column} <> ''` : `length(${column}) >= ${value}`)) &&
    add("maxLength", (value) => `strlen(${column}) <= ${value}`);
  if (!isSaid) return undefined;
  const { pattern } = schema;
  if (pattern !== undefined) {
    if (typeof pattern !== "string" || !isSamePattern(pattern)) return undefined;
    conditions.push(
      `strlen(${column}) = length(${column}) and regexp_matches(${column}, ${quoteText(pattern)})`,
    );
  }
  const choices = "const" in schema ? [schema.const] : schema.enum;
  if (choices !== undefined) {
    if (type === "integer" && choices.every((each) => Number.isSafeInteger(each))) {
      conditions.push(`${column} in (${choices.join(", ")})`);
    } else if (
      type === "string" &&
      choices.every((each) => typeof each === "string" && each.isWellFormed())
    ) {
      conditions.push(`${column} in (${choices.map((each) => quoteText(String(each))).join(", ")})`);
    } else return undefined;
  }
  return conditions;
}

function bound(schema: JsonSchema, keyword: string, unlessSaid: number): number {
  const value = schema[keyword];
  return typeof value === "number" ? value : unlessSaid;
}

/** The least and the greatest whole number that a schema takes: to compare whole numbers costs less. */
function boundsOf(schema: JsonSchema): readonly [number, number] {
  const most = Number.MAX_SAFE_INTEGER;
  const above = bound(schema, "exclusiveMinimum", Number.NEGATIVE_INFINITY);
  const below = bound(schema, "exclusiveMaximum", Number.POSITIVE_INFINITY);
  return [
    Math.max(-most, Math.ceil(bound(schema, "minimum", -most)), Math.floor(above) + 1),
    Math.min(most, Math.floor(bound(schema, "maximum", most)), Math.ceil(below) - 1),
  ];
}

/** A number exactly as it is here: without quotes it could be a decimal. */
function double(value: number): string {
  return `'${value}'::double`;
}

function withoutNull(schema: JsonSchema | undefined): {
  readonly schema: JsonSchema | undefined;
  readonly isNullable: boolean;
} {
  if (schema === undefined) return { schema, isNullable: false };
  const { type, anyOf } = schema;
  if (Array.isArray(type) && type.includes("null") && schema.enum === undefined) {
    return { schema: { ...schema, type: type.filter((each) => each !== "null") }, isNullable: true };
  }
  if (anyOf?.length === 2 && Object.keys(schema).length === 1) {
    const rest = anyOf.filter((each) => typeof each !== "boolean" && each.type !== "null");
    const [only] = rest;
    if (rest.length === 1 && typeof only === "object") return { schema: only, isNullable: true };
  }
  return { schema, isNullable: false };
}

function isEmpty(schema: JsonSchema | boolean): boolean {
  return typeof schema === "object" && Object.keys(schema).length === 0;
}
