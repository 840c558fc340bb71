import type { JsonSchema } from "@atomic-agents/contracts";
import type { FaultKind } from "./faults.ts";
import { label } from "./label.ts";
import { unrolled } from "./unrolled.ts";

/** A text with what is wrong with it. What needs a schema and finds nothing to break in it makes an empty object. */
export function spoilText(kind: FaultKind, text: string, schema: JsonSchema | undefined): string {
  switch (kind) {
    case "length":
      return text.slice(0, Math.ceil(text.length / 2));
    case "invalidJson":
      // What ends a value is gone, and something that begins none is there.
      return `${text.slice(0, Math.max(1, text.length - 2))} <`;
    case "fenced":
      return `\`\`\`json\n${text}\n\`\`\``;
    case "prose":
      return `${label} answer, as asked:\n\n${text}\n\nI hope that helps.`;
    default:
      return schema === undefined ? "{}" : JSON.stringify(spoilInput(kind, parsed(text), schema));
  }
}

/** A value with what is wrong with it; as JSON it is whole. */
export function spoilInput(kind: FaultKind, value: unknown, schema: JsonSchema | undefined): unknown {
  if (kind !== "wrongEnum" && kind !== "outOfRange") return {};
  const broken = breakFirst(value, unrolled(schema), kind === "wrongEnum" ? otherChoice : beyondBounds);
  return broken === undefined ? {} : broken.value;
}

type Keywords = Readonly<Record<string, unknown>>;
type Breaking = (value: unknown, schema: Keywords) => unknown;

/** The value with the first part broken that can be; undefined when there is none. */
function breakFirst(
  value: unknown,
  schema: unknown,
  breaking: Breaking,
): { readonly value: unknown } | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const keywords = schema as Keywords;
  const own = breaking(value, keywords);
  if (own !== undefined) return { value: own };
  for (const part of listOf(keywords["allOf"])) {
    const broken = breakFirst(value, part, breaking);
    if (broken !== undefined) return broken;
  }
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    const firsts = listOf(keywords["prefixItems"]);
    for (const [index, item] of items.entries()) {
      const broken = breakFirst(item, firsts[index] ?? keywords["items"], breaking);
      if (broken !== undefined) return { value: items.with(index, broken.value) };
    }
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { properties } = keywords;
  if (typeof properties !== "object" || properties === null) return undefined;
  for (const [key, part] of Object.entries(properties)) {
    const inner = (value as Keywords)[key];
    const broken = inner === undefined ? undefined : breakFirst(inner, part, breaking);
    if (broken !== undefined) return { value: { ...value, [key]: broken.value } };
  }
  return undefined;
}

function otherChoice(_value: unknown, { enum: choices, const: only }: Keywords): unknown {
  return Array.isArray(choices) || only !== undefined ? `${label} choice that is none` : undefined;
}

function beyondBounds(value: unknown, schema: Keywords): unknown {
  if (typeof value === "number") {
    const most = schema["maximum"] ?? schema["exclusiveMaximum"];
    if (typeof most === "number") return most + 1;
    const least = schema["minimum"] ?? schema["exclusiveMinimum"];
    return typeof least === "number" ? least - 1 : undefined;
  }
  if (typeof value !== "string") return undefined;
  const { minLength, maxLength } = schema;
  if (typeof maxLength === "number") return `${value}${".".repeat(maxLength)}!`;
  return typeof minLength === "number" && minLength > 0 ? "" : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
