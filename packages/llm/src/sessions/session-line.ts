import { AtomicError, type Context } from "@atomic-agents/core";

/** How long runs of one session may wait for each other. */
export interface LineLimits {
  /** The most a run waits for those before it. */
  readonly maxWaitMs: number;
  /** The most runs that wait for one session. */
  readonly maxWaiting: number;
}

/** The sessions that are being worked on, and who waits for them, first come, first served. */
type Lines = Map<string, (() => void)[]>;

/** Several agents may work on a session: what they have in common is the store, or the history itself. */
const linesOfOwners = new WeakMap<object, Lines>();

/**
 * Waits until nobody works on a session of a store; who called then does, until the function that it was given is called.
 *
 * @throws AtomicError `RATE_LIMITED` when too many wait already, or it takes too long; the signal's reason when the run
 *   stops waiting
 */
export async function enterSession(
  owner: object,
  sessionId: string,
  ctx: Pick<Context, "clock" | "signal">,
  { maxWaitMs, maxWaiting }: LineLimits,
): Promise<() => void> {
  let lines = linesOfOwners.get(owner);
  if (lines === undefined) {
    lines = new Map();
    linesOfOwners.set(owner, lines);
  }
  const leave = leaver(lines, sessionId);
  const line = lines.get(sessionId);
  if (line === undefined) {
    lines.set(sessionId, []);
    return leave;
  }
  if (line.length >= maxWaiting) throw refusal(`${line.length} runs wait for it already`);
  await turnIn(line, ctx, maxWaitMs);
  return leave;
}

/** Hands the session to the next one, once. */
function leaver(lines: Lines, sessionId: string): () => void {
  let hasLeft = false;
  return () => {
    if (hasLeft) return;
    hasLeft = true;
    const next = lines.get(sessionId)?.shift();
    if (next === undefined) lines.delete(sessionId);
    else next();
  };
}

function turnIn(
  line: (() => void)[],
  { clock, signal }: Pick<Context, "clock" | "signal">,
  maxWaitMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
      const place = line.indexOf(onTurn);
      if (place >= 0) line.splice(place, 1);
    };
    const onTurn = (): void => {
      end();
      resolve();
    };
    const onAbort = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const timer = clock.setTimer(() => {
      end();
      reject(refusal(`it was not free within ${maxWaitMs} ms`));
    }, maxWaitMs);
    signal.addEventListener("abort", onAbort, { once: true });
    line.push(onTurn);
    if (signal.aborted) onAbort();
  });
}

function refusal(why: string): AtomicError<"RATE_LIMITED"> {
  return new AtomicError("RATE_LIMITED", `The session is being worked on, and ${why}`, {
    details: {},
    hint: "Runs of one session come one after the other: send fewer at a time. Does the agent run itself?",
  });
}
