import type { Clock } from "@atomic-agents/core";
import type { ByteStream } from "./byte-stream.ts";

/** The same bytes, where each further part has to come in time. @throws what `onLate` gives when it does not */
export function timedBytes(
  stream: ByteStream,
  clock: Clock,
  timeoutMs: number,
  onLate: () => Error,
): ByteStream {
  return {
    read: () =>
      new Promise((resolve, reject) => {
        const timer = clock.setTimer(() => {
          reject(onLate());
          void stream.close();
        }, timeoutMs);
        stream
          .read()
          .then(resolve, reject)
          .finally(() => timer.cancel());
      }),
    close: stream.close,
  };
}
