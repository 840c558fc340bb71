import { checkCount, checkKeys, checkMs, configError, type Context } from "@atomic-agents/core";
import { createHistory, type HistoryOptions } from "../history/create-history.ts";
import type { History } from "../history/history.ts";
import { loadHistory, type SchemaRegistry } from "../history/load-history.ts";
import { inTime } from "../in-time.ts";
import { enterSession } from "./session-line.ts";
import type { SessionStore, StoredHistory } from "./session-store.ts";

/** How a session's history begins and is loaded, and how long things may take. */
export interface UseSessionOptions {
  /** Of a session that begins; its limits hold for those that are loaded, too. */
  readonly history?: HistoryOptions | undefined;
  /** By which the contents of a loaded history are checked. */
  readonly schemas?: SchemaRegistry | undefined;
  /** The most a run waits for others of its session; 120,000. */
  readonly maxWaitMs?: number | undefined;
  /** The most runs that wait for one session; 100. */
  readonly maxWaiting?: number | undefined;
  /** The most that the store may take to load or to save; 30,000. */
  readonly storeTimeoutMs?: number | undefined;
}

/** The longest id that a store has to take. */
const maxIdChars = 1_000;

/**
 * Works on the history of a session. Work on one session of a store comes one after the other, also of several agents;
 * sessions do not wait for each other. What the work adds is saved when it succeeds, and only then. Once the run stops
 * waiting, the next one may begin, and nothing is saved any more.
 *
 * @throws AtomicError `RATE_LIMITED` when others work on the session for too long, `TIMEOUT` when the store takes too
 *   long, `CONFIG` for a stored history that cannot be loaded; whatever the work and the store throw
 * @example
 * ```ts
 * const store = memorySessions();
 * const remember = defineAgent({
 *   name: "remember",
 *   description: "Counts what it was told in a session.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text, ctx) =>
 *     useSession(store, sessionKey({ agent: "remember", sessionId: ctx.sessionId ?? "" }), ctx, (history) => {
 *       history.add([{ role: "user", content: text }]);
 *       return history.turns.length;
 *     }),
 * });
 * await remember.run("one", { sessionId: "ada" });
 * console.log(await remember.run("two", { sessionId: "ada" })); // => 2
 * console.log(await remember.run("one", { sessionId: "bob" })); // => 1
 * ```
 */
export async function useSession<T>(
  store: SessionStore,
  sessionId: string,
  ctx: Pick<Context, "clock" | "signal">,
  work: (history: History) => T | PromiseLike<T>,
  options: UseSessionOptions = {},
): Promise<T> {
  const { storeTimeoutMs, limits } = checked(store, sessionId, options);
  const leave = await enterSession(store, sessionId, ctx, limits);
  const { clock, signal } = ctx;
  let isSaving = false;
  const onAbort = (): void => {
    // What is being saved will be there in a moment: who comes next waits for it.
    if (!isSaving) leave();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const stored = await inTime(store.load(sessionId), ctx, storeTimeoutMs, "Loading a session");
    const history = await historyOf(stored, options);
    const before = history.turns;
    const output = await work(history);
    if (history.turns !== before) {
      signal.throwIfAborted();
      isSaving = true;
      const saving = store.save(sessionId, history.dump(), { revision: stored?.revision ?? 0 });
      await inTime(saving, { clock }, storeTimeoutMs, "Saving a session");
    }
    return output;
  } finally {
    signal.removeEventListener("abort", onAbort);
    leave();
  }
}

/**
 * Forgets a session, after the work on it that is under way.
 *
 * @throws AtomicError as `useSession`
 */
export async function forgetSession(
  store: SessionStore,
  sessionId: string,
  ctx: Pick<Context, "clock" | "signal">,
  options: Omit<UseSessionOptions, "history" | "schemas"> = {},
): Promise<void> {
  const { storeTimeoutMs, limits } = checked(store, sessionId, options);
  const leave = await enterSession(store, sessionId, ctx, limits);
  try {
    await inTime(store.delete(sessionId), { clock: ctx.clock }, storeTimeoutMs, "Deleting a session");
  } finally {
    leave();
  }
}

/** Whose conversation it is. */
export interface SessionKeyParts {
  readonly agent: string;
  readonly sessionId: string;
  /** With it, who guesses the session id of another user has another session all the same. */
  readonly userId?: string | undefined;
}

/**
 * The id of a session in a store: agents that share a store do not mix, nor do users.
 *
 * @example
 * ```ts
 * console.log(sessionKey({ agent: "support", userId: "ada", sessionId: "7" })); // => ["support","ada","7"]
 * ```
 */
export function sessionKey({ agent, userId, sessionId }: SessionKeyParts): string {
  return JSON.stringify([agent, userId ?? null, sessionId]);
}

async function historyOf(
  stored: StoredHistory | undefined,
  { history = {}, schemas = {} }: UseSessionOptions,
): Promise<History> {
  if (stored === undefined) return createHistory(history);
  // It says what is wrong with what is no dump.
  if (typeof stored.dump !== "object" || stored.dump === null) return loadHistory(stored.dump);
  // The agent's limits as they are now, not as they were when the session was saved.
  const { maxTurns: _turns, maxTokens: _tokens, ...dump } = stored.dump;
  const { initial: _initial, ...settings } = history;
  return loadHistory(dump, { ...settings, schemas });
}

/** Checks what is said of sessions. @throws AtomicError `CONFIG` */
export function checkSessionOptions(what: string, options: UseSessionOptions): void {
  checkKeys(what, options, ["history", "schemas", "maxWaitMs", "maxWaiting", "storeTimeoutMs"]);
  const { history, maxWaitMs, maxWaiting, storeTimeoutMs } = options;
  if (history !== undefined) createHistory(history);
  checkMs(what, "maxWaitMs", maxWaitMs);
  checkCount(what, "maxWaiting", maxWaiting, 0);
  checkMs(what, "storeTimeoutMs", storeTimeoutMs);
}

function checked(store: SessionStore, sessionId: string, options: UseSessionOptions) {
  const what = "useSession";
  const { maxWaitMs = 120_000, maxWaiting = 100, storeTimeoutMs = 30_000 } = options;
  checkMs(what, "maxWaitMs", maxWaitMs);
  checkCount(what, "maxWaiting", maxWaiting, 0);
  checkMs(what, "storeTimeoutMs", storeTimeoutMs);
  if (typeof store !== "object" || store === null || typeof store.load !== "function") {
    throw configError(what, "store", "a store of sessions", store);
  }
  if (typeof sessionId !== "string" || sessionId === "" || sessionId.length > maxIdChars) {
    throw configError(what, "sessionId", `a text of 1 to ${maxIdChars} characters`, sessionId);
  }
  return { storeTimeoutMs, limits: { maxWaitMs, maxWaiting } };
}
