import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";
import type { DevFiles } from "./dev-files.ts";

/** Files that are watched. */
export interface FileWatch {
  /** How many there are. */
  readonly count: number;
  /** Resolves with those that have changed, come or gone; rejects when the signal aborts. */
  readonly next: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly close: () => void;
}

/** A program that saves a file may touch it several times: so long nothing has to happen. */
const quietMs = 100;
/** How often it looks where the system cannot tell of changes. */
const pollMs = 1_000;
/** And where it can: it may have lost something. */
const seldomMs = 5_000;
const maxFolders = 2_000;
const maxFiles = 20_000;
/** What lies in these is no part of a project; nor are hidden folders. */
const skipped: ReadonlySet<string> = new Set(["node_modules"]);

/** Size and moment of each file. */
type Snapshot = ReadonlyMap<string, string>;

interface Sight {
  readonly files: Snapshot;
  readonly folders: readonly string[];
}

/**
 * Watches files. The system says where something may have happened; what has, is seen by looking at the files.
 *
 * @throws UsageError where there are too many
 */
export async function watchFiles(files: DevFiles): Promise<FileWatch> {
  let sight = await look(files);
  const watchers = new Map<string, FSWatcher>();
  let isBlind = false;
  let wake = (): void => {};
  /** Something may have changed since it looked. */
  let isStale = false;
  const onEvent = (): void => {
    isStale = true;
    wake();
  };
  const follow = (): void => {
    for (const [folder, watcher] of watchers) {
      if (sight.folders.includes(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of sight.folders) {
      if (isBlind || watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, onEvent);
        // A folder that is gone is seen when its files are looked at.
        watcher.on("error", onEvent);
        watchers.set(folder, watcher);
      } catch {
        // So many cannot be watched here.
        isBlind = true;
      }
    }
  };
  follow();
  return {
    get count() {
      return sight.files.size;
    },
    next: async (signal) => {
      for (;;) {
        const listen = (woken: () => void): void => {
          wake = woken;
        };
        await touched(listen, isStale ? quietMs : isBlind ? pollMs : seldomMs, signal);
        isStale = false;
        const before = sight.files;
        sight = await look(files);
        follow();
        const changed = differences(before, sight.files);
        if (changed.length > 0) return changed;
      }
    },
    close: () => {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** Resolves when something may have changed and it has been quiet since; also when nothing has for so long. */
function touched(listen: (woken: () => void) => void, mostMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      listen(() => {});
      signal.removeEventListener("abort", stop);
    };
    const stop = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const settle = (afterMs: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        end();
        resolve();
      }, afterMs);
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener("abort", stop, { once: true });
    listen(() => settle(quietMs));
    settle(mostMs);
  });
}

async function look(files: DevFiles): Promise<Sight> {
  const found = new Map<string, string>();
  const folders: string[] = [];
  const waiting = [...files.roots];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    folders.push(folder);
    if (folders.length > maxFolders) throw tooMany(`more than ${maxFolders} folders`);
    // Gone meanwhile, or not to be read: there is nothing to see in it.
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !skipped.has(entry.name)) waiting.push(path);
      } else if (files.has(path)) {
        const stats = await stat(path, { bigint: true }).catch(() => undefined);
        if (stats?.isFile() === true) found.set(path, `${stats.mtimeNs} ${stats.size} ${stats.ino}`);
        if (found.size > maxFiles) throw tooMany(`more than ${maxFiles} files`);
      }
    }
  }
  return { files: found, folders };
}

function tooMany(what: string): UsageError {
  return new UsageError(`There are ${what} to watch`, {
    where: "the project's folder, and those that the flow reads from",
    hint: "Keep what is no part of the project elsewhere; node_modules and hidden folders are left out.",
  });
}

function differences(before: Snapshot, after: Snapshot): readonly string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const other = [...after].filter(([path, state]) => before.get(path) !== state).map(([path]) => path);
  return [...other, ...gone].toSorted();
}
