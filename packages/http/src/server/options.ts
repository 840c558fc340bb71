import {
  Budget,
  type BudgetLimits,
  checkCount,
  checkKeys,
  checkMs,
  type Clock,
  configError,
  createLog,
  type Log,
  type MetricsCollector,
  type ResourceSet,
  systemClock,
  type Tracer,
} from "@atomic-agents/core";
import type { ServiceToken } from "../auth/service-token.ts";
import type { IdempotencyStore } from "../idempotency/idempotency-store.ts";
import type { TokenUses } from "../telemetry/token-uses.ts";

/** What `serve` can be given. */
export interface ServeOptions {
  /** 0 for any that is free; 3000 unless said otherwise. */
  readonly port?: number | undefined;
  /** `127.0.0.1` unless said otherwise. */
  readonly host?: string | undefined;
  /** The most that a run may take; 60 s unless said otherwise. A caller may ask for less. */
  readonly timeoutMs?: number | undefined;
  /** What each run may spend; a caller may ask for less. */
  readonly budget?: BudgetLimits | undefined;
  /** How large a body may be; 1 MiB unless said otherwise. */
  readonly maxBodyBytes?: number | undefined;
  /** How deep JSON may be nested; 64 unless said otherwise. */
  readonly maxDepth?: number | undefined;
  /** How many values a body may have; 100,000 unless said otherwise. */
  readonly maxNodes?: number | undefined;
  /** How many requests are worked on at a time, but for those of `/records`; 256 unless said otherwise. */
  readonly maxInFlight?: number | undefined;
  /** How many wait for their turn; 256 unless said otherwise. More are refused with 503. */
  readonly maxQueued?: number | undefined;
  /** How long one waits for its turn at most; 5 s unless said otherwise. */
  readonly maxQueueMs?: number | undefined;
  /** How many connections are kept; 10,000 unless said otherwise. */
  readonly maxConnections?: number | undefined;
  /** How long the head of a request may take; 10 s unless said otherwise. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long the body of a request may take; 30 s unless said otherwise. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a connection is kept when nothing comes; 75 s unless said otherwise. */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** How long `/ready` says no before no more connections are taken; 2 s unless said otherwise. */
  readonly drainDelayMs?: number | undefined;
  /** How long requests in flight may go on when the service stops; 30 s unless said otherwise. */
  readonly drainTimeoutMs?: number | undefined;
  /** Whether SIGTERM and SIGINT stop the service and end the process; yes unless said otherwise. */
  readonly handleSignals?: boolean | undefined;
  /** Called when the service takes requests. It says that it is ready when this is done. */
  readonly onReady?: ((url: string) => void | PromiseLike<void>) | undefined;
  /** Called when the service begins to stop, and waited for before it takes no more connections. */
  readonly onDrain?: (() => void | PromiseLike<void>) | undefined;
  /** Have errors of the agents' own code show their message; for development. */
  readonly exposeErrors?: boolean | undefined;
  /** How many records of one request are worked on at a time; 16 unless said otherwise. A caller may ask for less. */
  readonly recordConcurrency?: number | undefined;
  /**
   * How many records of all requests of `/records` are worked on at a time, beside the requests of `maxInFlight`; 256
   * unless said otherwise. None is refused: further ones are not read until it is their turn.
   */
  readonly maxRecordsInFlight?: number | undefined;
  /**
   * How many requests of `/records` are open at a time; 1,000 unless said otherwise. Where there are more, the one whose
   * caller has neither sent nor taken anything for longest is ended, and where all have within a second, the new one is
   * refused with 503.
   */
  readonly maxRecordRequests?: number | undefined;
  /**
   * How long a caller of `/stream` or `/records` may take nothing of what waits for it, or one of `/records` send no whole
   * line while nothing of it is worked on; 60 s unless said otherwise.
   */
  readonly stallTimeoutMs?: number | undefined;
  /** How many runs that have ended `/runs` knows; 1,000 unless said otherwise. */
  readonly maxRuns?: number | undefined;
  /** How many bytes their answers, errors and metadata may have together; 64 MiB unless said otherwise. */
  readonly maxRunBytes?: number | undefined;
  /** How long after its end `/runs` knows a run; 1 hour unless said otherwise. */
  readonly runRetentionMs?: number | undefined;
  /** Keeps answers by `Idempotency-Key`; a `MemoryIdempotencyStore` of the service's own when absent. */
  readonly idempotency?: IdempotencyStore | undefined;
  /**
   * Who may use the service: `tokensFromFile`, whose file is read again when it has changed, `tokensFromEnvironment`, or
   * those that you have. Without tokens only this computer reaches it: another `host` is refused.
   */
  readonly tokens?: readonly ServiceToken[] | undefined;
  /**
   * Hosts that requests may name besides the service's own, without port: `api.example.com`, `*.example.com`, or `*` for
   * any, which is safe only where tokens are asked for.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Origins of pages that may call the service besides its own, such as `https://app.example.com` where a proxy names the
   * service by another host. No headers of CORS are added: that is for the proxy to do, where it is wanted.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Whether each request is a line of the log; yes unless said otherwise. */
  readonly accessLog?: boolean | undefined;
  /** Where the runs' spans go. Those of a caller who sends `traceparent` go on in the caller's trace. */
  readonly tracer?: Tracer | undefined;
  /** Told of every request, run and stage, besides the service's own metrics. */
  readonly metrics?: MetricsCollector | undefined;
  /** How many time series `/metrics` has at most, besides those of the process; 4,000 unless said otherwise. */
  readonly maxSeries?: number | undefined;
  /** What `/metrics` has the tokens of language models from, such as the `ModelMeter` of the service's models. */
  readonly tokenUses?: TokenUses | undefined;
  readonly log?: Log | undefined;
  readonly clock?: Clock | undefined;
  /** Where the agents' resources are kept; one set of the service's own, closed with it, when absent. */
  readonly resources?: ResourceSet | undefined;
}

