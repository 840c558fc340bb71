import type { AtomicError } from "./errors/atomic-error.ts";

/** How often, and how soon, a failed attempt is made again. */
export interface RetryPolicy {
  /** How many calls in all: 3 is one call and at most two retries. */
  readonly attempts: number;
  /** The wait before the first retry; 100. */
  readonly baseDelayMs?: number | undefined;
  /** By how much each further wait grows; 2. */
  readonly factor?: number | undefined;
  /** The longest wait; 10,000. */
  readonly maxDelayMs?: number | undefined;
  /**
   * `full`, the default, waits a random time between 0 and the computed one, so that callers who failed together
   * do not return together ("Exponential Backoff and Jitter", AWS Architecture Blog, 2015); `none` waits the
   * computed time.
   */
  readonly jitter?: "full" | "none" | undefined;
  /** Which failures are tried again; those that say of themselves that they are `retryable`. */
  readonly when?: ((error: AtomicError, attempt: number) => boolean) | undefined;
}

/** What happens when a stage has failed for good. */
export type OnError = "stop" | "pass" | "drop" | "dead-letter";

/** How a stage is run. `TOnError` is what of `onError` is known when it compiles. */
export interface Policy<TOnError extends OnError = OnError> {
  /** The most one attempt may take; 120,000 for agents that do the work themselves, no limit for composed ones. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  /**
   * `stop` (the default) fails the run; `pass` goes on with the stage's input; `drop` and `dead-letter` fail the
   * run and say in `error.disposition` what shall become of the record.
   */
  readonly onError?: TOnError | undefined;
}

/** A policy under which a failed stage passes its input on, which the next stage has to take as well. */
export interface PassPolicy extends Policy {
  readonly onError: "pass";
}

/** A policy of an agent, wherever it is used: passing on failure takes a stage whose type says so. */
export interface AgentPolicy extends Policy {
  readonly onError?: Exclude<OnError, "pass"> | undefined;
}
