import {
  AtomicError,
  type Clock,
  type Context,
  type Log,
  type Run,
  type RunFlow,
  type RunOptions,
  type RunRecord,
  type RunStore,
  type Timer,
  toAtomicError,
} from "@atomic-agents/core";
import type { FlowStatus, FlowSummary } from "./summary.ts";
import { withinLimit } from "./within-limit.ts";

/** How often a run that goes on is saved, so that others can see that it does. */
const beatIntervalMs = 10_000;
/** The longest that a run waits for its record to be saved. */
const saveTimeoutMs = 5_000;

/** What a flow says of itself for its record. */
export type FlowRecord = Omit<RunFlow, "pid" | "host" | "updatedAtMs">;

/**
 * Keeps the record of a flow's run in a store: when it begins, while it goes on, and when all is closed. A store that
 * fails is told of in the log; the flow's outcome stays what it is.
 */
export class RunSaver {
  private readonly store: RunStore;
  private readonly options: RunOptions;
  private readonly record: () => FlowRecord;
  private ctx: Context | undefined = undefined;
  private timer: Timer | undefined = undefined;
  private saving: Promise<void> | undefined = undefined;
  private hasFailed = false;
  /** Set as soon as there is one. */
  declare run: Run<void>;

  constructor(store: RunStore, options: RunOptions, record: () => FlowRecord) {
    this.store = store;
    this.options = options;
    this.record = record;
  }

  /** Resolves when the record is saved, or cannot be; never rejects. */
  begin(ctx: Context): Promise<void> {
    this.ctx = ctx;
    this.timer = ctx.clock.setTimer(this.beat, beatIntervalMs);
    return this.save("running", ctx.clock, ctx.log);
  }

  /** Resolves when the record is saved, or cannot be; never rejects. */
  async end({ status, error, durationMs }: FlowSummary, clock: Clock, log: Log): Promise<void> {
    this.timer?.cancel();
    this.timer = undefined;
    await this.run.result;
    await this.saving;
    const outcome = error === undefined ? { durationMs } : { durationMs, error };
    await this.save(status, clock, log, outcome);
  }

  private readonly beat = (): void => {
    const { ctx } = this;
    if (ctx === undefined || this.timer === undefined) return;
    // A store that fails is not asked again before the end.
    if (this.hasFailed) return;
    if (this.saving === undefined) void this.save("running", ctx.clock, ctx.log);
    this.timer = ctx.clock.setTimer(this.beat, beatIntervalMs);
  };

  private async save(
    status: FlowStatus,
    clock: Clock,
    log: Log,
    outcome: Partial<RunRecord["report"]> = {},
  ): Promise<void> {
    const record = this.recordOf(status, clock, outcome);
    this.saving = withinLimit(
      clock,
      saveTimeoutMs,
      async () => this.store.save(record),
      "Saving the run",
    ).then(
      () => {
        this.saving = undefined;
      },
      (thrown: unknown) => {
        this.saving = undefined;
        this.hasFailed = true;
        try {
          const { runId, agent } = record.report;
          const hint = AtomicError.isInstance(thrown) ? thrown.hint : undefined;
          const error = toAtomicError(thrown).message;
          log.error("A run could not be saved", { runId, agent, error, ...(hint !== undefined && { hint }) });
        } catch {
          // There is nowhere left to say so.
        }
      },
    );
    await this.saving;
  }

  private recordOf(status: FlowStatus, clock: Clock, outcome: Partial<RunRecord["report"]>): RunRecord {
    const { run, options } = this;
    const { userId, sessionId, metadata } = options;
    return {
      report: { ...run.report(), status, ...outcome },
      events: run.events.snapshot().slice(),
      droppedEvents: run.events.dropped,
      ...(userId === undefined ? {} : { userId }),
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(metadata === undefined ? {} : { metadata }),
      flow: {
        ...this.record(),
        pid: process.pid,
        host: process.getBuiltinModule("node:os").hostname(),
        updatedAtMs: clock.timestamp(),
      },
    };
  }
}
