import type { SourceCursor } from "../source.ts";

/** Where bytes come from. */
export interface ByteStream {
  /** The next bytes, which hold until it is called again; undefined at the end. */
  readonly read: () => Promise<Buffer | undefined>;
  /** Lets go of whatever is behind it; may be called at any moment, and more than once. */
  readonly close: () => Promise<void>;
}

/** The same bytes, added up as they are handed on. */
export function countedBytes(stream: ByteStream, cursor: SourceCursor): ByteStream {
  return {
    read: async () => {
      const bytes = await stream.read();
      if (bytes !== undefined) cursor.bytesRead += bytes.length;
      return bytes;
    },
    close: stream.close,
  };
}
