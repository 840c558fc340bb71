import { type Agent, AtomicError, type Log } from "@atomic-agents/core";
import { checkSpanMs, preview, usageError } from "../usage-error.ts";
import { type Behaviour, type BehaviourId, behaviours, canDoWithoutInput, check } from "./behaviours.ts";
import { fewInvalid, fewValid, type Inputs, inputsOf } from "./inputs.ts";
import { after, Lab, type LabSetup } from "./lab.ts";
import type { ConformanceOptions } from "./samples.ts";
import { type BehaviourStatus, Broken, type Counterexample, notApplicable, type Verdict } from "./verdict.ts";

/** How one behaviour of an agent came out. */
export interface BehaviourResult extends Behaviour {
  readonly status: BehaviourStatus;
  /** What was seen: how much when it passed, why when it did not apply, what went wrong when it failed. */
  readonly detail: string;
  /** The smallest generated input for which it failed, where it was one. */
  readonly counterexample?: Counterexample;
}

const optionKeys: readonly (keyof ConformanceOptions<unknown>)[] = [
  "valid",
  "invalid",
  "runs",
  "seed",
  "clock",
  "patienceMs",
  "graceMs",
  "limitMs",
  "only",
  "log",
  "signal",
  "onStart",
  "onInput",
  "onResult",
];

/**
 * Looks at what is expected of every agent, one behaviour after the other, and says how each came out. The agent is
 * run some hundred times, for real, with the inputs given and with those made of its input schema: give it what may be
 * called that often. Never rejects because of the agent.
 *
 * @throws AtomicError `CONFIG` for a wrong option, `CANCELLED` when the signal aborts
 * @example
 * ```ts
 * const echo = scriptedAgent({ name: "echo", script: [(input) => input] });
 * const results = await conformance(echo, { valid: ["a", "b"] });
 * console.log(results.filter((result) => result.status === "failed").length); // => 0
 * console.log(results[1]?.status, "-", results[1]?.detail); // => not-applicable - no invalid inputs were given, and none were made
 * ```
 */
export async function conformance<TInput>(
  agent: Agent<TInput, unknown>,
  options: ConformanceOptions<TInput> = {},
): Promise<readonly BehaviourResult[]> {
  const { chosen, wanted } = readOptions(agent, options);
  const { signal, onStart, onResult } = options;
  throwIfAborted(signal);
  const setup = await setUp(wanted);
  const results: BehaviourResult[] = [];
  for (const behaviour of chosen) {
    throwIfAborted(signal);
    onStart?.(behaviour);
    const result = { ...behaviour, ...(await outcome(behaviour, setup, wanted.limitMs, signal)) };
    throwIfAborted(signal);
    results.push(result);
    onResult?.(result);
  }
  return results;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const reason = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
  throw new AtomicError("CANCELLED", `conformance was cancelled: ${reason}`, {
    details: { reason },
    cause: signal.reason,
  });
}

type Outcome = Pick<BehaviourResult, "status" | "detail" | "counterexample">;

async function outcome(
  behaviour: Behaviour,
  setup: LabSetup,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  if (setup.valid.length === 0 && !canDoWithoutInput(behaviour)) {
    return notApplicable(`no valid input was given, and none can be made: ${whyNone(setup)}`);
  }
  const lab = new Lab(setup);
  const limit = after(limitMs);
  const aborted = whenAborted(signal);
  try {
    const late = limit.promise.then(() => {
      throw new Broken(`it was not over within ${limitMs} ms`);
    });
    return await Promise.race<Verdict>([check(behaviour, lab), late, aborted.promise]);
  } catch (thrown) {
    return broken(thrown);
  } finally {
    limit.stop();
    aborted.stop();
    await lab.close();
  }
}

function whyNone({ inputs, runs }: LabSetup): string {
  if (runs === 0) return "runs is 0";
  return inputs.why === "" ? "its input schema took none of those that were made" : inputs.why;
}

function broken(thrown: unknown): Outcome {
  if (!(thrown instanceof Broken)) {
    return { status: "failed", detail: `the agent made the check throw ${preview(thrown)}` };
  }
  const { message, counterexample } = thrown;
  return {
    status: "failed",
    detail: message,
    ...(counterexample === undefined ? {} : { counterexample }),
  };
}

/** Rejects when the signal aborts, unless it is stopped first. */
function whenAborted(signal: AbortSignal | undefined): {
  readonly promise: Promise<never>;
  readonly stop: () => void;
} {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Broken("cancelled"));
  signal?.addEventListener("abort", onAbort, { once: true });
  return { promise, stop: () => signal?.removeEventListener("abort", onAbort) };
}

