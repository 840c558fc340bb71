/** The values whose literal types are worth keeping. */
export type Primitive = string | number | boolean | bigint | null | undefined;

/**
 * Never a value. Beside the real type it makes TypeScript infer `N` from the literals in what a callback
 * returns, so that `{ kind: "bug" }` is not widened to `{ kind: string }`. Its name and `T` are what a misspelt key's
 * error message shows.
 */
interface NotInSchema<T, N> {
  readonly "~never": never;
  readonly 0: N | NotInSchema<T, N>;
  readonly [key: string]: N | NotInSchema<T, N>;
}

/**
 * What a callback may return for `T`, with its literals kept: `N` is inferred and never given by hand. `Promise` stands
 * beside `PromiseLike` for the sake of messages: TypeScript explains a misfit by the member of the same name.
 */
export type Returns<T, N> =
  | T
  | NotInSchema<T, N>
  | Promise<T | NotInSchema<T, N>>
  | PromiseLike<T | NotInSchema<T, N>>;
