import type { PatternEngine } from "@atomic-agents/contracts/json-schema";
import { checkCount, checkKeys, checkMs, configError, type Context, Secret } from "@atomic-agents/core";
import type { TransportOptions } from "./transport.ts";

/** How services are called. */
export interface ClientOptions {
  /** The bearer token; from a file or the environment, not from the code. Sent to the origin of the URL and nowhere else. */
  readonly token?: string | Secret | undefined;
  /** The most that one call may take; 120,000 unless said otherwise, or what the stage's policy says. */
  readonly timeoutMs?: number | undefined;
  /** Refuse an interface of which it is not proved that it always fits what is expected. */
  readonly strict?: boolean | undefined;
  /** Call by `POST /stream`: the run shows the drafts of the output, and the remote run's events as events `remote-run`. */
  readonly stream?: boolean | undefined;
  /**
   * The key under which a service gives a call that is repeated its first answer: none unless said otherwise. `true` makes
   * one for each call, so that a connection that breaks is no failure but a repetition; it costs either side about as
   * much as the call itself. With a function, equal keys are for equal inputs, whoever repeats them.
   */
  readonly idempotencyKey?: boolean | ((input: unknown, ctx: Context) => string | undefined) | undefined;
  /** How long an answer, or one event of a stream, may be; 16 MiB unless said otherwise. */
  readonly maxResponseBytes?: number | undefined;
  /** How long the service may take to describe itself; 10,000 unless said otherwise. */
  readonly interfaceTimeoutMs?: number | undefined;
  /** How long connecting may take; 5,000 unless said otherwise. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long an answer that has begun may pause; 30,000 unless said otherwise. Streams show a sign of life each 15 s. */
  readonly bodyTimeoutMs?: number | undefined;
  /** How long an idle connection is kept where the service does not say; 4,000 unless said otherwise. */
  readonly keepAliveMs?: number | undefined;
  /** How many connections there are to one origin at most; 64 unless said otherwise. */
  readonly connections?: number | undefined;
  /** How many calls may wait for a connection; 1,000 unless said otherwise. More are refused with `OVERLOADED`. */
  readonly maxWaiting?: number | undefined;
  /**
   * What reads the patterns of the service's schemas; `cautiousRegExp` unless said otherwise, which leaves it to the service
   * to check what could keep the caller busy.
   */
  readonly regExp?: PatternEngine | undefined;
  /** Gives up on fetching the interface. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with their defaults. */
export interface ResolvedClientOptions extends ClientOptions {
  readonly authorization: (() => string) | undefined;
  readonly isStrict: boolean;
  readonly isStreamed: boolean;
  readonly maxResponseBytes: number;
  readonly interfaceTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly transport: TransportOptions;
}

/** Every option, so that one that is misspelt is found. */
const known: Readonly<Record<keyof ClientOptions, true>> = {
  token: true,
  timeoutMs: true,
  strict: true,
  stream: true,
  idempotencyKey: true,
  maxResponseBytes: true,
  interfaceTimeoutMs: true,
  connectTimeoutMs: true,
  bodyTimeoutMs: true,
  keepAliveMs: true,
  connections: true,
  maxWaiting: true,
  regExp: true,
  signal: true,
};

/** @throws AtomicError `CONFIG` */
export function resolveClientOptions(
  what: string,
  options: ClientOptions,
  more: readonly string[],
): ResolvedClientOptions {
  checkKeys(what, options, [...Object.keys(known), ...more]);
  for (const name of [
    "timeoutMs",
    "interfaceTimeoutMs",
    "connectTimeoutMs",
    "bodyTimeoutMs",
    "keepAliveMs",
  ] as const) {
    checkMs(what, name, options[name]);
  }
  checkCount(what, "connections", options.connections);
  checkCount(what, "maxResponseBytes", options.maxResponseBytes);
  checkCount(what, "maxWaiting", options.maxWaiting, 0);
  for (const name of ["strict", "stream"] as const) {
    const given: unknown = options[name];
    if (given !== undefined && typeof given !== "boolean") {
      throw configError(what, name, "true or false", given);
    }
  }
  const regExp: unknown = options.regExp;
  if (regExp !== undefined && typeof regExp !== "function") {
    throw configError(what, "regExp", "a function", regExp);
  }
  const key: unknown = options.idempotencyKey;
  if (key !== undefined && typeof key !== "boolean" && typeof key !== "function") {
    throw configError(what, "idempotencyKey", "true, false or a function", key);
  }
  return {
    ...options,
    authorization: authorizationOf(what, options.token),
    isStrict: options.strict ?? false,
    isStreamed: options.stream ?? false,
    maxResponseBytes: options.maxResponseBytes ?? 16 * 1_048_576,
    interfaceTimeoutMs: options.interfaceTimeoutMs ?? 10_000,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
    transport: {
      connections: options.connections ?? 64,
      maxWaiting: options.maxWaiting ?? 1_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      keepAliveMs: options.keepAliveMs ?? 4_000,
    },
  };
}

/** The header is made of the secret each time, so that nothing else holds its text. */
function authorizationOf(what: string, token: unknown): (() => string) | undefined {
  if (token === undefined) return undefined;
  const secret =
    token instanceof Secret ? token : typeof token === "string" && new Secret(token, "token of a service");
  const text: unknown = secret === false ? undefined : secret.reveal();
  if (secret === false || typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text)) {
    // Not what was given: it may be the token with a line end.
    throw configError(
      what,
      "token",
      "a text of visible ASCII characters, or a Secret of one",
      undefined,
      "Is there a line end or a space around it?",
    );
  }
  return () => `Bearer ${String(secret.reveal())}`;
}
