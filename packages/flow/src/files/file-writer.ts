import { type FileHandle, lstat, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SinkWriter } from "../sink.ts";

/**
 * Writes lines to a temporary name beside the file, and gives it the final name when all is written and safe on the disk. So
 * under that name there is never a part. What is no plain file, such as a pipe or a device, is written to as it is.
 */
export class FileWriter implements SinkWriter<string> {
  private readonly handle: FileHandle;
  private readonly path: string;
  /** Undefined where the target is written to directly. */
  private readonly temporary: string | undefined;
  private isOpen = true;

  private constructor(handle: FileHandle, path: string, temporary: string | undefined) {
    this.handle = handle;
    this.path = path;
    this.temporary = temporary;
  }

  static async open(asked: string, runId: string): Promise<FileWriter> {
    // A link stays one: what it leads to is written.
    const path = await realpath(asked).catch(() => asked);
    const stats = await lstat(path).catch(() => undefined);
    if (stats !== undefined && !stats.isFile()) {
      return new FileWriter(await open(path, "w"), path, undefined);
    }
    const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${runId}.tmp`);
    const handle = await open(temporary, "wx", stats === undefined ? 0o666 : stats.mode & 0o777);
    return new FileWriter(handle, path, temporary);
  }

  readonly write = async (texts: readonly string[]): Promise<void> => {
    const bytes = Buffer.from(`${texts.join("\n")}\n`, "utf8");
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, at);
      at += bytesWritten;
    }
  };

  readonly prepare = async (): Promise<void> => {
    if (this.temporary !== undefined) await this.handle.sync();
    await this.close();
  };

  readonly publish = async (): Promise<void> => {
    if (this.temporary === undefined) return;
    await rename(this.temporary, this.path);
    await syncFolder(dirname(this.path));
  };

  readonly discard = async (): Promise<void> => {
    await this.close();
    if (this.temporary !== undefined) await rm(this.temporary, { force: true });
  };

  private async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.handle.close();
  }
}

/** Makes a rename last; where folders cannot be opened, the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, "r");
  } catch {
    return;
  }
  try {
    await handle.sync();
  } catch {
    // Some file systems cannot; the file is under its name all the same.
  } finally {
    await handle.close();
  }
}
