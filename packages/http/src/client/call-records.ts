import { describeIssues } from "@atomic-agents/contracts";
import {
  type AgentInput,
  type AgentOutput,
  type AnyAgent,
  type AnyAtomicError,
  AtomicError,
  checkCount,
  type Result,
} from "@atomic-agents/core";
import { notJsonPlace } from "../plain-json.ts";
import { mediaTypeOf, readJson } from "./answer-json.ts";
import { type Expectation, type Expected, type RemoteSchemas, schemasOf } from "./check-fit.ts";
import { resolveClientOptions } from "./client-options.ts";
import { badAnswerError } from "./connection-error.ts";
import { agentEndpoint, endpointOf } from "./endpoint.ts";
import { fetchInterface } from "./fetch-interface.ts";
import { errorOfProblem, isProblem } from "./problem-error.ts";
import { checkExpectation, onlyOne, type RemoteAgentOptions } from "./remote-agent.ts";
import { shareTransport } from "./share-transport.ts";
import type { OpenAnswer } from "./transport.ts";

/** How records are sent to an agent of a service. */
export interface CallRecordsOptions<TExpected extends Expectation | undefined = Expectation | undefined>
  extends Omit<RemoteAgentOptions<TExpected>, "stream" | "idempotencyKey" | "timeoutMs"> {
  /** How many records the service works on at a time; what it does by itself unless said otherwise. */
  readonly concurrency?: number | undefined;
}

/** What became of a record; `status` is there where a part of the work failed whose failure the output tells of. */
export type RecordResult<TOutput> = Result<TOutput> & { readonly status?: "partial" | undefined };

type InputOf<TExpected> = TExpected extends Expectation
  ? Expected<TExpected> extends infer TAgent extends AnyAgent
    ? AgentInput<TAgent>
    : never
  : unknown;
type OutputOf<TExpected> = TExpected extends Expectation
  ? Expected<TExpected> extends infer TAgent extends AnyAgent
    ? AgentOutput<TAgent>
    : never
  : unknown;

/** No answer comes while no record does: how long that may be. */
const longestPauseMs = 600_000;

/**
 * Has an agent of a service work on many records over one request, and gives the outcome of each, in their order. Records
 * are taken as the service takes them, and outcomes as they are read: nothing is gathered, however many there are.
 *
 * A record that fails is an outcome like any other, and one of which parts failed has the status `partial`. Leaving the loop, or aborting `signal`, cancels the work that is left.
 *
 * @throws AtomicError as `remoteAgent`; `CONNECTION` when not all records were answered; what `records` throws
 * @example
 * ```ts
 * const half = defineAgent({
 *   name: "half",
 *   description: "Halves an even number.",
 *   input: z.int().multipleOf(2),
 *   output: z.int(),
 *   execute: (n) => n / 2,
 * });
 * const log = createLog({ level: "silent" });
 * await using service = await serve(half, { port: 0, log, handleSignals: false, drainDelayMs: 0 });
 *
 * for await (const result of callRecords(service.url, [2, 3, 4], { expect: half })) {
 *   console.log(result.ok ? result.output : result.error.code);
 * }
 * // => 1
 * // => VALIDATION_INPUT
 * // => 2
 * ```
 */
export async function* callRecords<TExpected extends Expectation | undefined = undefined>(
  url: string | URL,
  records: Iterable<InputOf<TExpected>> | AsyncIterable<InputOf<TExpected>>,
  options: CallRecordsOptions<TExpected> = {},
): AsyncGenerator<RecordResult<OutputOf<TExpected>>, void, undefined> {
  const what = "callRecords";
  const service = endpointOf(what, url);
  const { agent: name, expect, concurrency, signal } = options;
  const resolved = resolveClientOptions(what, options, ["agent", "expect", "concurrency"]);
  checkCount(what, "concurrency", concurrency);
  checkExpectation(what, "expect", expect);
  const endpoint = name === undefined ? service : agentEndpoint(service, name);
  const { transport, close } = shareTransport(endpoint.origin, resolved);
  const ended = new AbortController();
  const sent: Sent = { count: 0, hasAll: false, failure: undefined };
  try {
    const found = onlyOne(endpoint.url, await fetchInterface(transport, endpoint, resolved));
    const schemas = schemasOf(endpoint.url, found, expect, resolved);
    const path = `${endpoint.basePath}/records`;
    const { authorization, maxResponseBytes } = resolved;
    const answer = await transport.open({
      path: concurrency === undefined ? path : `${path}?concurrency=${concurrency}`,
      headers: {
        "content-type": "application/x-ndjson",
        accept: "application/x-ndjson, application/problem+json",
        "accept-encoding": "identity",
        ...(authorization !== undefined && { authorization: authorization() }),
      },
      body: linesOf(records, sent, ended.signal),
      signal: signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]),
      pauseMs: longestPauseMs,
    });
    const address = `${endpoint.url}/records`;
    await checkHead(address, answer, maxResponseBytes);
    let count = 0;
    try {
      for await (const line of linesIn(answer.body, maxResponseBytes)) {
        const result = await resultOf(line, count, schemas);
        if (result === undefined)
          throw badAnswerError(address, "answered with a line that is no answer", answer, line);
        count++;
        // It has passed the schema whose type it is.
        yield result as RecordResult<OutputOf<TExpected>>;
      }
    } catch (error) {
      if (AtomicError.isInstance(error) || signal?.aborted === true) throw error;
      throw transport.openFailure(path, error, true, answer);
    }
    if (sent.failure === undefined && !(sent.hasAll && count === sent.count)) {
      throw badAnswerError(address, `ended after ${count} of ${sent.count} answers or more`, answer, "");
    }
  } catch (error) {
    // The request has failed because its records have.
    if (sent.failure !== undefined) throw sent.failure.thrown;
    throw signal?.aborted === true && !AtomicError.isInstance(error) ? cancelled(signal.reason) : error;
  } finally {
    ended.abort(new Error("the records have ended"));
    await close();
  }
  if (sent.failure !== undefined) throw sent.failure.thrown;
}

