import type { Frame } from "./frame.ts";

/** Those that hear of nothing right now. */
const idle: Wait[] = [];
/** How many are kept: as many as most programs ever wait for at a time. */
const maxIdle = 1_024;

/** Hears for a frame how one promise ends. It is used again and again, because two functions a wait cost more than the rest of it. */
class Wait {
  private frame: Frame | undefined = undefined;
  private generation = 0;

  begin(frame: Frame): void {
    this.frame = frame;
    this.generation = frame.generation;
  }

  readonly onValue = (value: unknown): void => {
    const { frame, generation } = this;
    this.end();
    if (frame?.generation === generation) frame.goOnAfterWait(value);
  };

  readonly onThrown = (thrown: unknown): void => {
    const { frame, generation } = this;
    this.end();
    if (frame?.generation === generation) frame.failAfterWait(thrown);
  };

  private end(): void {
    this.frame = undefined;
    if (idle.length < maxIdle) idle.push(this);
  }
}

const nativeThen: unknown = Reflect.get(Promise.prototype, "then");

/** Has a frame told how something ends, unless it gives up on that before. */
export function waitFor(frame: Frame, pending: PromiseLike<unknown>): void {
  const wait = idle.pop() ?? new Wait();
  wait.begin(frame);
  // A thenable of another make may call back at once, or twice; a promise does neither.
  const isPromise = pending instanceof Promise && pending.then === nativeThen;
  const promise = isPromise ? pending : new Promise((resolve) => resolve(pending));
  void promise.then(wait.onValue, wait.onThrown);
}
