/** A value made when first asked for, and kept. */
export function lazyValue<TValue>(make: () => TValue): () => TValue {
  let made: { readonly value: TValue } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * A value loaded when first asked for, and kept. Callers that come while it loads share the one load; after a failed
 * load the next caller tries again.
 */
export function lazyLoad<TValue>(load: () => Promise<TValue>): () => Promise<TValue> {
  let loading: Promise<TValue> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
