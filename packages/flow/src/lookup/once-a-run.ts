import {
  type AtomicError,
  type Clock,
  type Context,
  type Log,
  type MaybePromise,
  resource,
  toAtomicError,
} from "@atomic-agents/core";

/** What something is opened with. */
export interface OpenContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** The most that opening may take. */
const timeoutMs = 600_000;

/** What was opened, or why it could not be. */
interface Opened<TValue> {
  readonly value?: TValue | undefined;
  readonly error?: AtomicError | undefined;
  isClosed: boolean;
}

/**
 * Something that is opened when it is first used in a run, and closed at its end. What fails to be opened is not tried
 * again in that run: all who ask are told the same.
 *
 * @returns what gives it, at once where it is open
 */
export function onceARun<TValue>(
  name: string,
  open: (ctx: OpenContext) => MaybePromise<TValue>,
  close: (value: TValue) => void,
): (ctx: Context) => MaybePromise<TValue> {
  const shared = resource<Opened<TValue>>(name, {
    create: async (ctx) => {
      try {
        return { value: await open(ctx), isClosed: false };
      } catch (thrown) {
        return { error: toAtomicError(thrown), isClosed: false };
      }
    },
    dispose: (opened) => {
      opened.isClosed = true;
      if (opened.error === undefined) close(opened.value as TValue);
    },
    timeoutMs,
  });
  // Saves those who come later a promise.
  let last: { readonly runId: string; readonly opened: Opened<TValue> } | undefined;
  return (ctx) => {
    if (last !== undefined && last.runId === ctx.runId && !last.opened.isClosed) return valueOf(last.opened);
    return ctx.use(shared).then((opened) => {
      last = { runId: ctx.runId, opened };
      return valueOf(opened);
    });
  };
}

/** @throws AtomicError why it could not be opened */
function valueOf<TValue>({ value, error }: Opened<TValue>): TValue {
  if (error !== undefined) throw error;
  // It is there where there is no error.
  return value as TValue;
}
