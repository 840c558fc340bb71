import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  AtomicError,
  compareRunRecords,
  type LogFields,
  type RunQuery,
  runQueryOf,
  type RunRecord,
  type RunStore,
} from "@atomic-agents/core";
import { isMissing, storeFailure } from "./store-failure.ts";
import {
  type CheckedLimits,
  checkLimits,
  checkOptions,
  checkPath,
  limitKeys,
  type RunStoreLimits,
} from "./store-limits.ts";
import { endOf, runOfText, type StoredRun, storedRun } from "./stored-run.ts";

/** Where a `FolderRunStore` keeps its files, and how many. */
export interface FolderRunStoreOptions extends RunStoreLimits {
  /** The folder; made when a run is first saved. Files in it that the store did not make are left alone. */
  readonly folder: string;
}

/** A file of the store's, by what its name says. */
interface RunFile {
  readonly name: string;
  /** The moment of the run's beginning, without what stands behind the milliseconds. */
  readonly startedAtMs: number;
  /** Of the run id. */
  readonly digest: string;
}

interface FileFacts {
  readonly bytes: number;
  readonly endMs: number;
}

/** The latest moment that a name can tell. */
const lastMs = 253_402_300_799_999;
/** A leftover of a process that ended while it wrote is removed after an hour. */
const maxWritingMs = 3_600_000;
/** How many files are read at a time. */
const readAtOnce = 16;
/** Of how many damaged files it is remembered that they were told of. */
const maxTold = 1_000;

/**
 * Keeps the records of runs in a folder, a file of JSON a run, so that they outlive the process and several processes can
 * share them. A file is written under another name, made safe on the disk and renamed, so that nobody reads half of one;
 * its name holds the run's beginning and the SHA-256 of its id. Old records go when others are saved. A file that is damaged
 * all the same is left out, and the log says so.
 *
 * Whoever may read the folder reads the records; folder and files are made for their owner alone. What fails rejects with
 * `EXECUTION` and says why: that breaks no run.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const store = new FolderRunStore({ folder: "out/runs", maxRuns: 100 });
 * await clean.run({ text: " a " }, { store });
 * for (const { report } of await store.list({ limit: 1 })) console.log(report.agent, report.status);
 * // => clean-text success
 * ```
 */
export class FolderRunStore implements RunStore {
  readonly #folder: string;
  readonly #limits: CheckedLimits;
  /** By name, of files that were looked at. */
  readonly #facts = new Map<string, FileFacts>();
  readonly #told = new Set<string>();
  /** What is written or removed of a run, one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: FolderRunStoreOptions) {
    const what = "FolderRunStore";
    checkOptions(what, options, ["folder", ...limitKeys]);
    checkPath(what, "folder", options.folder);
    this.#limits = checkLimits(what, options);
    this.#folder = resolve(options.folder);
  }

  /** @throws AtomicError `CONFIG` for what is no record, `EXECUTION` when it cannot be written */
  async save(record: RunRecord): Promise<void> {
    const stored = storedRun("FolderRunStore.save", record);
    const { maxBytes } = this.#limits;
    if (stored.bytes > maxBytes) {
      const text = `the record takes ${stored.bytes} bytes, more than maxBytes (${maxBytes}) for all`;
      throw storeFailure("save", this.#folder, new Error(text));
    }
    const digest = digestOf(record.report.runId);
    await this.#inTurn(digest, "save", async () => this.#write(digest, stored));
  }

  async get(runId: string): Promise<RunRecord | undefined> {
    const digest = digestOf(runId);
    return this.#reading(async () => {
      const files = (await this.#files()).filter((file) => file.digest === digest);
      const newest = await this.#newestOf(files);
      return newest === undefined ? undefined : this.#read(newest);
    });
  }

