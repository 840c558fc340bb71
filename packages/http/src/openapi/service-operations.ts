import {
  headerReferences,
  json,
  type Operation,
  parameterReference,
  problems,
  schemaReference,
} from "./operation.ts";

const run = { [json]: { schema: schemaReference("Run") } };
const runTag = ["Runs"];
const serviceTag = ["Service"];

function health(operationId: string, summary: string): Operation {
  const content = { [json]: { schema: schemaReference("Health") } };
  return {
    operationId,
    summary,
    tags: serviceTag,
    security: [],
    responses: { "200": { description: "Yes.", content }, ...problems(503) },
  };
}

function start(operationId: string, summary: string, ...failures: readonly number[]): Operation {
  return {
    operationId,
    summary,
    tags: serviceTag,
    responses: {
      "200": { description: "The paths.", content: { [json]: { schema: { type: "object" } } } },
      "302": { description: "The page of documentation, for who takes `text/html`." },
      ...problems(...failures),
    },
  };
}

export const serviceTags = [
  { name: "Runs", description: "What has become of calls." },
  { name: "Service", description: "The service itself." },
];

/** What every service has once, by path and method. */
export function serviceOperations(
  isOfSeveral: boolean,
): Readonly<Record<string, Readonly<Record<string, Operation | readonly object[]>>>> {
  return {
    "/runs/{id}": {
      parameters: [parameterReference("RunId")],
      get: {
        operationId: "getRun",
        summary: "The status and report of a run",
        description: "Runs are kept for a limited time, at the instance that they ran on.",
        tags: runTag,
        responses: { "200": { description: "The run.", content: run }, ...problems(401, 403, 404) },
      },
      delete: {
        operationId: "cancelRun",
        summary: "Cancel a run",
        tags: runTag,
        responses: {
          "200": { description: "The run had ended already.", content: run },
          "202": { description: "The run is being cancelled.", content: run },
          ...problems(401, 403, 404),
        },
      },
    },
    ...(isOfSeveral && {
      "/interface": {
        get: {
          operationId: "describeAll",
          summary: "The contracts of all agents",
          tags: serviceTag,
          responses: {
            "200": {
              description: "The contracts.",
              content: {
                [json]: {
                  schema: {
                    type: "object",
                    properties: { agents: { type: "array", items: schemaReference("AgentInterface") } },
                    required: ["agents"],
                  },
                },
              },
            },
            ...problems(401, 403),
          },
        },
      },
    }),
    "/openapi.json": {
      get: {
        operationId: "getOpenApi",
        summary: "This document",
        tags: serviceTag,
        responses: {
          "200": { description: "OpenAPI 3.1.", content: { [json]: { schema: { type: "object" } } } },
          ...problems(401, 403),
        },
      },
    },
    "/docs": {
      get: {
        operationId: "getDocs",
        summary: "This document as a page, where calls can be tried",
        tags: serviceTag,
        security: [],
        responses: {
          "200": { description: "The page.", content: { "text/html": { schema: { type: "string" } } } },
          "401": {
            description: "The same page, which asks for a token first.",
            headers: headerReferences(["www-authenticate", "Challenge"]),
            content: { "text/html": { schema: { type: "string" } } },
          },
        },
      },
    },
    "/": { get: start("getStart", "Where everything is", 401) },
    "/agents/{agent}": {
      parameters: [{ name: "agent", in: "path", required: true, schema: { type: "string" } }],
      get: start("getAgentStart", "Where everything of an agent is", 401, 404),
    },
    "/metrics": {
      get: {
        operationId: "getMetrics",
        summary: "Metrics in the text format of Prometheus",
        tags: serviceTag,
        responses: {
          "200": { description: "The metrics.", content: { "text/plain": { schema: { type: "string" } } } },
          ...problems(401, 403),
        },
      },
    },
    "/health": { get: health("getHealth", "Whether the process is alive") },
    "/ready": { get: health("getReady", "Whether calls are taken") },
  };
}
