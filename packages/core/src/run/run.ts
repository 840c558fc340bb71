import type { Result } from "../result.ts";
import type { RunEvent, RunEvents } from "./events.ts";
import type { Frame } from "./frame.ts";
import type { Journal } from "./journal.ts";
import type { RunReport, RunStatus } from "./report.ts";
import { reportOf, statusOf } from "./report-of.ts";

/** What is there as a whole or not at all. */
type Whole =
  | Date
  | RegExp
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...given: never[]) => unknown);

/** A value of which any part may still be missing: a property, at any depth, or the end of a list or text. */
export type Draft<TValue> = TValue extends Whole
  ? TValue
  : TValue extends readonly (infer TItem)[]
    ? readonly Draft<TItem>[]
    : TValue extends object
      ? { readonly [K in keyof TValue]?: Draft<TValue[K]> | undefined }
      : TValue;

type Inspect = (value: unknown, options: object) => string;

/**
 * A run that was started: it can be watched, awaited and cancelled.
 *
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const run = shout.start("hello");
 * for await (const event of run.events) console.log(event.type);
 * // => run-start
 * // => stage-start
 * // => stage-end
 * // => run-end
 * console.log(await run.result); // => { ok: true, output: 'HELLO' }
 * ```
 */
export class Run<out TOutput> {
  private readonly frame: Frame;
  private readonly journal: Journal;
  private told: Promise<Result<TOutput>> | undefined = undefined;

  constructor(frame: Frame, journal: Journal) {
    this.frame = frame;
    this.journal = journal;
  }

  /** The outcome as a value; never rejects. */
  get result(): Promise<Result<TOutput>> {
    // What comes out has passed the output schema, whose type TOutput is.
    this.told ??= this.frame.resultPromise() as Promise<Result<TOutput>>;
    return this.told;
  }

  get events(): RunEvents {
    return new JournalEvents(this.journal);
  }

  get id(): string {
    return this.frame.runId;
  }

  get status(): RunStatus {
    return statusOf(this.frame);
  }

  /**
   * Drafts of the output while it is made, where the agent, or a pipeline's last stage, gives any. Each is the whole
   * output so far and not validated; the one that counts is in `result`. A reader gets the newest draft each time it
   * asks, so a slow one skips some. Ends with the run, and never throws.
   */
  get partials(): AsyncIterable<Draft<TOutput>> {
    const { journal } = this;
    return { [Symbol.asyncIterator]: () => new DraftIterator<TOutput>(journal) };
  }

  /** The run as it stands now. */
  report(): RunReport {
    return reportOf(this.frame);
  }

  /** What goes into JSON: the run as it stands. */
  toJSON(): object {
    const { id, status } = this;
    return { id, agent: this.frame.program.agent, status };
  }

  /**
   * Ends the run with `CANCELLED` and aborts what it has running; nothing happens when it has ended. No stage begins
   * afterwards, and no late result lands.
   */
  cancel(reason?: string): void {
    this.frame.cancel(reason);
  }

  /** What `console.log` shows of it in Node.js. */
  [Symbol.for("nodejs.util.inspect.custom")](_depth: number, options: object, inspect: Inspect): string {
    const { id, status, frame } = this;
    return `Run ${inspect({ id, agent: frame.program.agent, status }, options)}`;
  }
}

/** Written by hand: an async generator that waits cannot be left before something comes. */
class DraftIterator<TOutput> implements AsyncIterator<Draft<TOutput>> {
  private readonly journal: Journal;
  /** How many drafts there were when one was given; `Infinity` when the reader has left. */
  private seen = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  next(): Promise<IteratorResult<Draft<TOutput>>> {
    return whenReady(this.journal, () => this.ready());
  }

  private ready(): IteratorResult<Draft<TOutput>> | undefined {
    const { journal } = this;
    if (journal.partialCount <= this.seen) {
      return journal.ended || this.seen === Number.POSITIVE_INFINITY ? finished : undefined;
    }
    this.seen = journal.partialCount;
    // What the agent showed as a draft of its output.
    return { done: false, value: journal.partial as Draft<TOutput> };
  }

  return(): Promise<IteratorResult<Draft<TOutput>>> {
    this.seen = Number.POSITIVE_INFINITY;
    return Promise.resolve(finished);
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
  /** The number of the event to give next; `Infinity` when the reader has left. */
  private upcoming = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  next(): Promise<IteratorResult<RunEvent>> {
    const event = this.journal.at(this.upcoming);
    if (event === undefined) return this.nextOrLast();
    this.upcoming++;
    return Promise.resolve({ done: false, value: event });
  }

  return(): Promise<IteratorResult<RunEvent>> {
    this.upcoming = Number.POSITIVE_INFINITY;
    return Promise.resolve(finished);
  }

  /** What there is when a run has begun that it was asked before: its first event. */
  atBeginning(): IteratorResult<RunEvent> | Promise<IteratorResult<RunEvent>> {
    return this.ready() ?? this.next();
  }

  private nextOrLast(): Promise<IteratorResult<RunEvent>> {
    const result = this.ready();
    if (result === finished) return none;
    if (result !== undefined) return Promise.resolve(result);
    const { journal } = this;
    // No event is taken by who asks second before who asked first has one.
    return journal.whenBegun(this) ?? whenReady(journal, () => this.ready());
  }

  /** What can be given now; undefined while nothing can. */
  private ready(): IteratorResult<RunEvent> | undefined {
    if (this.upcoming === Number.POSITIVE_INFINITY) return finished;
    let event = this.journal.at(this.upcoming);
    if (event === undefined && this.upcoming < this.journal.dropped) {
      // A reader slower than the run goes on at the oldest event that is kept.
      this.upcoming = this.journal.dropped;
      event = this.journal.at(this.upcoming);
    }
    if (event !== undefined) {
      this.upcoming++;
      return { done: false, value: event };
    }
    return this.journal.ended ? finished : undefined;
  }
}

/** Asks until there is something to give: at once, and whenever a journal has changed. */
function whenReady<TResult>(journal: Journal, ready: () => TResult | undefined): Promise<TResult> {
  return new Promise((resolve) => {
    const ask = (): void => {
      const result = ready();
      if (result === undefined) journal.whenChanged(ask);
      else resolve(result);
    };
    ask();
  });
}

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };
const none = Promise.resolve(finished);
