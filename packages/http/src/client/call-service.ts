import { randomUUID } from "node:crypto";
import { AtomicError, type Context, markPartial, sleep, traceParentOf } from "@atomic-agents/core";
import { isRequestId } from "../is-request-id.ts";
import { notJsonPlace } from "../plain-json.ts";
import { type CallContext, type CallRequest, header, streamEvent } from "../wire.ts";
import { mediaTypeOf, readJson } from "./answer-json.ts";
import { parseSpending, remainingBudget, spendingFromJson } from "./budget-header.ts";
import type { ResolvedClientOptions } from "./client-options.ts";
import { badAnswerError } from "./connection-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { EventStreamError, EventStreamReader, type ServerEvent } from "./event-stream.ts";
import type { AnswerHead, ExchangeRequest, ServiceAnswer } from "./exchange.ts";
import { errorOfProblem, isProblem } from "./problem-error.ts";
import type { Transport } from "./transport.ts";

/** How much longer than the call itself the head of an answer is waited for: the run's own deadline comes first. */
const headersMarginMs = 5_000;
/** The most that is waited for an answer where the run has no deadline. */
const longestWaitMs = 3_600_000;
/** A service that has had its time is as late as this at most, seen from here. */
const lateMs = 500;

/** An agent at a service. */
export interface CallTarget {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly options: ResolvedClientOptions;
}

/**
 * Has an agent at a service do its work, as part of the run of a context: within its deadline and budget, and given up
 * when that is.
 *
 * @throws AtomicError what the service tells of, or `CONNECTION`
 */
export async function callService(target: CallTarget, input: unknown, ctx: Context): Promise<unknown> {
  const { options } = target;
  const body = bodyOf(input, ctx);
  const headers = headersOf(target, input, ctx);
  return options.isStreamed ? stream(target, body, headers, ctx) : execute(target, body, headers, ctx);
}

async function execute(
  target: CallTarget,
  body: string,
  headers: Readonly<Record<string, string>>,
  ctx: Context,
): Promise<unknown> {
  const { transport, endpoint } = target;
  const answer = await transport.exchange({
    ...requestOf(target, "/execute", body, ctx),
    headers: { ...headers, accept: "application/json, application/problem+json" },
    isRepeatable: header.idempotencyKey in headers,
  });
  spend(ctx, parseSpending(answer.headers[header.spent]));
  const url = `${endpoint.url}/execute`;
  const json = await orItsError(ctx, () => readJson(url, answer));
  return outputOf(url, json, answer, ctx);
}

/** Follows a run by its events. */
async function stream(
  target: CallTarget,
  body: string,
  headers: Readonly<Record<string, string>>,
  ctx: Context,
): Promise<unknown> {
  const { transport, endpoint, options } = target;
  const url = `${endpoint.url}/stream`;
  const ends: LastEvent[] = [];
  const onEvent = ({ name, data }: ServerEvent): void => {
    if (ends.length > 0) return;
    if (name === streamEvent.partial) ctx.partial(parseEvent(data));
    else if (name === streamEvent.run) ctx.emit("remote-run", parseEvent(data));
    else if (name === streamEvent.output || name === streamEvent.error)
      ends.push({ name, data: parseEvent(data) });
  };
  const reader = new EventStreamReader(options.maxResponseBytes, onEvent);
  const parts: ExchangeRequest["parts"] = {
    wants: ({ status, headers: { "content-type": type } }: AnswerHead) =>
      status === 200 && mediaTypeOf(type) === "text/event-stream",
    take: (bytes) => reader.read(bytes),
  };
  let answer: ServiceAnswer;
  try {
    answer = await transport.exchange({
      ...requestOf(target, "/stream", body, ctx),
      headers: { ...headers, accept: "text/event-stream, application/problem+json" },
      // A stream is not given a second time.
      isRepeatable: false,
      parts,
    });
  } catch (error) {
    // What broke after the last event changes nothing.
    if (ends.length === 0 || ctx.signal.aborted) throw error;
    answer = { status: 200, headers: { "content-type": "text/event-stream" }, body: new Uint8Array() };
  }
  const [last] = ends;
  if (last === undefined) {
    // It was no stream, or one without its end.
    if (!parts.wants(answer)) {
      await orItsError(ctx, () => readJson(url, answer));
      throw badAnswerError(url, "did not answer with a stream", answer, answer.body);
    }
    throw badAnswerError(url, "ended its stream before the output", answer, "");
  }
  const { name, data } = last;
  if (isObject(data)) spend(ctx, spendingFromJson(data["spent"]));
  if (name === streamEvent.output) return outputOf(url, data, answer, ctx);
  if (!isProblem(data)) throw badAnswerError(url, "ended its stream with what is no error", answer, "");
  return orItsError(ctx, () => {
    throw errorOfProblem(data);
  });
}

/** The event that ends a stream. */
interface LastEvent {
  readonly name: string;
  readonly data: unknown;
}

