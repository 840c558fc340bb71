import { AtomicError, checkKeys, configError } from "@atomic-agents/core";
import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HistoryDump } from "../history/history-dump.ts";
import { sessionChanged } from "./session-changed.ts";
import type { SaveOptions, SessionStore, StoredHistory } from "./session-store.ts";

/** Where conversations are kept. */
export interface FileSessionsOptions {
  /** The folder; made when it is first needed. */
  readonly directory: string;
}

/**
 * Keeps conversations in files, so that they outlive the process and may be shared by several. A session has a folder
 * named by the SHA-256 of its id, and a file there for its revision; a file comes into being whole, and only if no other
 * process has saved that revision. Files are made for their owner alone. Nothing removes sessions that nobody deletes; what
 * processes have left unfinished that were killed is removed with the first session that the store saves.
 * The file system has to have hard links, as all usual ones do.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const store = fileSessions({ directory: "out/sessions" });
 * await store.delete("../ada");
 * await store.save("../ada", createHistory({ maxTurns: 3 }).dump(), { revision: 0 });
 * console.log((await store.load("../ada"))?.dump.maxTurns); // => 3
 * ```
 */
export function fileSessions(options: FileSessionsOptions): SessionStore {
  checkKeys("fileSessions", options, ["directory"]);
  const { directory } = options;
  if (typeof directory !== "string" || directory === "" || directory.includes("\0")) {
    throw configError("fileSessions", "directory", "the path of a folder", directory);
  }
  const folderOf = (sessionId: string): string => {
    const digest = createHash("sha256").update(sessionId).digest("hex");
    return join(directory, digest.slice(0, 2), digest.slice(2));
  };
  const drafts = new Drafts(join(directory, "unfinished"));
  return {
    load: (sessionId) => load(folderOf(sessionId)),
    save: (sessionId, dump, saving) => save(folderOf(sessionId), drafts, dump, saving),
    delete: (sessionId) => rm(folderOf(sessionId), { recursive: true, force: true }),
  };
}

async function load(folder: string): Promise<StoredHistory | undefined> {
  let sought = 0;
  // A revision that is gone before it could be read has made way for a later one; who reads so slowly looks again.
  for (let attempt = 0; attempt < 10; attempt++) {
    const [revision] = await revisionsIn(folder);
    if (revision === undefined) return undefined;
    sought = revision;
    try {
      return { dump: dumpOf(await readFile(fileOf(folder, revision), "utf8"), folder), revision };
    } catch (thrown) {
      if (!isCode(thrown, "ENOENT")) throw thrown;
    }
  }
  throw sessionChanged(sought, undefined);
}

/** What is in it is checked by who makes a history of it. */
function dumpOf(text: string, folder: string): HistoryDump {
  try {
    return JSON.parse(text) as HistoryDump;
  } catch (cause) {
    const message = `The session in ${folder} cannot be read: its file is damaged`;
    throw new AtomicError("EXECUTION", message, {
      details: { thrown: message },
      retryable: false,
      cause,
      hint: "Delete the session, or bring its file back from a copy.",
    });
  }
}

async function save(
  folder: string,
  drafts: Drafts,
  dump: HistoryDump,
  { revision }: SaveOptions,
): Promise<void> {
  const draft = await drafts.write(JSON.stringify(dump));
  let before: readonly number[];
  try {
    if (revision === 0) await mkdir(folder, { recursive: true, mode: 0o700 });
    before = await revisionsIn(folder);
    const [latest] = before;
    if ((latest ?? 0) !== revision) throw sessionChanged(revision, latest);
    // Unlike a rename this fails when somebody else was quicker.
    await link(draft, fileOf(folder, revision + 1));
    await checkStillLatest(folder, dump, revision);
  } catch (thrown) {
    if (isCode(thrown, "EEXIST")) throw sessionChanged(revision, revision + 1);
    if (isCode(thrown, "ENOENT")) throw sessionChanged(revision, undefined);
    throw thrown;
  } finally {
    await remove(draft);
  }
  for (const old of before) await remove(fileOf(folder, old));
}

/** No process takes as long to save. Should one do so all the same, it finds its draft gone, and has not saved. */
const longestSaveMs = 600_000;

/** Removed at once, at most. */
const maxRemoved = 10_000;

/** Files that are on their way into a session, in one folder for all, so that what was left behind is found. */
class Drafts {
  readonly #folder: string;
  #isTidied = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes a draft; gives its path. */
  async write(text: string): Promise<string> {
    const path = join(this.#folder, `${randomUUID()}.part`);
    try {
      await writeFile(path, text, { flag: "wx", mode: 0o600, flush: true });
    } catch (thrown) {
      if (!isCode(thrown, "ENOENT")) throw await tidied(path, thrown);
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(path, text, { flag: "wx", mode: 0o600, flush: true });
    }
    if (!this.#isTidied) {
      this.#isTidied = true;
      await this.#removeOlderThan(path).catch(() => undefined);
    }
    return path;
  }

  /** What is left for long, by the clock of the file system, which other computers may share. */
  async #removeOlderThan(path: string): Promise<void> {
    const { mtimeMs } = await stat(path);
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".part"));
    for (const name of names.slice(0, maxRemoved)) {
      const other = join(this.#folder, name);
      // Others may have removed it.
      const found = await stat(other).catch(() => undefined);
      if (found !== undefined && mtimeMs - found.mtimeMs > longestSaveMs) await remove(other);
    }
  }
}

/** Takes away what was written of a file when there was no room for all of it; gives why. */
async function tidied(path: string, thrown: unknown): Promise<unknown> {
  await remove(path).catch(() => undefined);
  return thrown;
}

/**
 * A process that stood still between looking and linking may have brought a revision back that others had saved and
 * replaced meanwhile. Then the later one counts, unless it goes on from this one.
 */
async function checkStillLatest(folder: string, dump: HistoryDump, revision: number): Promise<void> {
  const [latest] = await revisionsIn(folder);
  if (latest === revision + 1) return;
  const own = dump.turns.at(-1)?.id;
  const stored = await load(folder);
  if (stored?.dump.turns.some(({ id }) => id === own) !== true) throw sessionChanged(revision, latest);
}

function fileOf(folder: string, revision: number): string {
  return join(folder, `${revision}.json`);
}

/** The revisions that there are, the latest first. More than one when a process ended while it saved. */
async function revisionsIn(folder: string): Promise<readonly number[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (thrown) {
    if (isCode(thrown, "ENOENT")) return [];
    throw thrown;
  }
  return names
    .filter((name) => /^[1-9]\d{0,14}\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .toSorted((left, right) => right - left);
}

/** Removes what may be gone already. */
async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (!isCode(thrown, "ENOENT")) throw thrown;
  }
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
