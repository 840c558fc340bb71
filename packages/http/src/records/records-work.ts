import {
  type Agent,
  AtomicError,
  bindStage,
  type BoundStage,
  type Context,
  slidingWindow,
} from "@atomic-agents/core";
import { parseJson } from "../body/parse-json.ts";
import type { PlaceWaiter } from "../gate/record-places.ts";
import { isPromiseLike, type MaybePromise } from "../maybe-promise.ts";
import { asError } from "../problem/as-error.ts";
import { badRequest } from "../problem/bad-request.ts";
import { outputJson } from "../problem/output-json.ts";
import { type ProblemPlace, problemOf } from "../problem/problem.ts";
import { isOfRecord } from "../problem/safe-details.ts";
import { logHidden } from "../runs/note-failure.ts";
import type { Call } from "../server/call.ts";
import type { OutgoingText } from "../stream/outgoing-text.ts";
import { logHeldError } from "../telemetry/log-failure.ts";
import type { RecordOutcome } from "../telemetry/prometheus-metrics.ts";
import type { RecordAnswer } from "../wire.ts";
import { AnswersInOrder } from "./answers-in-order.ts";
import { asOwnRun, asOwnText } from "./as-own-run.ts";
import type { Line } from "./line-splitter.ts";
import type { RecordRequest } from "./record-requests.ts";
import { RecordSource } from "./record-source.ts";

/** How the records of a request are worked on, and where their answers go. */
export interface RecordsPlace {
  readonly text: OutgoingText;
  readonly place: ProblemPlace;
  readonly concurrency: number;
}

/** What the run of a request gives; told by `GET /runs/{id}`. */
export interface RecordCounts {
  readonly records: number;
  readonly failed: number;
}

type Input =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: AtomicError };

/** How many answers are kept, for each record that is worked on, while one before them has not come. */
const aheadPerPlace = 4;
/** How many failures of records the log tells of, and how many errors in their outputs. */
const maxLogged = 10;

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Works on the records of a request. Nothing is held for it but while there is something to do: a record is read when the
 * answers before it are taken, and worked on when it has come as a whole and has a place.
 */
export class RecordsWork implements RecordRequest {
  readonly #call: Call;
  readonly #agent: Agent<unknown, unknown>;
  readonly #stage: BoundStage<unknown, unknown>;
  readonly #to: RecordsPlace;
  readonly #source: RecordSource;
  readonly #answers: AnswersInOrder;
  #waiter: (PlaceWaiter & { readonly end: () => void }) | undefined = undefined;
  /** Records that have come and have no answer. */
  #open = 0;
  /** Those of them that have a place. */
  #places = 0;
  #idleSinceMs: number;
  /** Whether a record was asked for that has not come. */
  #isWaiting = true;
  #failed = 0;
  /** How many errors outputs have held that are not shown. */
  #held = 0;
  #count = 0;
  #read = 0;
  #hasReadAll = false;
  #endedBy: AtomicError | undefined = undefined;
  #isClosed = false;

