import { Readable } from "node:stream";
import { AtomicError } from "@atomic-agents/core";
import { Client, type Dispatcher, Pool } from "undici";
import { connectionError } from "./connection-error.ts";
import {
  type AnswerHead,
  Exchange,
  type ExchangeRequest,
  type Progress,
  type ServiceAnswer,
  type SocketState,
} from "./exchange.ts";

/** How connections to a service are made. */
export interface TransportOptions {
  readonly connections: number;
  readonly maxWaiting: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
}

/** What is taken off the time for which a service says that it keeps an idle connection. */
const keepAliveMarginMs = 2_000;
const longestKeepAliveMs = 60_000;
const maxHeaderBytes = 16_384;

/** One connection, which knows whether a request is the first one over its socket. */
class WatchedClient extends Client {
  readonly #socket: SocketState;

  constructor(origin: string | URL, options: Client.Options) {
    const socket: SocketState = { isFresh: false };
    const { connect, ...others } = options;
    // A pool has made a function of it.
    if (typeof connect !== "function") throw new Error("unreachable: a pool brings its connector");
    super(origin, {
      ...others,
      connect: (to, done) => {
        connect(to, (...args) => {
          if (args[0] === null) socket.isFresh = true;
          done(...args);
        });
      },
    });
    this.#socket = socket;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) handler.socket = this.#socket;
    return super.dispatch(options, handler);
  }
}

/** The connections to one origin. */
export class Transport {
  readonly origin: string;
  readonly #pool: Pool;
  readonly #most: number;
  #open = 0;
  #isClosed = false;

  constructor(origin: string, options: TransportOptions) {
    this.origin = origin;
    this.#most = options.connections + options.maxWaiting;
    this.#pool = new Pool(origin, {
      connections: options.connections,
      connectTimeout: options.connectTimeoutMs,
      keepAliveTimeout: options.keepAliveMs,
      keepAliveTimeoutThreshold: keepAliveMarginMs,
      keepAliveMaxTimeout: longestKeepAliveMs,
      maxHeaderSize: maxHeaderBytes,
      pipelining: 1,
      // What was executed is told from one request a socket at a time.
      allowH2: false,
      factory: (to, clientOptions) => new WatchedClient(to, clientOptions),
    });
  }

  /**
   * Sends a request and gives the answer, whatever its status; redirects are not followed. One that met a connection
   * which the service had closed meanwhile is sent once more, if it is repeatable.
   *
   * @throws AtomicError `CONNECTION`; `OVERLOADED` when too many wait for a connection; the signal's reason when it aborts
   */
  async exchange(request: ExchangeRequest): Promise<ServiceAnswer> {
    const first = await this.#send(request);
    if ("status" in first) return first;
    if (first.progress.isStale && request.isRepeatable && !this.#isClosed) {
      const second = await this.#send(request);
      if ("status" in second) return second;
      // The first may have been executed, whatever became of the second.
      throw this.#failure({ ...second, progress: { ...second.progress, isUnsent: false } }, request);
    }
    throw this.#failure(first, request);
  }

  /**
   * Sends a body while it is made, and gives the answer as soon as it begins. Neither is gathered: who reads slowly is
   * sent slowly.
   *
   * @throws AtomicError as `exchange`
   */
  async open(request: OpenRequest): Promise<OpenAnswer> {
    if (this.#open >= this.#most) throw this.#overloaded();
    const { path, headers, body, signal, pauseMs } = request;
    this.#open++;
    const onFree = (): void => {
      this.#open--;
    };
    let isSent = false;
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      isSent = true;
      yield* body;
    };
    try {
      const answer = await this.#pool.request({
        method: "POST",
        path,
        headers: { ...headers },
        body: Readable.from(watched(), { objectMode: false }),
        signal,
        headersTimeout: pauseMs,
        bodyTimeout: pauseMs,
      });
      answer.body.once("close", onFree);
      // Who reads it is told of its failure.
      answer.body.on("error", () => {});
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    } catch (error) {
      onFree();
      throw signal.aborted ? error : this.openFailure(path, error, isSent);
    }
  }

  /** What an answer that was opened fails with. */
  openFailure(path: string, error: unknown, isSent = true, head?: AnswerHead): AtomicError {
    return connectionError(`${this.origin}${path}`, error, { isUnsent: !isSent, isStale: false, head });
  }

  /** Ends when the calls in flight have ended; new ones are refused. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#pool.close();
  }

  #send(request: ExchangeRequest): Promise<ServiceAnswer | Failure> {
    if (this.#open >= this.#most) throw this.#overloaded();
    return new Promise((resolve) => {
      const exchange = new Exchange(request, {
        resolve,
        reject: (error, progress) => resolve({ error, progress }),
        onFree: () => {
          this.#open--;
        },
      });
      if (exchange.isSettled) return;
      this.#open++;
      const { method, path, headers, body, headersTimeoutMs, bodyTimeoutMs } = request;
      try {
        this.#pool.dispatch(
          {
            origin: this.origin,
            method,
            path,
            headers: { ...headers },
            body: body ?? null,
            headersTimeout: headersTimeoutMs,
            bodyTimeout: bodyTimeoutMs,
          },
          exchange,
        );
      } catch (error) {
        exchange.onResponseError(undefined, error);
      }
    });
  }

  #failure({ error, progress }: Failure, { signal, path }: ExchangeRequest): unknown {
    if (signal?.aborted === true) return error;
    return connectionError(`${this.origin}${path}`, error, progress);
  }

  #overloaded(): AtomicError<"OVERLOADED"> {
    return new AtomicError(
      "OVERLOADED",
      `${this.#open} calls to ${this.origin} are open or wait for a connection: no more are taken`,
      {
        details: {},
        hint: "Lower the concurrency of the caller, or raise `connections` or `maxWaiting`.",
      },
    );
  }
}

/** A request whose body is sent while it is made. */
export interface OpenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** How long the answer may pause. */
  readonly pauseMs: number;
}

/** An answer whose body is read while it comes. Who does not read it to its end destroys it. */
export interface OpenAnswer extends AnswerHead {
  readonly body: Readable;
}

interface Failure {
  readonly error: unknown;
  readonly progress: Progress;
}
