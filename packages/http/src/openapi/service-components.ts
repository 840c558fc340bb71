import { header } from "../wire.ts";
import { problemStatuses } from "./problem-responses.ts";
import { schemaReference } from "./operation.ts";

const text = { type: "string" };

function headerParameter(name: string, description: string, schema: object, example?: unknown): object {
  return { name, in: "header", description, schema, ...(example !== undefined && { example }) };
}

/** The headers that a caller may send, by the names of their components. */
export const parameters = {
  Timeout: headerParameter(
    header.timeout,
    "How long the caller waits at most, in milliseconds from now. The service may wait less, never longer.",
    { type: "integer", minimum: 1 },
  ),
  Budget: headerParameter(
    header.budget,
    "What the call may spend. The service may have lower limits of its own.",
    text,
    "calls=3, tokens=1000, money=0.5",
  ),
  RequestId: headerParameter(header.requestId, "Goes into the log and comes back; made when absent.", text),
  TraceParent: headerParameter(header.traceParent, "W3C trace context that the run becomes part of.", text),
  IdempotencyKey: headerParameter(
    header.idempotencyKey,
    "A repeated request with the same key and body gets the first answer again, and the agent is not run again.",
    text,
  ),
  Prefer: headerParameter(
    "prefer",
    "`respond-async`: answers 202 at once; the run is to be looked at under `Location`.",
    { type: "string", enum: ["respond-async"] },
  ),
  RunId: { name: "id", in: "path", required: true, description: "The id of a run.", schema: text },
} as const;

export const headers = {
  RunId: { description: "The run that the request became.", schema: text },
  RequestId: { description: "The id of the request, as in the log.", schema: text },
  Spent: { description: "What the call has spent: `calls=1, tokens=310`.", schema: text },
  Replayed: {
    description: "`true` on an answer that was given before to a request with the same key.",
    schema: { type: "string", enum: ["true"] },
  },
  Location: {
    description: "Where the run is to be looked at.",
    schema: { ...text, format: "uri-reference" },
  },
  RetryAfter: { description: "After how many seconds to try again.", schema: { type: "integer" } },
  Challenge: { description: "`Bearer`.", schema: text },
} as const;

/** Headers that come with an answer of a status, beside the request id. */
const headersOf: Readonly<Record<number, readonly (readonly [string, keyof typeof headers])[]>> = {
  401: [["www-authenticate", "Challenge"]],
  429: [["retry-after", "RetryAfter"]],
  503: [["retry-after", "RetryAfter"]],
};

/** `Problem` for any status, and one for each that the catalogue has. */
export function problemResponses(): Readonly<Record<string, object>> {
  const content = { "application/problem+json": { schema: schemaReference("Problem") } };
  const headersFor = (status: number) =>
    Object.fromEntries(
      [["x-request-id", "RequestId"] as const, ...(headersOf[status] ?? [])].map(([name, component]) => [
        name,
        { $ref: `#/components/headers/${component}` },
      ]),
    );
  return Object.fromEntries([
    ["Problem", { description: "Something went wrong.", headers: headersFor(0), content }],
    ...[...problemStatuses()].map(([status, description]) => [
      `Problem${status}`,
      { description, headers: headersFor(status), content },
    ]),
  ]);
}
