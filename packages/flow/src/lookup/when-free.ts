import { AtomicError, type Clock, type MaybePromise, sleep } from "@atomic-agents/core";

/** How long, and by which clock, a database is waited for. */
export interface WaitForDatabase {
  /** For messages. */
  readonly file: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const firstPauseMs = 5;
const longestPauseMs = 100;
/** SQLite's result codes for what another connection, or another process, has locked; further bits say why. */
const lockedCodes: readonly unknown[] = [5, 6];
const codeBits = 0xff;

/**
 * Does something with a database of SQLite, and where another process keeps that locked tries it again until it does not. SQLite
 * itself would wait as well, and nothing else would go on meanwhile.
 *
 * @throws AtomicError `EXECUTION` when it has waited too long; what the attempt throws otherwise
 */
export function whenFree<TValue>(attempt: () => TValue, wait: WaitForDatabase): MaybePromise<TValue> {
  try {
    return attempt();
  } catch (thrown) {
    if (!isLocked(thrown)) throw thrown;
  }
  return tryAgain(attempt, wait);
}

/** Whether a database could not be asked as something else has it. */
export function isLocked(thrown: unknown): boolean {
  if (!(thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number")) return false;
  return lockedCodes.includes(thrown.errcode & codeBits);
}

async function tryAgain<TValue>(
  attempt: () => TValue,
  { file, timeoutMs, clock, signal }: WaitForDatabase,
): Promise<TValue> {
  const endMs = clock.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const leftMs = endMs - clock.now();
    if (leftMs <= 0) throw lockedTooLong(file, timeoutMs);
    await sleep(Math.min(pauseMs, leftMs), { clock, signal });
    try {
      return attempt();
    } catch (thrown) {
      if (!isLocked(thrown)) throw thrown;
    }
  }
}

function lockedTooLong(file: string, timeoutMs: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `The database ${file} has been locked for ${timeoutMs} ms`, {
    details: { thrown: "database is locked" },
    retryable: true,
    hint: "See who writes to it for so long, set its journal_mode to WAL, or raise busyTimeoutMs.",
  });
}
