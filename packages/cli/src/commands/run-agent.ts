import {
  type AnyAgent,
  type AtomicError,
  createLog,
  type ResourceSet,
  type Run,
  type RunStore,
  untyped,
} from "@atomic-agents/core";
import type { ModelUse } from "@atomic-agents/llm";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { commandHint } from "../output/command-hint.ts";
import { type Format, formatOf, formatResult } from "../output/format.ts";
import { visible } from "../output/visible.ts";
import { checkOutput, writeOutput } from "../output/write-output.ts";
import { checkStdout } from "../runs/check-stdout.ts";
import { logWriter } from "../terminal/log-writer.ts";
import { TreeMetrics } from "../runs/tree-metrics.ts";
import type { CommonOptions, Session } from "../terminal/session.ts";
import { showRun } from "../terminal/show-run.ts";
import { watchDrafts } from "../terminal/watch-drafts.ts";
import { watchRun } from "../terminal/watch-run.ts";
import { UsageError } from "../usage-error.ts";

/** Options of the commands that run an agent. */
export interface RunAgentOptions extends CommonOptions {
  readonly output?: string;
  readonly format?: Format;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Say at the end when each stage ran. */
  readonly trace?: boolean;
  /** Say at the end what was counted. */
  readonly metrics?: boolean;
}

/** What an agent is run with besides. */
export interface RunSettings {
  /** What the user calls it. */
  readonly reference: string;
  /** What shows what it takes, where that is not `atomic describe` with the reference. */
  readonly describedBy?: string | undefined;
  /** Whether it does its work elsewhere, where its input is checked once more. */
  readonly isRemote?: boolean | undefined;
  /** What to try when it fails; what commands say of runs on this computer when absent. */
  readonly hintOf?: ((error: AtomicError) => string | undefined) | undefined;
  /** Show drafts of the output while they come. */
  readonly showsDrafts?: boolean | undefined;
  /** Where the run is kept. */
  readonly store?: RunStore | undefined;
  readonly resources?: ResourceSet;
  /** What was used of models so far. */
  readonly uses?: () => readonly ModelUse[];
}

/** Checks, before anything is loaded, what can be said of the options alone. @throws UsageError */
export function checkRunAgentOptions({ output, format, json }: RunAgentOptions): void {
  if (json === true && format !== undefined && format !== "json") {
    throw new UsageError("--json and --format say different things", {
      expected: "one of them",
      got: `--json and --format ${format}`,
    });
  }
  checkOutput(output);
}

/**
 * Runs an agent once, shows how it goes, and writes what it gives.
 *
 * @throws CommandFailure when the run fails
 * @throws UsageError before it, where nothing could take the result
 */
export async function runAgent(
  agent: AnyAgent,
  input: unknown,
  options: RunAgentOptions & RunSettings,
  session: Session,
): Promise<void> {
  const { status, interruption } = session;
  const { output = "-" } = options;
  checkStdout({ writesStdout: output === "-" }, "the result goes");
  const metrics = options.metrics === true ? new TreeMetrics() : undefined;
  const run = untyped(agent).start(input, {
    signal: interruption.signal,
    timeoutMs: options.timeout,
    metrics,
    store: options.store,
    resources: options.resources,
    log: createLog({
      level: options.logLevel ?? (options.verbose === true ? "info" : "warn"),
      write: logWriter(status),
    }),
  });
  try {
    await writeResult(run, agent, input, options, session);
  } finally {
    // After the result, and before what went wrong: that is what is looked for at the end.
    const report = options.trace === true ? run.report() : undefined;
    const uses = options.uses?.() ?? [];
    showRun({ report, summary: metrics?.summary(), uses }, options.json === true, status);
  }
}

/** Shows how a run goes, and writes what it gives. @throws CommandFailure when it fails */
async function writeResult(
  run: Run<unknown>,
  agent: AnyAgent,
  input: unknown,
  options: RunAgentOptions & RunSettings,
  { status }: Session,
): Promise<void> {
  const verbose = options.verbose === true;
  const stopWatching =
    options.showsDrafts === true ? watchDrafts(run, status, options) : watchRun(run, status, verbose);
  const result = await run.result;
  // The last events are said before what comes after them.
  if (verbose) await Promise.resolve();
  stopWatching();
  if (!result.ok) {
    const { error } = result;
    const isOfAgent = options.isRemote === true && error.stage === undefined && error.agent === agent.name;
    const isInput = error.code === "VALIDATION_INPUT" && (isOfAgent || (await isRefused(agent, input)));
    const { describedBy = `atomic describe ${options.reference}`, hintOf = commandHint } = options;
    const hint = isInput ? `${describedBy} shows what it takes.` : hintOf(error);
    throw new CommandFailure(error.with({ hint }), isInput ? exitCodes.usage : exitCodes.failed);
  }
  const { output = "-" } = options;
  const format = options.json === true ? "json" : (options.format ?? formatOf(output));
  const onTerminal = output === "-" && process.stdout.isTTY;
  const text = formatResult(result.output, {
    format,
    pretty: options.json !== true && (onTerminal || output !== "-"),
    width: onTerminal ? process.stdout.columns : undefined,
  });
  await writeOutput(onTerminal ? visible(text) : text, output);
  if (output !== "-" && status.live) status.writeLine(`Wrote ${output}`);
}

/** Whether it is what the user gave that was refused, and not what one stage gave another. */
async function isRefused(agent: AnyAgent, input: unknown): Promise<boolean> {
  const checked = await agent.input["~standard"].validate(input);
  return checked.issues !== undefined;
}
