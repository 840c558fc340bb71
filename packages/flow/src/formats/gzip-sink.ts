import { createGzip } from "node:zlib";
import type { ByteSink } from "./byte-sink.ts";

/** Packs bytes with gzip (RFC 1952) on their way. */
export function gzipSink(sink: ByteSink): ByteSink {
  const gzip = createGzip();
  let packed: Buffer[] = [];
  gzip.on("data", (bytes: Buffer) => packed.push(bytes));
  // Told by whoever writes.
  gzip.on("error", () => {});
  const flush = async (): Promise<void> => {
    const bytes = packed;
    packed = [];
    for (const each of bytes) await sink.write(each);
  };
  return {
    write: async (bytes) => {
      await new Promise<void>((resolve, reject) => {
        gzip.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()));
      });
      await flush();
    },
    prepare: async () => {
      await new Promise<void>((resolve, reject) => {
        gzip.once("end", resolve);
        gzip.once("error", reject);
        gzip.end();
      });
      await flush();
      await sink.prepare();
    },
    publish: sink.publish,
    discard: () => {
      gzip.destroy();
      return sink.discard();
    },
  };
}
