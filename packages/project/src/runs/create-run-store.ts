import { resolve } from "node:path";
import type { Clock, Log, RunStore } from "@atomic-agents/core";
import { FolderRunStore } from "./folder-run-store.ts";
import { SqliteRunStore } from "./sqlite-run-store.ts";
import { checkOptions, checkPath, dayMs, wrong } from "./store-limits.ts";

/** Where a project keeps its runs: `settings.runs` of `atomic.yaml`. */
export interface RunStoreSettings {
  readonly store: "folder" | "sqlite";
  /** Of the folder, or of the database's file, which ends in `.db`, `.sqlite` or `.sqlite3`: `.db` is added otherwise. */
  readonly path: string;
  readonly retentionDays?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxRuns?: number | undefined;
}

/** With what a project's store is made. */
export interface CreateRunStoreOptions {
  /** What the path is relative to; the process's own folder. */
  readonly directory?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
}

/** A store that may have a file open. */
export interface ClosableRunStore extends RunStore, Disposable {
  /** Lets go of what is open; the store cannot be used any more. */
  readonly close: () => void;
}

const settingKeys = ["store", "path", "retentionDays", "maxBytes", "maxRuns"];

/**
 * Makes the store that settings describe. Nothing is opened or made before it is needed.
 *
 * @throws AtomicError `CONFIG` for settings that make no sense
 * @example
 * ```ts
 * const store = createRunStore({ store: "sqlite", path: "out/kept-runs", retentionDays: 30 });
 * await clean.run({ text: "a" }, { store });
 * const [last] = await store.list({ limit: 1 });
 * console.log(last?.report.agent); // => clean-text
 * store.close();
 * ```
 */
export function createRunStore(
  settings: RunStoreSettings,
  options: CreateRunStoreOptions = {},
): ClosableRunStore {
  const what = "createRunStore";
  checkOptions(what, settings, settingKeys);
  checkOptions(what, options, ["directory", "clock", "log"]);
  const { store, path, retentionDays = 7, maxBytes, maxRuns } = settings;
  checkPath(what, "path", path);
  if (typeof retentionDays !== "number" || !(retentionDays >= 0)) {
    throw wrong(what, "retentionDays", "a number of days from 0", retentionDays);
  }
  const { directory = ".", clock, log } = options;
  const at = resolve(directory, path);
  // A thousand years are as good as for ever.
  const retentionMs = Math.min(retentionDays, 365_250) * dayMs;
  const limits = { maxBytes, maxRuns, retentionMs, clock, log };
  if (store === "folder") return new FolderRunStore({ folder: at, ...limits });
  if (store !== "sqlite") throw wrong(what, "store", "folder or sqlite", store);
  return new SqliteRunStore({ file: /\.(db|sqlite3?)$/i.test(at) ? at : `${at}.db`, ...limits });
}

/** A project, as far as its runs are concerned. */
export interface ProjectOfRuns {
  readonly directory: string;
  readonly settings: { readonly runs: RunStoreSettings };
  /** Says where a path of the project leads, and refuses what leads out of it. */
  readonly pathOf?: (path: string, use: "output") => string;
}

/**
 * Makes the store of a project's runs, as its settings say.
 *
 * @throws AtomicError `CONFIG` for settings that make no sense, and a path that leads out of the project by a link
 */
export function openRunStore(
  { directory, settings, pathOf }: ProjectOfRuns,
  options: Omit<CreateRunStoreOptions, "directory"> = {},
): ClosableRunStore {
  const { path } = settings.runs;
  return createRunStore(
    { ...settings.runs, path: pathOf?.(path, "output") ?? path },
    { ...options, directory },
  );
}
