import {
  AtomicError,
  type Clock,
  type Context,
  parseRetryAfter,
  redacted,
  type Secret,
} from "@atomic-agents/core";

/** A service behind HTTP, as an agent gets it: requests end with the attempt that makes them. */
export interface HttpClient {
  /** The address that paths are relative to. */
  readonly url: string;
  /** GET: the answer's JSON, or text. */
  readonly get: (path: string, options?: HttpRequestOptions) => Promise<unknown>;
  /** POST of a value as JSON. */
  readonly post: (path: string, body: unknown, options?: HttpRequestOptions) => Promise<unknown>;
  /**
   * Any request.
   *
   * @throws AtomicError `RATE_LIMITED` for status 429, with what `Retry-After` says; `EXECUTION` for any other status
   * that is not 2xx (retryable for 408, 425 and 5xx), for a redirect, which is not followed, for an answer that is too
   * long, and when there is no connection; `TIMEOUT`; `CANCELLED` when the attempt is given up on; `CONFIG` for a path
   * that leads elsewhere
   */
  readonly request: (method: string, path: string, options?: HttpBodyOptions) => Promise<HttpAnswer>;
}

/** What a request may have besides its path. */
export interface HttpRequestOptions {
  /** What is appended to the address; undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Over those of the resource. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
}

export interface HttpBodyOptions extends HttpRequestOptions {
  /** A text or bytes as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** What a service answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where the content type says so, else the text; null where there is none. */
  readonly body: unknown;
}

/** What all requests of a client have in common. */
export interface HttpSettings {
  readonly name: string;
  readonly url: Secret | string;
  readonly headers: Readonly<Record<string, Secret | string>>;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

type HttpContext = Pick<Context, "signal" | "clock">;

/** A client whose requests belong to one attempt. */
export function httpClient(settings: HttpSettings, ctx: HttpContext): HttpClient {
  const request: HttpClient["request"] = (method, path, options = {}) =>
    send(settings, ctx, method, path, options);
  return Object.freeze({
    url: settings.url.toString(),
    request,
    get: async (path: string, options?: HttpRequestOptions) => (await request("GET", path, options)).body,
    post: async (path: string, body: unknown, options?: HttpRequestOptions) =>
      (await request("POST", path, { ...options, body })).body,
  });
}

async function send(
  settings: HttpSettings,
  { signal, clock }: HttpContext,
  method: string,
  path: string,
  options: HttpBodyOptions,
): Promise<HttpAnswer> {
  const what = `${method} ${path} of ${JSON.stringify(settings.name)}`;
  const url = addressOf(settings, path, options.query);
  const { body, contentType } = encoded(options.body);
  const headers = new Headers(contentType === undefined ? {} : { "content-type": contentType });
  for (const [name, value] of Object.entries({ ...settings.headers, ...options.headers })) {
    headers.set(name, reveal(value));
  }
  const limit = new AbortController();
  const { timeoutMs } = settings;
  const timer = clock.setTimer(() => limit.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: body ?? null,
      // What is sent along, a token above all, is for this service alone.
      redirect: "manual",
      signal: AbortSignal.any([signal, limit.signal]),
    });
    return await answerOf(response, what, settings, clock);
  } catch (error) {
    if (AtomicError.isInstance(error)) throw error;
    if (signal.aborted) {
      throw new AtomicError("CANCELLED", `${what} was given up on`, {
        details: { reason: "cancelled" },
        cause: error,
      });
    }
    if (limit.signal.aborted) {
      throw new AtomicError("TIMEOUT", `${what} took longer than ${timeoutMs} ms`, {
        details: { scope: "attempt", timeoutMs },
        cause: error,
      });
    }
    throw failure(`${what} got no answer: ${reasonOf(error)}`, true, error);
  } finally {
    timer.cancel();
  }
}

const retryableStatuses = new Set([408, 425]);
const maxShownLength = 200;

/** @throws AtomicError */
async function answerOf(
  response: Response,
  what: string,
  { maxResponseBytes }: HttpSettings,
  clock: Clock,
): Promise<HttpAnswer> {
  const { status, headers } = response;
  const text = await textOf(response, what, maxResponseBytes);
  if (response.ok) return { status, headers, body: bodyOf(text, headers, what) };
  const shown = String(redacted(text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text));
  const answered = `${what} was answered with status ${status}${shown === "" ? "" : `: ${shown}`}`;
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(headers.get("retry-after"), clock);
    throw new AtomicError("RATE_LIMITED", answered, {
      details: retryAfterMs === undefined ? {} : { retryAfterMs },
    });
  }
  if (status >= 300 && status < 400) {
    throw failure(
      `${answered}; redirects are not followed`,
      false,
      undefined,
      "Name the address that it leads to.",
    );
  }
  throw failure(answered, status >= 500 || retryableStatuses.has(status));
}

/** What was sent, unless it is too long: then it is not read to its end. */
async function textOf(response: Response, what: string, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // What fetch gives is a stream of bytes.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw failure(
        `${what} was answered with more than ${maxBytes} bytes`,
        false,
        undefined,
        "Ask for less, or raise maxResponseBytes of the resource.",
      );
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function bodyOf(text: string, headers: Headers, what: string): unknown {
  if (text === "") return null;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get("content-type") ?? "")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw failure(`${what} was answered with JSON that is none`, true, error);
  }
}

/** @throws AtomicError `CONFIG` for a path that leads elsewhere than below the resource's address */
function addressOf(settings: HttpSettings, path: string, query: HttpRequestOptions["query"]): URL {
  const base = new URL(reveal(settings.url));
  const folder = base.pathname.replace(/\/$/, "");
  const [bare = "", search = ""] = path.replace(/#.*$/s, "").split("?", 2);
  const url = new URL(base);
  url.pathname = bare === "" ? base.pathname : `${folder}/${bare.replace(/^\//, "")}`;
  if (
    url.origin !== base.origin ||
    !(url.pathname === base.pathname || url.pathname.startsWith(`${folder}/`))
  ) {
    throw new AtomicError(
      "CONFIG",
      `The path ${JSON.stringify(path)} leads out of ${JSON.stringify(settings.name)}`,
      {
        details: { path: "path", expected: "a path below the address of the resource", got: path },
        hint: "Each service is a resource of its own.",
      },
    );
  }
  for (const [key, value] of new URLSearchParams(search)) url.searchParams.append(key, value);
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.append(key, String(value));
  }
  return url;
}

function encoded(body: unknown): {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly contentType?: string;
} {
  if (body === undefined) return {};
  if (typeof body === "string") return { body, contentType: "text/plain;charset=UTF-8" };
  // A copy, for fetch takes no memory that others may change.
  if (body instanceof Uint8Array)
    return { body: new Uint8Array(body), contentType: "application/octet-stream" };
  return { body: JSON.stringify(body), contentType: "application/json" };
}

function reveal(value: Secret | string): string {
  return typeof value === "string" ? value : value.reveal();
}

function failure(
  message: string,
  retryable: boolean,
  cause?: unknown,
  hint?: string,
): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", message, { details: { thrown: message }, retryable, cause, hint });
}

/** What fetch tells of a connection that failed lies one level deeper. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return String(redacted(inner instanceof Error ? inner.message || inner.name : String(inner)));
}
