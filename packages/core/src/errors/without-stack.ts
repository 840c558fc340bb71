/** Makes an error without looking at the stack, which costs more than all else about it. */
export function withoutStack<TError extends Error>(make: () => TError): TError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
