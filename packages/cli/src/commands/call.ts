import { AtomicError } from "@atomic-agents/core";
import { type RemoteAgent, remoteAgent, type RemoteAgentOptions } from "@atomic-agents/http/client";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { agentInput } from "../input/agent-input.ts";
import { serviceToken } from "../input/service-token.ts";
import { shellWord } from "../output/shell-word.ts";
import { callHint } from "../serving/call-hint.ts";
import { checkServiceAddress } from "../serving/service-address.ts";
import { wrongAgentHint } from "../serving/wrong-agent.ts";
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

/** How long a service may take to describe itself, where `--timeout` says no less. */
const longestAskMs = 10_000;

/** `atomic call`: runs an agent of a service once. */
export async function callCommand(
  { url, agent: name, text }: ServiceCall,
  options: CallOptions,
  session: Session,
): Promise<void> {
  checkRunAgentOptions(options);
  checkServiceAddress(url);
  const { input, set, tokenFile, stream } = options;
  const { signal } = session.interruption;
  const token = await serviceToken(tokenFile, signal);
  const { timeout } = options;
  // The run's own limit comes first, and says what was asked for.
  const timeoutMs = timeout === undefined ? undefined : Math.min(timeout + 1_000, longestMs);
  // Who waits no longer for the work does not wait longer for what it is either.
  const interfaceTimeoutMs = timeout === undefined ? undefined : Math.min(timeout, longestAskMs);
  const agent = await find(url, { agent: name, token, stream, signal, timeoutMs, interfaceTimeoutMs });
  try {
    const reference = [url, ...(name === undefined ? [] : [name])].map(shellWord).join(" ");
    const describedBy = `${agent.url}/interface`;
    const commands = { describe: describedBy, run: `atomic call ${reference}` };
    const given = await agentInput(agent, { reference, text, input, set, commands }, signal);
    const settings = { reference, describedBy, isRemote: true, showsDrafts: stream, hintOf: callHint };
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
    const hint = await hintOf(error, url, options);
    // No agent has failed: none was asked to work.
    throw new CommandFailure(
      error.with({ hint, agent: undefined }),
      isUsage ? exitCodes.usage : exitCodes.failed,
    );
  }
}

/** Some hints speak to who writes a program. */
async function hintOf(
  error: AtomicError,
  url: string,
  options: RemoteAgentOptions<undefined>,
): Promise<string | undefined> {
  if (AtomicError.isInstance(error, "UNAUTHENTICATED")) {
    return error.details.problem === "missing"
      ? "Give the token in the variable ATOMIC_TOKEN, or in a file by --token-file."
      : "Is the token in the variable ATOMIC_TOKEN, or in the file of --token-file, one of this service's?";
  }
  if (AtomicError.isInstance(error, "NOT_FOUND")) {
    const isUnsaid = error.details.name === "" && options.agent === undefined;
    return isUnsaid
      ? "Name one after the address: atomic call URL AGENT."
      : wrongAgentHint(url, options.agent, options);
  }
  return callHint(error);
}
