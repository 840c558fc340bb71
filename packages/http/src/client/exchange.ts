import type { Dispatcher } from "undici";

/** A request as the client sends it. */
export interface ExchangeRequest {
  readonly method: "GET" | "POST";
  /** From the root of the origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** How long the head of the answer may take once the request is written. */
  readonly headersTimeoutMs: number;
  /** How long the body of the answer may pause. */
  readonly bodyTimeoutMs: number;
  /** The most that is read of a body as a whole; of a body that is handed on in parts it is for who takes them. */
  readonly maxBytes: number;
  /** Whether sending it twice does no more than sending it once. */
  readonly isRepeatable: boolean;
  /** Takes the body in parts, of an answer that it says so of; other bodies are gathered. */
  readonly parts?: BodyParts | undefined;
}

/** Takes a body as it comes. What it throws ends the exchange. */
interface BodyParts {
  readonly wants: (head: AnswerHead) => boolean;
  readonly take: (bytes: Uint8Array) => void;
}

/** What an answer begins with. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: AnswerHeaders;
}

/** Header values by names in small letters. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An answer. */
export interface ServiceAnswer extends AnswerHead {
  /** Empty when it was handed on in parts. */
  readonly body: Uint8Array;
}

/** How far an exchange came that failed. */
export interface Progress {
  /** Nothing has been written to a connection. */
  readonly isUnsent: boolean;
  /** It was written to a connection that others had been sent over, and nothing came back. */
  readonly isStale: boolean;
  readonly head: AnswerHead | undefined;
}

/** What is known of the socket that a request is sent over. */
export interface SocketState {
  /** Whether nothing has been sent over it. */
  isFresh: boolean;
}

/** A body that is longer than it may be. */
export class TooLargeError extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`the answer is longer than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

/** A body in a form that was not asked for. Unpacking it is how a few bytes become many. */
export class EncodedError extends Error {
  constructor(encoding: string) {
    super(`the answer is encoded as ${encoding.slice(0, 40)}, which was not asked for`);
  }
}

interface Settling {
  readonly resolve: (answer: ServiceAnswer) => void;
  readonly reject: (error: unknown, progress: Progress) => void;
  /** Called once, when the connection is free again. */
  readonly onFree: () => void;
}

/** One request and its answer. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Set by the connection that takes it, before it is written. */
  socket: SocketState | undefined = undefined;
  readonly #request: ExchangeRequest;
  readonly #settling: Settling;
  #controller: Dispatcher.DispatchController | undefined = undefined;
  #isReused = false;
  #hasAnswer = false;
  #head: AnswerHead | undefined = undefined;
  #isInParts = false;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #isSettled = false;
  #givenUp: Error | undefined = undefined;

  constructor(request: ExchangeRequest, settling: Settling) {
    this.#request = request;
    this.#settling = settling;
    const { signal } = request;
    if (signal === undefined) return;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** At once, also for one that waits for a connection: that one is let go when its turn comes. */
  readonly #onAbort = (): void => {
    const reason: unknown = this.#request.signal?.reason;
    this.#givenUp = reason instanceof Error ? reason : new Error("cancelled");
    this.#settle(() => this.#settling.reject(reason, this.#progress()));
    this.#controller?.abort(this.#givenUp);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#givenUp !== undefined) {
      controller.abort(this.#givenUp);
      return;
    }
    if (this.socket !== undefined) {
      this.#isReused = !this.socket.isFresh;
      this.socket.isFresh = false;
    }
  }

  onResponseStarted(): void {
    this.#hasAnswer = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    // An interim answer: the one that counts is still to come.
    if (status < 200) return;
    this.#hasAnswer = true;
    this.#head = { status, headers };
    const encoding = headers["content-encoding"] ?? "identity";
    if (typeof encoding !== "string" || !/^\s*(?:identity)?\s*$/i.test(encoding)) {
      throw new EncodedError(String(encoding));
    }
    this.#isInParts = this.#request.parts?.wants(this.#head) === true;
    const length = Number(headers["content-length"]);
    if (!this.#isInParts && length > this.#request.maxBytes) throw new TooLargeError(this.#request.maxBytes);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isSettled) return;
    if (this.#isInParts) {
      this.#request.parts?.take(chunk);
      return;
    }
    this.#length += chunk.byteLength;
    if (this.#length > this.#request.maxBytes) throw new TooLargeError(this.#request.maxBytes);
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const head = this.#head;
    this.#settle(() => {
      if (head === undefined) this.#settling.reject(new Error("there was no answer"), this.#progress());
      else this.#settling.resolve({ ...head, body: Buffer.concat(this.#chunks, this.#length) });
    });
    this.#settling.onFree();
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#settle(() => this.#settling.reject(error, this.#progress()));
    this.#settling.onFree();
  }

  #progress(): Progress {
    const isUnsent = this.#controller === undefined;
    return {
      isUnsent,
      isStale: !isUnsent && this.#isReused && !this.#hasAnswer,
      head: this.#head,
    };
  }

  #settle(tell: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    tell();
    this.#chunks = [];
  }
}
