/**
 * Makes an error of a record without looking at the stack: there may be very many, and it would show where the flow is at work,
 * and cost more than all else of them.
 */
export function withoutStack<TError extends Error>(make: () => TError): TError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
