import { type AnyAgent, AtomicError, checkKeys, isAgent } from "@atomic-agents/core";
import type { CallTarget } from "./call-service.ts";
import type { Expectation, Expected } from "./check-fit.ts";
import { type ClientOptions, resolveClientOptions } from "./client-options.ts";
import { agentEndpoint, type Endpoint, endpointOf } from "./endpoint.ts";
import { fetchInterface, type RemoteDescription } from "./fetch-interface.ts";
import { agentAt, checkExpectation } from "./remote-agent.ts";
import { shareTransport } from "./share-transport.ts";

/** Agents by their names, or by these in camel case: `countWords` is `count-words`. */
export type ExpectedAgents = Readonly<Record<string, Expectation>>;

/** How a service is called. */
export interface CreateClientOptions<TAgents extends ExpectedAgents = ExpectedAgents> extends ClientOptions {
  /** What its agents shall be: their interfaces are checked, each under the name of the agent that is given. */
  readonly expect?: TAgents | undefined;
}

/** All agents of a service. */
export interface Client<TAgents extends ExpectedAgents> extends AsyncDisposable {
  readonly url: string;
  /** The names of the agents that are served. */
  readonly names: readonly string[];
  /** Each is made when it is first asked for. @throws AtomicError `NOT_FOUND` for one that is not served */
  readonly agents: { readonly [K in keyof TAgents]: Expected<TAgents[K]> };
  /** Closes the connections when the calls in flight have ended. */
  readonly close: () => Promise<void>;
}

/**
 * The agents of a service by their names, as `remoteAgent` makes them, over the same connections. Give the type of the
 * agents that are served, or the agents themselves as `expect`: then it is checked that they are the same.
 *
 * @throws AtomicError as `remoteAgent`
 * @example
 * ```ts
 * const countWords = defineAgent({
 *   name: "count-words",
 *   description: "Counts words.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text) => text.split(" ").length,
 * });
 * const agents = { countWords };
 * const log = createLog({ level: "silent" });
 * await using service = await serve(Object.values(agents), {
 *   port: 0,
 *   log,
 *   handleSignals: false,
 *   drainDelayMs: 0,
 * });
 *
 * await using client = await createClient<typeof agents>(service.url);
 * console.log(await client.agents.countWords.run("one two")); // => 2
 * ```
 */
export async function createClient<TAgents extends ExpectedAgents>(
  url: string | URL,
  options: CreateClientOptions<TAgents> = {},
): Promise<Client<TAgents>> {
  const what = "createClient";
  const endpoint = endpointOf(what, url);
  const resolved = resolveClientOptions(what, options, ["expect"]);
  const expect: ExpectedAgents = options.expect ?? {};
  checkKeys(what, expect, Object.keys(expect));
  for (const [key, one] of Object.entries(expect)) checkExpectation(what, `expect.${key}`, one);
  const { transport, close } = shareTransport(endpoint.origin, resolved);
  try {
    const found = await fetchInterface(transport, endpoint, resolved);
    const isOnly = !Array.isArray(found);
    // What is no list is one description.
    const served = (isOnly ? [found] : found) as readonly RemoteDescription[];
    const byName = new Map(served.map((one) => [one.name, one]));
    const make = (key: string): AnyAgent => {
      const expected: Expectation | undefined = Object.hasOwn(expect, key) ? expect[key] : undefined;
      const description = byName.get(isAgent(expected) ? expected.name : key) ?? byName.get(kebab(key));
      if (description === undefined) throw notServed(endpoint, key, [...byName.keys()]);
      const place = isOnly ? endpoint : agentEndpoint(endpoint, description.name);
      const target: CallTarget = { transport, endpoint: place, options: resolved };
      return agentAt(target, description, expected);
    };
    const made = new Map<string, AnyAgent>();
    for (const key of Object.keys(expect)) made.set(key, make(key));
    // Their types are what the caller says that they are; with `expect` it has been checked.
    const agents = agentsByName([...byName.keys()], made, make) as Client<TAgents>["agents"];
    return {
      url: endpoint.url,
      names: [...byName.keys()],
      agents,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** An object with a property for each name, which is made when it is read. */
function agentsByName(
  names: readonly string[],
  made: Map<string, AnyAgent>,
  make: (key: string) => AnyAgent,
): Readonly<Record<string, AnyAgent>> {
  const get = (key: string): AnyAgent => {
    const agent = made.get(key) ?? make(key);
    made.set(key, agent);
    return agent;
  };
  const agents: Record<string, AnyAgent> = Object.create(null) as Record<string, AnyAgent>;
  for (const name of new Set([...made.keys(), ...names])) {
    Object.defineProperty(agents, name, { enumerable: true, get: () => get(name) });
  }
  Object.freeze(agents);
  return new Proxy(agents, {
    get: (target, key) => {
      // What is asked of any object, to see whether it is a promise or how it is shown.
      if (typeof key === "symbol" || (key in Promise.prototype && !(key in target)) || key === "toJSON") {
        return undefined;
      }
      return get(key);
    },
  });
}

function kebab(key: string): string {
  return key.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}

function notServed(endpoint: Endpoint, key: string, names: readonly string[]): AtomicError<"NOT_FOUND"> {
  return new AtomicError("NOT_FOUND", `There is no agent "${key}" at ${endpoint.url}`, {
    details: { what: "agent", name: key },
    hint: `It serves ${names.join(", ")}.`,
  });
}
