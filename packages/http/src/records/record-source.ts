import type { IncomingMessage } from "node:http";
import type { AtomicError, Clock, Timer } from "@atomic-agents/core";
import type { MaybePromise } from "../maybe-promise.ts";
import { badRequest } from "../problem/bad-request.ts";
import { type Line, LineSplitter } from "./line-splitter.ts";

/** How lines are read. */
export interface RecordSourceOptions {
  readonly maxLineBytes: number;
  readonly clock: Clock;
  /** How long no whole line may come while it is waited for and there is nothing else to wait for. */
  readonly stallTimeoutMs: number;
  /** Since when there is nothing else to wait for; undefined while there is. */
  readonly idleSinceMs: () => number | undefined;
  /** Told by how many bytes more, or fewer, what is kept of a line has grown. May end the source. */
  readonly onKept: (bytes: number) => void;
}

/**
 * The lines of a request's body. Bytes are read when a line is asked for and none is there, so that a body that nobody has
 * time for waits at its sender. Lines that have come are given without a promise.
 */
export class RecordSource {
  readonly #incoming: IncomingMessage;
  readonly #options: RecordSourceOptions;
  readonly #splitter: LineSplitter;
  #hasEnded = false;
  #isClosed = false;
  #keptBytes = 0;
  #failure: AtomicError | undefined = undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Line>> | undefined = undefined;
  #timer: Timer | undefined = undefined;

  constructor(incoming: IncomingMessage, options: RecordSourceOptions) {
    this.#incoming = incoming;
    this.#options = options;
    this.#splitter = new LineSplitter(options.maxLineBytes);
    for (const name of changes) incoming.on(name, this.#onChange);
    // Told by the close that follows.
    incoming.on("error", () => {});
  }

  /**
   * The next line, perhaps later.
   *
   * @throws AtomicError `BAD_REQUEST` when the body broke off, or no line has come for too long; what `fail` was given
   */
  next(): MaybePromise<IteratorResult<Line>> {
    const ready = this.#ready();
    if (ready !== undefined) return ready;
    this.#waiting ??= Promise.withResolvers();
    this.#timer ??= this.#setTimer(this.#options.stallTimeoutMs);
    return this.#waiting.promise;
  }

  /** Whether all lines were given. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What it was ended with before its end; undefined where the body broke off. */
  get failure(): AtomicError | undefined {
    return this.#failure;
  }

  /** Reads no more. */
  return(): MaybePromise<IteratorResult<Line>> {
    this.#close();
    this.#waiting?.resolve(finished);
    this.#waiting = undefined;
    return finished;
  }

  /** Reads no more, and says why to who asks for a line. */
  fail(error: AtomicError): void {
    if (this.#isClosed) return;
    this.#failure = error;
    const waiting = this.#waiting;
    this.#stopWaiting();
    this.#close();
    waiting?.reject(error);
  }

  #ready(): IteratorResult<Line> | undefined {
    this.#checkFailure();
    if (this.#isClosed) return finished;
    for (;;) {
      const line = this.#splitter.next();
      if (line !== undefined) {
        this.#tellKept();
        return { done: false, value: line };
      }
      // A request gives bytes: nobody has set an encoding.
      const chunk = this.#hasEnded ? null : (this.#incoming.read() as Buffer | null);
      if (chunk !== null) {
        this.#splitter.push(chunk);
        continue;
      }
      if (this.#incoming.readableEnded) {
        this.#hasEnded = true;
        const last = this.#splitter.end();
        this.#close();
        return last === undefined ? finished : { done: false, value: last };
      }
      if (this.#incoming.destroyed) {
        this.#close();
        throw badRequest(400, "cut", "The body broke off");
      }
      this.#tellKept();
      this.#checkFailure();
      return undefined;
    }
  }

  #checkFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tellKept(): void {
    const { keptBytes } = this.#splitter;
    const more = keptBytes - this.#keptBytes;
    if (more === 0) return;
    this.#keptBytes = keptBytes;
    this.#options.onKept(more);
  }

  readonly #onChange = (): void => {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    try {
      const ready = this.#ready();
      if (ready === undefined) return;
      this.#stopWaiting();
      waiting.resolve(ready);
    } catch (thrown) {
      this.#stopWaiting();
      waiting.reject(thrown);
    }
  };

  #stopWaiting(): void {
    this.#waiting = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #setTimer(ms: number): Timer {
    const { clock, stallTimeoutMs, idleSinceMs } = this.#options;
    return clock.setTimer(() => {
      const sinceMs = idleSinceMs();
      const leftMs = sinceMs === undefined ? stallTimeoutMs : sinceMs + stallTimeoutMs - clock.now();
      if (leftMs > 0) this.#timer = this.#setTimer(leftMs);
      else this.fail(badRequest(408, "stalled", `No whole record has come for ${stallTimeoutMs} ms`));
    }, ms);
  }

  #close(): void {
    this.#isClosed = true;
    // The error that it ended with may be known for long, and whoever threw it along with it.
    this.#splitter.clear();
    this.#timer?.cancel();
    for (const name of changes) this.#incoming.off(name, this.#onChange);
  }
}

/** After each of them there may be something to give. */
const changes: readonly string[] = ["readable", "end", "close"];

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };
