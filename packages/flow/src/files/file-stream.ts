import { type FileHandle, open } from "node:fs/promises";
import type { ByteStream } from "../streams/byte-stream.ts";

const maxChunkBytes = 262_144;
const minChunkBytes = 4_096;

/** A file's bytes in order. The next ones are read while those before are worked on. */
export class FileStream implements ByteStream {
  private readonly handle: FileHandle;
  /** Two take turns: one is worked on while the other is read into. */
  private readonly buffers: readonly [Buffer, Buffer];
  private turn: 0 | 1 = 0;
  private ahead: Promise<Buffer | undefined> | undefined = undefined;

  private constructor(handle: FileHandle, chunkBytes: number) {
    this.handle = handle;
    this.buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  }

  /** @param size about how large the file is, where that is known */
  static async open(path: string, size: number = maxChunkBytes): Promise<FileStream> {
    const chunkBytes = Math.min(maxChunkBytes, Math.max(minChunkBytes, size));
    return new FileStream(await open(path, "r"), chunkBytes);
  }

  readonly read = async (): Promise<Buffer | undefined> => {
    const bytes = await (this.ahead ?? this.readChunk());
    this.ahead = bytes === undefined ? undefined : this.readChunk();
    // Its failure is told by whoever asks for it next, perhaps nobody.
    this.ahead?.catch(() => {});
    return bytes;
  };

  readonly close = async (): Promise<void> => {
    // A handle is not closed under a read.
    await this.ahead?.catch(() => {});
    await this.handle.close();
  };

  private async readChunk(): Promise<Buffer | undefined> {
    const buffer = this.buffers[this.turn];
    this.turn = this.turn === 0 ? 1 : 0;
    const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, null);
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }
}