/** As a run says it. */
function cancelled(cause: unknown): AtomicError<"CANCELLED"> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AtomicError("CANCELLED", `Cancelled: ${reason}`, { details: { reason }, cause });
}

/** What has become of the records. */
interface Sent {
  count: number;
  hasAll: boolean;
  failure: { readonly thrown: unknown } | undefined;
}

async function* linesOf(
  records: Iterable<unknown> | AsyncIterable<unknown>,
  sent: Sent,
  ended: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const record of records) {
      if (ended.aborted) return;
      const place = notJsonPlace(record);
      if (place !== undefined) {
        const { path, got } = place;
        const at = path === "" ? "" : ` at ${path}`;
        throw new AtomicError("VALIDATION_INPUT", `Record ${sent.count} is not JSON${at}: got ${got}`, {
          details: { issues: [{ path, message: "must be JSON", expected: "JSON", got }] },
        });
      }
      sent.count++;
      yield Buffer.from(`${JSON.stringify(record)}\n`);
    }
    sent.hasAll = true;
  } catch (thrown) {
    sent.failure = { thrown };
    throw thrown;
  }
}

/** @throws AtomicError what the service tells of, or `CONNECTION` */
async function checkHead(url: string, answer: OpenAnswer, maxBytes: number): Promise<void> {
  const { status, headers, body } = answer;
  const isPlain = headers["content-encoding"] === undefined || headers["content-encoding"] === "identity";
  if (status === 200 && isPlain && mediaTypeOf(headers["content-type"]) === "application/x-ndjson") return;
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (isPlain) {
    // A stream without an encoding gives bytes.
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  }
  const whole = { status, headers, body: Buffer.concat(chunks) };
  readJson(url, whole);
  throw badAnswerError(url, "did not answer with lines of JSON", answer, whole.body);
}

/** The lines of a body, without the empty ones. */
async function* linesIn(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxBytes) throw new Error(`a line is longer than ${maxBytes} characters`);
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  // A line without its end may be the beginning of one.
  if (rest.trim() !== "") throw new Error("the answer broke off within a line");
}

/** The outcome in a line; undefined for one that is none, or of another record. */
async function resultOf(
  line: string,
  index: number,
  { output, given }: RemoteSchemas,
): Promise<RecordResult<unknown> | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || !("index" in json) || json.index !== index)
    return undefined;
  if ("error" in json) return isProblem(json.error) ? failed(errorOfProblem(json.error)) : undefined;
  if (!("output" in json)) return undefined;
  let value: unknown = json.output;
  for (const schema of given === output ? [output] : [given, output]) {
    const checked = await schema["~standard"].validate(value);
    if (checked.issues !== undefined) {
      const issues = describeIssues(schema, checked.issues, value);
      const message = `The answer to record ${index} breaks the agent's contract`;
      return failed(new AtomicError("VALIDATION_OUTPUT", message, { details: { issues } }));
    }
    if (schema === output) ({ value } = checked);
  }
  const whole = { ok: true, output: value } as const;
  return "status" in json && json.status === "partial" ? { ...whole, status: "partial" } : whole;
}

function failed(error: AtomicError): Result<never> {
  // The union of all codes is what an error of any code is.
  return { ok: false, error: error as AnyAtomicError, disposition: error.disposition };
}
