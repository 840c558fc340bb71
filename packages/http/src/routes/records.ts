import {
  type Agent,
  AtomicError,
  bindStage,
  type BoundStage,
  type Context,
  slidingWindow,
  startWork,
} from "@atomic-agents/core";
import { contentTypeProblem } from "../body/check-content-type.ts";
import { parseJson } from "../body/parse-json.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import { asError } from "../problem/as-error.ts";
import { badRequest } from "../problem/bad-request.ts";
import { outputJson } from "../problem/output-json.ts";
import { type ProblemPlace, problemOf } from "../problem/problem.ts";
import { isOfRecord } from "../problem/safe-details.ts";
import { AnswersInOrder } from "../records/answers-in-order.ts";
import type { Line } from "../records/line-splitter.ts";
import { RecordSource } from "../records/record-source.ts";
import { logHidden, noteFailure } from "../runs/note-failure.ts";
import type { Call } from "../server/call.ts";
import type { Route } from "../server/route.ts";
import { runOptionsOf } from "../server/run-options.ts";
import type { ServedAgent } from "../server/service.ts";
import { beginAnswer } from "../server/send-answer.ts";
import { OutgoingText } from "../stream/outgoing-text.ts";
import { logHeldError } from "../telemetry/log-failure.ts";
import type { RecordOutcome } from "../telemetry/prometheus-metrics.ts";
import { header, type RecordAnswer } from "../wire.ts";

/** Runs an agent over records, one a line, and answers with a line for each, in order, while more come in. */
export const recordsRoute: Route = {
  method: "POST",
  path: "/records",
  of: "agent",
  scope: "execute",
  isWork: true,
  handle: records,
};

/** What the run of a request gives; told by `GET /runs/{id}`. */
interface RecordCounts {
  readonly records: number;
  readonly failed: number;
}

/** How many answers are kept, for each record that is worked on, while one before them has not come. */
const aheadPerPlace = 4;
/** How long a caller may go on sending what nobody reads after its answer has ended. */
const lingerMs = 1_000;
/** How many failures of records the log tells of, and how many errors in their outputs. */
const maxLogged = 10;
const longestMs = 2_147_483_647;

async function records(call: Call): Promise<undefined> {
  // Routes of an agent are only reached with one.
  const { agent } = call.agent as ServedAgent;
  const { clock, options, runs } = call.service;
  checkContentType(call);
  const concurrency = concurrencyOf(call, options.recordConcurrency);
  // A run begins a microtask after it was started, when all that its work uses is there.
  const run = startWork(agent.name, (ctx) => work.go(ctx), {
    ...runOptionsOf(call, undefined),
    // What a run may take holds for each record; the whole takes what it takes, unless the caller says how long it waits.
    timeoutMs: wholeTimeoutOf(call),
    signal: call.signal,
  });
  call.runId = run.id;
  const kept = runs.add(call, run);
  beginAnswer(call, 200, "application/x-ndjson", [header.run, run.id, "cache-control", "no-cache"]);
  call.outgoing.flushHeaders();
  const text = new OutgoingText(call.outgoing, { clock, stallTimeoutMs: options.stallTimeoutMs });
  const place = { requestId: call.requestId, runId: run.id, exposeErrors: options.exposeErrors };
  const work = new RecordsWork(call, agent, { text, place, concurrency });
  const result = await run.result;
  runs.settle(kept, 0);
  if (!result.ok) {
    noteFailure(call, result.error);
    // A body that broke off gets an answer that breaks off: nothing else says that not all was worked on.
    if (AtomicError.isInstance(result.error, "BAD_REQUEST")) throw result.error;
    work.stop(result.error);
  }
  await work.flushed();
  await text.end();
  if (!call.incoming.complete) linger(call);
  return undefined;
}

/** How the records of a request are worked on, and where their answers go. */
interface RecordsPlace {
  readonly text: OutgoingText;
  readonly place: ProblemPlace;
  readonly concurrency: number;
}

class RecordsWork {
  readonly #call: Call;
  readonly #agent: Agent<unknown, unknown>;
  readonly #stage: BoundStage<unknown, unknown>;
  readonly #to: RecordsPlace;
  readonly #answers: AnswersInOrder;
  #active = 0;
  #failed = 0;
  /** How many errors outputs have held that are not shown. */
  #held = 0;
  #count = 0;
  #begun = 0;
  #hasReadAll = false;

  constructor(call: Call, agent: Agent<unknown, unknown>, to: RecordsPlace) {
    this.#call = call;
    this.#agent = agent;
    this.#to = to;
    this.#stage = bindStage(agent, agent.name, { timeoutMs: call.service.options.timeoutMs });
    this.#answers = new AnswersInOrder(to.text, to.concurrency * aheadPerPlace);
  }

