import type { JsonSchema } from "@atomic-agents/contracts";
import { AtomicError, startWork } from "@atomic-agents/core";
import { header } from "../wire.ts";
import { readJson } from "./answer-json.ts";
import type { ResolvedClientOptions } from "./client-options.ts";
import { badAnswerError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ServiceAnswer } from "./exchange.ts";
import type { Transport } from "./transport.ts";

/** An agent as its service describes it. */
export interface RemoteDescription {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  readonly input: JsonSchema | boolean;
  readonly output: JsonSchema | boolean;
}

/** The most that a description of all of a service's agents may hold. */
const maxInterfaceBytes = 4 * 1_048_576;

/**
 * What a service says of itself: one agent, or several.
 *
 * @throws AtomicError `CONNECTION`, or what the service answers, such as `UNAUTHENTICATED`
 */
export async function fetchInterface(
  transport: Transport,
  endpoint: Endpoint,
  options: ResolvedClientOptions,
): Promise<RemoteDescription | readonly RemoteDescription[]> {
  const url = `${endpoint.url}/interface`;
  const { interfaceTimeoutMs: timeoutMs, authorization } = options;
  const run = startWork(
    `interface of ${endpoint.url}`,
    async (ctx) => {
      const answer = await transport.exchange({
        method: "GET",
        path: `${endpoint.basePath}/interface`,
        headers: {
          accept: "application/json",
          "accept-encoding": "identity",
          [header.requestId]: ctx.requestId,
          ...(authorization !== undefined && { authorization: authorization() }),
        },
        body: undefined,
        signal: ctx.signal,
        headersTimeoutMs: timeoutMs,
        bodyTimeoutMs: timeoutMs,
        maxBytes: maxInterfaceBytes,
        isRepeatable: true,
      });
      return descriptionsOf(url, answer);
    },
    { timeoutMs, signal: options.signal },
  );
  const result = await run.result;
  if (result.ok) return result.output;
  throw withoutWork(result.error, url, timeoutMs);
}

/** Nothing is executed where only a description was asked for. */
function withoutWork(error: AtomicError, url: string, timeoutMs: number): AtomicError {
  const { message, cause, hint } = error;
  if (AtomicError.isInstance(error, "TIMEOUT") && error.cause === undefined) {
    return new AtomicError("CONNECTION", `${url} did not answer within ${timeoutMs} ms`, {
      details: { executed: "no", url },
      cause: error,
    });
  }
  if (!AtomicError.isInstance(error, "CONNECTION")) return error;
  return new AtomicError("CONNECTION", message, {
    details: { ...error.details, executed: "no" },
    cause,
    hint,
  });
}

function descriptionsOf(
  url: string,
  answer: ServiceAnswer,
): RemoteDescription | readonly RemoteDescription[] {
  const json = readJson(url, answer);
  const agents = isObject(json) ? json["agents"] : undefined;
  const bad = (what: string): AtomicError => badAnswerError(url, what, answer, answer.body);
  if (Array.isArray(agents)) return agents.map((one) => descriptionOf(one, bad));
  return descriptionOf(json, bad);
}

function descriptionOf(json: unknown, bad: (what: string) => AtomicError): RemoteDescription {
  if (!isObject(json)) throw bad("does not describe an agent");
  const { name, version, description, capabilities, input, output } = json;
  if (typeof name !== "string" || name.trim() === "" || name.length > 200 || name.includes("/")) {
    throw bad("describes an agent without a name");
  }
  if (typeof description !== "string" || description.trim() === "") {
    throw bad(`describes the agent "${name}" without a description`);
  }
  if (!isSchemaDocument(input) || !isSchemaDocument(output)) {
    throw bad(`describes the agent "${name}" without the schemas of its input and output`);
  }
  return {
    name,
    description,
    version: typeof version === "string" && version !== "" ? version : "1.0.0",
    capabilities: Array.isArray(capabilities)
      ? capabilities.filter((one): one is string => typeof one === "string" && one !== "")
      : [],
    input,
    output,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSchemaDocument(value: unknown): value is JsonSchema | boolean {
  return typeof value === "boolean" || isObject(value);
}
