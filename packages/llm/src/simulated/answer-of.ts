import type { JsonSchema } from "@atomic-agents/contracts";
import { generateSync } from "json-schema-faker";
import { label } from "./label.ts";
import { unrolled } from "./unrolled.ts";

/** Of what a schema leaves open not more is made up. */
const maxItems = 3;

/** A schema that wants more characters, items or properties of one value is refused. */
const maxLeast = 10_000;

type Keywords = Readonly<Record<string, unknown>>;

/**
 * An answer that a schema describes; the same for the same seed.
 *
 * @throws Error when there is none, or none that could be told
 */
export function answerOf(schema: JsonSchema, seed: number): unknown {
  // Its types know fewer keywords than there are.
  const described = prepared(unrolled(schema), "answer") as Parameters<typeof generateSync>[0];
  return generateSync(described, {
    seed,
    maxDefaultItems: maxItems,
    maxDepth: 100,
    optionalsProbability: 0.5,
  });
}

/** The schema as the generator reads it, with texts that say what they are where any text would do. */
function prepared(schema: unknown, name: string): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((part: unknown) => prepared(part, name));
  const keywords = bounded(schema as Keywords);
  const { type, ...others } = keywords;
  if (Array.isArray(type) && type.includes("string")) {
    const { anyOf, ...plain } = others;
    const kinds = type.map((kind: unknown) => prepared({ ...plain, type: kind }, name));
    return anyOf === undefined ? { anyOf: kinds } : { allOf: [{ anyOf: kinds }, prepared({ anyOf }, name)] };
  }
  if (isFreeText(keywords)) return { ...keywords, enum: [textOf(keywords, name)] };
  return Object.fromEntries(
    Object.entries(keywords).map(([key, part]) => [
      key,
      key === "properties"
        ? mapValues(part, (value, property) => prepared(value, property))
        : isData(key)
          ? part
          : prepared(part, name),
    ]),
  );
}

/** A list that may be long is made short. */
function bounded(keywords: Keywords): Keywords {
  for (const key of ["minLength", "minItems", "minProperties"]) {
    const least = keywords[key];
    if (typeof least === "number" && least > maxLeast) {
      throw new Error(`a simulated model gives no answers with ${key} of more than ${maxLeast}`);
    }
  }
  const { minItems = 0, maxItems: most } = keywords;
  if (typeof most !== "number" || typeof minItems !== "number") return keywords;
  return { ...keywords, maxItems: Math.min(most, minItems + maxItems) };
}

/** Keywords whose values are no schemas, whatever they look like. */
function isData(key: string): boolean {
  return ["enum", "const", "default", "examples", "required", "dependentRequired"].includes(key);
}

function isFreeText({ type, enum: choices, const: only, format, pattern }: Keywords): boolean {
  return type === "string" && [choices, only, format, pattern].every((part) => part === undefined);
}

function textOf({ minLength, maxLength }: Keywords, name: string): string {
  const words = `${label} ${name.replaceAll(/(?<=[a-z])(?=[A-Z])|[_-]+/g, " ").toLowerCase()}`;
  const least = typeof minLength === "number" ? minLength : 0;
  const most = typeof maxLength === "number" ? maxLength : Number.POSITIVE_INFINITY;
  return words.padEnd(least, ".").slice(0, most);
}

function mapValues(value: unknown, map: (value: unknown, key: string) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, map(part, key)]));
}
