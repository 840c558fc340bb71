import type { RunEvent } from "./events.ts";
import type { Journal } from "./journal.ts";
import type { Draft } from "./run.ts";

type Tell<TValue> = (result: IteratorResult<TValue>) => void;

/**
 * Reads a journal. Who asks first gets first, also where many ask before there is anything.
 *
 * Written by hand: an async generator costs two promises more a value, and one that waits cannot be left before
 * something comes.
 */
abstract class Reader<TValue> implements AsyncIterator<TValue> {
  protected readonly journal: Journal;
  /** The number of the value to give next; `Infinity` when the reader has left. */
  protected upcoming = 0;
  /** Who waits for something, first to last; undefined while nobody does. */
  private asked: Tell<TValue>[] | undefined = undefined;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** What can be given now; undefined while nothing can. */
  protected abstract ready(): IteratorResult<TValue> | undefined;

  next(): Promise<IteratorResult<TValue>> {
    const result = this.ready();
    if (result === undefined) return this.wait();
    return result === finished ? none : Promise.resolve(result);
  }

  return(): Promise<IteratorResult<TValue>> {
    this.upcoming = Number.POSITIVE_INFINITY;
    this.serveNow();
    return none;
  }

  /** Gives those who wait what there is: something has been written. */
  serve(): void {
    const { asked } = this;
    if (asked === undefined) return;
    while (asked.length > 0) {
      const result = this.ready();
      if (result === undefined) {
        this.journal.whenChanged(this);
        return;
      }
      asked.shift()?.(result);
    }
    this.asked = undefined;
  }

  /** Gives those who wait what there is, though nothing has been written. */
  protected serveNow(): void {
    if (this.asked === undefined) return;
    this.journal.forget(this);
    this.serve();
  }

  protected wait(): Promise<IteratorResult<TValue>> {
    return new Promise((resolve) => {
      if (this.asked === undefined) {
        this.asked = [];
        this.journal.whenChanged(this);
      }
      this.asked.push(resolve);
    });
  }
}

/** The number of no event, of a reader whose first one is promised for when the run begins. */
const held = -1;

export class EventReader extends Reader<RunEvent> {
  override next(): Promise<IteratorResult<RunEvent>> {
    const event = this.journal.at(this.upcoming);
    if (event === undefined) return super.next();
    this.upcoming++;
    return Promise.resolve({ done: false, value: event });
  }

  /** What was promised for the beginning: the first event that is kept, or the very first where it is given here. */
  atBeginning(first: RunEvent | undefined): IteratorResult<RunEvent> | undefined {
    if (this.upcoming === held) this.upcoming = 0;
    const result = this.takeFirst(first);
    this.serveNow();
    return result;
  }

  private takeFirst(first: RunEvent | undefined): IteratorResult<RunEvent> | undefined {
    if (first === undefined || this.upcoming === Number.POSITIVE_INFINITY) return this.ready();
    this.upcoming++;
    return { done: false, value: first };
  }

  protected override wait(): Promise<IteratorResult<RunEvent>> {
    const beginning = this.upcoming === 0 ? this.journal.whenBegun(this) : undefined;
    if (beginning === undefined) return super.wait();
    this.upcoming = held;
    return beginning;
  }

  protected override ready(): IteratorResult<RunEvent> | undefined {
    if (this.upcoming === Number.POSITIVE_INFINITY) return finished;
    if (this.upcoming === held) return undefined;
    let event = this.journal.at(this.upcoming);
    if (event === undefined && this.upcoming < this.journal.dropped) {
      // A reader slower than the run goes on at the oldest event that is kept.
      this.upcoming = this.journal.dropped;
      event = this.journal.at(this.upcoming);
    }
    if (event === undefined) return this.journal.ended ? finished : undefined;
    this.upcoming++;
    return { done: false, value: event };
  }
}

export class DraftReader<TOutput> extends Reader<Draft<TOutput>> {
  protected override ready(): IteratorResult<Draft<TOutput>> | undefined {
    const { journal, upcoming } = this;
    if (upcoming === Number.POSITIVE_INFINITY) return finished;
    if (journal.partialCount <= upcoming) return journal.ended ? finished : undefined;
    this.upcoming = journal.partialCount;
    // What the agent showed as a draft of its output.
    return { done: false, value: journal.partial as Draft<TOutput> };
  }
}

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };
const none = /* @__PURE__ */ Promise.resolve(finished);
