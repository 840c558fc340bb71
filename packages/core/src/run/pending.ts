import { isThenable, promiseOf } from "../maybe-promise.ts";

/** Hears how a work ends that has to be waited for: one of the two is called, once. Neither throws. */
export interface Watch {
  readonly succeed: (output: unknown) => void;
  readonly fail: (thrown: unknown) => void;
}

/**
 * A work that has to be waited for. However many guards watch it, nobody but who waits at last needs a promise of it: who
 * knows no `Pending` of this copy of the package, because it is of another one, takes it for a promise.
 */
export class Pending implements PromiseLike<unknown> {
  /** Gives what `finish` makes the output of. */
  readonly promise: PromiseLike<unknown>;
  private readonly check: ((raw: unknown) => unknown) | undefined;
  /** Mostly there is one. */
  private first: Watch | undefined = undefined;
  private others: Watch[] | undefined = undefined;

  /** @param check of what the promise gives, unless that has been checked */
  constructor(promise: PromiseLike<unknown>, check: ((raw: unknown) => unknown) | undefined) {
    this.promise = promise;
    this.check = check;
  }

  /** Who watched before is told before. */
  watch(watch: Watch): this {
    if (this.first === undefined) this.first = watch;
    else if (this.others === undefined) this.others = [watch];
    else this.others.push(watch);
    return this;
  }

  /** Checks what the promise gave, and tells who watches; gives the output, or a promise of it. @throws what the check throws */
  finish(raw: unknown): unknown {
    if (this.check === undefined) return this.succeed(raw);
    let output: unknown;
    try {
      output = this.check(raw);
    } catch (thrown) {
      return this.fail(thrown);
    }
    if (!isThenable(output)) return this.succeed(output);
    return Promise.resolve(output).then(
      (late) => this.succeed(late),
      (thrown) => this.fail(thrown),
    );
  }

  /** Tells who watches what the promise was rejected with, and throws it. */
  fail(thrown: unknown): never {
    this.first?.fail(thrown);
    if (this.others !== undefined) for (const watch of this.others) watch.fail(thrown);
    throw thrown;
  }

  /** To be called once: it tells who watches. */
  then<TDone = unknown, TFailed = never>(
    onDone?: ((output: unknown) => TDone | PromiseLike<TDone>) | null,
    onFailed?: ((thrown: unknown) => TFailed | PromiseLike<TFailed>) | null,
  ): PromiseLike<TDone | TFailed> {
    return settledLater(this).then(onDone, onFailed);
  }

  private succeed(output: unknown): unknown {
    this.first?.succeed(output);
    if (this.others !== undefined) for (const watch of this.others) watch.succeed(output);
    return output;
  }
}

/** Says whether a work has to be waited for; what it gave may be a proxy that does not say what it is. */
export function isPending(output: unknown): output is Pending {
  try {
    return output instanceof Pending;
  } catch {
    return false;
  }
}

/** What a work gave, where that has to be waited for. */
export function pendingOf(output: unknown): Pending | undefined {
  if (isPending(output)) return output;
  return isThenable(output) ? new Pending(output, undefined) : undefined;
}

/** The output of a work, or a promise of it, for who has no place of his own for a `Pending`. */
export function settled(output: unknown): unknown {
  return isPending(output) ? settledLater(output) : output;
}

function settledLater(pending: Pending): Promise<unknown> {
  return promiseOf(pending.promise).then(
    (raw) => pending.finish(raw),
    (thrown) => pending.fail(thrown),
  );
}
