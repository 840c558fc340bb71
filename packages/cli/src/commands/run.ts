import { findAgent } from "@atomic-agents/project";
import { agentInput } from "../input/agent-input.ts";
import type { Session } from "../terminal/session.ts";
import { checkRunAgentOptions, runAgent, type RunAgentOptions } from "./run-agent.ts";

/** Options of `atomic run`. */
export interface RunCommandOptions extends RunAgentOptions {
  readonly input?: string;
  readonly set: readonly string[];
  /** Milliseconds. */
  readonly loadTimeout?: number;
}

/** `atomic run`: finds an agent, runs it once, and writes what it gives. */
export async function runCommand(
  name: string,
  text: string | undefined,
  options: RunCommandOptions,
  session: Session,
): Promise<void> {
  checkRunAgentOptions(options);
  const { signal } = session.interruption;
  const agent = await findAgent(name, { signal, timeoutMs: options.loadTimeout });
  const input = await agentInput(
    agent,
    { reference: name, text, input: options.input, set: options.set },
    signal,
  );
  await runAgent(agent, input, { ...options, reference: name }, session);
}
