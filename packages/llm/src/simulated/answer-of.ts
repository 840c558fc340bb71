import type { JsonSchema } from "@atomic-agents/contracts";
import { generateSync } from "json-schema-faker";

/** Begins every text of a simulated model, where the schema leaves room for it. */
export const label = "Simulated";

type Keywords = Readonly<Record<string, unknown>>;

/** An answer that a schema describes; the same for the same seed. */
export function answerOf(schema: JsonSchema, seed: number): unknown {
  // Its types know fewer keywords than there are.
  const described = labelled(schema, "answer") as Parameters<typeof generateSync>[0];
  return generateSync(described, { seed, maxItems: 3, optionalsProbability: 0.5 });
}

/** The schema, with texts that say what they are where any text would do. */
function labelled(schema: unknown, name: string): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((part: unknown) => labelled(part, name));
  const keywords = schema as Keywords;
  if (isFreeText(keywords)) return { ...keywords, enum: [textOf(keywords, name)] };
  return Object.fromEntries(
    Object.entries(keywords).map(([key, part]) => [
      key,
      key === "properties" || key === "$defs" || key === "definitions"
        ? mapValues(part, (value, property) => labelled(value, property))
        : isData(key)
          ? part
          : labelled(part, name),
    ]),
  );
}

/** Keywords whose values are no schemas, whatever they look like. */
function isData(key: string): boolean {
  return ["enum", "const", "default", "examples", "required"].includes(key);
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
