/** How a behaviour came out. */
export type BehaviourStatus = "passed" | "failed" | "not-applicable";

/** What a check that did not fail says. */
export interface Verdict {
  readonly status: Exclude<BehaviourStatus, "failed">;
  readonly detail: string;
}

/** The smallest generated input for which a behaviour does not hold. */
export interface Counterexample {
  readonly input: unknown;
  readonly expected: string;
  readonly got: string;
  /** Gives the same again. */
  readonly seed: number;
  /** How many inputs had been tried when the first failed. */
  readonly runs: number;
  /** How often that one was made smaller. */
  readonly shrinks: number;
}

/** A behaviour that does not hold. Only ever thrown by checks, and caught by who runs them. */
export class Broken extends Error {
  override readonly name = "Broken";
  readonly counterexample: Counterexample | undefined;

  constructor(message: string, counterexample?: Counterexample) {
    super(message);
    this.counterexample = counterexample;
  }
}

/** What an input did, beside what it should have done. */
export class Mismatch extends Broken {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

export function passed(detail: string): Verdict {
  return { status: "passed", detail };
}

/** The agent gives no occasion to see the behaviour; `why` says what is missing. */
export function notApplicable(why: string): Verdict {
  return { status: "not-applicable", detail: why };
}

/** Fails the behaviour unless the condition holds. */
export function ensure(condition: boolean, detail: () => string): asserts condition {
  if (!condition) throw new Broken(detail());
}
