import { type RetryPolicy, Secret } from "@atomic-agents/core";
import { checkCount, checkKeys, configError } from "../config-error.ts";

/** How often, and how soon, a request that failed is made again; 3 attempts, 500 ms, factor 2, at most 10,000 ms. */
export type HttpRetry = Pick<RetryPolicy, "attempts" | "baseDelayMs" | "factor" | "maxDelayMs" | "jitter">;

/** How requests are made. */
export interface HttpOptions {
  /** Sent with each request, and never to another origin that it is redirected to. A secret is not shown anywhere. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
  /** The longest wait for an answer, and for each further part of it; 30,000. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: HttpRetry | undefined;
}

/** The names of the options, for those who check them. */
export const httpOptionKeys = ["headers", "timeoutMs", "retry"] as const;

/** Where requests go, and how, with all defaults. */
export interface HttpSettings {
  readonly url: URL;
  /** The address without what may be secret, for messages. */
  readonly name: string;
  readonly headers: () => Record<string, string>;
  readonly timeoutMs: number;
  readonly retry: Required<{ readonly [TKey in keyof HttpRetry]: NonNullable<HttpRetry[TKey]> }>;
}

const maxTimeoutMs = 100_000;
const retryKeys = ["attempts", "baseDelayMs", "factor", "maxDelayMs", "jitter"];
/** RFC 9110, section 5.6.2: what names of headers are made of. */
const token = /^[!#$%&'*+\-.^_`|~\w]+$/;

/** Checks an address and options. @throws AtomicError `CONFIG` */
export function httpSettings(what: string, address: string | URL, options: HttpOptions): HttpSettings {
  const url = urlOf(what, address);
  const { headers = {}, timeoutMs = 30_000, retry } = options;
  checkHeaders(what, headers);
  if (!(typeof timeoutMs === "number" && timeoutMs >= 1 && timeoutMs <= maxTimeoutMs)) {
    const expected = `a number of milliseconds from 1 to ${maxTimeoutMs}`;
    throw configError(what, "timeoutMs", expected, timeoutMs);
  }
  return {
    url,
    name: addressOf(url),
    headers: () =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name.toLowerCase(),
          typeof value === "string" ? value : value.reveal(),
        ]),
      ),
    timeoutMs,
    retry: retrySettings(what, retry),
  };
}

/** An address without query, fragment and names: they may be secret. */
export function addressOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function urlOf(what: string, address: string | URL): URL {
  const url = URL.parse(String(address));
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    // What is wrong may be a secret, so it is not shown.
    throw configError(what, "url", "an address that begins with http:// or https://", typeof address);
  }
  if (url.username !== "" || url.password !== "") {
    const hint = "Give them as a header: authorization.";
    throw configError(what, "url", "an address without a user's name and password", addressOf(url), hint);
  }
  return url;
}

function checkHeaders(what: string, headers: Readonly<Record<string, string | Secret>>): void {
  if (typeof headers !== "object" || headers === null)
    throw configError(what, "headers", "an object", headers);
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name)) throw configError(what, "headers", "an object with names of headers", name);
    const text: unknown = value instanceof Secret ? value.reveal() : value;
    // Not shown: it may be secret.
    if (typeof text !== "string") {
      throw configError(what, `headers.${name}`, "a text or a secret", `a value of type ${typeof text}`);
    }
    if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
      throw configError(
        what,
        `headers.${name}`,
        "a text that fits into a header",
        "one with other characters",
      );
    }
  }
}

function retrySettings(what: string, retry: HttpRetry | undefined): HttpSettings["retry"] {
  if (retry !== undefined) checkKeys(what, retry, retryKeys);
  const { attempts = 3, baseDelayMs = 500, factor = 2, maxDelayMs = 10_000, jitter = "full" } = retry ?? {};
  checkCount(what, "retry.attempts", attempts);
  for (const [key, value, most] of [
    ["baseDelayMs", baseDelayMs, maxTimeoutMs],
    ["maxDelayMs", maxDelayMs, maxTimeoutMs],
    ["factor", factor, 100],
  ] as const) {
    if (!(typeof value === "number" && value >= 0 && value <= most)) {
      throw configError(what, `retry.${key}`, `a number from 0 to ${most}`, value);
    }
  }
  if (jitter !== "full" && jitter !== "none") throw configError(what, "retry.jitter", "full or none", jitter);
  return { attempts, baseDelayMs, factor, maxDelayMs, jitter };
}
