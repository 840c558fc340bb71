import type { JsonSchema } from "@atomic-agents/contracts";
import { errorCatalog } from "@atomic-agents/core";

const text: JsonSchema = { type: "string" };

/** The schemas of what all services speak, whatever their agents; see `wire.ts`. */
export const serviceSchemas = {
  CallContext: {
    type: "object",
    description: "What travels with the run, and into its log.",
    properties: {
      requestId: text,
      userId: text,
      sessionId: text,
      metadata: { type: "object", description: "Anything that is JSON." },
    },
    additionalProperties: false,
  },
  Problem: {
    type: "object",
    description: "An error (RFC 9457), with the code of the error catalogue.",
    properties: {
      type: { type: "string", description: "`urn:atomic-agents:error:CODE`" },
      title: { type: "string", description: "What the code means." },
      status: { type: "integer" },
      detail: { type: "string", description: "What happened." },
      code: { type: "string", examples: Object.keys(errorCatalog).slice(0, 1) },
      requestId: { type: "string", description: "What to look for in the service's log." },
      runId: text,
      agent: text,
      stage: { type: "string", description: "Where in a pipeline it happened." },
      details: { description: "By code: see the error catalogue." },
      retryable: { type: "boolean", description: "Whether the same call may succeed another time." },
      hint: { type: "string", description: "What to try." },
      disposition: { type: "string", description: "What the stage's `onError` says of the record." },
      timestamp: { type: "string", format: "date-time" },
    },
    required: ["type", "title", "status", "detail", "code", "requestId", "retryable", "hint", "timestamp"],
  },
  RunStatus: {
    type: "string",
    enum: ["pending", "running", "waiting", "success", "partial", "failed", "cancelled"],
  },
  Run: {
    type: "object",
    description: "A run and its report so far.",
    properties: {
      id: text,
      agent: text,
      status: { $ref: "#/components/schemas/RunStatus" },
      report: { type: "object", description: "Per stage: status, attempts, durations, errors, spending." },
      output: { description: "What the agent gave, once it has." },
    },
    required: ["id", "agent", "status"],
  },
  AgentInterface: {
    type: "object",
    description: "An agent's contract.",
    properties: {
      name: text,
      version: text,
      kind: text,
      description: text,
      capabilities: { type: "array", items: text },
      input: { type: "object", description: "JSON Schema 2020-12 of what a caller gives." },
      output: { type: "object", description: "JSON Schema 2020-12 of what a caller receives." },
      parts: { type: "array", items: { type: "object" }, description: "The agents that it is composed of." },
    },
    required: ["name", "version", "description"],
  },
  Health: {
    type: "object",
    properties: { status: text },
    required: ["status"],
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;
