import { type FileHandle, open } from "node:fs/promises";
import type { ByteStream } from "../streams/byte-stream.ts";
import { unreadable } from "../unreadable.ts";

const maxChunkBytes = 262_144;
const minChunkBytes = 4_096;

/** A file's bytes in order. The next ones are read while those before are worked on. */
export class FileStream implements ByteStream {
  private readonly handle: FileHandle;
  private readonly name: string;
  /** How many bytes there were when it was opened, which it must not have fewer of at its end. */
  private readonly size: number;
  private bytesRead = 0;
  /** Two take turns: one is worked on while the other is read into. */
  private readonly buffers: readonly [Buffer, Buffer];
  private turn: 0 | 1 = 0;
  private ahead: Promise<Buffer | undefined> | undefined = undefined;

  private constructor(handle: FileHandle, name: string, size: number, chunkBytes: number) {
    this.handle = handle;
    this.name = name;
    this.size = size;
    this.buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  }

  /** @param name what the file is called, in errors */
  static async open(path: string, name: string): Promise<FileStream> {
    const handle = await open(path, "r");
    const stats = await handle.stat();
    // What is no plain file has no size.
    const [size, aboutBytes] = stats.isFile() ? [stats.size, stats.size] : [0, maxChunkBytes];
    return new FileStream(handle, name, size, Math.min(maxChunkBytes, Math.max(minChunkBytes, aboutBytes)));
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
    this.bytesRead += bytesRead;
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    const { size } = this;
    if (this.bytesRead >= size) return undefined;
    const message = `became shorter while it was read: of ${size} bytes there were ${this.bytesRead}`;
    throw unreadable({ file: this.name }, message, "Read it when nobody writes to it, or read a copy.");
  }
}
