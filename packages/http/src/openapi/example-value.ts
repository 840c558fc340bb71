import type { JsonSchema, SchemaNode } from "@atomic-agents/contracts";
import { isObject } from "./is-object.ts";
import { patternExample } from "./pattern-example.ts";

/** Finds what a `$ref` refers to. */
export type FindSchema = (reference: string) => unknown;

interface Search {
  readonly find: FindSchema;
  /** References on the way here: one that comes again is a recursion. */
  readonly trail: readonly string[];
}

/** How many objects deep what may be left out is shown. */
const optionalDepth = 4;

const texts: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T09:30:00Z",
  time: "09:30:00Z",
  duration: "P1DT2H",
  email: "ada@example.com",
  "idn-email": "ada@example.com",
  hostname: "example.com",
  "idn-hostname": "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  "uri-reference": "/path",
  iri: "https://example.com/",
  uuid: "6f1c2a34-5b7d-4e8f-9a0b-1c2d3e4f5a6b",
  "json-pointer": "/name",
  regex: "^a+$",
};

/**
 * A value as an example for a schema: what the schema gives as an example, default or constant, and otherwise one made
 * of its keywords. It is meant to be edited, and may break what is not read here (`not`, `if`, patterns with groups).
 */
export function exampleValue(schema: unknown, find: FindSchema): unknown {
  return make(schema, { find, trail: [] });
}

/** The example that an author has written, for the whole or for each part that is required; undefined without. */
export function statedExample(
  schema: unknown,
  find: FindSchema,
  trail: readonly string[] = [],
): { readonly value: unknown } | undefined {
  if (!isObject(schema)) return undefined;
  const stated = ownExample(schema);
  if (stated !== undefined) return stated;
  const { $ref, properties } = schema;
  if (typeof $ref === "string") {
    return trail.includes($ref) ? undefined : statedExample(find($ref), find, [...trail, $ref]);
  }
  if (!isObject(properties)) return undefined;
  const required = namesIn(schema["required"]);
  const members: [string, unknown][] = [];
  for (const name of new Set([...Object.keys(properties), ...required])) {
    const part = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const example = statedExample(part, find, trail) ?? constant(part);
    if (example !== undefined) members.push([name, example.value]);
    else if (required.includes(name)) return undefined;
  }
  return members.length === 0 ? undefined : { value: Object.fromEntries(members) };
}

function make(schema: unknown, search: Search): unknown {
  if (!isObject(schema)) return schema === false ? null : {};
  const given = ownExample(schema) ?? constant(schema);
  if (given !== undefined) return given.value;
  const all = merged(schema, search);
  if (all.schema !== schema) return make(all.schema, { ...search, trail: all.trail });
  const option = firstOption(schema, search);
  if (option !== undefined) return make(option, search);
  switch (typeOf(schema)) {
    case "object":
      return objectOf(schema, search);
    case "array":
      return arrayOf(schema, search);
    case "string":
      return textOf(schema);
    case "integer":
      return numberOf(schema, true);
    case "number":
      return numberOf(schema, false);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return {};
  }
}

function ownExample(schema: JsonSchema): { readonly value: unknown } | undefined {
  const { examples, example } = schema;
  if (Array.isArray(examples) && examples.length > 0) return { value: examples[0] };
  return example === undefined ? undefined : { value: example };
}

function constant(schema: unknown): { readonly value: unknown } | undefined {
  if (!isObject(schema)) return undefined;
  if ("const" in schema) return { value: schema["const"] };
  if ("default" in schema) return { value: schema["default"] };
  const values = schema["enum"];
  return Array.isArray(values) && values.length > 0 ? { value: values[0] } : undefined;
}

/** The schema with what it refers to and what it has under `allOf` in it; itself where there is nothing of the kind. */
function merged(
  schema: JsonSchema,
  { find, trail }: Search,
): { schema: JsonSchema; trail: readonly string[] } {
  const { $ref, allOf, ...own } = schema;
  const parts: SchemaNode[] = Array.isArray(allOf) ? [...allOf] : [];
  const isNew = typeof $ref === "string" && !trail.includes($ref);
  if (isNew) {
    const target = find($ref);
    if (isObject(target)) parts.unshift(target);
  }
  if ($ref === undefined && allOf === undefined) return { schema, trail };
  const result = parts.filter(isObject).reduce<JsonSchema>(
    (sum, part) =>
      ({
        ...part,
        ...sum,
        ...((part["properties"] ?? sum.properties) !== undefined && {
          properties: { ...(isObject(part["properties"]) ? part["properties"] : {}), ...sum.properties },
        }),
        ...((part["required"] ?? sum.required) !== undefined && {
          required: [...namesIn(part["required"]), ...namesIn(sum.required)],
        }),
      }) as JsonSchema,
    own,
  );
  return { schema: result, trail: isNew ? [...trail, $ref] : trail };
}

