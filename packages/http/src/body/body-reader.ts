import type { IncomingMessage } from "node:http";
import type { Clock } from "@atomic-agents/core";
import { badRequest } from "../problem/bad-request.ts";
import { overloaded } from "../gate/gate.ts";
import { Queue, type Spot } from "../queue.ts";
import type { Call } from "../server/call.ts";
import type { ResolvedOptions } from "../server/options.ts";

/** Who reads a body now, so that one who takes too long is found. */
export class BodyReaders {
  /** Those who began first come first. */
  readonly #readers = new Queue<BodyReader>();
  #isLooking = false;
  #bytes = 0;

  /** Gives what the reader leaves with. */
  add(reader: BodyReader): Spot<BodyReader> {
    const spot = this.#readers.add(reader);
    if (!this.#isLooking) this.#look(reader.call.service.clock);
    return spot;
  }

  /** One look a second for all of them costs less than a timer for each. */
  #look(clock: Clock): void {
    this.#isLooking = true;
    const look = (): void => {
      const nowMs = clock.now();
      for (const one of this.#readers.all()) one.giveUpIfLate(nowMs);
      if (this.#readers.size > 0) clock.setTimer(look, 1_000);
      else this.#isLooking = false;
    };
    clock.setTimer(look, 1_000);
  }

  remove(spot: Spot<BodyReader>): void {
    this.#readers.remove(spot);
    this.#bytes -= spot.item.length;
  }

  /** Notes that so many bytes more are held. When that is too many, who has taken longest is refused. */
  hold(bytes: number, { maxInFlight, maxBodyBytes }: ResolvedOptions): void {
    this.#bytes += bytes;
    const most = maxInFlight * maxBodyBytes;
    while (this.#bytes > most) {
      const { first } = this.#readers;
      if (first === undefined) return;
      first.fail(overloaded("more bodies half read than it has room for"));
    }
  }
}

/** Reads one body. Its listeners stay on the request, for to take them away would cost more than to ask whether it is over. */
export class BodyReader {
  readonly call: Call;
  private readonly incoming: IncomingMessage;
  private readonly expected: number;
  private readonly maxBytes: number;
  private first: Buffer | undefined = undefined;
  private more: Buffer[] | undefined = undefined;
  length = 0;
  private isOver = false;
  private spot: Spot<BodyReader> | undefined = undefined;
  private resolve: (bytes: Buffer) => void = ignore;
  private reject: (error: Error) => void = ignore;

  /** @param expected how many bytes will come; `NaN` when nobody has said so */
  constructor(call: Call, expected: number) {
    this.call = call;
    this.incoming = call.incoming;
    this.expected = expected;
    this.maxBytes = call.service.options.maxBodyBytes;
  }

  read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      const { incoming } = this;
      incoming.on("data", (chunk: Buffer) => this.take(chunk));
      // The last byte says as much, and comes some ticks earlier.
      if (!(this.expected > 0)) incoming.on("end", () => this.finish());
      incoming.on("error", () => this.fail(badRequest(400, "cut", "The request broke off")));
      this.spot = this.call.service.bodyReaders.add(this);
    });
  }

  giveUpIfLate(nowMs: number): void {
    if (nowMs - this.call.startedAtMs < this.call.service.options.requestTimeoutMs) return;
    this.fail(badRequest(408, "slow", "The body took too long to come"));
  }

  private take(chunk: Buffer): void {
    if (this.isOver) return;
    this.length += chunk.length;
    const { bodyReaders, options } = this.call.service;
    bodyReaders.hold(chunk.length, options);
    if (this.isOver) return;
    if (this.length > this.maxBytes) {
      this.fail(tooLarge(this.maxBytes));
      return;
    }
    if (this.first === undefined) this.first = chunk;
    else (this.more ??= [this.first]).push(chunk);
    if (this.length === this.expected) this.finish();
  }

  private finish(): void {
    if (this.isOver) return;
    this.end();
    this.call.isBodyRead = true;
    this.resolve(this.more === undefined ? (this.first ?? noBytes) : Buffer.concat(this.more, this.length));
  }

  fail(error: Error): void {
    if (this.isOver) return;
    this.end();
    this.incoming.pause();
    this.incoming.socket.pause();
    this.reject(error);
  }

  private end(): void {
    this.isOver = true;
    if (this.spot !== undefined) this.call.service.bodyReaders.remove(this.spot);
  }
}

const noBytes = Buffer.alloc(0);

const ignore = (): void => {};

export function tooLarge(maxBytes: number): Error {
  return badRequest(413, "too-large", `The body has more than the ${maxBytes} bytes that are taken`);
}
