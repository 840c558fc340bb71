import { isThenable, promiseOf } from "../maybe-promise.ts";
import type { Frame } from "./frame.ts";
import type { Pending } from "./pending.ts";

/** Those that hear of nothing right now. */
const idle: Wait[] = [];
/** How many are kept: as many as most programs ever wait for at a time. */
const maxIdle = 1_024;

/** Hears for a frame how one promise ends. It is used again and again, because two functions a wait cost more than the rest of it. */
class Wait {
  private frame: Frame | undefined = undefined;
  private generation = 0;
  /** What the promise is of, where guards stand around it. */
  private guarded: Pending | undefined = undefined;

  begin(frame: Frame, guarded: Pending | undefined): void {
    this.frame = frame;
    this.generation = frame.generation;
    this.guarded = guarded;
  }

  readonly onValue = (value: unknown): void => {
    const { frame, generation, guarded } = this;
    this.end();
    if (guarded !== undefined) finishFor(frame, generation, guarded, value);
    else if (frame?.generation === generation) frame.goOnAfterWait(value);
  };

  readonly onThrown = (thrown: unknown): void => {
    const { frame, generation, guarded } = this;
    this.end();
    if (guarded !== undefined) failFor(frame, generation, guarded, thrown);
    else if (frame?.generation === generation) frame.failAfterWait(thrown);
  };

  private end(): void {
    this.frame = undefined;
    this.guarded = undefined;
    if (idle.length < maxIdle) idle.push(this);
  }
}

/** The guards hear of it also when the frame has given up on it. */
function finishFor(frame: Frame | undefined, generation: number, guarded: Pending, value: unknown): void {
  let output: unknown;
  try {
    output = guarded.finish(value);
  } catch (thrown) {
    if (frame?.generation === generation) frame.failAfterWait(thrown);
    return;
  }
  if (frame?.generation !== generation) {
    if (isThenable(output)) promiseOf(output).then(undefined, () => {});
  } else if (isThenable(output)) waitFor(frame, output);
  else frame.goOnAfterWait(output);
}

function failFor(frame: Frame | undefined, generation: number, guarded: Pending, thrown: unknown): void {
  try {
    guarded.fail(thrown);
  } catch {
    if (frame?.generation === generation) frame.failAfterWait(thrown);
  }
}

/** Has a frame told how something ends, unless it gives up on that before. */
export function waitFor(frame: Frame, pending: PromiseLike<unknown>, guarded?: Pending): void {
  const wait = idle.pop() ?? new Wait();
  wait.begin(frame, guarded);
  void promiseOf(pending).then(wait.onValue, wait.onThrown);
}
