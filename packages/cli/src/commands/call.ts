import { AtomicError } from "@atomic-agents/core";
import { type RemoteAgent, remoteAgent, type RemoteAgentOptions } from "@atomic-agents/http/client";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { agentInput } from "../input/agent-input.ts";
import { serviceToken } from "../input/service-token.ts";
import { shellWord } from "../output/shell-word.ts";
import type { Session } from "../terminal/session.ts";
import { checkRunAgentOptions, runAgent, type RunAgentOptions } from "./run-agent.ts";

/** Options of `atomic call`. */
export interface CallOptions extends RunAgentOptions {
  readonly input?: string;
  readonly set: readonly string[];
  readonly tokenFile?: string;
  readonly stream?: boolean;
}

/** What `atomic call` was called with, besides the options. */
export interface ServiceCall {
  readonly url: string;
  readonly agent: string | undefined;
  readonly text: string | undefined;
}

/** The longest span of time that timers take. */
const longestMs = 2_147_483_647;

/** `atomic call`: runs an agent of a service once. */
export async function callCommand(
  { url, agent: name, text }: ServiceCall,
  options: CallOptions,
  session: Session,
): Promise<void> {
  checkRunAgentOptions(options);
  const { input, set, tokenFile, stream } = options;
  const { signal } = session.interruption;
  const token = await serviceToken(tokenFile, signal);
  const { timeout } = options;
  // The run's own limit comes first, and says what was asked for.
  const timeoutMs = timeout === undefined ? undefined : Math.min(timeout + 1_000, longestMs);
  const agent = await find(url, { agent: name, token, stream, signal, timeoutMs });
  try {
    const reference = [url, ...(name === undefined ? [] : [name])].map(shellWord).join(" ");
    const describedBy = `${agent.url}/interface`;
    const commands = { describe: describedBy, run: `atomic call ${reference}` };
    const given = await agentInput(agent, { reference, text, input, set, commands }, signal);
    const settings = { reference, describedBy, isRemote: true, showsDrafts: stream };
    await runAgent(agent, given, { ...options, ...settings }, session);
  } finally {
    await agent.close();
  }
}

/** @throws CommandFailure when there is no such agent, or no such service */
async function find(
  url: string,
  options: RemoteAgentOptions<undefined>,
): Promise<RemoteAgent<unknown, unknown>> {
  try {
    return await remoteAgent(url, options);
  } catch (error) {
    if (!AtomicError.isInstance(error)) throw error;
    const isUsage = AtomicError.isInstance(error, "NOT_FOUND", "CONFIG");
    throw new CommandFailure(withHint(error), isUsage ? exitCodes.usage : exitCodes.failed);
  }
}

/** Some hints speak to who writes a program. */
function withHint(error: AtomicError): AtomicError {
  if (AtomicError.isInstance(error, "UNAUTHENTICATED")) {
    const hint = "Give the token in the variable ATOMIC_TOKEN, or in a file by --token-file.";
    return error.with({ hint });
  }
  if (AtomicError.isInstance(error, "NOT_FOUND") && error.details.name === "") {
    return error.with({ hint: "Name one after the address: atomic call URL AGENT." });
  }
  return error;
}
