import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A JSONL file that appears under its name only when it is complete: records are written to another name, and that is
 * renamed. So nobody ever reads half of it, and an older file stays until the new one is there.
 */
export class RecordsFile {
  readonly #path: string;
  readonly #partialPath: string;
  readonly #file: FileHandle;
  #isOpen = true;

  private constructor(path: string, partialPath: string, file: FileHandle) {
    this.#path = path;
    this.#partialPath = partialPath;
    this.#file = file;
  }

  /** @throws Error when nothing can be written there; better to know before the work than after it. */
  static async create(path: string): Promise<RecordsFile> {
    if (await isFolder(path)) throw new Error(`${path} is a folder`);
    // One level only: a mistyped path is to be an error, not a tree of new folders.
    const folder = dirname(path);
    if (!(await isFolder(folder))) await mkdir(folder);
    // The process id keeps two runs at the same time from writing into one file.
    const partialPath = `${path}.${process.pid}.partial`;
    return new RecordsFile(path, partialPath, await open(partialPath, "w"));
  }

  async add(record: unknown): Promise<void> {
    await this.#file.write(`${JSON.stringify(record)}\n`);
  }

  /** Gives the file its name. */
  async publish(): Promise<void> {
    await this.#close();
    await rename(this.#partialPath, this.#path);
  }

  /** Removes what was written, unless it was published. */
  async discard(): Promise<void> {
    await this.#close();
    // Once published, nothing is left under this name.
    await rm(this.#partialPath, { force: true });
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