  /** @throws AtomicError `CONFIG` for a query that makes no sense, `EXECUTION` when the folder cannot be read */
  async list(query: RunQuery = {}): Promise<readonly RunRecord[]> {
    const { limit, isWanted } = runQueryOf("FolderRunStore.list", query);
    const { beforeMs = Number.POSITIVE_INFINITY } = query;
    return this.#reading(async () => {
      // A name tells the beginning well enough to leave out most files; the first moment stands for all before it.
      const files = (await this.#files()).filter(
        ({ startedAtMs }) => startedAtMs <= beforeMs || startedAtMs === 0,
      );
      const latestFirst = (await this.#singles(files)).toSorted((a, b) => b.startedAtMs - a.startedAtMs);
      const found: RunRecord[] = [];
      for (let at = 0; at < latestFirst.length && found.length < limit; ) {
        let end = Math.min(at + readAtOnce, latestFirst.length);
        // Files of one millisecond are put into order together.
        while (
          latestFirst[end]?.startedAtMs === latestFirst[end - 1]?.startedAtMs &&
          end < latestFirst.length
        )
          end++;
        const records = await this.#readAll(latestFirst.slice(at, end));
        found.push(...records.filter(isWanted).toSorted(compareRunRecords));
        at = end;
      }
      return found.slice(0, limit);
    });
  }

  async delete(runId: string): Promise<boolean> {
    const digest = digestOf(runId);
    return this.#inTurn(digest, "delete", async () => {
      const files = (await this.#files()).filter((file) => file.digest === digest);
      let wasThere = false;
      for (const { name } of files) {
        if (await this.#remove(name)) wasThere = true;
      }
      return wasThere;
    });
  }

  /** Nothing is open between two calls. */
  close(): void {}

  [Symbol.dispose](): void {}

  async #write(digest: string, stored: StoredRun): Promise<void> {
    const name = nameOf(stored.startedAtMs, digest);
    const isOld = stored.endMs < this.#oldestMs();
    if (!isOld) await this.#replace(name, stored);
    const files = await this.#files();
    for (const file of files) {
      if (file.digest === digest && (isOld || file.name !== name)) await this.#remove(file.name);
    }
    try {
      await this.#tidy(files, name);
    } catch (thrown) {
      // The record itself is kept.
      this.#warn("Old records of runs could not be removed", {
        folder: this.#folder,
        reason: textOf(thrown),
      });
    }
  }

  async #replace(name: string, { text, endMs }: StoredRun): Promise<void> {
    // In the same folder, so that renaming stays on the same file system.
    const part = `${name}.${randomUUID()}.part`;
    const handle = await this.#openNew(join(this.#folder, part));
    try {
      try {
        await handle.writeFile(`${text}\n`);
        // So that nobody has to read a file to know whether it is old.
        const end = Math.min(Math.max(endMs, 0), lastMs) / 1_000;
        await handle.utimes(end, end);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(join(this.#folder, part), join(this.#folder, name));
    } catch (thrown) {
      await this.#remove(part).catch(() => {});
      throw thrown;
    }
    this.#facts.set(name, { bytes: Buffer.byteLength(text) + 1, endMs });
  }

  async #openNew(path: string): Promise<FileHandle> {
    try {
      return await open(path, "wx", 0o600);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      // Only the first file comes here, or the first after the folder was removed.
      await makeFolder(this.#folder);
      return await open(path, "wx", 0o600);
    }
  }

  /** Lets go what is too old or too much; the run that was saved last stays. */
  async #tidy(files: readonly RunFile[], saved: string): Promise<void> {
    const { maxBytes, maxRuns } = this.#limits;
    const kept: (RunFile & FileFacts)[] = [];
    let bytes = 0;
    for (const file of files) {
      const facts = await this.#factsOf(file.name);
      if (facts === undefined) continue;
      if (facts.endMs < this.#oldestMs()) await this.#remove(file.name);
      else {
        bytes += facts.bytes;
        kept.push({ ...file, ...facts });
      }
    }
    let count = kept.length;
    if (count > maxRuns || bytes > maxBytes) {
      kept.sort((a, b) => a.endMs - b.endMs || (a.name < b.name ? -1 : 1));
      for (const file of kept) {
        if (count <= maxRuns && bytes <= maxBytes) break;
        if (file.name === saved) continue;
        await this.#remove(file.name);
        count--;
        bytes -= file.bytes;
      }
    }
    const names = new Set(files.map(({ name }) => name));
    for (const name of this.#facts.keys()) if (!names.has(name) && name !== saved) this.#facts.delete(name);
  }

  async #factsOf(name: string): Promise<FileFacts | undefined> {
    const known = this.#facts.get(name);
    if (known !== undefined) return known;
    try {
      const { size, mtimeMs } = await stat(join(this.#folder, name));
      const facts = { bytes: size, endMs: mtimeMs };
      this.#facts.set(name, facts);
      return facts;
    } catch {
      // Another process was quicker.
      return undefined;
    }
  }

  /** The files of runs; leftovers of processes that ended while they wrote are removed on the way. */
  async #files(): Promise<readonly RunFile[]> {
    let names: readonly string[];
    try {
      names = await readdir(this.#folder);
    } catch (thrown) {
      if (isMissing(thrown)) return [];
      throw thrown;
    }
    const files: RunFile[] = [];
    for (const name of names) {
      const file = fileOf(name);
      if (file !== undefined) files.push(file);
      else if (partName.test(name)) await this.#removeLeftover(name);
    }
    return files;
  }

  async #removeLeftover(name: string): Promise<void> {
    try {
      const { mtimeMs, ctimeMs } = await stat(join(this.#folder, name));
      // One that is written right now may have been given the moment of a run's end.
      const writtenMs = Math.max(mtimeMs, ctimeMs);
      if (this.#limits.clock.timestamp() - writtenMs > maxWritingMs) await this.#remove(name);
    } catch {
      // It is gone, or the folder may only be read.
    }
  }

  /** Of each run the newest file: there are two where a process ended between writing one and removing the other. */
  async #singles(files: readonly RunFile[]): Promise<readonly RunFile[]> {
    const byDigest = Map.groupBy(files, ({ digest }) => digest);
    if (byDigest.size === files.length) return files;
    const singles: RunFile[] = [];
    for (const same of byDigest.values()) {
      const newest = await this.#newestOf(same);
      if (newest !== undefined) singles.push(newest);
    }
    return singles;
  }

  async #newestOf(files: readonly RunFile[]): Promise<RunFile | undefined> {
    if (files.length < 2) return files[0];
    const dated: (RunFile & FileFacts)[] = [];
    for (const file of files) {
      const facts = await this.#factsOf(file.name);
      if (facts !== undefined) dated.push({ ...file, ...facts });
    }
    return dated.toSorted((a, b) => b.endMs - a.endMs)[0];
  }

  async #readAll(files: readonly RunFile[]): Promise<readonly RunRecord[]> {
    const records: RunRecord[] = [];
    for (let at = 0; at < files.length; at += readAtOnce) {
      const reading = files.slice(at, at + readAtOnce).map(async (file) => this.#read(file));
      for (const record of await Promise.all(reading)) if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** What a file holds; undefined when it is gone, too old or damaged. */
  async #read({ name, digest }: RunFile): Promise<RunRecord | undefined> {
    let text: string;
    try {
      const handle = await open(join(this.#folder, name), "r");
      try {
        const { size } = await handle.stat();
        if (size > this.#limits.maxBytes + 1) throw new Damaged(`it has ${size} bytes`);
        text = await handle.readFile("utf8");
      } finally {
        await handle.close();
      }
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      if (!(thrown instanceof Damaged)) throw thrown;
      this.#tellDamaged(name, thrown);
      return undefined;
    }
    try {
      const record = runOfText(text);
      if (digestOf(record.report.runId) !== digest)
        throw new Damaged("it is of another run than its name says");
      return endOf(record) < this.#oldestMs() ? undefined : record;
    } catch (thrown) {
      this.#tellDamaged(name, thrown);
      return undefined;
    }
  }

  #tellDamaged(name: string, thrown: unknown): void {
    if (this.#told.has(name) || this.#told.size >= maxTold) return;
    this.#told.add(name);
    const file = join(this.#folder, name);
    this.#warn("The record of a run is damaged and left out", { file, reason: textOf(thrown) });
  }

  #warn(message: string, fields: LogFields): void {
    try {
      this.#limits.log.warn(message, fields);
    } catch {
      // There is nowhere left to say so.
    }
  }

  /** True when it was there. */
  async #remove(name: string): Promise<boolean> {
    this.#facts.delete(name);
    try {
      await unlink(join(this.#folder, name));
      return true;
    } catch (thrown) {
      // Another process was quicker.
      if (isMissing(thrown)) return false;
      throw thrown;
    }
  }

  #oldestMs(): number {
    const { clock, retentionMs } = this.#limits;
    return clock.timestamp() - retentionMs;
  }

  async #reading<TValue>(read: () => Promise<TValue>): Promise<TValue> {
    try {
      return await read();
    } catch (thrown) {
      throw storeFailure("read", this.#folder, thrown);
    }
  }

  /** What is done to one run is done in the order in which it was asked for: an early record must not come after the last. */
  async #inTurn<TValue>(
    digest: string,
    action: "save" | "delete",
    work: () => Promise<TValue>,
  ): Promise<TValue> {
    const before = this.#turns.get(digest);
    const turn = (async () => {
      await before?.catch(() => {});
      try {
        return await work();
      } catch (thrown) {
        throw storeFailure(action, this.#folder, thrown);
      }
    })();
    this.#turns.set(digest, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(digest) === turn) this.#turns.delete(digest);
    }
  }
}

class Damaged extends Error {}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const runName =
  /^(?<date>\d{4}-\d\d-\d\d)T(?<hour>\d\d)-(?<minute>\d\d)-(?<second>\d\d\.\d{3})Z-(?<digest>[0-9a-f]{32})\.json$/;
const partName = /^\d{4}-[-\d]+T[-\d.]+Z-[0-9a-f]{32}\.json\.[-0-9a-f]{36}\.part$/;

/** A name that any file system takes, whatever the run id is, and that sorts by time. */
function nameOf(startedAtMs: number, digest: string): string {
  const moment = new Date(Math.min(Math.max(Math.floor(startedAtMs), 0), lastMs));
  return `${moment.toISOString().replaceAll(":", "-")}-${digest}.json`;
}

function fileOf(name: string): RunFile | undefined {
  const { date, hour, minute, second, digest } = runName.exec(name)?.groups ?? {};
  if (digest === undefined) return undefined;
  const startedAtMs = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(startedAtMs) ? undefined : { name, startedAtMs, digest };
}

/** Half a surrogate pair has no UTF-8: as JSON, ids that differ have digests that differ. */
function digestOf(runId: string): string {
  if (typeof runId !== "string") {
    throw new AtomicError(
      "CONFIG",
      `FolderRunStore: a run id must be a text, got a value of type ${typeof runId}`,
      {
        details: { path: "runId", expected: "a text", got: typeof runId },
      },
    );
  }
  return createHash("sha256").update(JSON.stringify(runId)).digest("hex").slice(0, 32);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    // Whatever forbids a folder on the way: by itself it says what.
    if (!isMissing(thrown) || !(thrown instanceof Error && "path" in thrown)) throw thrown;
    await mkdir(String(thrown.path), { mode: 0o700 });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}
