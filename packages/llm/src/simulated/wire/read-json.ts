import type { JsonSchema } from "@atomic-agents/contracts";

/** An object that came from outside. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one where it is none. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The value as a list; an empty one where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The value as a text; an empty one where it is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A count that is positive. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** A schema that came along; what is none is left out. */
export function schemaOf(value: unknown): JsonSchema | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  // Any object is a schema: keywords that nobody knows say nothing.
  return isObject ? (value as JsonSchema) : undefined;
}

/** What a message says: a text, or parts; those that are no text as JSON. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => (typeof part === "string" ? part : (objectOf(part)["text"] ?? part)))
    .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
    .join(" ");
}
