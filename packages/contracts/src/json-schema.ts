import type { AnySchema } from "./schema.ts";

/** A JSON Schema of draft 2020-12. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: JsonSchema | boolean };
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [key: string]: JsonSchema | boolean };
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly (JsonSchema | boolean)[];
  readonly anyOf?: readonly (JsonSchema | boolean)[];
  readonly oneOf?: readonly (JsonSchema | boolean)[];
  readonly allOf?: readonly (JsonSchema | boolean)[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
  readonly [keyword: string]: unknown;
}

/** Which side of a schema: what it accepts, or what it hands on. */
export type Io = "input" | "output";

/** Why a contract is not JSON, and where. */
export interface JsonProblem {
  readonly path: string;
  readonly reason: string;
}

export function toJsonSchema(schema: AnySchema, io: Io): JsonSchema {
  // Every vendor but Valibot has it; told apart when this is furnished.
  const standard = schema["~standard"] as unknown as { jsonSchema: Record<Io, (o: object) => JsonSchema> };
  return standard.jsonSchema[io]({ target: "draft-2020-12" });
}

export function jsonProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  try {
    toJsonSchema(schema, io);
    return [];
  } catch (error) {
    return [{ path: "", reason: String(error) }];
  }
}
