import type { IncomingMessage } from "node:http";
import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import { checkKeys, configError } from "../config-error.ts";
import { type FileKind, kindOf } from "../formats/file-format.ts";
import { checkReadOptions, type ReadOptions, readOptionKeys, readSettings } from "../formats/read-options.ts";
import { recordPages } from "../formats/record-pages.ts";
import { definePagedSource, type Source, type SourceReader } from "../source.ts";
import type { ByteStream } from "../streams/byte-stream.ts";
import { readableStream } from "../streams/readable-stream.ts";
import { timedBytes } from "../streams/timed-bytes.ts";
import type { TextLine } from "../text/read-text.ts";
import { exchange } from "./exchange.ts";
import { HttpFailure, reasonOf, statusFailure, timeoutError } from "./http-failure.ts";
import {
  addressOf,
  type HttpOptions,
  httpOptionKeys,
  httpSettings,
  type HttpSettings,
} from "./http-options.ts";
import { drain, shownBody } from "./read-body.ts";
import { withRetries } from "./with-retries.ts";

/** How what a server answers becomes records. */
export interface FromHttpOptions<TSchema extends AnySchema = AnySchema>
  extends ReadOptions<TSchema>,
    HttpOptions {}

const what = "fromHttp";
const maxRedirects = 5;
const redirects = [301, 302, 303, 307, 308];
const contentTypes: Readonly<Record<string, string>> = {
  "application/x-ndjson": "a.jsonl",
  "application/ndjson": "a.jsonl",
  "application/jsonl": "a.jsonl",
  "application/x-jsonlines": "a.jsonl",
  "application/json": "a.json",
  "text/csv": "a.csv",
  "text/tab-separated-values": "a.tsv",
  "text/plain": "a.txt",
};

/**
 * The records that a server answers a GET request with, read as they come. The format goes by the end of the address's
 * path, else by the answer's content type. A request that fails before anything has come is made again; up to 5 redirects are
 * followed, none from https to http. An answer that breaks off, or takes longer than `timeoutMs` to go on, ends the
 * flow as failed, with what was read counted.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * import { createServer } from "node:http";
 *
 * const server = createServer((_, response) => response.end('{"id":1}\n{"id":2}\n'));
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const { port } = server.address() as { port: number };
 * const tickets: unknown[] = [];
 * await flow(fromHttp(`http://127.0.0.1:${port}/tickets.jsonl`)).to(toArray(tickets));
 * console.log(tickets); // => [ { id: 1 }, { id: 2 } ]
 * server.close();
 * ```
 */
export function fromHttp<TSchema extends AnySchema>(
  url: string | URL,
  options: FromHttpOptions<TSchema> & { readonly schema: TSchema },
): Source<InferOutput<TSchema>>;
export function fromHttp(
  url: string | URL,
  options: FromHttpOptions & { readonly schema?: undefined; readonly format: "text" },
): Source<TextLine>;
export function fromHttp(url: string | URL, options?: FromHttpOptions): Source<unknown>;
export function fromHttp(url: string | URL, options: FromHttpOptions = {}): Source<unknown> {
  checkKeys(what, options, [...readOptionKeys, ...httpOptionKeys]);
  checkReadOptions(what, options);
  const settings = httpSettings(what, url, options);
  return definePagedSource(settings.name, options.schema, (reader) => pagesOf(settings, options, reader));
}

async function* pagesOf(
  settings: HttpSettings,
  options: FromHttpOptions,
  reader: SourceReader,
): AsyncGenerator<Iterable<unknown>> {
  const { name, retry } = settings;
  const request = `GET ${name}`;
  const { clock, signal, random, log } = reader;
  const surroundings = { clock, signal, random, log, deadlineMs: Number.POSITIVE_INFINITY };
  const answer = await withRetries(request, retry, surroundings, () => open(settings, options, reader));
  const { kind, bytes, length } = answer;
  try {
    if (length !== undefined) reader.setSize({ bytes: length });
    yield* recordPages(what, name, bytes, reader, readSettings(what, kind, options));
  } finally {
    await bytes.close();
  }
}

/** An answer of which something has come. */
interface Answer {
  readonly kind: FileKind;
  readonly bytes: ByteStream;
  /** How many bytes there are, where the server says so. */
  readonly length: number | undefined;
}

