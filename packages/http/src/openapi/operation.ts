import type { JsonSchema } from "@atomic-agents/contracts";

type Reference = { readonly $ref: string };

interface MediaType {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

/** The parts of an Operation Object that are used here. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (Reference | Readonly<Record<string, unknown>>)[];
  readonly requestBody?: {
    readonly required: true;
    readonly description?: string;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

export const json = "application/json";

export function schemaReference(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}

export function parameterReference(name: string): Reference {
  return { $ref: `#/components/parameters/${name}` };
}

export function headerReferences(
  ...names: readonly (readonly [header: string, component: string])[]
): Readonly<Record<string, Reference>> {
  return Object.fromEntries(
    names.map(([name, component]) => [name, { $ref: `#/components/headers/${component}` }]),
  );
}

/** References to the responses for these statuses, and to the one for any other. */
export function problems(...statuses: readonly number[]): Readonly<Record<string, Reference>> {
  const entries = statuses.map((status) => [
    String(status),
    { $ref: `#/components/responses/Problem${status}` },
  ]);
  return Object.fromEntries([...entries, ["default", { $ref: "#/components/responses/Problem" }]]);
}
