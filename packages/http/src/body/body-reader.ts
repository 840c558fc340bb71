import type { IncomingMessage } from "node:http";
import { badRequest } from "../problem/bad-request.ts";
import type { Call } from "../server/call.ts";

/** Who reads a body now, so that one who takes too long is found. */
export class BodyReaders {
  readonly #readers = new Set<BodyReader>();
  #isLooking = false;

  add(reader: BodyReader): void {
    this.#readers.add(reader);
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { clock } = reader.call.service;
    // One look a second for all of them costs less than a timer for each.
    const look = (): void => {
      const nowMs = clock.now();
      for (const one of this.#readers) one.giveUpIfLate(nowMs);
      if (this.#readers.size > 0) clock.setTimer(look, 1_000);
      else this.#isLooking = false;
    };
    clock.setTimer(look, 1_000);
  }

  remove(reader: BodyReader): void {
    this.#readers.delete(reader);
  }
}

/** Reads one body. */
export class BodyReader {
  readonly call: Call;
  readonly #readers: BodyReaders;
  readonly #incoming: IncomingMessage;
  readonly #expected: number;
  readonly #dueMs: number;
  #first: Buffer | undefined = undefined;
  #more: Buffer[] | undefined = undefined;
  #length = 0;
  #resolve: (bytes: Buffer) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(call: Call, readers: BodyReaders, expected: number) {
    this.call = call;
    this.#readers = readers;
    this.#incoming = call.incoming;
    this.#expected = expected;
    this.#dueMs = call.startedAtMs + call.service.options.requestTimeoutMs;
  }

  read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const incoming = this.#incoming;
      incoming.on("data", this.#onData);
      incoming.on("end", this.#onEnd);
      incoming.on("error", this.#onCut);
      incoming.on("close", this.#onCut);
      this.#readers.add(this);
    });
  }

  giveUpIfLate(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#stop();
    this.#reject(badRequest(408, "slow", "The body took too long to come"));
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#length += chunk.length;
    const { maxBodyBytes } = this.call.service.options;
    if (this.#length > maxBodyBytes) {
      this.#stop();
      this.#reject(tooLarge(maxBodyBytes));
      return;
    }
    if (this.#first === undefined) this.#first = chunk;
    else (this.#more ??= [this.#first]).push(chunk);
    // The end of the stream comes some ticks later.
    if (this.#length === this.#expected) this.#onEnd();
  };

  readonly #onEnd = (): void => {
    this.#forget();
    this.call.isBodyRead = true;
    this.#resolve(
      this.#more === undefined ? (this.#first ?? noBytes) : Buffer.concat(this.#more, this.#length),
    );
  };

  readonly #onCut = (): void => {
    this.#forget();
    this.#reject(badRequest(400, "cut", "The request broke off"));
  };

  #stop(): void {
    this.#forget();
    this.#incoming.on("error", ignore);
    this.#incoming.pause();
    this.#incoming.socket.pause();
  }

  #forget(): void {
    this.#readers.remove(this);
    const incoming = this.#incoming;
    incoming.off("data", this.#onData);
    incoming.off("end", this.#onEnd);
    incoming.off("error", this.#onCut);
    incoming.off("close", this.#onCut);
  }
}

const noBytes = Buffer.alloc(0);

const ignore = (): void => {};

export function tooLarge(maxBytes: number): Error {
  return badRequest(413, "too-large", `The body has more than the ${maxBytes} bytes that are taken`);
}