  constructor(call: Call, agent: Agent<unknown, unknown>, to: RecordsPlace) {
    const { options, clock, recordRequests } = call.service;
    const onKept = (bytes: number): void => recordRequests.keep(this, bytes);
    this.#call = call;
    this.#agent = agent;
    this.#to = to;
    this.#idleSinceMs = clock.now();
    this.#stage = bindStage(agent, agent.name, { timeoutMs: options.timeoutMs });
    this.#answers = new AnswersInOrder(to.text, {
      maxAhead: to.concurrency * aheadPerPlace,
      maxLength: options.maxBodyBytes,
      onKept,
    });
    this.#source = new RecordSource(call.incoming, {
      maxLineBytes: options.maxBodyBytes,
      clock,
      stallTimeoutMs: options.stallTimeoutMs,
      idleSinceMs: () => this.idleSinceMs,
      onKept,
    });
  }

  get idleSinceMs(): number | undefined {
    return this.#open > 0 ? undefined : this.#idleSinceMs;
  }

  /** What the service has ended it with before its caller has; undefined where it has not. */
  get endedBy(): AtomicError | undefined {
    return this.#endedBy ?? this.#source.failure;
  }

  end(error: AtomicError): void {
    this.#endedBy = error;
    // Who takes no answers takes no last one either.
    if (this.#answers.isUntaken || this.#source.hasEnded) this.#call.outgoing.destroy();
    else this.#source.fail(error);
  }

  /** Works on all records. */
  async go(ctx: Context): Promise<RecordCounts> {
    const iterator = { next: () => this.#next(), return: () => this.#source.return() };
    // A record that is there is given without a promise, which either kind of iterator may be asked for.
    const inputs = { [Symbol.iterator]: () => iterator } as unknown as Iterable<Input>;
    const stopReading = (): void => {
      this.#hasReadAll = this.#source.hasEnded;
      void this.#source.return();
      this.#answers.close();
      this.#waiter?.end();
    };
    ctx.signal.addEventListener("abort", stopReading, { once: true });
    try {
      await slidingWindow(inputs, (input, index) => this.#work(input, index, ctx), {
        concurrency: this.#to.concurrency,
        signal: ctx.signal,
      });
    } finally {
      ctx.signal.removeEventListener("abort", stopReading);
    }
    return { records: this.#count, failed: this.#failed };
  }

  /** Answers all records that have come, and the first one that has not, with what has ended them all. */
  stop(error: AtomicError): void {
    const next = this.#hasReadAll ? this.#read : this.#read + 1;
    for (let index = this.#answers.written; index < next; index++) {
      if (!this.#answers.has(index)) this.#answers.put(index, this.#failure(index, error));
    }
  }

  /** Resolves when all answers were handed on. */
  flushed(): Promise<void> {
    return this.#answers.flushed();
  }

  /** Gives back what it still has, also for work that goes on although it was told to end. */
  close(): void {
    this.#isClosed = true;
    this.#waiter?.end();
    for (; this.#places > 0; this.#places--) this.#call.service.recordPlaces.leave();
  }

  /** The next record, with a place taken for it. */
  #next(): MaybePromise<IteratorResult<Input>> {
    const turn = this.#answers.turnOf(this.#read);
    if (turn === undefined) return this.#readNext();
    this.#wait();
    return turn.then(() => this.#readNext());
  }

  #readNext(): MaybePromise<IteratorResult<Input>> {
    const line = this.#source.next();
    if (!isPromiseLike(line)) return this.#admit(line);
    this.#wait();
    return line.then(this.#admit);
  }

  /** Notes since when there is nothing to do: the clock is not asked for each of many records that are there. */
  #wait(): void {
    this.#isWaiting = true;
    if (this.#open === 0) this.#idleSinceMs = this.#call.service.clock.now();
  }

  readonly #admit = (line: IteratorResult<Line>): MaybePromise<IteratorResult<Input>> => {
    if (line.done === true) {
      this.#wait();
      return finished;
    }
    this.#isWaiting = false;
    this.#read++;
    this.#open++;
    const next = { done: false, value: this.#inputOf(line.value) };
    const { recordPlaces } = this.#call.service;
    if (recordPlaces.take()) {
      this.#places++;
      return next;
    }
    return new Promise((resolve) => {
      const waiter = {
        onPlace: () => {
          this.#waiter = undefined;
          this.#places++;
          resolve(next);
        },
        end: () => {
          this.#waiter = undefined;
          recordPlaces.forget(waiter);
          resolve(finished);
        },
      };
      this.#waiter = waiter;
      recordPlaces.wait(waiter);
    });
  };

  #work(input: Input, index: number, ctx: Context): MaybePromise<void> {
    if (!input.ok) {
      this.#put(index, this.#failure(index, input.error));
      return undefined;
    }
    let hasEnded = false;
    let resolve: (() => void) | undefined;
    const end = (answer: string): void => {
      hasEnded = true;
      this.#put(index, answer);
      resolve?.();
    };
    this.#stage.run(input.value, ctx, {
      resolve: (output, isPartial) => end(this.#success(index, output, isPartial)),
      reject: (error) => {
        // What the end of the whole has ended is answered with why that was; see `stop`.
        if (!ctx.signal.aborted) end(this.#failure(index, error));
      },
    });
    if (hasEnded) return undefined;
    return new Promise((settle) => {
      resolve = settle;
    });
  }

  #inputOf(line: Line): Input {
    const { options } = this.#call.service;
    try {
      if (line !== "too-long") return { ok: true, value: parseJson(line, options) };
      const message = `The line has more than the ${options.maxBodyBytes} bytes that the service takes`;
      return { ok: false, error: badRequest(413, "too-large", message) };
    } catch (thrown) {
      return { ok: false, error: asError(thrown) };
    }
  }

  #put(index: number, answer: string): void {
    if (!this.#isClosed) {
      this.#places--;
      this.#call.service.recordPlaces.leave();
    }
    this.#open--;
    if (this.#isWaiting) this.#wait();
    // What ends after the whole was ended has been answered.
    if (this.#answers.has(index)) return;
    this.#count++;
    this.#answers.put(index, answer);
  }

  #success(index: number, output: unknown, isPartial: boolean): string {
    try {
      const whole: RecordAnswer = { index, output: output ?? null };
      const answer: RecordAnswer = isPartial ? { ...whole, status: "partial" } : whole;
      const line = `${outputJson(answer, this.#to.place.exposeErrors, (error) => this.#hold(error))}\n`;
      this.#tell(index, "", "delivered");
      return line;
    } catch (thrown) {
      return this.#failure(index, asError(thrown));
    }
  }

  #hold(error: AtomicError): void {
    this.#held++;
    if (this.#held <= maxLogged) logHeldError(this.#call, error);
  }

  #failure(index: number, error: AtomicError): string {
    this.#failed++;
    const own = asOwnRun(error, this.#stage.id);
    const isShown = isOfRecord(own, this.#agent);
    // The whole log of a service is not for one request whose every record fails.
    if (!isShown && this.#failed <= maxLogged) logHidden(this.#call, error);
    this.#tell(index, own.stage ?? "", outcomeOf(own));
    const problem = problemOf(own, { ...this.#to.place, isShown });
    return lineOf({ index, error: { ...problem, detail: asOwnText(problem.detail, error, own) } });
  }

  #tell(index: number, stage: string, outcome: RecordOutcome): void {
    // As for `put`: what was answered before has been counted.
    if (this.#answers.has(index)) return;
    const { service, agent } = this.#call;
    service.telemetry.metrics.record(agent?.name ?? "", stage, outcome);
  }
}

function lineOf(answer: RecordAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

function outcomeOf({ disposition }: AtomicError): RecordOutcome {
  if (disposition === "drop") return "filtered";
  return disposition === "dead-letter" ? "deadLettered" : "failed";
}
