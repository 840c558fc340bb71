import type { Budget, BudgetLimits } from "../budget.ts";
import type { Context, Metadata } from "../context.ts";
import type { Log } from "../log.ts";
import type { ResourceSet } from "../resources/resource-set.ts";
import type { RunStore } from "../runs/run-store.ts";
import type { MetricsCollector } from "../telemetry/metrics.ts";
import type { TraceContext } from "../telemetry/trace-context.ts";
import type { Tracer } from "../telemetry/tracer.ts";
import type { Clock } from "../time/clock.ts";

/** What a run can be given besides its input. */
export interface RunOptions {
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** The most the whole run may take; no limit when absent (each attempt of a stage has its own). */
  readonly timeoutMs?: number | undefined;
  /** Limits for this run, or a budget that it shares with others. */
  readonly budget?: BudgetLimits | Budget | undefined;
  /** How many retries all stages together may spend; 10 unless said otherwise. */
  readonly maxRetries?: number | undefined;
  readonly requestId?: string | undefined;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
  readonly log?: Log | undefined;
  /** Where the run's spans go; none are made when absent. */
  readonly tracer?: Tracer | undefined;
  /** Where the caller, in another process, stands in a trace: `tracer` has the run go on from there, and `ctx.trace` gives it. */
  readonly trace?: TraceContext | undefined;
  /** Told of every stage and of the run. */
  readonly metrics?: MetricsCollector | undefined;
  /** Keeps the run's report and events when it has ended. */
  readonly store?: RunStore | undefined;
  /**
   * Where resources are kept, to be shared with other runs; whoever made it closes it. A run that is given none has
   * one of its own, and disposes of everything in it before its outcome is told.
   */
  readonly resources?: ResourceSet | undefined;
  /** Have the report say how large the stages' inputs and outputs are as JSON; off, because it costs. */
  readonly measureSizes?: boolean | undefined;
}

/** Options for a run of its own, or the context of the run that this call shall be part of. */
export type RunOptionsOrContext = RunOptions | Context;
