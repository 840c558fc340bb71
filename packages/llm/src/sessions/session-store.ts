import type { MaybePromise } from "@atomic-agents/core";
import type { HistoryDump } from "../history/history-dump.ts";

/** A conversation as a store has it. */
export interface StoredHistory {
  readonly dump: HistoryDump;
  /** How often it was saved: 1 at first. */
  readonly revision: number;
}

/** Which state a conversation was in when work on it began. */
export interface SaveOptions {
  /** That of the loaded history; 0 when there was none. */
  readonly revision: number;
}

/**
 * Keeps conversations by session id. Another store is an object with these functions. Ids may be any text of up to 1,000
 * characters and come from callers: a store must not take them for paths, keys of objects or parts of a query.
 *
 * Within a process one session is worked on by one run at a time. Where several processes share a store, it compares
 * revisions.
 */
export interface SessionStore {
  readonly load: (sessionId: string) => MaybePromise<StoredHistory | undefined>;
  /**
   * Keeps a conversation as the next revision. Others see it as a whole or not at all.
   *
   * @throws AtomicError by `sessionChanged` when the store has another revision than the one that work began with
   */
  readonly save: (sessionId: string, dump: HistoryDump, options: SaveOptions) => MaybePromise<void>;
  /** Forgets a session, if there is one. */
  readonly delete: (sessionId: string) => MaybePromise<void>;
}
