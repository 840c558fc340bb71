import { type FileHandle, open } from "node:fs/promises";
import type { ByteStream } from "../jsonl/line-pages.ts";

const chunkBytes = 262_144;

/** A file's bytes in order. The next ones are read while those before are worked on. */
export class FileStream implements ByteStream {
  /** How large the file was when it was opened; undefined for what has no size, such as a pipe. */
  readonly size: number | undefined;
  private readonly handle: FileHandle;
  /** Two take turns: one is worked on while the other is read into. */
  private readonly buffers = [
    Buffer.allocUnsafeSlow(chunkBytes),
    Buffer.allocUnsafeSlow(chunkBytes),
  ] as const;
  private turn: 0 | 1 = 0;
  private ahead: Promise<Buffer | undefined> | undefined = undefined;

  private constructor(handle: FileHandle, size: number | undefined) {
    this.handle = handle;
    this.size = size;
  }

  static async open(path: string): Promise<FileStream> {
    const handle = await open(path, "r");
    try {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw new Error(`${path} is a folder`);
      return new FileStream(handle, stats.isFile() ? stats.size : undefined);
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
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
    const { bytesRead } = await this.handle.read(buffer, 0, chunkBytes, null);
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }
}