async function open(settings: HttpSettings, options: FromHttpOptions, reader: SourceReader): Promise<Answer> {
  const { timeoutMs } = settings;
  const { clock, signal } = reader;
  const { response, url } = await follow(settings, reader);
  const request = `GET ${addressOf(url)}`;
  if (response.statusCode !== 200) {
    throw statusFailure(request, response, await shownBody(response, request, timeoutMs, reader), clock);
  }
  const raw = timedBytes(readableStream(response, signal), clock, timeoutMs, () =>
    timeoutError(request, timeoutMs),
  );
  try {
    const { kind, length } = lookAt(response, url, options);
    // A connection that breaks before anything has come is as good as none.
    const first = await raw.read();
    return { kind, length, bytes: wholeBody(raw, first, request) };
  } catch (thrown) {
    await raw.close();
    throw thrown;
  }
}

/** What an answer is, by its address and headers. @throws AtomicError `CONFIG` when neither tells the format */
function lookAt({ headers }: IncomingMessage, url: URL, options: FromHttpOptions): Omit<Answer, "bytes"> {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (!["identity", "gzip", "x-gzip"].includes(encoding)) {
    throw configError(what, "url", "an address whose answer is packed with gzip or not at all", encoding);
  }
  const length = Number(headers["content-length"] ?? Number.NaN);
  const { maxBytes = Number.POSITIVE_INFINITY } = options;
  if (length > maxBytes) {
    throw configError(what, "maxBytes", `at least the length of the answer, ${length}`, maxBytes);
  }
  const kind = kindByHead(headers, url, options);
  return {
    // What is packed for the way is not packed once more, whatever its name says.
    kind: { ...kind, isGzip: encoding !== "identity" || kind.isGzip },
    length: Number.isSafeInteger(length) ? length : undefined,
  };
}

function kindByHead(headers: IncomingMessage["headers"], url: URL, options: FromHttpOptions): FileKind {
  const contentType = headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  try {
    return kindOf(what, "url", url.pathname, options);
  } catch (thrown) {
    const stand = Object.hasOwn(contentTypes, contentType) ? contentTypes[contentType] : undefined;
    if (stand === undefined) throw thrown;
    return kindOf(what, "url", stand, options);
  }
}

/** The whole of an answer; one that breaks off says so. */
function wholeBody(raw: ByteStream, first: Buffer | undefined, request: string): ByteStream {
  let next = first;
  let isFirst = true;
  let count = 0;
  return {
    read: async () => {
      try {
        if (!isFirst) next = await raw.read();
      } catch (thrown) {
        if (AtomicError.isInstance(thrown)) throw thrown;
        const { text } = reasonOf(thrown);
        throw new AtomicError("EXECUTION", `${request} broke off after ${count} bytes: ${text}`, {
          details: { thrown: text },
          cause: thrown,
          hint: "What was read before is counted, and not published. Run the flow again.",
        });
      }
      isFirst = false;
      count += next?.length ?? 0;
      return next;
    },
    close: raw.close,
  };
}

/** The answer at the end of all redirects. */
async function follow(
  { url, headers, timeoutMs }: HttpSettings,
  reader: SourceReader,
): Promise<{ readonly response: IncomingMessage; readonly url: URL }> {
  const { clock } = reader;
  let at = url;
  for (let count = 0; ; count++) {
    const name = `GET ${addressOf(at)}`;
    const own = at.origin === url.origin ? headers() : {};
    const sent = { accept: "*/*", "accept-encoding": "gzip", "user-agent": "atomic-agents", ...own };
    const response = await exchange({ method: "GET", url: at, name, headers: sent, timeoutMs }, reader);
    const { location } = response.headers;
    if (!redirects.includes(response.statusCode ?? 0) || location === undefined) return { response, url: at };
    drain(response, clock, timeoutMs);
    const next = URL.parse(location, at.href);
    const isSafe = next?.protocol === "https:" || (next?.protocol === "http:" && at.protocol === "http:");
    if (next === null || !isSafe) throw redirectFailure(name, "leads to an address that is not followed");
    if (count === maxRedirects) throw redirectFailure(name, `is one redirect after ${maxRedirects} others`);
    at = next;
  }
}

function redirectFailure(request: string, problem: string): HttpFailure {
  return new HttpFailure(
    new AtomicError("EXECUTION", `${request} ${problem}`, {
      details: { thrown: problem },
      retryable: false,
      hint: "Give the address where the records are.",
    }),
  );
}
