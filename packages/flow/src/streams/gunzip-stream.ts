import { createGunzip, type Gunzip } from "node:zlib";
import { unreadable } from "../unreadable.ts";
import type { ByteStream } from "./byte-stream.ts";

const chunkBytes = 262_144;
/** What every part begins with. */
const magic = [0x1f, 0x8b];

/**
 * The unpacked bytes of gzip (RFC 1952), of several parts one after the other as well. They come as they are asked for,
 * so something small that unpacks to something huge takes time, and no memory.
 *
 * @param name what the bytes are of, for messages
 * @param onUnpacked told how many more of the packed bytes have been unpacked
 */
export function gunzipStream(
  packed: ByteStream,
  name: string,
  onUnpacked: (bytes: number) => void,
): ByteStream {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  // The type of an iterator over a stream is `any`; this one gives buffers.
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let feeding: Promise<void> | undefined;
  let unpacked = 0;
  const beginning: number[] = [];
  return {
    read: async () => {
      feeding ??= feed(packed, gunzip, beginning);
      try {
        const next = await chunks.next();
        onUnpacked(gunzip.bytesWritten - unpacked);
        unpacked = gunzip.bytesWritten;
        return next.done === true ? undefined : next.value;
      } catch (thrown) {
        throw faultOf(thrown, name, beginning);
      }
    },
    close: async () => {
      gunzip.destroy();
      await packed.close();
      await feeding;
    },
  };
}

/**
 * Never rejects: a failure to read is told by the stream.
 *
 * @param beginning gets the first bytes
 */
async function feed(packed: ByteStream, gunzip: Gunzip, beginning: number[]): Promise<void> {
  let onClose = (): void => {};
  // Whoever has written to one that is closed is not always told.
  gunzip.once("close", () => onClose());
  // Told by whoever reads from it, perhaps nobody.
  gunzip.on("error", () => {});
  try {
    while (!gunzip.destroyed) {
      const bytes = await packed.read();
      if (gunzip.destroyed) return;
      if (bytes === undefined) {
        gunzip.end();
        return;
      }
      if (beginning.length < magic.length) {
        beginning.push(...bytes.subarray(0, magic.length - beginning.length));
      }
      // The bytes hold until the next read, so all of them have to be unpacked before it.
      await new Promise<void>((resolve) => {
        onClose = resolve;
        gunzip.write(bytes, () => resolve());
      });
    }
  } catch (thrown) {
    gunzip.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }
}

/** What zlib says in a few words, said so that it helps. */
function faultOf(thrown: unknown, name: string, beginning: readonly number[]): unknown {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  const text = thrown instanceof Error ? thrown.message : "";
  if (code === "Z_BUF_ERROR") {
    return unreadable({ file: name }, "is cut: its gzip data ends too early", "Get the whole file again.");
  }
  if (code !== "Z_DATA_ERROR") return thrown;
  if (text === "incorrect header check" && magic.every((byte, index) => beginning[index] === byte)) {
    const hint =
      "Remove what was appended after packing, or pack it as well: gzip parts may follow one another.";
    return unreadable({ file: name }, "has something behind its gzip data that is no gzip data", hint);
  }
  return text === "incorrect header check"
    ? unreadable({ file: name }, "is no gzip data", 'Say compression: "none" if it is not packed.')
    : unreadable({ file: name }, `has corrupt gzip data: ${text}`, "Get the file again.");
}
