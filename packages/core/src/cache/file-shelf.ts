import type { Dirent } from "node:fs";
import { slidingWindow } from "../sliding-window.ts";

/** A leftover of a process that ended while it wrote is removed after an hour. */
const maxWritingMs = 3_600_000;

/** How many files are looked at or removed at a time. */
const concurrency = 16;

/**
 * Texts in files, by the hexadecimal digest that names them: `<folder>/ab/cdef…`. Bounded: before there is one too many
 * the oldest tenth goes.
 */
export class FileShelf {
  readonly #folder: string;
  readonly #maxFiles: number;
  /** How many files may be written before they are counted again; other processes write, too. */
  #room = 0;
  #tidying: Promise<void> | undefined = undefined;
  /** What is being written; never more than there is room for. */
  readonly #writing = new Set<Promise<void>>();

  constructor(folder: string, maxFiles: number) {
    this.#folder = folder;
    this.#maxFiles = maxFiles;
  }

  async read(digest: string): Promise<string | undefined> {
    try {
      return await files().readFile(this.#pathOf(digest), "utf8");
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      throw thrown;
    }
  }

  async write(digest: string, text: string, nowMs: number): Promise<void> {
    while (this.#room <= 0) {
      this.#tidying ??= this.#tidy(nowMs).finally(() => {
        this.#tidying = undefined;
      });
      await this.#tidying;
    }
    this.#room--;
    const writing = this.#replace(this.#pathOf(digest), text);
    this.#writing.add(writing);
    try {
      await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #replace(path: string, text: string): Promise<void> {
    // In the same folder, so that renaming stays on the same file system.
    const part = `${path}.${process.getBuiltinModule("node:crypto").randomUUID()}.part`;
    try {
      await this.#writeNew(part, text);
      await files().rename(part, path);
    } catch (thrown) {
      await removeFile(part);
      throw thrown;
    }
  }

  /** Removes a file, if there is one. */
  async remove(digest: string): Promise<void> {
    try {
      await files().unlink(this.#pathOf(digest));
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
  }

  #pathOf(digest: string): string {
    return join(this.#folder, digest.slice(0, 2), digest.slice(2));
  }

  async #writeNew(path: string, text: string): Promise<void> {
    const options = { flag: "wx", mode: 0o600 } as const;
    try {
      await files().writeFile(path, text, options);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      // Only the first file of a folder comes here.
      await files().mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
      await files().writeFile(path, text, options);
    }
  }

  /** Makes room for at least one file more. */
  async #tidy(nowMs: number): Promise<void> {
    // Nothing else begins meanwhile, for there is no room.
    await Promise.allSettled(this.#writing);
    const paths: string[] = [];
    for (const folder of await this.#subfolders()) {
      for (const { name } of await entriesOf(folder)) {
        if (/^[0-9a-f]{62}$/.test(name)) paths.push(join(folder, name));
        else if (name.endsWith(".part")) await removeWhenOld(join(folder, name), nowMs);
      }
    }
    const tenth = Math.ceil(this.#maxFiles / 10);
    let count = paths.length;
    if (count >= this.#maxFiles) {
      const excess = count - (this.#maxFiles - tenth);
      await slidingWindow((await oldestFirst(paths)).slice(0, excess), removeFile, { concurrency });
      count -= excess;
    }
    this.#room = Math.min(tenth, this.#maxFiles - count);
  }

  async #subfolders(): Promise<readonly string[]> {
    const entries = await entriesOf(this.#folder);
    return entries
      .filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name))
      .map(({ name }) => join(this.#folder, name));
  }
}

/** Loaded by who uses files, not by who imports this package. */
function files(): typeof import("node:fs/promises") {
  return process.getBuiltinModule("node:fs/promises");
}

function join(...parts: readonly string[]): string {
  return process.getBuiltinModule("node:path").join(...parts);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}

/** What is not there any more, or cannot be removed, is no concern of who only wants to be rid of it. */
async function removeFile(path: string): Promise<void> {
  try {
    await files().unlink(path);
  } catch {
    // Another process was quicker, or the folder may not be written to: then it stays, and is found damaged again.
  }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await files().readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}

async function removeWhenOld(path: string, nowMs: number): Promise<void> {
  if (nowMs - (await writtenAtMs(path)) > maxWritingMs) await removeFile(path);
}

async function oldestFirst(paths: readonly string[]): Promise<readonly string[]> {
  const dated: { readonly path: string; readonly atMs: number }[] = [];
  const date = async (path: string): Promise<void> => {
    dated.push({ path, atMs: await writtenAtMs(path) });
  };
  await slidingWindow(paths, date, { concurrency });
  return dated.toSorted((left, right) => left.atMs - right.atMs).map(({ path }) => path);
}

/** When a file was written; `Infinity` when it is gone. */
async function writtenAtMs(path: string): Promise<number> {
  try {
    return (await files().stat(path)).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
