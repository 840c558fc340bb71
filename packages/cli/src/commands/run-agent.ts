import { type AnyAgent, createLog, untyped } from "@atomic-agents/core";
import { exitCodes } from "../exit-codes.ts";
import { type Format, formatOf, formatResult } from "../output/format.ts";
import { writeOutput } from "../output/write-output.ts";
import { CommandFailure } from "../command-failure.ts";
import type { CommonOptions, Session } from "../terminal/session.ts";
import { watchRun } from "../terminal/watch-run.ts";

/** Options of the commands that run an agent. */
export interface RunAgentOptions extends CommonOptions {
  readonly output?: string;
  readonly format?: Format;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Runs an agent once, shows how it goes, and writes what it gives. @throws CommandFailure when the run fails */
export async function runAgent(
  agent: AnyAgent,
  input: unknown,
  options: RunAgentOptions,
  { status, interruption }: Session,
): Promise<void> {
  const verbose = options.verbose === true;
  const run = untyped(agent).start(input, {
    signal: interruption.signal,
    timeoutMs: options.timeout,
    log: createLog({ level: options.logLevel ?? (verbose ? "info" : "warn"), write: status.writeLine }),
  });
  const stopWatching = watchRun(run, status, verbose);
  const result = await run.result;
  // The last events are said before what comes after them.
  if (verbose) await Promise.resolve();
  stopWatching();
  if (!result.ok) {
    const isInput = result.error.code === "VALIDATION_INPUT" && (await isRefused(agent, input));
    throw new CommandFailure(result.error, isInput ? exitCodes.usage : exitCodes.failed);
  }
  const { output = "-" } = options;
  const format = options.json === true ? "json" : (options.format ?? formatOf(output));
  const onTerminal = output === "-" && process.stdout.isTTY;
  const text = formatResult(result.output, {
    format,
    pretty: options.json !== true && (onTerminal || output !== "-"),
    width: onTerminal ? process.stdout.columns : undefined,
  });
  await writeOutput(text, output);
  if (output !== "-" && status.live) status.writeLine(`Wrote ${output}`);
}

/** Whether it is what the user gave that was refused, and not what one stage gave another. */
async function isRefused(agent: AnyAgent, input: unknown): Promise<boolean> {
  const checked = await agent.input["~standard"].validate(input);
  return checked.issues !== undefined;
}
