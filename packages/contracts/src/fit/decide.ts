import type { SchemaTrait } from "../traits/trait.ts";
import { apartNodes } from "./apart.ts";
import { Budget, TooLarge } from "./budget.ts";
import { decidingMisfit } from "./deciding.ts";
import { misfitText, nodeText } from "./explain.ts";
import type { Hints } from "./hints.ts";
import { type Obstacle, obstacleOf } from "./inside.ts";
import type { Judge } from "./judge.ts";
import { meetNodes } from "./meet.ts";
import { Sampler } from "./samples.ts";
import type { Node } from "./shape.ts";
import type { Fit } from "./verdict.ts";

/** All that a verdict is made of. */
export interface Case {
  /** At least the values that come. */
  readonly from: Node;
  /** The values that are taken. */
  readonly to: Node;
  /** At least the values that are taken. */
  readonly widestTo: Node;
  /** What the values to try are made of. */
  readonly sources: readonly Node[];
  readonly hints: Hints;
  readonly judge: Judge;
  /** What the JSON Schemas do not show, and why they are no proof therefore. */
  readonly againstAlways: SchemaTrait | undefined;
  readonly againstNever: SchemaTrait | undefined;
  readonly budget: Budget;
}

const sampleSteps = 100_000;
const randomCount = 150;
/** How many values of each part are tried against what is proved: enough to notice a validator that disagrees. */
const checkCount = 30;

/** Values to try: likely to pass, likely to fail, others, odd ones. */
function* candidates({ from, to, sources, hints }: Case, isProved: boolean): Iterable<unknown> {
  const first = (values: readonly unknown[]) => (isProved ? values.slice(0, checkCount) : values);
  const parts: readonly ((sampler: Sampler, budget: Budget) => readonly unknown[])[] = [
    (sampler, budget) =>
      first(sources.flatMap((source) => sampler.variants(meetNodes(source, to, budget), 1))),
    (sampler) => first(sources.flatMap((source) => sampler.escapes(source, to))),
    (sampler) => first(sources.flatMap((source) => sampler.variants(source, isProved ? 1 : 0))),
    (sampler, budget) => {
      if (isProved) return [];
      const passing = meetNodes(from, to, budget);
      return Array.from({ length: randomCount }, (_, index) =>
        sampler.random(index % 3 === 0 ? passing : (sources[index % sources.length] ?? from)),
      );
    },
    (sampler) => sources.flatMap((source) => sampler.oddities(source)),
  ];
  for (const part of parts) {
    const budget = new Budget(sampleSteps);
    try {
      yield* part(new Sampler(hints, budget), budget);
    } catch (error) {
      // What would take too long is not tried.
      if (!(error instanceof TooLarge)) throw error;
    }
  }
}

interface Found {
  passes?: { readonly value: unknown };
  fails?: { readonly value: unknown };
  /** A validator did not say whether it takes a value. */
  isDoubtful?: boolean;
}

function search(given: Case, isProved: boolean): Found {
  const found: Found = {};
  try {
    for (const candidate of candidates(given, isProved)) {
      const output = given.judge.outputFor(candidate);
      if (output === undefined) continue;
      const isTaken = given.judge.isTaken(output.value);
      if (isTaken === true) found.passes ??= output;
      else if (isTaken === false) found.fails ??= output;
      else if (given.judge.isDoubtful) found.isDoubtful = true;
      if (found.passes !== undefined && found.fails !== undefined) break;
    }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
  return found;
}

const tooLarge: Obstacle = { path: "", keyword: "too large" };

interface Proof {
  readonly obstacle: Obstacle | undefined;
  readonly isApart: boolean;
}

function prove({ from, to, widestTo, budget }: Case): Proof | undefined {
  try {
    return { obstacle: obstacleOf(from, to, "", budget), isApart: apartNodes(from, widestTo, budget) };
  } catch (error) {
    if (error instanceof TooLarge || error instanceof RangeError) return undefined;
    throw error;
  }
}

function unknown(keyword: string, path: string, reason: string): Fit {
  return { verdict: "unknown", keyword, path, why: `${path === "" ? "" : `${path}: `}${reason}` };
}

const tooLargeFit = unknown(tooLarge.keyword, "", "the schemas are too large to be compared");

/** What a comparison says; that it is too large where it takes too many steps, or the schemas are nested too deeply. */
export function unlessTooLarge(compare: () => Fit): Fit {
  try {
    return compare();
  } catch (error) {
    if (error instanceof TooLarge || error instanceof RangeError) return tooLargeFit;
    throw error;
  }
}

function unknownTrait({ path, name }: SchemaTrait): Fit {
  return unknown(name, path, `${name} does more than its JSON Schema shows`);
}

function never({ from, to, widestTo, judge, budget }: Case, fails: Found["fails"]): Fit {
  if (fails === undefined) {
    return { verdict: "never", path: "", why: `expected ${nodeText(to)}, got ${nodeText(from)}` };
  }
  let misfit = judge.misfitOf(fails.value);
  try {
    misfit = decidingMisfit(from, widestTo, fails.value, misfit, budget);
  } catch (error) {
    // It is proved by now: what was refused first is told.
    if (!(error instanceof TooLarge)) throw error;
  }
  return { verdict: "never", path: misfit.path, why: misfitText(misfit), example: fails.value };
}

/** The verdict: witnesses for both sides settle it, else a proof that agrees with what was found. */
export function decide(given: Case): Fit {
  const proof = prove(given);
  const { obstacle, isApart } = proof ?? { obstacle: tooLarge, isApart: false };
  const { passes, fails, isDoubtful } = search(given, obstacle === undefined || isApart);
  if (passes !== undefined && fails !== undefined) {
    const misfit = given.judge.misfitOf(fails.value);
    return {
      verdict: "sometimes",
      passes: passes.value,
      fails: fails.value,
      path: misfit.path,
      why: misfitText(misfit),
    };
  }
  if (obstacle === undefined && given.againstAlways !== undefined) return unknownTrait(given.againstAlways);
  if (obstacle === undefined && fails === undefined && isDoubtful !== true) return { verdict: "always" };
  if (isApart && given.againstNever !== undefined) return unknownTrait(given.againstNever);
  if (isApart && passes === undefined) return never(given, fails);
  if (obstacle === undefined || isApart) {
    return unknown("validate", "", "a validator says otherwise than its JSON Schema");
  }
  if (obstacle === tooLarge) return tooLargeFit;
  return unknown(obstacle.keyword, obstacle.path, `cannot be decided by the keyword ${obstacle.keyword}`);
}
