import type { JsonSchema } from "@atomic-agents/contracts";
import { type KeyPlace, keyPlaceOf } from "./key-paths.ts";

type Schema = JsonSchema | boolean;

const maxDepth = 24;
/** What still holds of a text of which parts were replaced; of the others it is not known. */
const keptKeywords: ReadonlySet<string> = new Set([
  "$defs",
  "$ref",
  "type",
  "title",
  "description",
  "required",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
]);
/** Formats in which nothing is found. */
const safeFormats: ReadonlySet<unknown> = new Set(["date", "date-time", "time"]);

/** What records are when they have been redacted, as far as is known of them before. */
export function redactedType(document: JsonSchema, keys: readonly string[]): JsonSchema {
  const made = redacted(document, document, keyPlaceOf(keys), 0);
  return typeof made === "boolean" ? (made ? {} : { not: {} }) : made;
}

function redacted(schema: Schema, root: JsonSchema, place: KeyPlace | undefined, depth: number): Schema {
  if (place?.isNamed === true) return { type: ["string", "null"] };
  if (typeof schema === "boolean") return schema;
  if (depth > maxDepth) return {};
  if (schema.$ref !== undefined) {
    // A definition that is used in several places is replaced in each as its keys are.
    if (place === undefined) return { $ref: schema.$ref };
    const target = definitionAt(schema.$ref, root);
    return target === undefined ? {} : redacted(target, root, place, depth + 1);
  }
  const made: Record<string, unknown> = {};
  const inside = (part: Schema, under: KeyPlace | undefined): Schema =>
    redacted(part, root, under, depth + 1);
  for (const [keyword, value] of Object.entries(schema)) {
    if (keptKeywords.has(keyword)) made[keyword] = value;
  }
  if (typeof schema.$defs === "object" && depth === 0)
    made["$defs"] = mapped(schema.$defs, (part) => redacted(part as Schema, root, undefined, 1));
  else delete made["$defs"];
  // No text becomes an empty one.
  if (typeof schema["minLength"] === "number" && schema["minLength"] > 0) made["minLength"] = 1;
  if (safeFormats.has(schema["format"])) made["format"] = schema["format"];
  const values = "const" in schema ? [schema.const] : schema.enum;
  if (Array.isArray(values)) {
    const others = values.filter(
      (value) => typeof value === "number" || typeof value === "boolean" || value === null,
    );
    if (others.length === values.length) made["enum"] = values;
    else if (others.length === 0 && values.every((value) => typeof value === "string"))
      made["type"] = "string";
  }
  if (schema.properties !== undefined) {
    made["properties"] = mapped(schema.properties, (part, key) => inside(part as Schema, place?.under(key)));
  }
  if (schema.additionalProperties !== undefined) {
    // Which of the others a path names is not known.
    made["additionalProperties"] =
      place === undefined || schema.additionalProperties === false
        ? inside(schema.additionalProperties, undefined)
        : {};
  }
  if (place === undefined && schema["patternProperties"] !== undefined) {
    made["patternProperties"] = mapped(schema["patternProperties"] as object, (part) =>
      inside(part as Schema, undefined),
    );
  } else if (schema["patternProperties"] !== undefined) delete made["additionalProperties"];
  if (Array.isArray(schema.prefixItems)) {
    made["prefixItems"] = schema.prefixItems.map((part, index) =>
      inside(part as Schema, place?.under(String(index))),
    );
  }
  if (schema.items !== undefined && !Array.isArray(schema.items)) {
    // Elements that are named by their index are others than the rest.
    made["items"] = place?.hasNames === true ? {} : inside(schema.items, place?.under(""));
  }
  for (const keyword of ["allOf", "anyOf", "oneOf"] as const) {
    const parts = schema[keyword];
    // Two that excluded each other may be alike now.
    if (Array.isArray(parts))
      made[keyword === "oneOf" ? "anyOf" : keyword] = parts.map((part) => inside(part as Schema, place));
  }
  if (Array.isArray(schema.oneOf) && Array.isArray(schema.anyOf)) delete made["anyOf"];
  return made;
}

function mapped(object: object, change: (part: unknown, key: string) => Schema): Record<string, Schema> {
  return Object.fromEntries(Object.entries(object).map(([key, part]) => [key, change(part, key)]));
}

function definitionAt(reference: string, root: JsonSchema): Schema | undefined {
  if (reference === "#") return root;
  const name = /^#\/\$defs\/(?<name>[^/]+)$/.exec(reference)?.groups?.["name"];
  const definition =
    name === undefined ? undefined : root.$defs?.[name.replaceAll("~1", "/").replaceAll("~0", "~")];
  return definition;
}
