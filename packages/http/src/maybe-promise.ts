/** A value, now or later. */
export type MaybePromise<TValue> = TValue | PromiseLike<TValue>;

/** Says whether a value has to be waited for. */
export function isPromiseLike<TValue>(value: MaybePromise<TValue>): value is PromiseLike<TValue> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