/** The options with their defaults. */
export interface ResolvedOptions extends ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly maxInFlight: number;
  readonly maxQueued: number;
  readonly maxQueueMs: number;
  readonly maxConnections: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  readonly handleSignals: boolean;
  readonly exposeErrors: boolean;
  readonly recordConcurrency: number;
  readonly maxRecordsInFlight: number;
  readonly maxRecordRequests: number;
  readonly stallTimeoutMs: number;
  readonly maxRuns: number;
  readonly maxRunBytes: number;
  readonly runRetentionMs: number;
  readonly log: Log;
  readonly clock: Clock;
}

/** Every option, so that one that is misspelt is found. */
const known: Readonly<Record<keyof ServeOptions, true>> = {
  port: true,
  host: true,
  timeoutMs: true,
  budget: true,
  maxBodyBytes: true,
  maxDepth: true,
  maxNodes: true,
  maxInFlight: true,
  maxQueued: true,
  maxQueueMs: true,
  maxConnections: true,
  headersTimeoutMs: true,
  requestTimeoutMs: true,
  keepAliveTimeoutMs: true,
  drainDelayMs: true,
  drainTimeoutMs: true,
  handleSignals: true,
  onReady: true,
  onDrain: true,
  exposeErrors: true,
  recordConcurrency: true,
  maxRecordsInFlight: true,
  maxRecordRequests: true,
  stallTimeoutMs: true,
  maxRuns: true,
  maxRunBytes: true,
  runRetentionMs: true,
  idempotency: true,
  tokens: true,
  allowedHosts: true,
  allowedOrigins: true,
  accessLog: true,
  tracer: true,
  metrics: true,
  maxSeries: true,
  tokenUses: true,
  log: true,
  clock: true,
  resources: true,
};

const what = "serve";

