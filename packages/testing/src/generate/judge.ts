import type { JsonSchema } from "@atomic-agents/contracts";
import { formatPath } from "./format-path.ts";
import { codePoints, equalJson, isMultipleOf, isRecord, jsonTypeOf, patternOf } from "./json-value.ts";
import { resolveRef, type Schema } from "./resolve-ref.ts";

/** Whether a value is valid: yes, no and why, or that the schema says it in a keyword that is not understood. */
export type Judgement =
  | { readonly verdict: "valid" }
  | {
      readonly verdict: "invalid";
      readonly keyword: string;
      /** Where in the value: `items[0].name`. */
      readonly path: string;
    }
  | { readonly verdict: "unknown"; readonly keyword: string };

type Keys = readonly (string | number)[];

/** What is wrong with a value, and where. */
interface Refusal {
  readonly keyword: string;
  readonly keys: Keys;
}

/** Keywords that ask what other keywords have seen, or lead to other documents. */
const notUnderstood = ["$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties"] as const;

/** Deep enough for any value of use, and short of the end of the stack. */
const maxDepth = 500;

/** Thrown where the schema cannot be understood, and caught at the door. */
class NotUnderstood extends Error {
  readonly keyword: string;

  constructor(keyword: string) {
    super(`the keyword ${keyword} is not understood`);
    this.keyword = keyword;
  }
}

/**
 * Judges a JSON value by a JSON Schema of draft 2020-12. `format` says nothing, as the draft has it. Needs no library,
 * so that what an agent says of itself can be held against what it does wherever the suite runs.
 */
export function judge(schema: Schema, value: unknown, root: Schema = schema): Judgement {
  try {
    const refusal = refusalOf(schema, value, { root, keys: [], depth: 0 });
    if (refusal === undefined) return { verdict: "valid" };
    return { verdict: "invalid", keyword: refusal.keyword, path: formatPath(refusal.keys) };
  } catch (thrown) {
    const keyword = thrown instanceof NotUnderstood ? thrown.keyword : "$ref";
    return { verdict: "unknown", keyword };
  }
}

interface Place {
  readonly root: Schema;
  readonly keys: Keys;
  readonly depth: number;
}

type Check = (schema: JsonSchema, value: unknown, place: Place) => Refusal | undefined;

function refusalOf(schema: Schema, value: unknown, place: Place): Refusal | undefined {
  if (schema === true) return undefined;
  if (schema === false) return { keyword: "false", keys: place.keys };
  if (place.depth > maxDepth) throw new NotUnderstood("$ref");
  const keyword = notUnderstood.find((name) => schema[name] !== undefined && schema[name] !== true);
  if (keyword !== undefined) throw new NotUnderstood(keyword);
  const inner = { ...place, depth: place.depth + 1 };
  for (const check of checks) {
    const refusal = check(schema, value, inner);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function below(place: Place, key: string | number): Place {
  return { ...place, keys: [...place.keys, key] };
}

const checkType: Check = ({ type }, value, { keys }) => {
  if (type === undefined) return undefined;
  const own = jsonTypeOf(value);
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const fits = types.some((one) => one === own || (one === "integer" && Number.isInteger(value)));
  return fits ? undefined : { keyword: "type", keys };
};

const checkValues: Check = (schema, value, { keys }) => {
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => equalJson(one, value))) {
    return { keyword: "enum", keys };
  }
  const isOther = schema.const !== undefined && !equalJson(schema.const, value);
  return isOther ? { keyword: "const", keys } : undefined;
};

const checkNumber: Check = (schema, value, { keys }) => {
  if (typeof value !== "number") return undefined;
  const bound = (keyword: string, isKept: (limit: number) => boolean): Refusal | undefined => {
    const limit = schema[keyword];
    return typeof limit === "number" && !isKept(limit) ? { keyword, keys } : undefined;
  };
  return (
    bound("minimum", (limit) => value >= limit) ??
    bound("maximum", (limit) => value <= limit) ??
    bound("exclusiveMinimum", (limit) => value > limit) ??
    bound("exclusiveMaximum", (limit) => value < limit) ??
    bound("multipleOf", (step) => isMultipleOf(value, step))
  );
};

const checkString: Check = (schema, value, { keys }) => {
  if (typeof value !== "string") return undefined;
  const { minLength, maxLength, pattern } = schema;
  if (typeof minLength === "number" && codePoints(value) < minLength) return { keyword: "minLength", keys };
  if (typeof maxLength === "number" && codePoints(value) > maxLength) return { keyword: "maxLength", keys };
  if (typeof pattern !== "string") return undefined;
  const expression = patternOf(pattern);
  if (expression === undefined) throw new NotUnderstood("pattern");
  return expression.test(value) ? undefined : { keyword: "pattern", keys };
};

const checkObject: Check = (schema, value, place) => {
  if (!isRecord(value)) return undefined;
  const { keys } = place;
  const names = Object.keys(value);
  const { required, minProperties, maxProperties } = schema;
  for (const key of Array.isArray(required) ? required : []) {
    if (!Object.hasOwn(value, key)) return { keyword: "required", keys: [...keys, key] };
  }
  if (typeof minProperties === "number" && names.length < minProperties)
    return { keyword: "minProperties", keys };
  if (typeof maxProperties === "number" && names.length > maxProperties)
    return { keyword: "maxProperties", keys };
  for (const key of names) {
    const refusal = checkEntry(schema, key, value[key], place);
    if (refusal !== undefined) return refusal;
  }
  return checkDependents(schema, value, place);
};

