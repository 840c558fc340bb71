import type { AnySchema, InferOutput } from "@atomic-agents/contracts";
import { isSchema } from "@atomic-agents/contracts";
import { AtomicError, type Context } from "@atomic-agents/core";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { describeIssues } from "../describe-issues.ts";
import { exchange } from "../http/exchange.ts";
import { HttpFailure, networkFailure, statusFailure, timeoutError } from "../http/http-failure.ts";
import { type HttpOptions, httpOptionKeys, type HttpSettings, httpSettings } from "../http/http-options.ts";
import { drain, shownBody } from "../http/read-body.ts";
import { withRetries } from "../http/with-retries.ts";
import { JsonProblem, mayHoldProto, parseJson } from "../json/parse-json.ts";
import { readableStream } from "../streams/readable-stream.ts";
import { timedBytes } from "../streams/timed-bytes.ts";
import { type AskOptions, askOptionKeys, kept, limited } from "./asked.ts";
import type { Table } from "./table.ts";
import { type UrlTemplate, urlTemplate, type UrlValue } from "./url-template.ts";

/** How a server is asked. */
export interface HttpTableOptions<TSchema extends AnySchema = AnySchema> extends HttpOptions, AskOptions {
  /** What each answer is; one that is something else fails its record. */
  readonly schema?: TSchema | undefined;
  /** A longer answer fails its record, and is not read to its end; 1,048,576. */
  readonly maxBytes?: number | undefined;
}

/** The values for the names in an address. */
export type UrlValues = Readonly<Record<string, UrlValue>>;

const what = "httpTable";
const redirects = [301, 302, 303, 307, 308];
const maxRedirects = 5;

/**
 * What a server answers to GET requests as a table for `lookup`: JSON. The address has names in braces, for which values of
 * the record are put in, percent-encoded; none can lead to another host or folder. 404 and 410 mean that there is nothing, as do an
 * empty answer and `null`. What may pass (408, 425, 429, 5xx, connections that break) is tried again, never sooner than
 * `Retry-After` says. Redirects are followed within the origin alone.
 *
 * The same key is asked for once at a time, and what was found, or that nothing was, is kept for a while: see `cache`.
 *
 * @throws AtomicError `CONFIG` for wrong options; at run time as `fromHttp`, and `VALIDATION_OUTPUT` for an answer that the
 * schema does not take
 * @example
 * ```ts
 * import { createServer } from "node:http";
 *
 * const server = createServer((request, response) => {
 *   const id = request.url?.split("/").at(-1);
 *   if (id === "7") response.end('{"id":7,"name":"Ada"}');
 *   else response.writeHead(404).end();
 * });
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const { port } = server.address() as { port: number };
 * const users = httpTable(`http://127.0.0.1:${port}/users/{id}`, { rateLimit: { limit: 100, perMs: 1_000 } });
 * const withUser = lookup(users, { by: (order: { user: number }) => ({ id: order.user }), as: "by" });
 * console.log(await withUser.run({ user: 7 })); // => { user: 7, by: { id: 7, name: 'Ada' } }
 * console.log(await withUser.run({ user: 8 })); // => { user: 8, by: null }
 * server.close();
 * ```
 */
export function httpTable<TSchema extends AnySchema>(
  url: string,
  options: HttpTableOptions<TSchema> & { readonly schema: TSchema },
): Table<UrlValues, InferOutput<TSchema>>;
export function httpTable(url: string, options?: HttpTableOptions): Table<UrlValues, unknown>;
export function httpTable(url: string, options: HttpTableOptions = {}): Table<UrlValues, unknown> {
  checkKeys(what, options, [...httpOptionKeys, ...askOptionKeys, "schema", "maxBytes"]);
  const template = urlTemplate(what, url);
  const { schema, maxBytes = 1_048_576, cache, concurrency, rateLimit, ...http } = options;
  if (schema !== undefined && !isSchema(schema)) throw configError(what, "schema", "a schema", schema);
  checkCount(what, "maxBytes", maxBytes);
  // Its names stand for any value.
  const settings = httpSettings(what, url.replaceAll(/[{}]/g, ""), http);
  const name = template.shown;
  const request = { template, settings, schema, maxBytes, name };
  // An attempt tells its failure as a value, so that what a server asks to wait for is not lost.
  const attempt = limited(what, name, (values: UrlValues, ctx) => askOnce(request, values, ctx), {
    concurrency,
    rateLimit,
  });
  const find = (values: UrlValues, ctx: Context): Promise<unknown> => askOften(request, values, ctx, attempt);
  return { name, "~table": { find: kept(what, name, find, cache) } };
}

interface Request {
  readonly template: UrlTemplate;
  readonly settings: HttpSettings;
  readonly schema: AnySchema | undefined;
  readonly maxBytes: number;
  /** For messages. */
  readonly name: string;
}

type Attempt = { readonly found: unknown } | { readonly failure: HttpFailure };

