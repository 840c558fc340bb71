import type { Readable } from "node:stream";
import type { ByteStream } from "./byte-stream.ts";

/** The bytes of a Node.js stream. It is destroyed when the signal aborts: a read may otherwise wait for ever. */
export function readableStream(readable: Readable, signal: AbortSignal): ByteStream {
  // The type of an iterator over a stream is `any`; one without an encoding gives buffers.
  const chunks = readable[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const onAbort = (): void => {
    readable.destroy();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    read: async () => {
      try {
        const next = await chunks.next();
        return next.done === true ? undefined : next.value;
      } catch (thrown) {
        // The run has ended, and its reason is the one to tell.
        if (signal.aborted) return undefined;
        throw thrown;
      }
    },
    close: async () => {
      signal.removeEventListener("abort", onAbort);
      readable.destroy();
    },
  };
}
