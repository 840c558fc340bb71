import type { JsonSchema } from "@atomic-agents/contracts";
import type { AgentDescription } from "@atomic-agents/core";
import { statedExample, type FindSchema } from "./example-value.ts";
import {
  headerReferences,
  json,
  type Operation,
  parameterReference,
  problems,
  schemaReference,
} from "./operation.ts";

/** An agent as the document has it. */
export interface DocumentedAgent {
  readonly description: AgentDescription;
  /** Begins the names of its components, and ends those of its operations. */
  readonly componentName: string;
  /** Where it is: nothing, or `/agents/…`. */
  readonly basePath: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

const callHeaders = ["Timeout", "Budget", "RequestId", "TraceParent"];
const failures = [400, 401, 403, 408, 413, 415, 422, 429, 499, 500, 502, 503, 504];
const answerHeaders = headerReferences(["atomic-run-id", "RunId"], ["x-request-id", "RequestId"]);

/** What can be done with an agent, by path and method. */
export function agentOperations(
  agent: DocumentedAgent,
  find: FindSchema,
): Readonly<Record<string, Readonly<Record<string, Operation>>>> {
  const { componentName, basePath, description } = agent;
  const tags = [description.name];
  const body = {
    type: "object",
    properties: { input: agent.input, context: schemaReference("CallContext") },
    required: ["input"],
  };
  const answer = {
    type: "object",
    properties: {
      output: agent.output,
      runId: { type: "string" },
      durationMs: { type: "number", description: "How long the run took, in milliseconds." },
      status: {
        type: "string",
        enum: ["partial"],
        description: "There where a part of the work failed whose failure the output tells of.",
      },
    },
    required: ["output", "runId", "durationMs"],
  };
  const input = statedExample(agent.input, find);
  const output = statedExample(agent.output, find);
  const requestBody: Operation["requestBody"] = {
    required: true,
    content: { [json]: { schema: body, ...(input && { example: { input: input.value } }) } },
  };
  const answerExample = output && { example: { output: output.value, runId: "run-1", durationMs: 12.5 } };

  return {
    [`${basePath}/execute`]: {
      post: {
        operationId: `execute${componentName}`,
        summary: `Run ${description.name}`,
        description: description.description,
        tags,
        parameters: [...callHeaders, "IdempotencyKey", "Prefer"].map(parameterReference),
        requestBody,
        responses: {
          "200": {
            description: "The output.",
            headers: {
              ...answerHeaders,
              ...headerReferences(["atomic-spent", "Spent"], ["idempotent-replayed", "Replayed"]),
            },
            content: { [json]: { schema: answer, ...answerExample } },
          },
          "202": {
            description: "The run has begun, as `Prefer: respond-async` asks.",
            headers: { ...answerHeaders, ...headerReferences(["location", "Location"]) },
          },
          ...problems(...failures),
        },
      },
    },
    [`${basePath}/stream`]: {
      post: {
        operationId: `stream${componentName}`,
        summary: `Run ${description.name} and watch it`,
        description: `Server-sent events: \`run\` for what happens in the run, \`partial\` for drafts of the output (not validated), and one last \`output\` (the answer of \`${basePath}/execute\`) or \`error\` (a problem). Closing the connection cancels the run.`,
        tags,
        parameters: callHeaders.map(parameterReference),
        requestBody,
        responses: {
          "200": {
            description: "The events.",
            headers: answerHeaders,
            content: { "text/event-stream": { schema: { type: "string" } } },
          },
          ...problems(...failures),
        },
      },
    },
    [`${basePath}/records`]: {
      post: {
        operationId: `records${componentName}`,
        summary: `Run ${description.name} on each of many records`,
        description:
          'A line of JSON for each input, without limit to their number; a line for each answer, in the same order: `{ index, output }`, with `status: "partial"` where parts failed, or `{ index, error }`, a problem. What fails does not stop the rest. Closing the connection cancels it.',
        tags,
        parameters: [
          ...callHeaders.map(parameterReference),
          {
            name: "concurrency",
            in: "query",
            description: "How many records are worked on at a time; the service has a limit of its own.",
            schema: { type: "integer", minimum: 1 },
          },
        ],
        requestBody: {
          required: true,
          description: `Each line is an input: \`${agent.input.$ref ?? ""}\`.`,
          content: { "application/x-ndjson": { schema: { type: "string" } } },
        },
        responses: {
          "200": {
            description: "The answers, as they come.",
            headers: headerReferences(["x-request-id", "RequestId"]),
            content: { "application/x-ndjson": { schema: { type: "string" } } },
          },
          ...problems(400, 401, 403, 415, 503),
        },
      },
    },
    [`${basePath}/interface`]: {
      get: {
        operationId: `describe${componentName}`,
        summary: `The contract of ${description.name}`,
        tags,
        responses: {
          "200": {
            description: "The contract.",
            content: { [json]: { schema: schemaReference("AgentInterface") } },
          },
          ...problems(401, 403),
        },
      },
    },
    // At the root it is the service's own.
    ...(basePath !== "" && {
      [`${basePath}/openapi.json`]: {
        get: {
          operationId: `getOpenApiOf${componentName}`,
          summary: `What this document says of ${description.name}`,
          tags,
          responses: {
            "200": { description: "OpenAPI 3.1.", content: { [json]: { schema: { type: "object" } } } },
            ...problems(401, 403),
          },
        },
      },
    }),
  };
}
