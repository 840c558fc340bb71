import type { VendorIssue } from "../schema.ts";
import { countOf, printable, quoted } from "../text.ts";
import type { AjvError } from "./ajv.ts";

/** An issue of `fromJsonSchema`: as Standard Schema has it, and what Ajv says besides. */
export interface JsonSchemaIssue extends VendorIssue {
  readonly path: readonly PropertyKey[];
  /** In words, for `describeIssues`. */
  readonly expected?: string;
  /** The keyword that was violated, and what Ajv tells of it. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** `/items/0/name` as keys; whether `0` is an index or a key is seen from the value. */
function keysOf(pointer: string, value: unknown): readonly PropertyKey[] {
  let here = value;
  return pointer
    .split("/")
    .slice(1)
    .map((token) => {
      const name = token.replace(/~1/g, "/").replace(/~0/g, "~");
      const key = Array.isArray(here) ? Number(name) : name;
      // Ajv has been there: it is an object or an array.
      here = (here as Readonly<Record<PropertyKey, unknown>>)[key];
      return key;
    });
}

function literal(value: unknown): string {
  return typeof value === "string"
    ? quoted(value, 40)
    : printable(JSON.stringify(value) ?? String(value), 40);
}

function bound(words: string, units?: string): (params: AjvError["params"]) => string {
  return ({ limit }) => `${words} ${units === undefined ? String(limit) : countOf(limit, units)}`;
}

const texts: Readonly<Record<string, (params: AjvError["params"]) => string>> = {
  type: ({ type }) => (Array.isArray(type) ? type.join(" or ") : String(type)),
  const: ({ allowedValue }) => literal(allowedValue),
  enum: ({ allowedValues }) => {
    const values = Array.isArray(allowedValues) ? allowedValues : [];
    const shown = values.slice(0, 10).map(literal).join(", ");
    return `one of ${shown}${values.length > 10 ? ` and ${values.length - 10} more` : ""}`;
  },
  required: () => "a value",
  dependentRequired: () => "a value",
  additionalProperties: () => "no such key",
  unevaluatedProperties: () => "no such key",
  minLength: bound("at least", "characters"),
  maxLength: bound("at most", "characters"),
  minItems: bound("at least", "items"),
  maxItems: bound("at most", "items"),
  items: bound("at most", "items"),
  unevaluatedItems: bound("at most", "items"),
  minProperties: bound("at least", "keys"),
  maxProperties: bound("at most", "keys"),
  minimum: bound("at least"),
  exclusiveMinimum: bound("more than"),
  maximum: bound("at most"),
  exclusiveMaximum: bound("less than"),
  multipleOf: ({ multipleOf }) => `multiple of ${String(multipleOf)}`,
  pattern: ({ pattern }) => `string that matches /${printable(String(pattern), 100)}/u`,
  format: ({ format }) => `string in the format ${String(format)}`,
  uniqueItems: ({ i, j }) => `items that differ (those at ${String(j)} and ${String(i)} are equal)`,
  oneOf: ({ passingSchemas }) =>
    passingSchemas === null ? "a value that fits one of the options" : "a value that fits one option only",
  anyOf: () => "a value that fits one of the options",
  not: () => "a value that does not fit the schema under not",
  "false schema": () => "nothing",
};

/** The key that an error is about, where it is about one that its place does not name. */
function keyAtFault({ keyword, params, propertyName }: AjvError): string | undefined {
  const key =
    keyword === "required" || keyword === "dependentRequired"
      ? params["missingProperty"]
      : (params["additionalProperty"] ?? params["unevaluatedProperty"] ?? propertyName);
  return typeof key === "string" ? key : undefined;
}

/** What Ajv found wrong with the value, as issues of Standard Schema. */
export function toIssues(errors: readonly AjvError[], value: unknown): readonly JsonSchemaIssue[] {
  return errors.map((error) => {
    const { keyword, params, message = "is not valid" } = error;
    const key = keyAtFault(error);
    const path = keysOf(error.instancePath, value);
    const text = Object.hasOwn(texts, keyword) ? texts[keyword]?.(params) : undefined;
    const expected = error.propertyName === undefined || text === undefined ? text : `key: ${text}`;
    return {
      // Ajv says that there are allowed values, and not which; of several types it makes no words.
      message:
        text !== undefined && ["enum", "const", "type"].includes(keyword) ? `must be ${text}` : message,
      path: key === undefined ? path : [...path, key],
      ...(expected !== undefined && { expected }),
      keyword,
      params,
    };
  });
}