async function askOften(
  { name, settings, template }: Request,
  values: UrlValues,
  ctx: Context,
  attempt: (values: UrlValues, ctx: Context) => Promise<Attempt>,
): Promise<unknown> {
  checkValues(template, values);
  const { clock, signal, log, deadline } = ctx;
  const surroundings = {
    clock,
    signal,
    log,
    random: ctx.random,
    deadlineMs: deadline ?? Number.POSITIVE_INFINITY,
  };
  return withRetries(`GET ${name}`, settings.retry, surroundings, async () => {
    const answer = await attempt(values, ctx);
    if ("failure" in answer) throw answer.failure;
    return answer.found;
  });
}

/** @throws AtomicError `EXECUTION` for values that no request can be made of */
function checkValues(template: UrlTemplate, values: UrlValues): void {
  try {
    template.fill(values);
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    throw failed(
      `No address can be made of the record: ${text}`,
      text,
      "Mend or leave out such records before.",
    );
  }
}

async function askOnce(request: Request, values: UrlValues, ctx: Context): Promise<Attempt> {
  const { name } = request;
  try {
    return { found: await ask(request, values, ctx) };
  } catch (thrown) {
    return { failure: networkFailure(`GET ${name}`, thrown) };
  }
}

async function ask(request: Request, values: UrlValues, ctx: Context): Promise<unknown> {
  const { template, settings, schema, name } = request;
  const { clock } = ctx;
  const { timeoutMs } = settings;
  const asked = `GET ${name}`;
  const response = await follow(template.fill(values), settings, asked, ctx);
  const { statusCode = 0 } = response;
  if (statusCode === 404 || statusCode === 410 || statusCode === 204) {
    drain(response, clock, timeoutMs);
    return undefined;
  }
  if (statusCode !== 200) {
    throw statusFailure(asked, response, await shownBody(response, asked, timeoutMs, ctx), clock);
  }
  const text = await textOf(request, response, asked, ctx);
  if (text.trim() === "") return undefined;
  const found = parseJson(text, mayHoldProto(text));
  if (found instanceof JsonProblem) {
    const { message } = found;
    throw failed(
      message.startsWith("not JSON")
        ? `${asked} was answered with JSON that is none`
        : `${asked} was answered with JSON that ${message}`,
      "no JSON",
      "Does the server give JSON there?",
    );
  }
  if (found === null) return undefined;
  return schema === undefined ? found : checked(schema, found, asked);
}

/** The answer at the end of all redirects. */
async function follow(
  url: URL,
  { headers, timeoutMs }: HttpSettings,
  name: string,
  ctx: Context,
): ReturnType<typeof exchange> {
  let at = url;
  for (let count = 0; ; count++) {
    const sent = { accept: "application/json", "user-agent": "atomic-agents", ...headers() };
    const response = await exchange({ method: "GET", url: at, name, headers: sent, timeoutMs }, ctx);
    const { location } = response.headers;
    if (!redirects.includes(response.statusCode ?? 0) || location === undefined) return response;
    drain(response, ctx.clock, timeoutMs);
    const next = URL.parse(location, at.href);
    if (next === null || next.origin !== url.origin) {
      throw failed(`${name} leads to another origin, which is not followed`, "a redirect", otherAddress);
    }
    if (count === maxRedirects) {
      throw failed(`${name} is one redirect after ${maxRedirects} others`, "a redirect", otherAddress);
    }
    at = next;
  }
}

const otherAddress = "Give the address that answers itself.";

async function textOf(
  { settings: { timeoutMs }, maxBytes }: Request,
  response: Awaited<ReturnType<typeof exchange>>,
  name: string,
  { clock, signal }: Context,
): Promise<string> {
  const bytes = timedBytes(readableStream(response, signal), clock, timeoutMs, () =>
    timeoutError(name, timeoutMs),
  );
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  try {
    for (let part = await bytes.read(); part !== undefined; part = await bytes.read()) {
      length += part.length;
      if (length > maxBytes) {
        throw failed(`${name} was answered with more than ${maxBytes} bytes`, "too long", "Raise maxBytes.");
      }
      text += decoder.decode(part, { stream: true });
    }
    return text + decoder.decode();
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw failed(
      `${name} was answered with what is not UTF-8`,
      thrown.message,
      "Does the server give JSON there?",
    );
  } finally {
    await bytes.close();
  }
}

async function checked(schema: AnySchema, found: unknown, name: string): Promise<unknown> {
  const result = await schema["~standard"].validate(found);
  if (result.issues === undefined) return result.value;
  const message = `${name} was answered with something else: ${describeIssues(result.issues)}`;
  throw new AtomicError("VALIDATION_OUTPUT", message, {
    details: { issues: [{ path: "", message, expected: "what the schema says", got: "something else" }] },
    retryable: false,
    hint: "Correct the schema, or what the server gives.",
  });
}

function failed(message: string, thrown: string, hint: string): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", message, { details: { thrown }, retryable: false, hint });
}
