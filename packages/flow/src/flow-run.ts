import {
  AtomicError,
  type Context,
  createLog,
  type Run,
  type RunEvents,
  type RunOptions,
  type RunOptionsOrContext,
  type RunOrigin,
  startWork,
  systemClock,
} from "@atomic-agents/core";
import { Engine } from "./engine.ts";
import type { Plan } from "./plan.ts";
import { RunSaver } from "./run-saver.ts";
import type { FlowProgress, FlowStatus, FlowSummary } from "./summary.ts";

/**
 * A flow that was started: it can be watched, awaited and cancelled.
 *
 * @example
 * ```ts
 * const got: number[] = [];
 * const run = flow(fromIterable([1, 2, 3])).start(toArray(got));
 * console.log(run.status, (await run.summary).status); // => pending success
 * console.log(run.progress().ratio); // => 1
 * ```
 */
export class FlowRun {
  /** How the flow ended, when everything is closed; never rejects. */
  readonly summary: Promise<FlowSummary>;
  private readonly run: Run<void>;
  private readonly engine: Engine;

  constructor(plan: Plan, options: RunOptionsOrContext | undefined, origin: RunOrigin | undefined) {
    let tell: (summary: FlowSummary) => void = () => {};
    this.summary = new Promise((resolve) => {
      tell = resolve;
    });
    const own = ownOptions(options);
    const { store, clock = systemClock, log = createLog() } = own ?? {};
    const engine: Engine = new Engine(plan, (summary) => {
      if (saver === undefined) tell(summary);
      else void saver.end(summary, clock, log).then(() => tell(summary));
    });
    const saver =
      own === undefined || store === undefined
        ? undefined
        : new RunSaver(store, own, () =>
            origin === undefined ? engine.record() : { ...engine.record(), origin },
          );
    this.engine = engine;
    const work = (ctx: Context): Promise<void> => {
      if (saver === undefined) return engine.start(ctx);
      // A run that is killed right after its first record is to be found as well. Meanwhile it may have been cancelled.
      return saver.begin(ctx).then(() => (engine.hasEnded ? undefined : engine.start(ctx)));
    };
    // What is kept of it is more than the run alone knows.
    this.run = startWork(plan.name, work, own === undefined ? options : { ...own, store: undefined });
    const { run } = this;
    if (saver !== undefined) saver.run = run;
    // Also a run that ends before it begins has a summary.
    void run.result.then((result) => {
      if (!result.ok) engine.runEnded(run.id, result.error);
    });
  }

  get id(): string {
    return this.run.id;
  }

  get status(): FlowStatus {
    return this.engine.status;
  }

  /**
   * What happens in the run. Of what happens to records there are samples: counts at most once a second, and dead
   * letters, the first ten and then ever fewer.
   */
  get events(): RunEvents {
    return this.run.events;
  }

  /** How far it has come. */
  progress(): FlowProgress {
    return this.engine.progress();
  }

  /**
   * Ends the flow: what is at work is aborted, nothing more is read or written, and nothing is published. The summary
   * tells what had been delivered. Nothing happens when the flow has ended.
   */
  cancel(reason = "cancelled"): void {
    this.run.cancel(reason);
    // A run that has not begun tells its end in a moment; one that has is told here, before its signal is.
    this.engine.runEnded(
      this.run.id,
      new AtomicError("CANCELLED", `The flow was cancelled: ${reason}`, { details: { reason } }),
    );
  }
}

/** Options of a run of its own; undefined for the context of a run that the flow is part of, which saves itself. */
function ownOptions(options: RunOptionsOrContext | undefined): RunOptions | undefined {
  if (options === undefined || options === null || "~frame" in options) return undefined;
  return options;
}
