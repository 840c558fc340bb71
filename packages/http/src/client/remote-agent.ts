import { describeIssues } from "@atomic-agents/contracts";
import {
  type Agent,
  AtomicError,
  configError,
  type Context,
  defineAgent,
  withPolicy,
} from "@atomic-agents/core";
import { callService, type CallTarget } from "./call-service.ts";
import { type Expectation, type Expected, type RemoteSchemas, schemasOf } from "./check-fit.ts";
import { type ClientOptions, resolveClientOptions } from "./client-options.ts";
import { agentEndpoint, endpointOf } from "./endpoint.ts";
import { fetchInterface, type RemoteDescription } from "./fetch-interface.ts";
import { shareTransport } from "./share-transport.ts";

/** How a remote agent is found and called. */
export interface RemoteAgentOptions<TExpected extends Expectation | undefined = Expectation | undefined>
  extends ClientOptions {
  /** Which one, at a service of several. */
  readonly agent?: string | undefined;
  /** What it shall be: an agent, or `{ input, output }` of schemas. The types come from it, and the interface is checked. */
  readonly expect?: TExpected;
}

/** What a remote agent has besides. */
export interface Remote extends AsyncDisposable {
  /** Where it is. */
  readonly url: string;
  /** Gives its connections back when the calls in flight have ended; further calls may fail with `CONNECTION`. */
  readonly close: () => Promise<void>;
}

/** An agent that does its work at a service. */
export type RemoteAgent<TInput, TOutput> = Agent<TInput, TOutput> & Remote;

/**
 * Makes an agent of one that is served over HTTP: with the name, description and schemas that the service tells. It is
 * an agent like any other, so it may stand in pipelines, under policies and behind a service again.
 *
 * An input is checked here and sent as it was given; an output is checked here again. The call passes on what is left of
 * the run's deadline, budget and trace, its ids and metadata, and an idempotency key where one is wanted; what it has spent is spent from the run's
 * budget. When the run is cancelled or out of time, the remote run is cancelled. Redirects are not followed.
 *
 * With `expect`, `fit` says whether what the caller gives is what the agent takes, and what it gives what the caller
 * expects: `never` refuses, and with `strict` so does all but `always`.
 *
 * An error of the remote agent is the one that it would be here, and its `cause` holds the ids it has over there. A call
 * that is not answered properly fails with `CONNECTION`, whose `details.executed` is `no` when surely nothing was done:
 * the service could not be reached, or the request was not sent.
 *
 * @throws AtomicError `CONNECTION` when there is no service; `INCOMPATIBLE` when it is another agent than expected;
 * `NOT_FOUND` when there is no such agent; `UNAUTHENTICATED` or `FORBIDDEN` for the token; `CONFIG` for wrong options
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ text: z.string() }),
 *   execute: ({ text }) => ({ text: text.toUpperCase() }),
 * });
 * const log = createLog({ level: "silent" });
 * await using service = await serve(shout, { port: 0, log, handleSignals: false, drainDelayMs: 0 });
 *
 * await using remote = await remoteAgent(service.url, { expect: shout });
 * console.log(remote.name, await remote.run({ text: "hello" })); // => shout { text: 'HELLO' }
 * ```
 */
export function remoteAgent<TExpected extends Expectation>(
  url: string | URL,
  options: RemoteAgentOptions<TExpected> & { readonly expect: TExpected },
): Promise<Expected<TExpected> & Remote>;
export function remoteAgent(
  url: string | URL,
  options?: RemoteAgentOptions<undefined>,
): Promise<RemoteAgent<unknown, unknown>>;
export async function remoteAgent(
  url: string | URL,
  options: RemoteAgentOptions = {},
): Promise<RemoteAgent<never, unknown>> {
  const what = "remoteAgent";
  const service = endpointOf(what, url);
  const resolved = resolveClientOptions(what, options, ["agent", "expect"]);
  const { agent: name, expect } = options;
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw configError(what, "agent", "the name of an agent", name);
  }
  checkExpectation(what, "expect", expect);
  const endpoint = name === undefined ? service : agentEndpoint(service, name);
  const share = shareTransport(endpoint.origin, resolved);
  try {
    const found = await fetchInterface(share.transport, endpoint, resolved);
    const target: CallTarget = { transport: share.transport, endpoint, options: resolved };
    const agent = agentAt(target, onlyOne(endpoint.url, found), expect);
    return Object.freeze({
      ...agent,
      url: endpoint.url,
      close: share.close,
      [Symbol.asyncDispose]: share.close,
    });
  } catch (error) {
    await share.close();
    throw error;
  }
}

/** The agent at a place, as its service describes it. */
export function agentAt(
  target: CallTarget,
  description: RemoteDescription,
  expect: Expectation | undefined,
): Agent<never, unknown> {
  const { options, endpoint } = target;
  const schemas = schemasOf(endpoint.url, description, expect, options);
  const agent = defineAgent({
    name: description.name,
    description: description.description,
    version: description.version,
    capabilities: description.capabilities,
    input: schemas.input,
    output: schemas.output,
    execute: async (input: unknown, ctx: Context) => {
      const output = await callService(target, input, ctx);
      if (schemas.given !== schemas.output) await checkGiven(description.name, schemas, output);
      return output;
    },
  });
  return options.timeoutMs === undefined ? agent : withPolicy(agent, { timeoutMs: options.timeoutMs });
}

/** The service keeps to what it says of itself, and not only to what is expected of it. */
async function checkGiven(name: string, { given }: RemoteSchemas, output: unknown): Promise<void> {
  const checked = await given["~standard"].validate(output);
  if (checked.issues === undefined) return;
  const issues = describeIssues(given, checked.issues, output);
  const [first] = issues;
  throw new AtomicError(
    "VALIDATION_OUTPUT",
    `Agent "${name}" gave an output that breaks its contract: ${first?.path ?? ""}: ${first?.message ?? ""}`,
    { details: { issues } },
  );
}

/** @throws AtomicError `CONFIG` */
export function checkExpectation(what: string, path: string, expect: unknown): void {
  if (expect === undefined) return;
  if (typeof expect === "object" && expect !== null && "input" in expect && "output" in expect) return;
  throw configError(what, path, "an agent, or { input, output } of schemas", expect);
}

/** The agent, where there is one. @throws AtomicError `NOT_FOUND` */
export function onlyOne(
  url: string,
  found: RemoteDescription | readonly RemoteDescription[],
): RemoteDescription {
  if (!isList(found)) return found;
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const names = found.map(({ name }) => name).join(", ");
  throw new AtomicError("NOT_FOUND", `${url} serves several agents: ${names}`, {
    details: { what: "agent", name: "" },
    hint: "Say which one: { agent: NAME }, or the address with /agents/NAME.",
  });
}

function isList(
  found: RemoteDescription | readonly RemoteDescription[],
): found is readonly RemoteDescription[] {
  return Array.isArray(found);
}
