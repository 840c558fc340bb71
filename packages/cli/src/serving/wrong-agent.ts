import { createClient, type RemoteAgentOptions } from "@atomic-agents/http/client";
import { closest } from "@atomic-agents/project";
import { shellWord } from "../output/shell-word.ts";

/** What to try when a service has no agent of a name, or nothing at an address. */
export async function wrongAgentHint(
  url: string,
  name: string | undefined,
  options: RemoteAgentOptions<undefined>,
): Promise<string> {
  const [, base = url, named] = /^(.*?)\/agents\/([^/]+)/.exec(url) ?? [];
  const call = `atomic call ${shellWord(base)}`;
  if (named !== undefined && name !== undefined) {
    return `The address names an agent already: ${call} ${shellWord(decoded(named))} ${shellWord(name)}`;
  }
  const names = await namesAt(base, options);
  const wrong = name ?? (named === undefined ? "" : decoded(named));
  const near = closest(wrong, names);
  if (near !== undefined) return `Did you mean ${JSON.stringify(near)}?`;
  return names.length > 0
    ? `The agent is named before its input: ${call} ${shellWord(names[0] ?? "")} ${shellWord(wrong || "…")}`
    : "Is this where the service is, without a path after it?";
}

/** The agents that a service says it has; none when it does not say. */
async function namesAt(
  url: string,
  { token, signal, timeoutMs, interfaceTimeoutMs }: RemoteAgentOptions<undefined>,
): Promise<readonly string[]> {
  try {
    const client = await createClient(url, { token, signal, timeoutMs, interfaceTimeoutMs });
    await client.close();
    return client.names;
  } catch {
    // What is told is that the agent was not found.
    return [];
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
