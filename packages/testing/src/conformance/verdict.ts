/** How a behaviour came out. */
export type BehaviourStatus = "passed" | "failed" | "not-applicable";

/** What a check that did not fail says. */
export interface Verdict {
  readonly status: Exclude<BehaviourStatus, "failed">;
  readonly detail: string;
}

/** A behaviour that does not hold. Only ever thrown by checks, and caught by who runs them. */
export class Broken extends Error {
  override readonly name = "Broken";
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
