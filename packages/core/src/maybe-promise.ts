/** A value, or a promise of it. Agents that need not wait give the value itself and are not awaited. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Says whether a value has to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function"
  );
}

const nativeThen = /* @__PURE__ */ thenOfPromises();

function thenOfPromises(): unknown {
  return Reflect.get(Promise.prototype, "then");
}

/**
 * A promise of the same: a thenable of another make may call back at once, or twice, or throw when it is asked; a promise does
 * none of it. Never throws.
 */
export function promiseOf<TValue>(thenable: PromiseLike<TValue>): Promise<TValue> {
  try {
    // To call `then` looks at both. `Promise.resolve` gives a promise as it is, and makes one of what only looks like it: a proxy.
    if (thenable instanceof Promise && thenable.then === nativeThen) return Promise.resolve(thenable);
  } catch {
    // What does not say what it is, is asked once more, where its failure is told.
  }
  return new Promise((resolve) => resolve(thenable));
}

/** Goes on with a value, at once when it is there. */
export function andThen(value: unknown, next: (value: unknown) => unknown): unknown {
  return isThenable(value) ? value.then(next) : next(value);
}
