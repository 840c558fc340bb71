import type { AnySchema, JsonSchema } from "@atomic-agents/contracts";
import { toJsonSchema } from "@atomic-agents/contracts";

/** The schema of a `Result` of an output. The results of this package are built from checked outputs. */
export function resultOf(output: AnySchema): AnySchema {
  const json = (): JsonSchema => ({
    oneOf: [
      {
        type: "object",
        properties: { ok: { const: true }, output: toJsonSchema(output, "output") },
        required: ["ok", "output"],
      },
      {
        type: "object",
        properties: {
          ok: { const: false },
          error: {
            type: "object",
            properties: { code: { type: "string" }, message: { type: "string" } },
            required: ["code", "message"],
          },
          disposition: { enum: ["stop", "drop", "dead-letter"] },
        },
        required: ["ok", "error", "disposition"],
      },
    ],
  });
  const standard = {
    version: 1,
    vendor: "atomic",
    validate: (value: unknown) =>
      typeof value === "object" && value !== null && "ok" in value && typeof value.ok === "boolean"
        ? { value }
        : { issues: [{ message: "expected a result with ok" }] },
    jsonSchema: { input: json, output: json },
  } as const;
  return { "~standard": standard };
}