/** The first alternative that does not lead back to where we are. */
function firstOption(schema: JsonSchema, { trail }: Search): JsonSchema | undefined {
  for (const keyword of ["anyOf", "oneOf"] as const) {
    const options = schema[keyword];
    if (!Array.isArray(options)) continue;
    const fresh = options.filter(
      (option): option is JsonSchema =>
        isObject(option) && !(typeof option["$ref"] === "string" && trail.includes(option["$ref"])),
    );
    const [first] = fresh;
    const { [keyword]: _, ...rest } = schema;
    if (first !== undefined) return { ...rest, ...first };
  }
  return undefined;
}

function typeOf(schema: JsonSchema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((each) => each !== "null") ?? type[0];
  if (type !== undefined) return type;
  if (schema.properties !== undefined || schema.required !== undefined) return "object";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
  if (schema["minLength"] !== undefined || schema["pattern"] !== undefined || schema.format !== undefined) {
    return "string";
  }
  return schema["minimum"] !== undefined || schema["maximum"] !== undefined ? "number" : undefined;
}

function objectOf(schema: JsonSchema, search: Search): unknown {
  const required = namesIn(schema.required);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const members: [string, unknown][] = [];
  for (const name of new Set([...Object.keys(properties), ...required])) {
    const part = Object.hasOwn(properties, name) ? properties[name] : true;
    const isRequired = required.includes(name);
    if (part === false || (!isRequired && (search.trail.length >= optionalDepth || leadsBack(part, search))))
      continue;
    members.push([name, make(part, search)]);
  }
  const { additionalProperties } = schema;
  if (members.length === 0 && isObject(additionalProperties) && !leadsBack(additionalProperties, search)) {
    members.push(["key", make(additionalProperties, search)]);
  }
  return Object.fromEntries(members);
}

function arrayOf(schema: JsonSchema, search: Search): unknown {
  const { prefixItems, items } = schema;
  const first = (Array.isArray(prefixItems) ? prefixItems : []).map((item) => make(item, search));
  const least = typeof schema["minItems"] === "number" ? Math.min(schema["minItems"], 20) : 0;
  const isShown = items !== false && items !== undefined && !leadsBack(items, search);
  const count = Math.max(least, isShown && schema["maxItems"] !== 0 && first.length === 0 ? 1 : 0);
  while (first.length < count) {
    const item = make(items ?? true, search);
    first.push(schema["uniqueItems"] === true ? different(item, first.length) : item);
  }
  return first;
}

function different(item: unknown, index: number): unknown {
  if (typeof item === "number") return item + index;
  return typeof item === "string" && index > 0 ? `${item} ${index + 1}` : item;
}

function leadsBack(schema: unknown, { trail }: Search): boolean {
  return isObject(schema) && typeof schema["$ref"] === "string" && trail.includes(schema["$ref"]);
}

function textOf(schema: JsonSchema): string {
  const { format, pattern, minLength, maxLength } = schema;
  const known = typeof format === "string" && Object.hasOwn(texts, format) ? texts[format] : undefined;
  if (known !== undefined) return known;
  const matching = typeof pattern === "string" ? patternExample(pattern) : undefined;
  if (matching !== undefined) return matching;
  const least = typeof minLength === "number" ? Math.min(minLength, 200) : 0;
  const text = "text".padEnd(least, " text");
  return typeof maxLength === "number" ? text.slice(0, maxLength) : text;
}

function numberOf(schema: JsonSchema, isInteger: boolean): number {
  const limit = (keyword: string) => (typeof schema[keyword] === "number" ? schema[keyword] : undefined);
  const low = Math.max(limit("minimum") ?? -Infinity, limit("exclusiveMinimum") ?? -Infinity);
  const high = Math.min(limit("maximum") ?? Infinity, limit("exclusiveMaximum") ?? Infinity);
  const step = limit("multipleOf") ?? (isInteger ? 1 : 0);
  const fits = (value: number): boolean =>
    value >= (limit("minimum") ?? -Infinity) &&
    value <= (limit("maximum") ?? Infinity) &&
    value > (limit("exclusiveMinimum") ?? -Infinity) &&
    value < (limit("exclusiveMaximum") ?? Infinity);
  const onStep = (value: number): number => (step > 0 ? Math.ceil(value / step) * step : value);
  const candidates = [1, 0, low, low + 1, high, high - 1, (low + high) / 2].filter(Number.isFinite);
  const tried = candidates.flatMap((value) => [onStep(value), onStep(value) + step]);
  return tried.find(fits) ?? 1;
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}
