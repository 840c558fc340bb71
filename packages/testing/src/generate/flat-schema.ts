import type { JsonSchema } from "@atomic-agents/contracts";
import { CannotGenerate } from "./cannot-generate.ts";
import { equalJson, isRecord, type JsonType, jsonTypes } from "./json-value.ts";
import { schemasOfKey } from "./judge.ts";
import { resolveRef, type Schema } from "./resolve-ref.ts";

/** A schema without references, `allOf` and choices: what all of its keywords ask, put together. */
export interface FlatSchema {
  /** Where it stands in the document. */
  readonly path: string;
  /** The types it takes; undefined when it does not say. */
  readonly types: readonly JsonType[] | undefined;
  /** Numbers must be whole. */
  readonly isInteger: boolean;
  /** The only values it takes. */
  readonly values: readonly unknown[] | undefined;
  readonly numbers: NumberLimits;
  readonly strings: StringLimits;
  readonly objects: ObjectShape;
  readonly arrays: ArrayShape;
  /** It says more than what is put together here, so that values have to be judged. */
  readonly needsJudge: boolean;
}

/** What numbers are taken. */
export interface NumberLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly exclusiveMinimum: number;
  readonly exclusiveMaximum: number;
  readonly multiplesOf: readonly number[];
}

/** What texts are taken; lengths in code points. */
export interface StringLimits {
  readonly minLength: number;
  readonly maxLength: number;
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
}

/** What objects are taken. Several schemas in one place must all be met. */
export interface ObjectShape {
  readonly properties: ReadonlyMap<string, readonly Schema[]>;
  readonly patternProperties: readonly (readonly [pattern: string, schema: Schema])[];
  /** For keys that are told of nowhere else. */
  readonly additional: readonly Schema[];
  readonly required: readonly string[];
  readonly propertyNames: readonly Schema[];
  readonly minProperties: number;
  readonly maxProperties: number;
}

/** What arrays are taken. */
export interface ArrayShape {
  readonly prefix: readonly (readonly Schema[])[];
  /** For the items behind the prefix. */
  readonly items: readonly Schema[];
  readonly minItems: number;
  readonly maxItems: number;
  readonly isUnique: boolean;
}

const { POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;

/** More ways than these to meet a schema are left out: each still gives valid values. */
const maxAlternatives = 64;

/**
 * All ways to meet a schema, each without references and choices; none where no value meets it.
 *
 * @throws CannotGenerate for a keyword that is not understood
 */
export function alternativesOf(schema: Schema, root: Schema, path: string): readonly FlatSchema[] {
  return flatten(schema, { root, path, refs: [] });
}

interface Place {
  readonly root: Schema;
  readonly path: string;
  /** The references followed to get here without going into a value: one that comes again leads nowhere. */
  readonly refs: readonly string[];
}

function flatten(schema: Schema, place: Place): readonly FlatSchema[] {
  if (schema === false) return [];
  if (schema === true) return [ownPart({}, place.path)];
  refuseUnknown(schema, place.path);
  let ways: readonly FlatSchema[] = [ownPart(schema, place.path)];
  const meet = (others: readonly FlatSchema[]) => {
    ways = ways
      .flatMap((way) => others.map((other) => merge(way, other)))
      .filter((way) => way !== undefined)
      .slice(0, maxAlternatives);
  };
  const at = (part: string): Place => ({ ...place, path: `${place.path}/${part}` });
  const any = (members: readonly Schema[], keyword: string) =>
    members.flatMap((member, index) => flatten(member, at(`${keyword}/${index}`)));
  const { $ref, allOf, anyOf, oneOf } = schema;
  if ($ref !== undefined) {
    if (place.refs.includes($ref)) return [];
    const target = resolveRef(place.root, $ref, place.path);
    meet(flatten(target, { ...place, path: $ref, refs: [...place.refs, $ref] }));
  }
  for (const [index, member] of (allOf ?? []).entries()) meet(flatten(member, at(`allOf/${index}`)));
  if (anyOf !== undefined) meet(any(anyOf, "anyOf"));
  if (oneOf !== undefined) {
    meet(any(oneOf, "oneOf"));
    if (oneOf.length > 1) ways = ways.map((way) => ({ ...way, needsJudge: true }));
  }
  const { not, if: condition, then = true, else: otherwise = true } = schema;
  if (isEverything(not)) return [];
  if (condition !== undefined) {
    const both = [schemaIn(condition, "if", place.path), schemaIn(then, "then", place.path)];
    const other = schemaIn(otherwise, "else", place.path);
    meet([...flatten({ allOf: both }, at("if")), ...flatten(other, at("else"))]);
  }
  return ways;
}

/** Whether a schema takes any value. */
function isEverything(schema: unknown): boolean {
  return schema === true || (isRecord(schema) && Object.keys(schema).length === 0);
}

/** The value of a keyword that holds a schema. @throws CannotGenerate when it holds none */
function schemaIn(value: unknown, keyword: string, path: string): Schema {
  if (typeof value === "boolean" || isRecord(value)) return value;
  throw new CannotGenerate("unsupported", { keyword, path }, "it holds no schema");
}

/** Keywords that lead to other documents, or to what is found only while validating. */
const elsewhere = ["$dynamicRef", "$recursiveRef"] as const;

/** Those that ask what the keywords beside them have seen. */
const afterOthers = { unevaluatedProperties: "additionalProperties", unevaluatedItems: "items" } as const;

const inPlace = ["$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"] as const;

function refuseUnknown(schema: JsonSchema, path: string): void {
  for (const keyword of elsewhere) {
    if (schema[keyword] !== undefined)
      throw new CannotGenerate("unsupported", { keyword, path }, "it is not understood");
  }
  for (const keyword of ["unevaluatedProperties", "unevaluatedItems"] as const) {
    // Beside keywords that see nothing more, they are what the plain ones are.
    if (schema[keyword] === undefined || schema[keyword] === true) continue;
    if (inPlace.some((other) => schema[other] !== undefined)) {
      throw new CannotGenerate(
        "unsupported",
        { keyword, path },
        "it is not understood beside schemas in place",
      );
    }
  }
}

/** Keywords whose meaning is left to the judge. */
const judged = ["not", "contains", "dependentRequired", "dependentSchemas", "if"] as const;

/** What a schema's own keywords ask. */
function ownPart(schema: JsonSchema, path: string): FlatSchema {
  const number = (keyword: string, absent: number): number => {
    const value = schema[keyword];
    return typeof value === "number" ? value : absent;
  };
  const list = (keyword: string): readonly Schema[] => {
    const inner = schema[keyword] ?? schema[otherNameOf(keyword) ?? keyword];
    return inner === undefined ? [] : [schemaIn(inner, keyword, path)];
  };
  const patterns = isRecord(schema["patternProperties"]) ? Object.entries(schema["patternProperties"]) : [];
  const types = typesOf(schema.type);
  return {
    path,
    types: types?.types,
    isInteger: types?.isInteger ?? false,
    values: valuesOf(schema),
    numbers: {
      minimum: number("minimum", least),
      maximum: number("maximum", most),
      exclusiveMinimum: number("exclusiveMinimum", least),
      exclusiveMaximum: number("exclusiveMaximum", most),
      multiplesOf: typeof schema["multipleOf"] === "number" ? [schema["multipleOf"]] : [],
    },
    strings: {
      minLength: number("minLength", 0),
      maxLength: number("maxLength", most),
      patterns: typeof schema["pattern"] === "string" ? [schema["pattern"]] : [],
      formats: typeof schema.format === "string" ? [schema.format] : [],
    },
    objects: {
      properties: new Map(Object.entries(schema.properties ?? {}).map(([key, inner]) => [key, [inner]])),
      patternProperties: patterns.map(([pattern, inner]) => [
        pattern,
        schemaIn(inner, "patternProperties", path),
      ]),
      additional: list("additionalProperties"),
      required: schema.required ?? [],
      propertyNames: list("propertyNames"),
      minProperties: number("minProperties", 0),
      maxProperties: number("maxProperties", most),
    },
    arrays: {
      prefix: (schema.prefixItems ?? []).map((inner) => [inner]),
      items: list("items"),
      minItems: number("minItems", 0),
      maxItems: number("maxItems", most),
      isUnique: schema["uniqueItems"] === true,
    },
    needsJudge: judged.some((keyword) => schema[keyword] !== undefined),
  };
}

function otherNameOf(keyword: string): string | undefined {
  return Object.entries(afterOthers).find(([, plain]) => plain === keyword)?.[0];
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  const values = Array.isArray(schema.enum) ? (schema.enum as readonly unknown[]) : undefined;
  if (schema.const === undefined) return values;
  return values === undefined || values.some((one) => equalJson(one, schema.const)) ? [schema.const] : [];
}

interface Types {
  readonly types: readonly JsonType[];
  readonly isInteger: boolean;
}

function typesOf(type: JsonSchema["type"]): Types | undefined {
  if (type === undefined) return undefined;
  const names: readonly string[] = typeof type === "string" ? [type] : type;
  const types = jsonTypes.filter((one) => names.includes(one));
  if (!names.includes("integer") || types.includes("number")) return { types, isInteger: false };
  return { types: [...types, "number"], isInteger: true };
}

/** What both ask; undefined when no value meets both. */
function merge(a: FlatSchema, b: FlatSchema): FlatSchema | undefined {
  const types = a.types === undefined ? b.types : a.types.filter((type) => b.types?.includes(type) ?? true);
  const values =
    a.values === undefined
      ? b.values
      : a.values.filter((value) => b.values?.some((other) => equalJson(value, other)) ?? true);
  if (types?.length === 0 || values?.length === 0) return undefined;
  return {
    // A place with keywords of its own says more than one that only holds others.
    path: b.path,
    types,
    isInteger: a.isInteger || b.isInteger,
    values,
    numbers: {
      minimum: Math.max(a.numbers.minimum, b.numbers.minimum),
      maximum: Math.min(a.numbers.maximum, b.numbers.maximum),
      exclusiveMinimum: Math.max(a.numbers.exclusiveMinimum, b.numbers.exclusiveMinimum),
      exclusiveMaximum: Math.min(a.numbers.exclusiveMaximum, b.numbers.exclusiveMaximum),
      multiplesOf: [...new Set([...a.numbers.multiplesOf, ...b.numbers.multiplesOf])],
    },
    strings: {
      minLength: Math.max(a.strings.minLength, b.strings.minLength),
      maxLength: Math.min(a.strings.maxLength, b.strings.maxLength),
      patterns: [...new Set([...a.strings.patterns, ...b.strings.patterns])],
      formats: [...new Set([...a.strings.formats, ...b.strings.formats])],
    },
    objects: mergeObjects(a.objects, b.objects),
    arrays: mergeArrays(a.arrays, b.arrays),
    needsJudge: a.needsJudge || b.needsJudge || hasPatterns(a) || hasPatterns(b),
  };
}

/** Which schema a key falls under may differ between two with patterns. */
function hasPatterns({ objects }: FlatSchema): boolean {
  return objects.patternProperties.length > 0;
}

function mergeObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
  const keys = new Set([...a.properties.keys(), ...b.properties.keys()]);
  return {
    properties: new Map(
      [...keys].map((key) => [key, unique([...schemasFor(a, key), ...schemasFor(b, key)])]),
    ),
    patternProperties: [...a.patternProperties, ...b.patternProperties],
    additional: unique([...a.additional, ...b.additional]),
    required: [...new Set([...a.required, ...b.required])],
    propertyNames: unique([...a.propertyNames, ...b.propertyNames]),
    minProperties: Math.max(a.minProperties, b.minProperties),
    maxProperties: Math.min(a.maxProperties, b.maxProperties),
  };
}

/** What an object's shape says of the value under a key. */
export function schemasFor(shape: ObjectShape, key: string): readonly Schema[] {
  const own = shape.properties.get(key) ?? [];
  const byPattern = schemasOfKey({ patternProperties: Object.fromEntries(shape.patternProperties) }, key);
  const told = [...own, ...byPattern];
  return told.length > 0 ? told : shape.additional;
}

function mergeArrays(a: ArrayShape, b: ArrayShape): ArrayShape {
  const length = Math.max(a.prefix.length, b.prefix.length);
  return {
    prefix: Array.from({ length }, (_, index) =>
      unique([...(a.prefix[index] ?? a.items), ...(b.prefix[index] ?? b.items)]),
    ),
    items: unique([...a.items, ...b.items]),
    minItems: Math.max(a.minItems, b.minItems),
    maxItems: Math.min(a.maxItems, b.maxItems),
    isUnique: a.isUnique || b.isUnique,
  };
}

function unique(schemas: readonly Schema[]): readonly Schema[] {
  return [...new Set(schemas)];
}
