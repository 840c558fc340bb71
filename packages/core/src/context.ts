import type { Budget } from "./budget.ts";
import type { Log } from "./log.ts";
import type { Resource } from "./resources/resource.ts";
import type { TraceContext } from "./telemetry/trace-context.ts";
import type { Clock } from "./time/clock.ts";

/** Values that travel with a run; must be JSON to go over a wire. */
export type Metadata = Readonly<Record<string, unknown>>;

/**
 * What travels with a run. Every agent's code gets it as second argument; giving it on as the options of another
 * agent's `run` makes that call part of the same run: `await other.run(input, ctx)`.
 *
 * Values are made when they are first read, so what an agent does not read costs nothing.
 */
export interface Context {
  /** Unique among runs. */
  readonly runId: string;
  /** The caller's id for this request, or one made for it. */
  readonly requestId: string;
  /** When the run began. */
  readonly timestamp: Date;
  readonly userId: string | undefined;
  readonly sessionId: string | undefined;
  /** What came with the run, and what its stages have written so far. */
  readonly metadata: Metadata;
  /** Writes a value of the run's metadata, for the stages after this one, the report and the record. Ignored afterwards. */
  readonly setMetadata: (key: string, value: unknown) => void;
  /**
   * Where the run stands in a trace right now, to be taken on to another process: that of the span that is open, where a
   * tracer tells it, or else what the run was given.
   */
  readonly trace: TraceContext | undefined;
  /** Aborts when nobody waits for the result any more: cancelled, timed out, or a sibling failed. */
  readonly signal: AbortSignal;
  /** The latest moment at which a result is of use, on the scale of `clock.now()`. */
  readonly deadline: number | undefined;
  /** Shared by the whole run. */
  readonly budget: Budget;
  readonly clock: Clock;
  /** A number from 0 up to but not 1. */
  readonly random: () => number;
  /** The run's log; its lines say which run, stage and agent they are of. */
  readonly log: Log;
  /**
   * Gives a live thing: made when it is first asked for, one of a pool lent until this attempt is over. An agent that
   * asks several times gets the same one.
   *
   * @throws AtomicError `RESOURCE` when it cannot be had; `CANCELLED` when nobody waits for this attempt any more
   */
  readonly use: <TBound>(resource: Resource<TBound>) => Promise<TBound>;
  /**
   * Shows a draft of this agent's output to whoever reads `partials` of the run. Composed agents that hand on the
   * output of one part show its drafts: a pipeline those of its last stage. Those of an agent that other code runs with
   * this context are for that code to show. A draft is the whole output so far, not what was added; it is not
   * validated, and must not be changed afterwards. Ignored once the attempt is over.
   */
  readonly partial: (draft: unknown) => void;
  /** Adds an event of the agent's own to the run's events. Ignored once the agent's attempt has ended. */
  readonly emit: (name: string, data?: unknown) => void;
}
