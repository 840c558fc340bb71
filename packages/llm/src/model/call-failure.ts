import { AtomicError, type Context, parseRetryAfter } from "@atomic-agents/core";
import { withoutKeys } from "../without-keys.ts";
import { type Told, toldBy } from "./told-by.ts";

/** Why a call of a model failed, and what to do about it. */
export interface CallFailure {
  readonly error: AtomicError;
  /** How long the provider asks to wait; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;
  /** Whether another model may have more luck. */
  readonly mayFallBack: boolean;
  /** Whether the model may have worked on it, which costs: not when the call was refused. */
  readonly mayHaveCost: boolean;
}

/** Of a server's own words not more is shown. */
const maxWords = 500;

/** Reads what a call threw. What is an `AtomicError` already stays as it is. */
export function readFailure(given: unknown, modelId: string, ctx: Context): CallFailure {
  const thrown = legible(given);
  if (AtomicError.isInstance(thrown)) {
    const mayFallBack =
      thrown.code !== "CANCELLED" && thrown.code !== "BUDGET_EXCEEDED" && thrown.code !== "CONFIG";
    // A call that nobody waits for any more has been made all the same.
    const mayHaveCost = mayFallBack || thrown.code === "CANCELLED";
    return { error: thrown, retryAfterMs: undefined, mayFallBack, mayHaveCost };
  }
  const told = toldBy(thrown);
  if (told === undefined) {
    const words = wordsOf(thrown instanceof Error ? thrown.message : String(thrown));
    const error = new AtomicError("EXECUTION", `Model "${modelId}" failed: ${words}`, {
      details: { thrown: words },
      retryable: !(thrown instanceof Error && lasting.has(thrown.name)),
      hint: "Look at the message; the provider's status page may tell more.",
      cause: causeOf(thrown),
    });
    return { error, retryAfterMs: undefined, mayFallBack: true, mayHaveCost: true };
  }
  const { statusCode, headers } = told;
  const words = wordsOf(told.message);
  if (statusCode === undefined) {
    const error = new AtomicError("EXECUTION", `Model "${modelId}" could not be reached: ${words}`, {
      details: { thrown: words },
      hint: "Is the server running, and its address right?",
      cause: slim(told),
    });
    return { error, retryAfterMs: undefined, mayFallBack: true, mayHaveCost: false };
  }
  const retryAfterMs = retryAfterOf(headers, ctx);
  if (statusCode === 429 || statusCode === 402) {
    const isSpent = statusCode === 402 || isQuota(told);
    const error = new AtomicError("RATE_LIMITED", `Model "${modelId}" answered ${statusCode}: ${words}`, {
      details: retryAfterMs === undefined ? {} : { retryAfterMs },
      retryable: !isSpent,
      hint: isSpent
        ? "The account has no credit or quota left: top it up, or name a second model to fall back to."
        : "Lower the concurrency, or name a second model to fall back to.",
      cause: slim(told),
    });
    return { error, retryAfterMs: isSpent ? undefined : retryAfterMs, mayFallBack: true, mayHaveCost: false };
  }
  // An answer that was cut short, or that cannot be read, is told with the status that it began with.
  const isUnreadable = statusCode < 300;
  const isPassingStatus =
    isUnreadable || statusCode >= 500 || statusCode === 408 || statusCode === 409 || statusCode === 425;
  const what = isUnreadable ? "sent an answer that cannot be read" : `answered ${statusCode}`;
  const error = new AtomicError("EXECUTION", `Model "${modelId}" ${what}: ${words}`, {
    details: { thrown: words },
    retryable: isPassingStatus,
    hint: hintFor(statusCode),
    cause: slim(told),
  });
  const mayHaveCost = statusCode < 400 || statusCode >= 500;
  return { error, retryAfterMs: isPassingStatus ? retryAfterMs : undefined, mayFallBack: true, mayHaveCost };
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "Is the key right, and allowed to use this model?";
  if (status === 404) return "Is the model's name right? Ids are provider/name, such as openai/gpt-5-mini.";
  if (status === 400 || status === 413 || status === 422) {
    return "The provider does not take the request: look at its words; the input may be too long for the model.";
  }
  return status >= 500 || status < 300
    ? "Such failures mostly pass: try again, or name a second model."
    : "See the provider's words.";
}

/** The wait that the headers ask for; in milliseconds where a provider says so. */
function retryAfterOf(headers: Readonly<Record<string, string>>, ctx: Context): number | undefined {
  const inMs = Number(headers["retry-after-ms"]);
  if (headers["retry-after-ms"] !== undefined && Number.isFinite(inMs) && inMs >= 0) return inMs;
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  // Not by RFC 9110, which knows whole seconds; servers of models say it all the same.
  if (/^\s*\d{1,9}\.\d{1,9}\s*$/.test(text)) return Math.ceil(Number(text) * 1_000);
  return parseRetryAfter(text, ctx.clock);
}

/** Waiting does not bring back money. */
function isQuota({ message, body }: Told): boolean {
  return /insufficient_quota|billing|credit balance|quota[_ ]exceeded/i.test(
    `${message.slice(0, 4_000)} ${body.slice(0, 4_000)}`,
  );
}

/** Errors of the providers' packages that no second try mends. */
const lasting = new Set([
  "AI_UnsupportedFunctionalityError",
  "AI_InvalidPromptError",
  "AI_InvalidArgumentError",
  "AI_LoadAPIKeyError",
  "AI_NoSuchModelError",
]);

/** A server's words on one line, without what looks like a key. */
function wordsOf(text: string): string {
  const line = withoutKeys(text)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line.length > maxWords ? `${line.slice(0, maxWords)}…` : line;
}

/** What was thrown, unless there is no saying what it is. */
function legible(thrown: unknown): unknown {
  try {
    if (AtomicError.isInstance(thrown)) return thrown;
    toldBy(thrown);
    causeOf(thrown);
    return thrown;
  } catch {
    return new Error("what it threw cannot be read");
  }
}

/** What was thrown, unless a key stands in it or in what it was caused by, or it is longer than is looked at: then its words. */
function causeOf(thrown: unknown): unknown {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  for (let at = thrown; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    texts.push(at.stack ?? "", at.message);
  }
  if (!(thrown instanceof Error)) texts.push(String(thrown));
  if (texts.every((text) => withoutKeys(text) === text)) return thrown;
  const cause = new Error(wordsOf(thrown instanceof Error ? thrown.message : String(thrown)));
  if (thrown instanceof Error) cause.name = thrown.name;
  return cause;
}

/** The error of the provider's package holds the whole request; logs need not. */
function slim({ name, message, statusCode, url, body }: Told): Error {
  const cause = new Error(
    `${statusCode ?? "no answer"} of ${url.replace(/\?.*/, "")}: ${wordsOf(message)} ${wordsOf(body)}`.trim(),
  );
  cause.name = name;
  return cause;
}