function requestOf(
  { endpoint, options }: CallTarget,
  path: string,
  body: string,
  ctx: Context,
): Omit<ExchangeRequest, "headers" | "isRepeatable"> {
  const { deadline } = ctx;
  const leftMs = deadline === undefined ? longestWaitMs : Math.max(0, deadline - ctx.clock.now());
  return {
    method: "POST",
    path: `${endpoint.basePath}${path}`,
    body,
    signal: ctx.signal,
    headersTimeoutMs: Math.min(leftMs, longestWaitMs) + headersMarginMs,
    bodyTimeoutMs: options.bodyTimeoutMs,
    maxBytes: options.maxResponseBytes,
  };
}

function headersOf({ options }: CallTarget, input: unknown, ctx: Context): Readonly<Record<string, string>> {
  const { deadline } = ctx;
  const headers: Record<string, string> = {
    "content-type": "application/json",
    // What is packed would have to be unpacked before its size is known.
    "accept-encoding": "identity",
  };
  if (isRequestId(ctx.requestId)) headers[header.requestId] = ctx.requestId;
  if (options.authorization !== undefined) headers["authorization"] = options.authorization();
  if (deadline !== undefined && Number.isFinite(deadline)) {
    headers[header.timeout] = String(Math.max(1, Math.floor(deadline - ctx.clock.now())));
  }
  const budget = remainingBudget(ctx.budget);
  if (budget !== undefined) headers[header.budget] = budget;
  const key = keyOf(options, input, ctx);
  if (key !== undefined) headers[header.idempotencyKey] = key;
  const { trace } = ctx;
  if (trace !== undefined) {
    headers[header.traceParent] = traceParentOf(trace);
    if (trace.state !== undefined) headers[header.traceState] = trace.state;
  }
  return headers;
}

function keyOf(
  { idempotencyKey, isStreamed }: ResolvedClientOptions,
  input: unknown,
  ctx: Context,
): string | undefined {
  if (idempotencyKey === undefined || idempotencyKey === false || isStreamed) return undefined;
  if (idempotencyKey === true) return randomUUID();
  const key = idempotencyKey(input, ctx);
  if (key === undefined || isHeaderText(key)) return key;
  throw new AtomicError(
    "CONFIG",
    "remoteAgent: idempotencyKey must give a text of visible ASCII characters",
    {
      details: { path: "idempotencyKey", expected: "1 to 255 visible ASCII characters", got: typeof key },
    },
  );
}

function isHeaderText(text: unknown): text is string {
  return typeof text === "string" && /^[\x21-\x7e]{1,255}$/.test(text);
}

/** @throws AtomicError `VALIDATION_INPUT` for an input that JSON does not carry; `CONFIG` for such metadata */
function bodyOf(input: unknown, ctx: Context): string {
  const place = notJsonPlace(input);
  if (place !== undefined) {
    const { path, got } = place;
    throw new AtomicError(
      "VALIDATION_INPUT",
      `The input is not JSON${path === "" ? "" : ` at ${path}`}: got ${got}`,
      {
        details: { issues: [{ path, message: "must be JSON", expected: "JSON", got }] },
        hint: "Only what JSON carries can be sent to a service.",
      },
    );
  }
  const { requestId, userId, sessionId, metadata } = ctx;
  const odd = notJsonPlace(metadata);
  if (odd !== undefined) {
    throw new AtomicError("CONFIG", "The run's metadata are not JSON, and cannot be sent along", {
      details: {
        path: odd.path === "" ? "metadata" : `metadata.${odd.path}`,
        expected: "JSON",
        got: odd.got,
      },
    });
  }
  const context: CallContext = {
    // Another one would be refused; without any the service makes one.
    ...(isRequestId(requestId) && { requestId }),
    userId,
    sessionId,
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
  const request: CallRequest = { input, context };
  return JSON.stringify(request);
}

function spend(ctx: Context, spent: ReturnType<typeof parseSpending>): void {
  // It has been spent, whether or not it was there to be spent.
  if (spent !== undefined) ctx.budget.reserve({}).settle(spent);
}

/** The output of an answer; the run here ends as the one over there. */
function outputOf(url: string, json: unknown, answer: ServiceAnswer, ctx: Context): unknown {
  if (!isObject(json) || !Object.hasOwn(json, "output")) {
    throw badAnswerError(url, "answered without an output", answer, answer.body);
  }
  if (json["status"] === "partial") markPartial(ctx);
  return json["output"];
}

/**
 * Gives what a function gives, or throws what it throws. That the service has had its time is told by the run's own
 * deadline, which is about to come: it says what was asked for.
 */
async function orItsError<TValue>(ctx: Context, read: () => TValue): Promise<TValue> {
  try {
    return read();
  } catch (error) {
    const leftMs = (ctx.deadline ?? Number.POSITIVE_INFINITY) - ctx.clock.now();
    if (AtomicError.isInstance(error, "TIMEOUT") && leftMs < lateMs) {
      await sleep(Math.max(0, leftMs) + lateMs, ctx);
    }
    throw error;
  }
}

function parseEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new EventStreamError("an event is not JSON", { cause });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
