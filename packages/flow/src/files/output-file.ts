import type { Stats } from "node:fs";
import { constants, type FileHandle, lstat, mkdir, open, readlink, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { configError } from "../config-error.ts";
import type { ByteSink } from "../formats/byte-sink.ts";

/** The longest name that file systems take, in bytes. */
const maxNameBytes = 255;
/** How often a named pipe is looked at that has no reader yet. */
const pipeIntervalMs = 50;
/** As many as Linux follows. */
const maxLinks = 40;

/**
 * A file that is written under a temporary name beside it, `.NAME.RUN.tmp`, and gets its own when all is written and safe on
 * the disk. So under that name there is never a part. What is no plain file, such as a pipe or a device, is written to
 * as it is.
 */
export class OutputFile implements ByteSink {
  private readonly handle: FileHandle;
  private readonly path: string;
  /** Undefined where the target is written to directly. */
  private readonly temporary: string | undefined;
  private isOpen = true;
  private isPublished = false;

  private constructor(handle: FileHandle, path: string, temporary: string | undefined) {
    this.handle = handle;
    this.path = path;
    this.temporary = temporary;
  }

  /**
   * Folders that are missing are made. A link stays one: what it leads to is written. A file that is there keeps its mode,
   * and its owner where the process may give files away.
   *
   * @param signal ends the wait for the reader of a named pipe
   * @throws AtomicError `CONFIG` for what cannot be written
   */
  static async open(what: string, asked: string, runId: string, signal: AbortSignal): Promise<OutputFile> {
    try {
      const path = await targetOf(asked);
      if (path === undefined) throw refusal(what, asked, "Its links lead in a circle.");
      const stats = await statsOf(path);
      if (stats?.isDirectory() === true) throw refusal(what, asked, "It is a folder.");
      if (stats?.isFIFO() === true) return new OutputFile(await openPipe(path, signal), path, undefined);
      if (stats !== undefined && !stats.isFile()) {
        return new OutputFile(await open(path, "w"), path, undefined);
      }
      if (stats === undefined) await makeFolder(dirname(path));
      else {
        // A rename would not ask whether the file itself may be written.
        const before = await open(path, constants.O_WRONLY);
        await before.close();
      }
      const temporary = join(dirname(path), temporaryName(basename(path), runId));
      const handle = await open(temporary, "wx");
      if (stats !== undefined) await likeBefore(handle, stats);
      return new OutputFile(handle, path, temporary);
    } catch (thrown) {
      throw toRefusal(thrown, what, asked);
    }
  }

  get isDirect(): boolean {
    return this.temporary === undefined;
  }

  /** Where the bytes go until it is published, for those who do not write them by this. */
  get writtenTo(): string {
    return this.temporary ?? this.path;
  }

  readonly write = async (bytes: Buffer): Promise<void> => {
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
    this.isPublished = true;
    await syncFolder(dirname(this.path));
  };

  readonly discard = async (): Promise<void> => {
    // A close may tell of a write that has failed, which is known by now.
    await this.close().catch(() => {});
    if (this.temporary !== undefined && !this.isPublished) await rm(this.temporary, { force: true });
  };

  private async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.handle.close();
  }
}

/**
 * Opens a named pipe when it has a reader. To open it without one would hold a thread until one comes, and with it the end of the
 * process, also when its flow has been cancelled.
 */
async function openPipe(path: string, signal: AbortSignal): Promise<FileHandle> {
  for (;;) {
    const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch((thrown: unknown) => {
      // So it is while nobody reads.
      if (codeOf(thrown) !== "ENXIO") throw thrown;
    });
    if (probe === undefined) {
      await delay(pipeIntervalMs, undefined, { signal });
      continue;
    }
    try {
      // Opened as files are, it waits when it is full. Meanwhile it has a writer, or its reader would take it for ended.
      return await open(path, "w");
    } finally {
      await probe.close();
    }
  }
}

/** What links lead to in the end, also when nothing is there; undefined when they lead nowhere. */
export async function targetOf(asked: string): Promise<string | undefined> {
  let path = resolve(asked);
  for (let links = 0; links < maxLinks; links++) {
    if ((await statsOf(path))?.isSymbolicLink() !== true) return path;
    // A link of the system to an open pipe, such as /dev/stdout, says no path.
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && !there.isFile() && !there.isDirectory()) return path;
    path = resolve(dirname(path), await readlink(path));
  }
  return undefined;
}

/** Undefined for what is not there. */
async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Not longer than names may be, whatever the file is called. */
export function temporaryName(name: string, runId: string): string {
  const rest = `.${runId}.tmp`;
  const room = maxNameBytes - Buffer.byteLength(rest) - 1;
  // A character that is cut becomes a mark for what cannot be read, which is longer than its part was.
  const kept = Buffer.from(name)
    .subarray(0, room)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
  return `.${kept}${rest}`;
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true }).catch(async (thrown: unknown) => {
    // Whatever forbids a folder on the way: by itself it says what.
    if (codeOf(thrown) !== "ENOENT" || !(thrown instanceof Error && "path" in thrown)) throw thrown;
    const path = String(thrown.path);
    await mkdir(path);
    await mkdir(folder, { recursive: true });
    return path;
  });
  if (first === undefined) return;
  // A folder lasts when the one that it is in is synced.
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/** Gives a new file the mode and owner of the one whose place it will take. */
async function likeBefore(handle: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) {
    // Only the superuser may.
    await handle.chown(uid, gid).catch(() => {});
  }
  await handle.chmod(mode & 0o7777);
}

/** Makes a new name last; where folders cannot be opened, the system sees to it. */
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

const reasons: Readonly<Record<string, string>> = {
  EACCES: "It may not be written.",
  EPERM: "It may not be written.",
  EROFS: "Its file system is read-only.",
  ENOTDIR: "A part of its path is a file.",
  ENAMETOOLONG: "Its name is too long.",
  ELOOP: "Its links lead in a circle.",
  EEXIST: "Another sink of the flow writes to it already.",
};

/** Says of what the system refuses what may have been meant; other failures stay what they are. */
function toRefusal(thrown: unknown, what: string, path: string): unknown {
  const reason = reasons[codeOf(thrown) ?? ""];
  return reason === undefined ? thrown : refusal(what, path, reason);
}

function refusal(what: string, path: string, reason: string): Error {
  return configError(what, "path", "the name of a file that can be written", path, reason);
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}
