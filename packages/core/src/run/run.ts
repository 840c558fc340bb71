import { failed, type Result } from "../result.ts";
import type { RunEvent, RunEvents } from "./events.ts";
import type { Frame } from "./frame.ts";
import type { Journal } from "./journal.ts";
import type { RunReport, RunStatus } from "./report.ts";
import { reportOf } from "./report-of.ts";

/**
 * A run that was started: it can be watched, awaited and cancelled.
 *
 * @example
 * ```ts
 * const run = agent.start(input);
 * for await (const event of run.events) console.log(event.type);
 * const result = await run.result;
 * ```
 */
export class Run<out TOutput> {
  /** The outcome as a value; never rejects. */
  readonly result: Promise<Result<TOutput>>;
  private readonly frame: Frame;
  private readonly journal: Journal;

  constructor(frame: Frame, journal: Journal) {
    this.frame = frame;
    this.journal = journal;
    this.result = new Promise((resolve) => {
      if (frame.error !== undefined) resolve(failed(frame.error));
      // What comes out has passed the output schema, whose type TOutput is.
      frame.resolve = (output) => resolve({ ok: true, output: output as TOutput });
      frame.reject = (error) => resolve(failed(error));
    });
  }

  get events(): RunEvents {
    return new JournalEvents(this.journal);
  }

  get id(): string {
    return this.frame.root.runId;
  }

  get status(): RunStatus {
    return this.frame.status;
  }

  /** The run as it stands now. */
  report(): RunReport {
    return reportOf(this.frame);
  }

  /**
   * Ends the run with `CANCELLED` and aborts what it has running; nothing happens when it has ended. No stage begins
   * afterwards, and no late result lands.
   */
  cancel(reason?: string): void {
    this.frame.cancel(reason);
  }
}

class JournalEvents implements RunEvents {
  private readonly journal: Journal;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  snapshot(): readonly RunEvent[] {
    return this.journal.snapshot();
  }

  get dropped(): number {
    return this.journal.dropped;
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent> {
    return new JournalIterator(this.journal);
  }
}

/** Written by hand: an async generator costs two promises more an event. */
class JournalIterator implements AsyncIterator<RunEvent> {
  private readonly journal: Journal;
  /** The number of the event to give next. */
  private upcoming: number;

  constructor(journal: Journal) {
    this.journal = journal;
    this.upcoming = journal.dropped;
  }

  next(): Promise<IteratorResult<RunEvent>> {
    const event = this.journal.at(this.upcoming);
    if (event !== undefined) {
      this.upcoming++;
      return Promise.resolve({ done: false, value: event });
    }
    return this.later();
  }

  return(): Promise<IteratorResult<RunEvent>> {
    this.upcoming = Number.POSITIVE_INFINITY;
    return Promise.resolve({ done: true, value: undefined });
  }

  private async later(): Promise<IteratorResult<RunEvent>> {
    for (;;) {
      // A reader slower than the run goes on at the oldest event that is kept.
      this.upcoming = Math.max(this.upcoming, this.journal.dropped);
      const event = this.journal.at(this.upcoming);
      if (event !== undefined) {
        this.upcoming++;
        return { done: false, value: event };
      }
      if (this.journal.ended || this.upcoming === Number.POSITIVE_INFINITY) return { done: true, value: undefined };
      await this.journal.changed();
    }
  }
}
