import type { Sink, SinkWriter } from "@atomic-agents/flow";
import { constants, createReadStream, createWriteStream } from "node:fs";
import { copyFile, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { safeName } from "./run-file.ts";

/**
 * A sink that adds records to a file of lines. Until all of them are written and safe on the disk the file stays as it
 * was: they are written to a file of their own, and added to a copy that then takes the file's name.
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
        const id = safeName(context.runId);
        const added = join(dirname(file), `.${id}.added.${basename(file)}`);
        const copy = join(dirname(file), `.${basename(file)}.${id}.whole.tmp`);
        const isThere = await copied(file, copy);
        const writer = await make(isThere ? added : file)["~sink"].open(context);
        return isThere ? new AppendingWriter(writer, { file, added, copy }) : writer;
      },
    },
  };
}

interface Paths {
  readonly file: string;
  /** What is written in this run. */
  readonly added: string;
  /** What there was before. */
  readonly copy: string;
}

class AppendingWriter implements SinkWriter<never> {
  readonly encode: SinkWriter<never>["encode"];
  private readonly inner: SinkWriter<never>;
  private readonly paths: Paths;

  constructor(inner: SinkWriter<never>, paths: Paths) {
    this.inner = inner;
    this.paths = paths;
    this.encode = inner.encode;
  }

  readonly write = (records: readonly never[]) => this.inner.write(records);

  readonly prepare = () => this.inner.prepare?.();

  readonly publish = async (): Promise<void> => {
    const { file, added, copy } = this.paths;
    await this.inner.publish?.();
    await append(copy, added);
    await rename(copy, file);
    await rm(added);
  };

  readonly discard = async (): Promise<void> => {
    const { added, copy } = this.paths;
    await this.inner.discard?.();
    for (const path of [added, copy]) await rm(path, { force: true });
  };
}

/** Copies a file; false when there is none. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return false;
    throw thrown;
  }
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
