import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from "cockatiel";

/** Puts retry, breaker and timeout around a call. */
export function guard<TInput>(
  call: (input: TInput) => Promise<unknown>,
): (input: TInput) => Promise<unknown> {
  const policy = wrap(
    retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(5) }),
    timeout(5_000, TimeoutStrategy.Cooperative),
  );
  return (input) => policy.execute(() => call(input));
}
