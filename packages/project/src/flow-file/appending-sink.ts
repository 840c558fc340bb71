import type { Sink, SinkContext, SinkWriter } from "@atomic-agents/flow";
import { createHash } from "node:crypto";
import { type BigIntStats, constants, createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isMissing } from "../runs/store-failure.ts";
import { safeName } from "./run-file.ts";

/** How often a file is copied anew that changes meanwhile. */
const maxCopies = 10;

/**
 * A sink that adds records to a file of lines. Until all of them are written and safe on the disk the file stays as it
 * was: they are written to a file of their own, and added to a copy that then takes the file's name. What another run
 * puts under that name meanwhile is added to as well, rather than lost.
 *
 * @param name what it is called
 * @param file the absolute path
 * @param make a sink of the same format to another file, its absolute path
 */
export function appendingSink(
  name: string,
  file: string,
  make: (file: string) => Sink<unknown>,
): Sink<unknown> {
  const { maxRecords } = make(file)["~sink"];
  return {
    name,
    "~sink": {
      encode: undefined,
      maxRecords,
      open: async (context) => {
        const before = await statsOf(file);
        // A pipe or a device is written to as it is.
        if (before !== undefined && !before.isFile()) return make(file)["~sink"].open(context);
        return AppendingWriter.open(file, make, context);
      },
    },
  };
}

interface Paths {
  /** What a link leads to; itself where nothing is there yet. */
  readonly file: string;
  /** Holds what is not finished. */
  readonly folder: string;
  /** What is written in this run. Its name tells how it is packed. */
  readonly added: string;
  /** What there was before, and then what is added too. */
  readonly whole: string;
}

class AppendingWriter implements SinkWriter<never> {
  readonly encode: SinkWriter<never>["encode"];
  private readonly inner: SinkWriter<never>;
  private readonly paths: Paths;
  /** What was copied; undefined where nothing was there. */
  private copied: BigIntStats | undefined;

  private constructor(inner: SinkWriter<never>, paths: Paths, copied: BigIntStats | undefined) {
    this.inner = inner;
    this.paths = paths;
    this.copied = copied;
    this.encode = inner.encode;
  }

  static async open(
    asked: string,
    make: (file: string) => Sink<unknown>,
    context: SinkContext,
  ): Promise<AppendingWriter> {
    const file = await targetOf(asked);
    const folder = join(dirname(file), `.${safeName(context.runId)}${endingOf(file)}`);
    const paths: Paths = { file, folder, added: join(folder, basename(file)), whole: join(folder, "whole") };
    try {
      await mkdir(folder, { recursive: true });
      const copied = await copy(file, paths.whole);
      return new AppendingWriter(await make(paths.added)["~sink"].open(context), paths, copied);
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true });
      throw thrown;
    }
  }

  readonly write = (records: readonly never[]) => this.inner.write(records);

  readonly prepare = async (): Promise<void> => {
    const { added, whole } = this.paths;
    await this.inner.prepare?.();
    await this.inner.publish?.();
    await append(whole, added);
  };

  readonly publish = async (): Promise<void> => {
    const { file, folder, added, whole } = this.paths;
    for (let copies = 1; !isSame(this.copied, await statsOf(file)); copies++) {
      if (copies > maxCopies) throw new Error(`${file} changes all the time`);
      await rm(whole, { force: true });
      this.copied = await copy(file, whole);
      await append(whole, added);
    }
    await rename(whole, file);
    await syncFolder(dirname(file));
    await rm(folder, { recursive: true });
  };

  readonly discard = async (): Promise<void> => {
    await this.inner.discard?.();
    await rm(this.paths.folder, { recursive: true, force: true });
  };
}

/** A folder in which a run adds to a file. */
export interface UnpublishedAddition {
  readonly path: string;
  /** The run that is at it, or was killed while it was. */
  readonly runId: string;
}

/** What runs that add to a file have beside it, and what those have left that were killed. */
export async function unpublishedAdditions(path: string): Promise<readonly UnpublishedAddition[]> {
  const file = await targetOf(path);
  const ending = endingOf(file);
  const names = await readdir(dirname(file)).catch((thrown: unknown) => {
    if (isMissing(thrown)) return [];
    throw thrown;
  });
  return names
    .filter((name) => name.startsWith(".") && name.endsWith(ending) && name.length > ending.length + 1)
    .map((name) => ({ path: join(dirname(file), name), runId: name.slice(1, -ending.length) }));
}

/** Of a folder that is for this file. */
function endingOf(file: string): string {
  return `.${createHash("sha256").update(file).digest("hex").slice(0, 8)}.tmp`;
}

/** What a link leads to. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if (isMissing(thrown)) return path;
    throw thrown;
  }
}

/** Undefined for what is not there. */
async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

/** Whether a file is still the one that it was, and as it was. */
function isSame(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return (
    one?.ino === other?.ino &&
    one?.dev === other?.dev &&
    one?.size === other?.size &&
    one?.mtimeNs === other?.mtimeNs
  );
}

/** Copies a file, and says which one it was; undefined when there is none, and then the copy is empty. */
async function copy(from: string, to: string): Promise<BigIntStats | undefined> {
  const stats = await statsOf(from);
  if (stats === undefined) {
    await (await open(to, "w")).close();
    return undefined;
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  return stats;
}

/** Makes a new name last, where folders can be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  // Where it fails, the file is under its name all the same.
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Adds one file's bytes to another's, beginning a line, and has them safe on the disk. */
async function append(to: string, from: string): Promise<void> {
  const begin = (await needsNewline(to)) ? ["\n"] : [];
  const bytes = async function* (): AsyncGenerator<string | Buffer> {
    yield* begin;
    yield* createReadStream(from);
  };
  await pipeline(bytes, createWriteStream(to, { flags: "a", flush: true }));
}

/** Whether a file's last line has no end yet. What is packed has its lines inside. */
async function needsNewline(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) return false;
    const ends = Buffer.alloc(3);
    await file.read(ends, 0, 2, 0);
    await file.read(ends, 2, 1, size - 1);
    const isGzip = ends[0] === 0x1f && ends[1] === 0x8b;
    return !isGzip && ends[2] !== 0x0a;
  } finally {
    await file.close();
  }
}
