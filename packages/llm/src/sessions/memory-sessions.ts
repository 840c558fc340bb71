import { checkCount, checkKeys } from "@atomic-agents/core";
import { sessionChanged } from "./session-changed.ts";
import type { SessionStore, StoredHistory } from "./session-store.ts";

/** How many conversations are kept in memory. */
export interface MemorySessionsOptions {
  /** Those that were used least recently go; 1,000 unless said otherwise. */
  readonly maxSessions?: number | undefined;
}

/**
 * Keeps conversations in memory, for one process.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const store = memorySessions({ maxSessions: 2 });
 * for (const id of ["a", "b", "c"]) await store.save(id, createHistory().dump(), { revision: 0 });
 * console.log(await store.load("a"), (await store.load("c"))?.revision); // => undefined 1
 * ```
 */
export function memorySessions(options: MemorySessionsOptions = {}): SessionStore {
  checkKeys("memorySessions", options, ["maxSessions"]);
  const { maxSessions = 1_000 } = options;
  checkCount("memorySessions", "maxSessions", maxSessions);
  /** Least recently used first. */
  const sessions = new Map<string, StoredHistory>();
  return {
    load: (sessionId) => {
      const stored = sessions.get(sessionId);
      if (stored === undefined) return undefined;
      sessions.delete(sessionId);
      sessions.set(sessionId, stored);
      return stored;
    },
    save: (sessionId, dump, { revision }) => {
      const found = sessions.get(sessionId)?.revision;
      // One that is missing had to make room for others while it was worked on.
      if (found !== undefined && found !== revision) throw sessionChanged(revision, found);
      sessions.delete(sessionId);
      sessions.set(sessionId, { dump, revision: revision + 1 });
      for (const oldest of sessions.keys()) {
        if (sessions.size <= maxSessions) break;
        sessions.delete(oldest);
      }
    },
    delete: (sessionId) => {
      sessions.delete(sessionId);
    },
  };
}