/** What is wanted, before anything has been made. */
interface Wanted extends Omit<LabSetup, "valid" | "invalid" | "inputs" | "generateMs"> {
  readonly valid: readonly unknown[] | undefined;
  readonly invalid: readonly unknown[] | undefined;
  readonly limitMs: number;
}

const noInputs: Inputs = { arbitrary: undefined, misses: [], leftOut: [], why: "" };

/** How many inputs are made where a few are needed. */
const few = { valid: 3, invalid: 8 } as const;

async function setUp(wanted: Wanted): Promise<LabSetup> {
  const { agent, runs, seed, limitMs } = wanted;
  const inputs = runs === 0 ? noInputs : inputsOf(agent);
  const { arbitrary, misses } = inputs;
  const made = async (): Promise<readonly unknown[]> =>
    arbitrary === undefined ? [] : fewValid(agent.input, arbitrary, seed, few.valid);
  const isLeaf = agent["~atomic"]?.kind === "agent";
  // A composed agent may turn what its parts refuse into an output, and be right.
  const almost = isLeaf ? () => fewInvalid(agent.input, misses, seed, few.invalid) : () => [];
  return {
    ...wanted,
    inputs,
    generateMs: limitMs / 2,
    valid: wanted.valid ?? (await made()),
    invalid: wanted.invalid ?? (await almost()),
  };
}

function readOptions<TInput>(
  agent: Agent<TInput, unknown>,
  options: ConformanceOptions<TInput>,
): { readonly chosen: readonly Behaviour[]; readonly wanted: Wanted } {
  const what = "conformance";
  if (typeof agent !== "object" || agent === null) throw usageError(what, "agent", "an agent", agent);
  if (typeof options !== "object" || options === null)
    throw usageError(what, "options", "an object", options);
  const known: readonly string[] = optionKeys;
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw usageError(what, key, `one of ${known.join(", ")}`, key);
  }
  const { valid, invalid, clock, only, runs = 100, seed = 1, limitMs = 60_000 } = options;
  if (valid !== undefined && (!Array.isArray(valid) || valid.length === 0)) {
    const hint = "Nothing can be seen without one; left out, inputs are made of the agent's input schema.";
    throw usageError(what, "valid", "an array of at least one input", valid, hint);
  }
  if (invalid !== undefined && !Array.isArray(invalid)) {
    throw usageError(what, "invalid", "an array of inputs", invalid);
  }
  const { patienceMs = clock === undefined ? 5_000 : 600_000, graceMs = 100 } = options;
  checkSpanMs(what, "patienceMs", patienceMs);
  checkSpanMs(what, "graceMs", graceMs);
  checkSpanMs(what, "limitMs", limitMs);
  if (!Number.isSafeInteger(runs) || runs < 0 || runs > maxRuns) {
    throw usageError(what, "runs", `a whole number from 0 to ${maxRuns}`, runs);
  }
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > maxSeed) {
    throw usageError(what, "seed", `a whole number from 0 to ${maxSeed}`, seed);
  }
  checkParts(what, options);
  return {
    chosen: chosenOf(what, only),
    wanted: {
      // Whether it is one, and takes and gives what it says, is what the behaviours find out.
      agent: agent as Agent<unknown, unknown>,
      valid,
      invalid,
      clock,
      patienceMs,
      graceMs,
      runs,
      seed,
      limitMs,
      log: options.log,
      onInput: options.onInput,
    },
  };
}

const maxRuns = 1_000_000;
const maxSeed = 2_147_483_647;

function checkParts(
  what: string,
  { log, signal, onStart, onInput, onResult }: Omit<ConformanceOptions<unknown>, "valid">,
): void {
  // Whoever calls without types may give anything.
  const given: Log | undefined | null = log;
  if (given !== undefined && typeof given?.info !== "function") throw usageError(what, "log", "a Log", log);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw usageError(what, "signal", "an AbortSignal", signal);
  }
  for (const [path, listener] of Object.entries({ onStart, onInput, onResult })) {
    if (listener !== undefined && typeof listener !== "function") {
      throw usageError(what, path, "a function", listener);
    }
  }
}

function chosenOf(what: string, only: readonly BehaviourId[] | undefined): readonly Behaviour[] {
  if (only === undefined) return behaviours;
  const ids: readonly string[] = behaviours.map((behaviour) => behaviour.id);
  const unknown = only.find((id) => !ids.includes(id));
  if (unknown !== undefined || only.length === 0) {
    throw usageError(what, "only", `some of ${ids.join(", ")}`, unknown ?? only);
  }
  return behaviours.filter((behaviour) => only.includes(behaviour.id));
}