function checkEntry(schema: JsonSchema, key: string, value: unknown, place: Place): Refusal | undefined {
  const here = below(place, key);
  const { propertyNames } = schema;
  if (propertyNames !== undefined && refusalOf(schemaIn(propertyNames), key, here) !== undefined) {
    return { keyword: "propertyNames", keys: here.keys };
  }
  const matching = schemasOfKey(schema, key);
  if (matching.length === 0 && schema.additionalProperties === false) {
    return { keyword: "additionalProperties", keys: here.keys };
  }
  const all =
    matching.length > 0 || schema.additionalProperties === undefined
      ? matching
      : [schema.additionalProperties];
  return firstRefusal(all, (one) => refusalOf(one, value, here));
}

/** What `properties` and `patternProperties` say of a key. */
export function schemasOfKey(schema: JsonSchema, key: string): readonly Schema[] {
  const own = isRecord(schema.properties) && Object.hasOwn(schema.properties, key) ? [key] : [];
  const patterns = isRecord(schema["patternProperties"]) ? schema["patternProperties"] : {};
  return [
    ...own.map((name) => schemaIn(schema.properties?.[name])),
    ...Object.entries(patterns)
      .filter(([pattern]) => patternOf(pattern)?.test(key) === true)
      .map(([, inner]) => schemaIn(inner)),
  ];
}

function checkDependents(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  place: Place,
): Refusal | undefined {
  const { dependentRequired, dependentSchemas } = schema;
  for (const [key, needed] of Object.entries(isRecord(dependentRequired) ? dependentRequired : {})) {
    if (!Object.hasOwn(value, key) || !Array.isArray(needed)) continue;
    const missing = needed.find((name) => !Object.hasOwn(value, String(name)));
    if (missing !== undefined)
      return { keyword: "dependentRequired", keys: [...place.keys, String(missing)] };
  }
  const dependent = Object.entries(isRecord(dependentSchemas) ? dependentSchemas : {});
  return firstRefusal(dependent, ([key, inner]) =>
    Object.hasOwn(value, key) ? refusalOf(schemaIn(inner), value, place) : undefined,
  );
}

const checkArray: Check = (schema, value, place) => {
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const { keys } = place;
  const { minItems, maxItems, uniqueItems, prefixItems = [], contains } = schema;
  if (typeof minItems === "number" && items.length < minItems) return { keyword: "minItems", keys };
  if (typeof maxItems === "number" && items.length > maxItems) return { keyword: "maxItems", keys };
  for (const [index, item] of items.entries()) {
    const inner = prefixItems[index] ?? schema.items;
    if (inner === false && prefixItems[index] === undefined) return { keyword: "items", keys };
    const refusal = inner === undefined ? undefined : refusalOf(inner, item, below(place, index));
    if (refusal !== undefined) return refusal;
  }
  const isDouble = (item: unknown, index: number) =>
    items.slice(0, index).some((earlier) => equalJson(earlier, item));
  if (uniqueItems === true && items.some(isDouble)) return { keyword: "uniqueItems", keys };
  if (contains === undefined) return undefined;
  const { minContains = 1, maxContains = Number.POSITIVE_INFINITY } = schema;
  const count = items.filter((item) => refusalOf(schemaIn(contains), item, place) === undefined).length;
  if (count < Number(minContains)) return { keyword: "contains", keys };
  return count > Number(maxContains) ? { keyword: "maxContains", keys } : undefined;
};

const checkCombined: Check = (schema, value, place) => {
  const { $ref, allOf, anyOf, oneOf, not } = schema;
  const { root, keys } = place;
  if ($ref !== undefined) {
    const refusal = refusalOf(resolveRef(root, $ref, "#"), value, place);
    if (refusal !== undefined) return refusal;
  }
  const refusal = firstRefusal(allOf ?? [], (inner) => refusalOf(inner, value, place));
  if (refusal !== undefined) return refusal;
  const countOf = (members: readonly Schema[]) =>
    members.filter((inner) => refusalOf(inner, value, place) === undefined).length;
  if (anyOf !== undefined && countOf(anyOf) === 0) return { keyword: "anyOf", keys };
  if (oneOf !== undefined && countOf(oneOf) !== 1) return { keyword: "oneOf", keys };
  if (not !== undefined && refusalOf(schemaIn(not), value, place) === undefined)
    return { keyword: "not", keys };
  return checkCondition(schema, value, place);
};

function checkCondition(schema: JsonSchema, value: unknown, place: Place): Refusal | undefined {
  if (schema["if"] === undefined) return undefined;
  const holds = refusalOf(schemaIn(schema["if"]), value, place) === undefined;
  const then = holds ? schema["then"] : schema["else"];
  return then === undefined ? undefined : refusalOf(schemaIn(then), value, place);
}

const checks: readonly Check[] = [
  checkType,
  checkValues,
  checkNumber,
  checkString,
  checkArray,
  checkObject,
  checkCombined,
];

/** The value of a keyword that holds a schema. @throws NotUnderstood when it holds none */
function schemaIn(value: unknown): Schema {
  if (typeof value === "boolean" || isRecord(value)) return value;
  throw new NotUnderstood("a schema that is none");
}

function firstRefusal<TItem>(
  items: readonly TItem[],
  check: (item: TItem) => Refusal | undefined,
): Refusal | undefined {
  for (const item of items) {
    const refusal = check(item);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
