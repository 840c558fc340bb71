import { unreadable } from "../unreadable.ts";
import type { ByteStream } from "./byte-stream.ts";

/**
 * The same bytes, as long as there are not more than allowed.
 *
 * @param name what the bytes are of, for messages
 * @throws AtomicError `VALIDATION_INPUT` when there are more
 */
export function limitedBytes(stream: ByteStream, maxBytes: number, name: string): ByteStream {
  let count = 0;
  return {
    read: async () => {
      const bytes = await stream.read();
      count += bytes?.length ?? 0;
      if (count > maxBytes) {
        throw unreadable({ file: name }, `has more than ${maxBytes} bytes`, "Raise maxBytes if it may have.");
      }
      return bytes;
    },
    close: stream.close,
  };
}
