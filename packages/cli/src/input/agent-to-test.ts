import type { AnyAgent } from "@atomic-agents/core";
import { remoteAgent } from "@atomic-agents/http/client";
import { type Loading, namedAgent, type ProjectChoice } from "./named-agent.ts";
import { serviceToken } from "./service-token.ts";

/**
 * The agent that a user calls by a name, or the one at the address of a service; with the token of the environment.
 *
 * @throws UsageError as `namedAgent`; AtomicError as `remoteAgent`
 */
export async function agentToTest(
  reference: string,
  choice: ProjectChoice,
  loading: Loading,
): Promise<AnyAgent> {
  if (!/^https?:\/\//i.test(reference)) return namedAgent(reference, choice, loading);
  const { signal, timeoutMs } = loading;
  const token = await serviceToken(undefined, signal);
  // Its connections end with the process that tests it.
  return remoteAgent(reference, { token, signal, interfaceTimeoutMs: timeoutMs });
}
