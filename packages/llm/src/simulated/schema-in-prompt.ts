import type { JsonSchema } from "@atomic-agents/contracts";
import type { SimulatedRequest } from "./simulated-request.ts";

/** A line that speaks of a JSON Schema, and the object on the line after it. */
const told = /json schema[^\n]*\n+(\{[^\n]*\})\s*(?:\n|$)/i;

/** The schema that a request tells in words, as where a server takes none beside them. */
export function schemaInPrompt({ messages }: SimulatedRequest): JsonSchema | undefined {
  for (const { role, text } of messages) {
    if (role !== "system" && role !== "developer") continue;
    try {
      const found: unknown = JSON.parse(told.exec(text)?.[1] ?? "null");
      // Any object is a schema.
      if (typeof found === "object" && found !== null) return found as JsonSchema;
    } catch {
      // Words that only look like one.
    }
  }
  return undefined;
}
