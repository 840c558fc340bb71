import type { RunReport } from "../run/report.ts";
import { type ErrorCode, errorCatalog } from "./catalog.ts";
import type { ErrorDetails } from "./details.ts";
import { withoutStack } from "./without-stack.ts";

/** What becomes of an input whose stage failed for good. */
export type Disposition = "stop" | "drop" | "dead-letter";

/** Where and when an error happened. */
export interface ErrorPlace {
  /** The agent's name. */
  readonly agent?: string | undefined;
  /** The stage's id; inside a composed agent the ids from outermost to innermost, joined by `/`. */
  readonly stage?: string | undefined;
  readonly runId?: string | undefined;
  readonly requestId?: string | undefined;
}

/** What an `AtomicError` is made from. */
export interface AtomicErrorOptions<TCode extends ErrorCode> extends ErrorPlace {
  readonly details: ErrorDetails[TCode];
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Milliseconds since 1970; the moment of construction when absent. */
  readonly timestamp?: number | undefined;
  /** Overrides what the catalogue says of the code. */
  readonly retryable?: boolean | undefined;
  readonly disposition?: Disposition | undefined;
  readonly report?: RunReport | undefined;
}

const marker = Symbol.for("atomic-agents.error");

/** Of a copy: the error that it was made of. */
const original = Symbol("original");
/**
 * The same for all copies. Functions of its own would give each a hidden class of its own, which lives, with all that the original's
 * stack leads to, until old things are collected.
 */
const stackOfOriginal: PropertyDescriptor = {
  get(this: { readonly [original]?: Error }): unknown {
    return this[original]?.stack;
  },
  set(this: object, value: unknown): void {
    Object.defineProperty(this, "stack", { value, writable: true });
  },
  configurable: true,
};

/**
 * The one error of the framework. `code` says what happened and decides the type of `details`.
 *
 * @example
 * ```ts
 * const slow = defineAgent({
 *   name: "slow",
 *   description: "Takes a second.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async (text, ctx) => {
 *     await sleep(1_000, ctx);
 *     return text;
 *   },
 * });
 * const result = await slow.tryRun("hello", { timeoutMs: 10 });
 * if (!result.ok && AtomicError.isInstance(result.error, "TIMEOUT")) {
 *   console.log(result.error.details.timeoutMs); // => 10
 * }
 * ```
 */
export class AtomicError<TCode extends ErrorCode = ErrorCode> extends Error {
  readonly code: TCode;
  readonly details: ErrorDetails[TCode];
  readonly agent: string | undefined;
  readonly stage: string | undefined;
  readonly runId: string | undefined;
  readonly requestId: string | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly retryable: boolean;
  /** What to try. */
  readonly hint: string;
  /** What the failing stage's `onError` said; `stop` unless it was written otherwise. */
  readonly disposition: Disposition;

  constructor(code: TCode, message: string, options: AtomicErrorOptions<TCode>) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AtomicError";
    this.code = code;
    this.details = options.details;
    this.agent = options.agent;
    this.stage = options.stage;
    this.runId = options.runId;
    this.requestId = options.requestId;
    this.timestamp = options.timestamp ?? Date.now();
    this.retryable = options.retryable ?? errorCatalog[code].retryable;
    this.hint = options.hint ?? errorCatalog[code].fix;
    this.disposition = options.disposition ?? "stop";
    Object.defineProperty(this, marker, { value: true });
    const { report } = options;
    if (report !== undefined) Object.defineProperty(this, "report", { value: report, configurable: true });
  }

  /** The run so far; only on errors that end a run, which have it as a property that is not enumerable. */
  get report(): RunReport | undefined {
    return undefined;
  }

  /** A copy of this error with some parts said anew: the same code, message, details and stack. */
  with(changes: Partial<Omit<AtomicErrorOptions<TCode>, "details">>): AtomicError<TCode> {
    const options: AtomicErrorOptions<TCode> = {
      details: this.details,
      agent: this.agent,
      stage: this.stage,
      runId: this.runId,
      requestId: this.requestId,
      timestamp: this.timestamp,
      retryable: this.retryable,
      hint: this.hint,
      cause: this.cause,
      disposition: this.disposition,
      report: this.report,
      ...changes,
    };
    const copy = withoutStack(() => new AtomicError<TCode>(this.code, this.message, options));
    // To write it out costs several times what the error does, and mostly nobody reads it.
    Object.defineProperty(copy, original, { value: this });
    Object.defineProperty(copy, "stack", stackOfOriginal);
    return copy;
  }

  /** The parts that go into logs and over a wire; neither stack nor cause. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      agent: this.agent,
      stage: this.stage,
      runId: this.runId,
      requestId: this.requestId,
      timestamp: isoOf(this.timestamp),
      details: this.details,
      retryable: this.retryable,
      hint: this.hint,
      disposition: this.disposition,
    };
  }

  /** Says whether a value is an `AtomicError` of one of the codes, or of any; holds across copies of the package. */
  static isInstance<TCode extends ErrorCode = ErrorCode>(
    value: unknown,
    ...codes: readonly TCode[]
  ): value is AtomicError<TCode> {
    try {
      if (typeof value !== "object" || value === null || !(marker in value)) return false;
      if (!("code" in value) || typeof value.code !== "string" || !Object.hasOwn(errorCatalog, value.code))
        return false;
      return codes.length === 0 || (codes as readonly string[]).includes(value.code);
    } catch {
      // A proxy that refuses to be asked is nothing of ours.
      return false;
    }
  }
}

function isoOf(timestampMs: number): string | null {
  const date = new Date(timestampMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/**
 * `AtomicError` of any code, as a union: after `switch (error.code)` the type of `error.details` is known.
 */
export type AnyAtomicError = { [TCode in ErrorCode]: AtomicError<TCode> }[ErrorCode];
