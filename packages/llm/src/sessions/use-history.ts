import { checkCount, checkMs, type Context } from "@atomic-agents/core";
import type { History } from "../history/history.ts";
import type { Turn } from "../history/message.ts";
import { enterSession, type LineLimits } from "./session-line.ts";

/**
 * Works on a history that several runs share: one after the other, in the order of the calls. Once the run stops waiting
 * the next one may begin; work that goes on all the same can change nothing any more.
 *
 * @throws AtomicError `RATE_LIMITED` when others work on it for too long; whatever the work throws
 */
export async function useHistory<T>(
  history: History,
  ctx: Pick<Context, "clock" | "signal">,
  work: (history: History) => T | PromiseLike<T>,
  options: Partial<LineLimits> = {},
): Promise<T> {
  const { maxWaitMs = 120_000, maxWaiting = 100 } = options;
  checkMs("useHistory", "maxWaitMs", maxWaitMs);
  checkCount("useHistory", "maxWaiting", maxWaiting, 0);
  const leave = await enterSession(history, "", ctx, { maxWaitMs, maxWaiting });
  const { signal } = ctx;
  signal.addEventListener("abort", leave, { once: true });
  try {
    signal.throwIfAborted();
    return await work(whileWanted(history, signal));
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}

/** The same history, which refuses changes by work that nobody waits for. */
function whileWanted(history: History, signal: AbortSignal): History {
  return {
    get turns() {
      return history.turns;
    },
    get messages() {
      return history.messages;
    },
    add: (messages, id): Turn => {
      signal.throwIfAborted();
      return history.add(messages, id);
    },
    append: (messages): Turn => {
      signal.throwIfAborted();
      return history.append(messages);
    },
    deleteTurn: (id) => {
      signal.throwIfAborted();
      history.deleteTurn(id);
    },
    reset: () => {
      signal.throwIfAborted();
      history.reset();
    },
    copy: () => history.copy(),
    dump: () => history.dump(),
  };
}
