import { anything, type AnySchema, toJsonSchema } from "@atomic-agents/contracts";
import { fit } from "@atomic-agents/contracts/fit";
import { sampleValue } from "./sample-value.ts";

/**
 * An input that an agent's schema takes, to begin with: as simple as can be, or else any that is found. Undefined when
 * none is, or when JSON cannot hold it.
 */
export async function sampleInput(schema: AnySchema): Promise<unknown> {
  for (const value of candidates(schema)) {
    if (!isJson(value)) continue;
    const checked = await schema["~standard"].validate(value);
    if (checked.issues === undefined) return value;
  }
  return undefined;
}

function* candidates(schema: AnySchema): Generator<unknown, void> {
  try {
    yield sampleValue(toJsonSchema(schema, "input"));
  } catch {
    // Without a JSON Schema there may still be a value that it takes.
  }
  const found = fit(anything(), schema);
  if (found.verdict === "sometimes") yield found.passes;
  if (found.verdict === "always") yield {};
}

function isJson(value: unknown): boolean {
  return JSON.stringify(value) !== undefined;
}