/** @throws AtomicError `CONFIG` */
export function resolveOptions(options: ServeOptions): ResolvedOptions {
  checkKeys(what, options, Object.keys(known));
  const {
    port = 3_000,
    host = "127.0.0.1",
    log = createLog({ level: "info" }),
    clock = systemClock,
  } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw configError(what, "port", "a whole number from 0 to 65535", port);
  }
  if (typeof host !== "string" || host === "") throw configError(what, "host", "an address or a name", host);
  if (typeof log?.info !== "function")
    throw configError(what, "log", "a Log", log, "Make one with createLog.");
  if (typeof clock?.now !== "function") throw configError(what, "clock", "a Clock", clock);
  if (options.tracer !== undefined && typeof options.tracer?.startSpan !== "function") {
    throw configError(what, "tracer", "a Tracer", options.tracer);
  }
  if (options.metrics !== undefined && typeof options.metrics?.request !== "function") {
    throw configError(what, "metrics", "a MetricsCollector", options.metrics);
  }
  for (const name of ["onReady", "onDrain"] as const) {
    const given = options[name];
    if (given !== undefined && typeof given !== "function")
      throw configError(what, name, "a function", given);
  }
  for (const name of ["handleSignals", "exposeErrors", "accessLog"] as const) {
    const given = options[name];
    if (given !== undefined && typeof given !== "boolean") {
      throw configError(what, name, "true or false", given);
    }
  }
  for (const name of ["maxBodyBytes", "maxDepth", "maxNodes", "maxInFlight", "maxConnections"] as const) {
    checkCount(what, name, options[name]);
  }
  // It checks its limits.
  if (options.budget !== undefined) void new Budget(options.budget);
  checkCount(what, "maxQueued", options.maxQueued, 0);
  for (const name of [
    "recordConcurrency",
    "maxRecordsInFlight",
    "maxRecordRequests",
    "maxRuns",
    "maxRunBytes",
  ] as const) {
    checkCount(what, name, options[name]);
  }
  for (const name of ["stallTimeoutMs", "runRetentionMs"] as const) checkMs(what, name, options[name]);
  if (options.idempotency !== undefined && typeof options.idempotency?.claim !== "function") {
    throw configError(what, "idempotency", "an IdempotencyStore", options.idempotency);
  }
  for (const name of ["timeoutMs", "headersTimeoutMs", "requestTimeoutMs", "keepAliveTimeoutMs"] as const) {
    checkMs(what, name, options[name]);
  }
  for (const name of ["maxQueueMs", "drainDelayMs", "drainTimeoutMs"] as const) {
    checkMs(what, name, options[name], 0);
  }
  return {
    ...options,
    port,
    host,
    log,
    clock,
    timeoutMs: options.timeoutMs ?? 60_000,
    maxBodyBytes: options.maxBodyBytes ?? 1_048_576,
    maxDepth: options.maxDepth ?? 64,
    maxNodes: options.maxNodes ?? 100_000,
    maxInFlight: options.maxInFlight ?? 256,
    maxQueued: options.maxQueued ?? 256,
    maxQueueMs: options.maxQueueMs ?? 5_000,
    maxConnections: options.maxConnections ?? 10_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 75_000,
    drainDelayMs: options.drainDelayMs ?? 2_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 30_000,
    handleSignals: options.handleSignals ?? true,
    exposeErrors: options.exposeErrors ?? false,
    recordConcurrency: options.recordConcurrency ?? 16,
    maxRecordsInFlight: options.maxRecordsInFlight ?? 256,
    maxRecordRequests: options.maxRecordRequests ?? 1_000,
    stallTimeoutMs: options.stallTimeoutMs ?? 60_000,
    maxRuns: options.maxRuns ?? 1_000,
    maxRunBytes: options.maxRunBytes ?? 67_108_864,
    runRetentionMs: options.runRetentionMs ?? 3_600_000,
  };
}
