import type { Writable } from "node:stream";
import type { Clock, Timer } from "@atomic-agents/core";

/** How an answer is written bit by bit. */
export interface OutgoingTextOptions {
  readonly clock: Clock;
  /** How long the caller may take nothing of what waits for it; then the connection is destroyed. */
  readonly stallTimeoutMs: number;
  /** Written each so many milliseconds while nothing else waits, so that nobody in between takes the connection for dead. */
  readonly beat?: { readonly text: string; readonly everyMs: number } | undefined;
}

/**
 * Writes text to an answer. What is written in one go becomes one chunk. While the caller does not take what it was
 * sent, nothing more is handed to the socket, and `write` gives a promise: who waits for it holds no more than one text.
 */
export class OutgoingText {
  readonly #outgoing: Writable;
  readonly #options: OutgoingTextOptions;
  #pending = "";
  /** The socket has had enough until it says so. */
  #isFull = false;
  #isFlushing = false;
  #isGone = false;
  #hasEnded = false;
  #room: PromiseWithResolvers<void> | undefined = undefined;
  #closed: PromiseWithResolvers<void> | undefined = undefined;
  #beatTimer: Timer | undefined = undefined;
  #stallTimer: Timer | undefined = undefined;

  constructor(outgoing: Writable, options: OutgoingTextOptions) {
    this.#outgoing = outgoing;
    this.#options = options;
    outgoing.on("drain", this.#onDrain);
    outgoing.once("close", this.#onClose);
    // A broken connection is told by its close.
    outgoing.on("error", () => {});
    if (outgoing.destroyed) this.#leave();
    else this.#setBeat();
  }

  /** The caller does not listen any more; what is written goes nowhere. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Takes a text; a promise when the caller should take some first, which never rejects. */
  write(text: string): Promise<void> | undefined {
    if (this.#isGone || this.#hasEnded) return undefined;
    this.#pending += text;
    if (this.#isFull) {
      this.#room ??= Promise.withResolvers();
      return this.#room.promise;
    }
    if (this.#pending.length >= chunkLength) {
      this.#flush();
      if (this.#isFull) {
        this.#room ??= Promise.withResolvers();
        return this.#room.promise;
      }
    } else if (!this.#isFlushing) {
      this.#isFlushing = true;
      void aPromise.then(this.#onFlush);
    }
    return undefined;
  }

  /** Writes what is left, and resolves when the socket has taken it all or the caller has gone. */
  end(text = ""): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    if (this.#isGone) this.#closed.resolve();
    else if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#pending += text;
      this.#beatTimer?.cancel();
      this.#outgoing.once("finish", this.#onFinish);
      this.#outgoing.end(this.#take());
      // How much waits is compared, so it is looked at when nothing is added any more.
      this.#stallTimer?.cancel();
      if (!this.#isGone) this.#stallTimer = this.#setStall();
    }
    return this.#closed.promise;
  }

  #take(): string {
    const text = this.#pending;
    this.#pending = "";
    return text;
  }

  #flush(): void {
    if (this.#isFull || this.#pending === "" || this.#hasEnded || this.#isGone) return;
    this.#isFull = !this.#outgoing.write(this.#take());
    if (this.#isFull) this.#stallTimer ??= this.#setStall();
  }

  readonly #onFlush = (): void => {
    this.#isFlushing = false;
    this.#flush();
  };

  readonly #onDrain = (): void => {
    this.#isFull = false;
    if (!this.#hasEnded) {
      this.#stallTimer?.cancel();
      this.#stallTimer = undefined;
    }
    this.#flush();
    if (this.#isFull) return;
    this.#room?.resolve();
    this.#room = undefined;
  };

  readonly #onFinish = (): void => {
    this.#stop();
    this.#room?.resolve();
    this.#room = undefined;
    this.#closed?.resolve();
  };

  readonly #onClose = (): void => {
    if (!this.#outgoing.writableFinished) this.#leave();
  };

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#pending = "";
    this.#stop();
    this.#room?.resolve();
    this.#room = undefined;
    this.#closed?.resolve();
  }

  #stop(): void {
    this.#beatTimer?.cancel();
    this.#stallTimer?.cancel();
    this.#outgoing.off("drain", this.#onDrain);
    this.#outgoing.off("close", this.#onClose);
  }

  #setBeat(): void {
    const { clock, beat } = this.#options;
    if (beat === undefined) return;
    this.#beatTimer = clock.setTimer(() => {
      if (!this.#isFull) void this.write(beat.text);
      this.#setBeat();
    }, beat.everyMs);
  }

  #setStall(): Timer {
    const { clock, stallTimeoutMs } = this.#options;
    const waiting = this.#outgoing.writableLength;
    return clock.setTimer(() => {
      if (this.#outgoing.writableLength < waiting) this.#stallTimer = this.#setStall();
      else this.#outgoing.destroy();
    }, stallTimeoutMs);
  }
}

/** How much text is gathered, in UTF-16 units, before it is handed on at once. */
const chunkLength = 16_384;

const aPromise = Promise.resolve();
