import { type FileHandle, open, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@atomic-agents/core";
import { withinLimit } from "../within-limit.ts";

/** The most that one reading or writing may take. */
const timeoutMs = 120_000;
/** Tells apart the files of one process. */
let made = 0;

/**
 * A file that only this process sees. It loses its name as soon as it is open, so that nothing is left of it however the
 * process ends; where the system does not let go of the name of an open file, when it is closed.
 */
export class TemporaryFile {
  /** How much has been appended. */
  bytes = 0;
  /** What is written; used again and again. */
  private buffer = Buffer.alloc(0);
  private readonly handle: FileHandle;
  private readonly clock: Clock;
  /** Undefined when the file has no name any more. */
  private readonly path: string | undefined;

  private constructor(handle: FileHandle, path: string | undefined, clock: Clock) {
    this.handle = handle;
    this.path = path;
    this.clock = clock;
  }

  /** @param name a part of its name, for those who look into the folder */
  static async open(directory: string, name: string, clock: Clock): Promise<TemporaryFile> {
    made++;
    const path = join(directory, `${name}-${process.pid}-${made}.tmp`);
    // Only what is not there is opened: nobody can have put a link in its place.
    const handle = await open(path, "wx+", 0o600);
    const isNameless = await unlink(path).then(
      () => true,
      () => false,
    );
    return new TemporaryFile(handle, isNameless ? undefined : path, clock);
  }

  /** One call after the other. */
  async append(text: string): Promise<void> {
    // A UTF-16 unit has at most three bytes of UTF-8.
    if (this.buffer.length < text.length * 3) this.buffer = Buffer.allocUnsafeSlow(text.length * 3);
    const length = this.buffer.write(text, "utf8");
    for (let at = 0; at < length; ) {
      const { bytesWritten } = await this.inTime("Writing", () =>
        this.handle.write(this.buffer, at, length - at, this.bytes),
      );
      at += bytesWritten;
      this.bytes += bytesWritten;
    }
  }

  /** How many bytes were read to the beginning of the buffer. */
  async read(buffer: Buffer, length: number, position: number): Promise<number> {
    const { bytesRead } = await this.inTime("Reading", () => this.handle.read(buffer, 0, length, position));
    return bytesRead;
  }

  async close(): Promise<void> {
    await this.handle.close();
    if (this.path !== undefined) await rm(this.path, { force: true });
  }

  private inTime<TValue>(what: string, work: () => Promise<TValue>): Promise<TValue> {
    return withinLimit(this.clock, timeoutMs, work, `${what} a temporary file`);
  }
}
