import type { JsonSchema } from "@atomic-agents/contracts";
import type { AgentDescription, AgentPart } from "@atomic-agents/core";
import { agentOperations, type DocumentedAgent } from "./agent-operations.ts";
import { agentPath } from "./agent-paths.ts";
import { findByPointer } from "./find-by-pointer.ts";
import type { Operation } from "./operation.ts";
import { SchemaComponents } from "./schema-components.ts";
import { headers, parameters, problemResponses } from "./service-components.ts";
import { serviceOperations, serviceTags } from "./service-operations.ts";
import { serviceSchemas } from "./service-schemas.ts";
import { isObject } from "./is-object.ts";

/** What a document says of a service. */
export interface OpenApiFacts {
  /** The agents that it is about. */
  readonly agents: readonly AgentDescription[];
  /**
   * Whether they are at the service's root (`/execute`), as the only agent of a service is, or each under
   * `/agents/NAME`.
   */
  readonly isAtRoot: boolean;
  /** Whether the service asks for tokens. */
  readonly isSecured: boolean;
  /** Where the service's root is from the document: `.` unless said otherwise. */
  readonly serverUrl?: string;
}

/** What a tag says of its agent, for readers that know it. */
interface AgentExtension {
  readonly version: string;
  readonly kind: string;
  readonly capabilities: readonly string[];
  readonly basePath: string;
  readonly input: string;
  readonly output: string;
  readonly parts: readonly AgentPart[];
}

/** An OpenAPI document, as far as it is read here. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly {
    readonly name: string;
    readonly description?: string;
    readonly "x-atomic-agent"?: AgentExtension;
  }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly security?: readonly unknown[];
}

/**
 * The OpenAPI 3.1 document of a service: all routes, the agents' schemas as components, and every way to fail. It says
 * the same for the same facts.
 */
export function buildOpenApi({
  agents,
  isAtRoot,
  isSecured,
  serverUrl = ".",
}: OpenApiFacts): OpenApiDocument {
  const schemas = new SchemaComponents();
  for (const [name, schema] of Object.entries(serviceSchemas)) schemas.put(name, schema);
  const names = componentNames(agents);
  // Taken before there are definitions, which give way.
  for (const name of names) for (const side of ["Input", "Output"]) schemas.put(`${name}${side}`, {});
  const documented = agents.map((description, index): DocumentedAgent => {
    const componentName = names[index] ?? "Agent";
    return {
      description,
      componentName,
      basePath: isAtRoot ? "" : agentPath(description.name),
      input: schemas.add(`${componentName}Input`, description.input ?? {}),
      output: schemas.add(`${componentName}Output`, description.output ?? {}),
    };
  });
  const components = schemas.toJSON();
  const find = (reference: string) => findByPointer({ components: { schemas: components } }, reference);

  const paths = Object.assign(
    {},
    ...documented.map((agent) => agentOperations(agent, find)),
    serviceOperations(!isAtRoot),
  ) as OpenApiDocument["paths"];
  return {
    openapi: "3.1.0",
    info: infoOf(agents, isAtRoot),
    // The schemas are plain JSON Schema, without OpenAPI's own keywords.
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    servers: [{ url: serverUrl }],
    ...(isSecured ? {} : { security: [] }),
    tags: [
      ...documented.map(tagOf),
      ...serviceTags.filter(({ name }) => agents.every((agent) => agent.name !== name)),
    ],
    paths: isSecured ? withScopes(paths) : paths,
    components: {
      schemas: components,
      responses: problemResponses(),
      parameters,
      headers,
      ...(isSecured && {
        securitySchemes: {
          bearer: {
            type: "http",
            scheme: "bearer",
            description: "A token that the service was given, with the scope that the operation names.",
          },
        },
      }),
    },
  } as OpenApiDocument;
}

function infoOf(agents: readonly AgentDescription[], isAtRoot: boolean): OpenApiDocument["info"] {
  const [first] = agents;
  if (first !== undefined && agents.length === 1) {
    const elsewhere = isAtRoot ? `\n\nThe same is under \`${agentPath(first.name)}\`.` : "";
    return { title: first.name, version: first.version, description: `${first.description}${elsewhere}` };
  }
  return {
    title: `${agents.length} agents`,
    // It changes whenever one of them does.
    version: agents.map(({ name, version }) => `${name}@${version}`).join(", ") || "0",
    description: agents.map(({ name, description }) => `- **${name}**: ${description}`).join("\n"),
  };
}

function tagOf({ description, basePath, input, output }: DocumentedAgent): OpenApiDocument["tags"][number] {
  const { name, version, kind, capabilities, parts } = description;
  return {
    name,
    description: description.description,
    "x-atomic-agent": {
      version,
      kind,
      capabilities,
      basePath,
      input: refOf(input),
      output: refOf(output),
      parts,
    },
  };
}

function refOf(schema: JsonSchema): string {
  return schema.$ref ?? "#";
}

/** The scope that each operation asks for; what is open has said so itself. */
function withScopes(paths: OpenApiDocument["paths"]): OpenApiDocument["paths"] {
  const withScope = (path: string, method: string, operation: Operation): Operation => {
    if (!isObject(operation) || operation.security !== undefined) return operation;
    // Which runs a token may see depends on whose they are.
    const scopes = path.startsWith("/runs/") ? [] : [method === "post" ? "execute" : "read"];
    return { ...operation, security: [{ bearer: scopes }] };
  };
  return mapValues(paths, (item, path) =>
    mapValues(item, (operation, method) => withScope(path, method, operation)),
  );
}

function mapValues<T>(
  object: Readonly<Record<string, T>>,
  change: (value: T, key: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** A name of its own for each agent, of letters and digits, as tools make types and functions of them. */
function componentNames(agents: readonly AgentDescription[]): readonly string[] {
  const taken = new Set<string>();
  return agents.map(({ name }) => {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const wanted = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
    const base = /^[A-Z]/.test(wanted) ? wanted : `Agent${wanted}`;
    let unique = base;
    for (let count = 2; taken.has(unique.toLowerCase()); count += 1) unique = `${base}${count}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
