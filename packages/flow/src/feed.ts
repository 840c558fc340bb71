import { isThenable } from "./is-thenable.ts";
import type { Source, SourceReader } from "./source.ts";

/** What one reading of a source can have given. */
export const nothingYet: unique symbol = Symbol("nothing yet");
export const noMore: unique symbol = Symbol("no more");

type Page = Iterator<unknown> | AsyncIterator<unknown>;

const noRecords: readonly unknown[] = [];

/** Reads a source record by record, over its pages where it has any. */
export class Feed {
  private readonly pages: AsyncIterator<Iterable<unknown>> | undefined;
  private page: Page | undefined;
  /** A page that is an array, and how much of it has been taken. */
  private list: readonly unknown[] = noRecords;
  private taken = 0;
  /** What an array holds is taken from it, without the ceremony of an iterator. */
  private readonly array: readonly unknown[] | undefined;
  private at = 0;
  /** Something has been asked for and has not come yet. */
  private asking = false;
  private arrived: IteratorResult<unknown> | undefined = undefined;
  private hasEnded = false;
  private failure: { readonly thrown: unknown } | undefined = undefined;
  private readonly onArrival: () => void;

  /** @param onArrival called when something that was waited for is there */
  constructor(source: Source<unknown>, reader: SourceReader, onArrival: () => void) {
    const { open, paged, array } = source["~source"];
    this.array = array;
    this.onArrival = onArrival;
    const opened = open(reader);
    // `paged` says which of the two it is.
    this.pages = paged ? (opened as AsyncIterator<Iterable<unknown>>) : undefined;
    this.page = paged ? undefined : (opened as Page);
  }

  /** The next record, `nothingYet` while it has to be waited for, or `noMore`. @throws what the source throws */
  next(): unknown {
    const { array } = this;
    if (array !== undefined) {
      // Looked up each time, as iterators do: it may grow.
      if (!this.hasEnded && this.at < array.length) return array[this.at++];
      this.hasEnded = true;
      return noMore;
    }
    if (this.failure !== undefined) throw this.failure.thrown;
    for (;;) {
      if (this.hasEnded) return noMore;
      if (this.taken < this.list.length) return this.list[this.taken++];
      if (this.asking) return nothingYet;
      const { page, arrived } = this;
      if (arrived !== undefined) {
        this.arrived = undefined;
        if (arrived.done === true) {
          this.hasEnded = true;
          return noMore;
        }
        if (this.pages === undefined) return arrived.value;
        // A paged source gives pages.
        this.turn(arrived.value as Iterable<unknown>);
        continue;
      }
      if (page === undefined) {
        if (this.pages === undefined) return noMore;
        this.ask(this.pages.next());
        continue;
      }
      const next = page.next();
      // Pages are taken at once, by what they are.
      if (this.pages === undefined && isThenable(next)) {
        // An async iterator's promise.
        this.ask(next as PromiseLike<IteratorResult<unknown>>);
        continue;
      }
      // Anything else is a sync iterator's answer.
      const answer = next as IteratorResult<unknown>;
      if (answer.done !== true) return answer.value;
      if (this.pages === undefined) this.hasEnded = true;
      this.page = undefined;
    }
  }

  /**
   * Hands over the records of an array, as many as are taken, and tells how many those are.
   *
   * @param take given the array and the first and last index of what it may take, says up to which it has
   */
  handOver(most: number, take: (values: readonly unknown[], from: number, to: number) => number): number {
    const { array, at } = this;
    if (array === undefined || this.hasEnded) return 0;
    this.at = take(array, at, Math.min(array.length, at + most));
    return this.at - at;
  }

  /** Tells the source that no more is wanted; resolves when it has let go, at once when it is still reading. */
  async close(): Promise<void> {
    if (this.hasEnded || this.failure !== undefined) return;
    this.hasEnded = true;
    const closing = (this.pages ?? this.page)?.return?.();
    if (this.asking) {
      // A generator answers only when what it waits for has come; its signal has told it already.
      if (isThenable(closing)) closing.then(undefined, () => {});
      return;
    }
    await closing;
  }

  private turn(page: Iterable<unknown>): void {
    if (Array.isArray(page) && page[Symbol.iterator] === Array.prototype[Symbol.iterator]) {
      this.list = page;
      this.taken = 0;
    } else this.page = page[Symbol.iterator]();
  }

  private ask(promise: PromiseLike<IteratorResult<unknown>>): void {
    this.asking = true;
    this.list = noRecords;
    // One that is no promise might call back at once, in the midst of a stage whose code has made it answer.
    Promise.resolve(promise).then(
      (arrived) => {
        this.asking = false;
        this.arrived = arrived;
        this.onArrival();
      },
      (thrown: unknown) => {
        this.asking = false;
        this.failure = { thrown };
        this.onArrival();
      },
    );
  }
}
