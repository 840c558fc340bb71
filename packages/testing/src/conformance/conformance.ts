import type { Agent } from "@atomic-agents/core";
import { checkSpanMs, preview, usageError } from "../usage-error.ts";
import { type Behaviour, type BehaviourId, behaviours, check } from "./behaviours.ts";
import { Lab, type LabSetup } from "./lab.ts";
import type { ConformanceOptions } from "./samples.ts";
import { type BehaviourStatus, Broken } from "./verdict.ts";

/** How one behaviour of an agent came out. */
export interface BehaviourResult extends Behaviour {
  readonly status: BehaviourStatus;
  /** What was seen: how much when it passed, why when it did not apply, what went wrong when it failed. */
  readonly detail: string;
}

const optionKeys: readonly string[] = ["valid", "invalid", "clock", "patienceMs", "graceMs", "only"];

/**
 * Looks at what is expected of every agent, one behaviour after the other, and says how each came out. The agent is
 * run some hundred times, for real: give it what may be called that often. Never rejects because of the agent.
 *
 * @throws AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const echo = scriptedAgent({ name: "echo", script: [(input) => input] });
 * const results = await conformance(echo, { valid: ["a", "b"] });
 * console.log(results.filter((result) => result.status === "failed").length); // => 0
 * console.log(results[1]?.status, "-", results[1]?.detail); // => not-applicable - no invalid inputs were given
 * ```
 */
export async function conformance<TInput>(
  agent: Agent<TInput, unknown>,
  options: ConformanceOptions<TInput>,
): Promise<readonly BehaviourResult[]> {
  const { chosen, setup } = readOptions(agent, options);
  const results: BehaviourResult[] = [];
  for (const behaviour of chosen) results.push({ ...behaviour, ...(await outcome(behaviour, setup)) });
  return results;
}

async function outcome(
  behaviour: Behaviour,
  setup: LabSetup,
): Promise<Pick<BehaviourResult, "status" | "detail">> {
  const lab = new Lab(setup);
  try {
    return await check(behaviour, lab);
  } catch (thrown) {
    const detail =
      thrown instanceof Broken ? thrown.message : `the agent made the check throw ${preview(thrown)}`;
    return { status: "failed", detail };
  } finally {
    await lab.close();
  }
}

function readOptions<TInput>(
  agent: Agent<TInput, unknown>,
  options: ConformanceOptions<TInput>,
): { readonly chosen: readonly Behaviour[]; readonly setup: LabSetup } {
  const what = "conformance";
  if (typeof agent !== "object" || agent === null) throw usageError(what, "agent", "an agent", agent);
  if (typeof options !== "object" || options === null)
    throw usageError(what, "options", "an object", options);
  for (const key of Object.keys(options)) {
    if (!optionKeys.includes(key)) throw usageError(what, key, `one of ${optionKeys.join(", ")}`, key);
  }
  const { valid, invalid = [], clock, only } = options;
  if (!Array.isArray(valid) || valid.length === 0) {
    throw usageError(
      what,
      "valid",
      "an array of at least one input",
      valid,
      "Nothing can be seen without one.",
    );
  }
  if (!Array.isArray(invalid)) throw usageError(what, "invalid", "an array of inputs", invalid);
  const { patienceMs = clock === undefined ? 5_000 : 600_000, graceMs = 100 } = options;
  checkSpanMs(what, "patienceMs", patienceMs);
  checkSpanMs(what, "graceMs", graceMs);
  return {
    chosen: chosenOf(what, only),
    // Whether it is one, and takes and gives what it says, is what the behaviours find out.
    setup: { agent: agent as Agent<unknown, unknown>, valid, invalid, clock, patienceMs, graceMs },
  };
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
