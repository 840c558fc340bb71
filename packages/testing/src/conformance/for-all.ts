import fc from "fast-check";
import { causeOf } from "../generate/arbitrary-of.ts";
import { CannotGenerate } from "../generate/cannot-generate.ts";
import { preview } from "../usage-error.ts";
import { takes } from "./inputs.ts";
import type { Lab } from "./lab.ts";
import { Broken, Mismatch } from "./verdict.ts";

/** How many values a check was tried with. */
export interface Tried {
  readonly runs: number;
  /** Values that say nothing of the behaviour, such as those that the agent's own check refuses. */
  readonly skips: number;
  /** Why it was not tried with more; empty when it was. */
  readonly note: string;
}

/** Leaves the value out: it says nothing. */
export function leaveOut(): never {
  throw new fc.PreconditionFailure();
}

/** How many values are left out for each that is used, before the search is given up. */
const maxSkipsPerRun = 20;

/**
 * Tries a check with generated values; the same ones for the same seed. A value that fails is made as small as it can
 * be while it fails, as long as there is time.
 *
 * @throws Broken with a counterexample
 */
export async function forAll<TValue>(
  lab: Lab,
  arbitrary: fc.Arbitrary<TValue>,
  check: (value: TValue) => Promise<void>,
  runs: number,
): Promise<Tried> {
  const property = fc.asyncProperty(arbitrary, check);
  const { seed } = lab;
  let found: fc.RunDetails<[TValue]>;
  try {
    found = await fc.check(property, {
      seed,
      numRuns: runs,
      maxSkipsPerRun,
      interruptAfterTimeLimit: lab.generateMs,
      markInterruptAsFailure: false,
      endOnFailure: false,
    });
  } catch (thrown) {
    const cause = causeOf(thrown);
    if (cause instanceof CannotGenerate) return { runs: 0, skips: 0, note: cause.message };
    throw cause;
  }
  const { numRuns, numSkips, counterexample, errorInstance } = found;
  if (found.failed && counterexample !== null) {
    const [input] = counterexample;
    throw brokenBy(input, errorInstance, { seed, runs: numRuns, shrinks: found.numShrinks });
  }
  if (found.interrupted && numRuns + numSkips === 0) {
    throw new Broken(`the first generated input had no outcome within ${lab.generateMs} ms`);
  }
  if (found.failed)
    return { runs: numRuns, skips: numSkips, note: `given up after ${numSkips} that say nothing` };
  const note = found.interrupted ? `the time was over after ${numRuns} of ${runs}` : "";
  return { runs: numRuns, skips: numSkips, note };
}

function brokenBy(
  input: unknown,
  thrown: unknown,
  found: { readonly seed: number; readonly runs: number; readonly shrinks: number },
): Error {
  if (!(thrown instanceof Broken)) return thrown instanceof Error ? thrown : new Error(String(thrown));
  const { expected, got } =
    thrown instanceof Mismatch ? thrown : { expected: "an outcome", got: thrown.message };
  return new Broken(`${preview(input)}: expected ${expected}, got ${got}`, {
    input,
    expected,
    got,
    ...found,
  });
}

/**
 * Tries a check with every valid input, then with generated ones that the agent's input schema takes.
 *
 * @throws Broken with a counterexample where it was a generated one
 */
export async function forValid(lab: Lab, check: (input: unknown) => Promise<void>): Promise<Tried> {
  let given = 0;
  for (const [index, input] of lab.valid.entries()) {
    try {
      await check(input);
      given++;
    } catch (thrown) {
      if (fc.PreconditionFailure.isFailure(thrown)) continue;
      if (!(thrown instanceof Mismatch)) throw thrown;
      throw new Broken(`valid[${index}] (${preview(input)}): ${thrown.message}`);
    }
  }
  const generated = await forGenerated(lab, check);
  return { ...generated, runs: generated.runs + given };
}

/** Tries a check with generated inputs that the agent's input schema takes. @throws Broken with a counterexample */
export async function forGenerated(lab: Lab, check: (input: unknown) => Promise<void>): Promise<Tried> {
  const { arbitrary, why } = lab.inputs;
  if (lab.runs === 0) return { runs: 0, skips: 0, note: "none were asked for" };
  if (arbitrary === undefined) return { runs: 0, skips: 0, note: why };
  const { input: schema } = lab.agent;
  return forAll(
    lab,
    arbitrary,
    async (input) => {
      if (!(await takes(schema, input))) leaveOut();
      // A copy: whatever is done to it, the counterexample is what was made.
      await check(structuredClone(input));
    },
    lab.runs,
  );
}

/** What was tried, in words. */
export function saying({ runs, skips, note }: Tried): string {
  const skipped = skips === 0 ? "" : `, ${skips} left out`;
  return `${runs} inputs${skipped}${note === "" ? "" : ` (${note})`}`;
}
