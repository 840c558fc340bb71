import { type Resource, resource } from "@atomic-agents/core";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { loadSqlite } from "../runs/load-sqlite.ts";

/** Where a database is, and how it is opened. */
export interface SqliteSettings {
  /** Absolute, or `:memory:`. */
  readonly file: string;
  readonly readOnly: boolean;
  readonly busyTimeoutMs: number;
}

/** A database of SQLite as a resource; its file and folder are made where they are not there, unless nothing may be written. */
export function sqliteResource(
  name: string,
  { file, readOnly, busyTimeoutMs }: SqliteSettings,
): Resource<DatabaseSync> {
  return resource(name, {
    create: () => {
      const { DatabaseSync } = loadSqlite();
      if (file !== ":memory:" && !readOnly) mkdirSync(dirname(file), { recursive: true });
      return new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs });
    },
    dispose: (database) => database.close(),
  });
}
