import type { ModelUse } from "@atomic-agents/llm";
import type { BehaviourResult } from "@atomic-agents/testing";
import { randomInt } from "node:crypto";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { readStandardInput } from "../input/read-bytes.ts";
import { countOf } from "../output/count-text.ts";
import { modelUseText, plainUses } from "../output/model-use.ts";
import { writeOutput } from "../output/write-output.ts";
import type { Session } from "../terminal/session.ts";
import type { TestRequest } from "../test-agent/messages.ts";
import { repeatCommand } from "../test-agent/repeat-command.ts";
import { failureLines, resultLine, statusNames, summaryLine } from "../test-agent/result-lines.ts";
import { testAgent } from "../test-agent/test-agent.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic test`. */
export interface TestCommandOptions extends ProjectOptions {
  /** The model in the place of all. */
  readonly model?: string;
  readonly input: readonly string[];
  readonly behaviour: readonly string[];
  readonly runs?: number;
  readonly seed?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly loadTimeout?: number;
}

/** How long one run may take, unless said otherwise. */
const defaultTimeoutMs = 5_000;
/** How long one behaviour may take, and how many times one run's time at least. */
const leastLimitMs = 30_000;
const runsInLimit = 4;

const maxSeed = 2 ** 31 - 1;

/** `atomic test`: looks at what is expected of every agent. @throws CommandFailure when one of its behaviours fails */
export async function testCommand(
  reference: string,
  options: TestCommandOptions,
  session: Session,
): Promise<void> {
  const { json = false, verbose = false, logLevel } = options;
  const { signal } = session.interruption;
  const { timeout: timeoutMs = defaultTimeoutMs, input: inputs, behaviour } = options;
  const request: TestRequest = {
    reference,
    config: options.config,
    profile: options.profile,
    model: options.model,
    inputs,
    standardInput: await standardInputFor(inputs, signal),
    runs: options.runs,
    seed: options.seed ?? randomInt(maxSeed),
    behaviours: behaviour.length === 0 ? undefined : behaviour,
    timeoutMs,
    limitMs: Math.max(leastLimitMs, runsInLimit * timeoutMs),
    loadTimeoutMs: options.loadTimeout,
    logLevel: logLevel ?? (verbose ? "info" : "silent"),
  };
  const repeat = ({ id }: BehaviourResult) => repeatCommand(request, id, options.timeout);
  const print = printer(session);
  const results: BehaviourResult[] = [];
  let tested: { readonly name: string; readonly version: string; readonly runs: number } | undefined;
  let total = 0;
  let uses: readonly ModelUse[] = [];
  await testAgent(request, signal, {
    onLoaded: ({ agent, behaviours, runs }) => {
      total = behaviours.length;
      tested = { ...agent, runs };
      const counts = `${countOf(total, "behaviour")}, ${countOf(runs, "input")} each`;
      if (!json) print(`${agent.name} ${agent.version}: ${counts}, seed ${request.seed}`);
    },
    onStart: ({ id }) => session.status.show(`${results.length + 1}/${total} ${id}`),
    onResult: (result) => {
      results.push(result);
      if (!json) print(resultLine(result, verbose));
    },
    onEnd: ({ models }) => (uses = models),
    onLine: (line) => {
      // What an agent says in so many runs is a lot.
      if (verbose || (logLevel !== undefined && logLevel !== "silent")) session.status.writeLine(line);
    },
  });
  session.status.clear();
  const failed = results.filter(({ status }) => status === "failed");
  if (json)
    print(
      JSON.stringify({
        agent: reference,
        ...tested,
        ...summaryOf(request, results, repeat),
        ...plainUses(uses),
      }),
    );
  else {
    for (const result of failed) print(`\n${failureLines(result, repeat(result))}`);
    print(`\n${summaryLine(results)}`);
    for (const use of uses) print(`model  ${modelUseText(use)}`);
  }
  await print.done();
  // All has been said.
  if (failed.length > 0) throw new CommandFailure(undefined, exitCodes.failed);
}

async function standardInputFor(inputs: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const count = inputs.filter((input) => input === "-").length;
  if (count > 1) {
    throw new UsageError("Standard input can be read once", {
      where: "--input",
      expected: "one --input -",
      got: `${count} of them`,
    });
  }
  return count === 0 ? undefined : readStandardInput(signal);
}

/** Writes lines to standard output, one after the other, with the changing line on a terminal out of their way. */
function printer({ status }: Session): ((line: string) => void) & { readonly done: () => Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  const print = (line: string) => {
    status.clear();
    last = writeOutput(line, "-");
  };
  return Object.assign(print, { done: () => last });
}

function summaryOf(
  { seed }: TestRequest,
  results: readonly BehaviourResult[],
  repeat: (result: BehaviourResult) => string,
): Readonly<Record<string, unknown>> {
  const count = (wanted: BehaviourResult["status"]) =>
    results.filter(({ status }) => status === wanted).length;
  return {
    seed,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("not-applicable"),
    behaviours: results.map((result) => ({
      ...result,
      status: result.status === "not-applicable" ? statusNames["not-applicable"] : result.status,
      ...(result.status === "failed" ? { repeat: repeat(result) } : {}),
    })),
  };
}
