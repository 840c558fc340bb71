/** Where bytes come from. */
export interface ByteStream {
  /** The next bytes, which hold until it is called again; undefined at the end. */
  readonly read: () => Promise<Buffer | undefined>;
  /** Lets go of whatever is behind it; may be called at any moment, and more than once. */
  readonly close: () => Promise<void>;
}

/** The same bytes, whose number is told as they are handed on. */
export function countedBytes(stream: ByteStream, onBytes: (count: number) => void): ByteStream {
  return {
    read: async () => {
      const bytes = await stream.read();
      if (bytes !== undefined) onBytes(bytes.length);
      return bytes;
    },
    close: stream.close,
  };
}
