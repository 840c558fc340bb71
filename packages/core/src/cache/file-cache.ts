import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys } from "../limits.ts";
import { cacheEntryFromText, cacheEntryToText } from "./cache-entry.ts";
import type { CacheEntry, CacheKey, CacheStore } from "./cache-store.ts";
import { FileShelf } from "./file-shelf.ts";
import { sha256 } from "./sha256.ts";

/** Where a `FileCache` keeps its files, and how many. */
export interface FileCacheOptions {
  /** The folder; made when it is first needed. */
  readonly folder: string;
  /** The most entries; 10,000. Several processes that share a folder may each go a tenth beyond it. */
  readonly maxEntries?: number | undefined;
}

/**
 * Keeps outputs in files, so that they outlive the process and can be shared by several. An entry lies in
 * `<folder>/ab/cdef…`, named by the SHA-256 of its key. Files are written under another name and renamed, so that
 * nobody reads half of one; a file that is damaged all the same counts as a miss and is removed. When there are too many
 * the oldest go. Whoever may read the folder reads the outputs; the files are made for their owner alone.
 *
 * @throws AtomicError `CONFIG` for a folder that is no text, or a limit that is no whole number from 1
 * @example
 * ```ts
 * const store = new FileCache({ folder: "out/cache" });
 * const cached = withCache(countWords, { store });
 * console.log(await cached.run({ text: "to be or not to be" })); // => { words: 6 }
 * ```
 */
export class FileCache implements CacheStore {
  readonly #shelf: FileShelf;

  constructor(options: FileCacheOptions) {
    checkKeys("FileCache", options, ["folder", "maxEntries"]);
    const { folder, maxEntries = 10_000 } = options;
    if (typeof folder !== "string" || folder === "" || folder.includes("\0")) {
      throw configError("FileCache", "folder", "the path of a folder", folder);
    }
    checkCount("FileCache", "maxEntries", maxEntries);
    this.#shelf = new FileShelf(folder, maxEntries);
  }

  async get({ digest }: CacheKey, nowMs: number): Promise<CacheEntry | undefined> {
    const text = await this.#shelf.read(digest);
    if (text === undefined) return undefined;
    const entry = unsealed(digest, text);
    if (entry !== undefined && nowMs < entry.expiresAtMs) return entry;
    await this.#shelf.remove(digest);
    return undefined;
  }

  async set({ digest }: CacheKey, entry: CacheEntry): Promise<void> {
    await this.#shelf.write(digest, sealed(digest, entry), entry.storedAtMs);
  }

  async delete({ digest }: CacheKey): Promise<void> {
    await this.#shelf.remove(digest);
  }
}

/** Changes with the form of the files, so that those of another form are misses. */
const form = "atomic-agents-cache-1";

/** A first line that says whether the rest is whole, and under which name it belongs. */
function sealed(digest: string, entry: CacheEntry): string {
  const body = cacheEntryToText(entry);
  return `${form} ${sealOf(digest, body)}\n${body}`;
}

function unsealed(digest: string, text: string): CacheEntry | undefined {
  const endOfLine = text.indexOf("\n");
  const body = text.slice(endOfLine + 1);
  if (text.slice(0, endOfLine) !== `${form} ${sealOf(digest, body)}`) return undefined;
  return cacheEntryFromText(body);
}

function sealOf(digest: string, body: string): string {
  return sha256(`${digest}\n${body}`);
}
