import { configError } from "./errors/config-error.ts";
import { isThenable, type MaybePromise, promiseOf } from "./maybe-promise.ts";
import { checkCount, checkKeys } from "./limits.ts";

/** How wide a window is, and what closes it. */
export interface SlidingWindowOptions {
  /** How many items are worked on at a time. */
  readonly concurrency: number;
  /** No further item is begun once it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on items, at most `concurrency` at a time, begun in order; the next begins as soon as one has ended. Items
 * are taken from the source only when there is room. Resolves when all have ended; rejects with the first failure,
 * after which nothing more is begun (what is running goes on: the worker has to abort it).
 *
 * Work that needs no waiting is not waited for: with a synchronous source and a worker that returns no promise the
 * call itself does everything and returns undefined.
 *
 * @throws AtomicError `CONFIG` for a concurrency that is not a whole number from 1
 * @example
 * ```ts
 * const done: string[] = [];
 * await slidingWindow(["a", "b", "c"], async (item) => void done.push(item), { concurrency: 2 });
 * console.log(done.length); // => 3
 * ```
 */
export function slidingWindow<TItem>(
  source: Iterable<TItem> | AsyncIterable<TItem>,
  work: (item: TItem, index: number) => MaybePromise<void>,
  options: SlidingWindowOptions,
): MaybePromise<void> {
  checkKeys("slidingWindow", options, ["concurrency", "signal"]);
  if (options.concurrency === undefined) {
    throw configError("slidingWindow", "concurrency", "a whole number from 1", undefined);
  }
  checkCount("slidingWindow", "concurrency", options.concurrency);
  const window = new SlidingWindow(iteratorOf(source), work, options);
  return window.begin();
}

type AnyIterator<TItem> = Iterator<TItem> | AsyncIterator<TItem>;

function iteratorOf<TItem>(source: Iterable<TItem> | AsyncIterable<TItem>): AnyIterator<TItem> {
  if (typeof source === "object" && source !== null && Symbol.asyncIterator in source) {
    return source[Symbol.asyncIterator]();
  }
  if (typeof source === "object" && source !== null && Symbol.iterator in source)
    return source[Symbol.iterator]();
  throw configError("slidingWindow", "source", "an iterable or async iterable", source);
}

class SlidingWindow<TItem> {
  readonly #iterator: AnyIterator<TItem>;
  readonly #work: (item: TItem, index: number) => MaybePromise<void>;
  readonly #concurrency: number;
  readonly #signal: AbortSignal | undefined;
  #active = 0;
  #index = 0;
  /** The source has no more items. */
  #exhausted = false;
  /** An item has been asked for and has not come yet. */
  #asking = false;
  #failure: { readonly thrown: unknown } | undefined;
  #resolve: (() => void) | undefined;
  #reject: ((thrown: unknown) => void) | undefined;

  constructor(
    iterator: AnyIterator<TItem>,
    work: (item: TItem, index: number) => MaybePromise<void>,
    { concurrency, signal }: SlidingWindowOptions,
  ) {
    this.#iterator = iterator;
    this.#work = work;
    this.#concurrency = concurrency;
    this.#signal = signal;
  }

  begin(): MaybePromise<void> {
    this.#fill();
    if (this.#failure !== undefined) throw this.#failure.thrown;
    if (this.#isDone()) return undefined;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Begins items while there is room. */
  #fill(): void {
    while (this.#active < this.#concurrency && this.#takesMore()) {
      try {
        const next = this.#iterator.next();
        if (isThenable(next)) {
          this.#asking = true;
          promiseOf(next).then(this.#onItem, this.#onAskFailed);
          return;
        }
        this.#take(next);
      } catch (thrown) {
        this.#fail(thrown);
      }
    }
  }

  #takesMore(): boolean {
    if (this.#exhausted || this.#asking || this.#failure !== undefined) return false;
    if (this.#signal?.aborted === true) {
      this.#fail(this.#signal.reason);
      return false;
    }
    return true;
  }

  #take(next: IteratorResult<TItem>): void {
    if (next.done === true) {
      this.#exhausted = true;
      return;
    }
    const working = this.#work(next.value, this.#index++);
    if (!isThenable(working)) return;
    this.#active++;
    promiseOf(working).then(this.#onDone, this.#onFailed);
  }

  readonly #onItem = (next: IteratorResult<TItem>): void => {
    this.#asking = false;
    if (this.#takesMore()) {
      try {
        this.#take(next);
      } catch (thrown) {
        this.#fail(thrown);
      }
    }
    this.#goOn();
  };

  readonly #onAskFailed = (thrown: unknown): void => {
    this.#asking = false;
    this.#exhausted = true;
    this.#fail(thrown);
    this.#goOn();
  };

  readonly #onDone = (): void => {
    this.#active--;
    this.#goOn();
  };

  readonly #onFailed = (thrown: unknown): void => {
    this.#active--;
    this.#fail(thrown);
    this.#goOn();
  };

  #fail(thrown: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { thrown };
    if (!this.#exhausted) this.#closeSource();
    this.#reject?.(thrown);
  }

  /** Tells the source that no more will be asked for; what it answers to that changes nothing. */
  #closeSource(): void {
    this.#exhausted = true;
    try {
      const closing = this.#iterator.return?.();
      if (isThenable(closing)) closing.then(undefined, () => {});
    } catch {
      // The failure that closes the source is the one that is told.
    }
  }

  #goOn(): void {
    this.#fill();
    if (this.#isDone()) this.#resolve?.();
  }

  #isDone(): boolean {
    return this.#exhausted && this.#active === 0 && !this.#asking && this.#failure === undefined;
  }
}
