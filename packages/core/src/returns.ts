import type { MaybePromise } from "./maybe-promise.ts";

/** The values whose literal types are worth keeping. */
export type Primitive = string | number | boolean | bigint | null | undefined;

/**
 * Never a value. Beside the real type it makes TypeScript infer `N` from the literals in what a callback
 * returns, so that `{ kind: "bug" }` is not widened to `{ kind: string }`. Its name is what a misspelt key's
 * error message shows.
 */
interface NotInSchema<N> {
  readonly "~never": never;
  readonly 0: N | NotInSchema<N>;
  readonly [key: string]: N | NotInSchema<N>;
}

/** What a callback may return for `T`, with its literals kept: `N` is inferred and never given by hand. */
export type Returns<T, N> = MaybePromise<T | NotInSchema<N>>;