  /** Works on all records. */
  async go(ctx: Context): Promise<RecordCounts> {
    const { options, clock } = this.#call.service;
    const source = new RecordSource(this.#call.incoming, {
      maxLineBytes: options.maxBodyBytes,
      clock,
      stallTimeoutMs: options.stallTimeoutMs,
      isBusy: () => this.#active > 0,
    });
    // A line that is there is given without a promise, which either kind of iterator may be asked for.
    const lines = { [Symbol.iterator]: () => source } as unknown as Iterable<Line>;
    const stopReading = (): void => {
      this.#hasReadAll = source.hasEnded;
      void source.return();
    };
    ctx.signal.addEventListener("abort", stopReading, { once: true });
    await slidingWindow(lines, (line, index) => this.#begin(line, index, ctx), {
      concurrency: this.#to.concurrency,
      signal: ctx.signal,
    });
    return { records: this.#count, failed: this.#failed };
  }

  /** Answers all records that were begun, and the first one that was not, with what has ended them all. */
  stop(error: AtomicError): void {
    const next = this.#hasReadAll ? this.#begun : this.#begun + 1;
    for (let index = this.#answers.written; index < next; index++) {
      if (!this.#answers.has(index)) this.#answers.put(index, this.#failure(index, error));
    }
  }

  /** Resolves when all answers were handed on. */
  flushed(): Promise<void> {
    return this.#answers.flushed();
  }

  #begin(line: Line, index: number, ctx: Context): MaybePromise<void> {
    this.#begun = index + 1;
    const input = this.#inputOf(line);
    const turn = this.#answers.turnOf(index);
    this.#active++;
    return turn === undefined
      ? this.#work(input, index, ctx)
      : turn.then(() => this.#work(input, index, ctx));
  }

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
      resolve: (output) => end(this.#success(index, output)),
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
    this.#active--;
    // What ends after the whole was ended has been answered.
    if (this.#answers.has(index)) return;
    this.#count++;
    this.#answers.put(index, answer);
  }

  #success(index: number, output: unknown): string {
    try {
      const answer: RecordAnswer = { index, output: output ?? null };
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

type Input =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: AtomicError };

function lineOf(answer: RecordAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

function outcomeOf({ disposition }: AtomicError): RecordOutcome {
  if (disposition === "drop") return "filtered";
  return disposition === "dead-letter" ? "deadLettered" : "failed";
}

/** The error with its stage as a run of the agent by itself would have it. */
function asOwnRun(error: AtomicError, stageId: string): AtomicError {
  const { stage } = error;
  if (stage === stageId) return error.with({ stage: undefined });
  return stage?.startsWith(`${stageId}/`) === true
    ? error.with({ stage: stage.slice(stageId.length + 1) })
    : error;
}

/** A text that begins with where it was, with the stage as a run of the agent by itself would have it. */
function asOwnText(text: string, { agent, stage }: AtomicError, own: AtomicError): string {
  const where = `Agent "${agent}" at stage "${stage}"`;
  if (stage === own.stage || !text.startsWith(where)) return text;
  const ownWhere = own.stage === undefined ? `Agent "${agent}"` : `Agent "${agent}" at stage "${own.stage}"`;
  return `${ownWhere}${text.slice(where.length)}`;
}

const ndjsonTypes: readonly string[] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/** @throws AtomicError `BAD_REQUEST` for a body of another type */
function checkContentType(call: Call): void {
  let refusal: AtomicError | undefined;
  for (const type of ndjsonTypes) {
    const problem = contentTypeProblem(call, type);
    if (problem === undefined) return;
    refusal ??= problem;
  }
  if (refusal !== undefined) throw refusal;
}

/** @throws AtomicError `BAD_REQUEST` */
function concurrencyOf(call: Call, most: number): number {
  const given = call.query.get("concurrency");
  if (given === null) return most;
  if (!/^[1-9]\d{0,9}$/.test(given)) {
    throw badRequest(400, "concurrency", "concurrency must be a whole number from 1");
  }
  return Math.min(Number(given), most);
}

/** How long the caller waits for all of it. */
function wholeTimeoutOf(call: Call): number | undefined {
  const given = call.header(header.timeout);
  return given === undefined ? undefined : Math.min(Number(given), longestMs);
}

/** Lets the caller read the end of its answer although it still sends, and not for ever. */
function linger({ incoming, service }: Call): void {
  incoming.resume();
  const timer = service.clock.setTimer(() => incoming.destroy(), lingerMs);
  incoming.once("close", () => timer.cancel());
}
