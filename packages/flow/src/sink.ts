import type { Clock, Log, MaybePromise } from "@atomic-agents/core";
import { configError } from "./config-error.ts";
import { checkName } from "./source.ts";

/** What a sink writes with. */
export interface SinkContext {
  /** Unique among runs; part of temporary names. */
  readonly runId: string;
  /** Aborts when the flow ends early. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** A number from 0 up to but not 1. */
  readonly random: () => number;
}

/** One flow's use of a sink. Calls come one after the other, never two at a time. */
export interface SinkWriter<in TEncoded> {
  /** What the sink is called in this flow's summary, where that is not known before, such as a file named by the run. */
  readonly name?: string | undefined;
  /** Stands for the sink's `encode` where what is written depends on what came before in the same flow. */
  readonly encode?: ((record: never) => unknown) | undefined;
  /** What it writes is there at once and stays, also when the flow fails; unless it is said, when there is no `publish`. */
  readonly isDirect?: boolean | undefined;
  /**
   * Whether `write` may refuse records without having written any of them: it then rejects with an `AtomicError` whose
   * `disposition` is `"dead-letter"`, they become dead letters, and the flow goes on.
   */
  readonly mayRefuse?: boolean | undefined;
  /** Takes records, in order; when it returns, or its promise resolves, they count as delivered. */
  readonly write: (records: readonly TEncoded[]) => MaybePromise<void>;
  /** Everything is written and shall be made safe; nothing is shown yet. Called before `publish`. */
  readonly prepare?: (() => MaybePromise<void>) | undefined;
  /** All sinks of the flow are prepared: shows what was written, under its final name. */
  readonly publish?: (() => MaybePromise<void>) | undefined;
  /** The flow has failed or was cancelled: removes what was written, where that can be done. */
  readonly discard?: (() => MaybePromise<void>) | undefined;
  /**
   * Of a sink of dead letters, in the place of `discard`: shows what was written all the same, unless that would do harm;
   * true when it did.
   */
  readonly keep?: (() => MaybePromise<boolean>) | undefined;
}

/** How records go out. */
export interface SinkDefinition<in TRecord, TEncoded = TRecord> {
  readonly name: string;
  /** Makes of a record what is written; a record for which it throws becomes a dead letter. */
  readonly encode?: ((record: TRecord) => TEncoded) | undefined;
  /** Called once, before the first record is read. */
  readonly open: (context: SinkContext) => MaybePromise<SinkWriter<TEncoded>>;
  /** How many records are written at a time at most; 512. */
  readonly maxRecords?: number | undefined;
}

/** Where the records of a flow go. */
export interface Sink<in TRecord> {
  readonly "~sink": SinkInternals<TRecord>;
  readonly name: string;
}

/** The brand of a sink, with what the flow needs. */
export interface SinkInternals<in TRecord> {
  readonly encode: ((record: TRecord) => unknown) | undefined;
  readonly open: (context: SinkContext) => MaybePromise<SinkWriter<never>>;
  readonly maxRecords: number;
  /** What it is called in a run, where that depends on the run. */
  readonly nameIn?: ((runId: string) => string) | undefined;
}

const defaultMaxRecords = 512;

/**
 * Makes a sink of a function that opens a writer.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const lines: string[] = [];
 * const printer = defineSink<number, string>({
 *   name: "printer",
 *   encode: (number) => `number ${number}`,
 *   open: () => ({ write: (texts) => void lines.push(...texts) }),
 * });
 * await flow(fromIterable([1, 2])).to(printer);
 * console.log(lines); // => [ 'number 1', 'number 2' ]
 * ```
 */
export function defineSink<TRecord, TEncoded = TRecord>(
  definition: SinkDefinition<TRecord, TEncoded>,
): Sink<TRecord> {
  const { name, encode, open, maxRecords = defaultMaxRecords } = definition;
  checkName("defineSink", name);
  if (typeof open !== "function") throw configError("defineSink", "open", "a function", open);
  if (encode !== undefined && typeof encode !== "function") {
    throw configError("defineSink", "encode", "a function", encode);
  }
  if (!Number.isInteger(maxRecords) || maxRecords < 1) {
    throw configError("defineSink", "maxRecords", "a whole number from 1", maxRecords);
  }
  return { name, "~sink": { encode, open, maxRecords } };
}

/** Checks what is said to be a sink. @throws AtomicError `CONFIG` */
export function checkSink(what: string, sink: unknown): void {
  if (typeof sink !== "object" || sink === null || !("~sink" in sink)) {
    throw configError(what, "sink", "a sink", sink, "Make one with toArray, toFile or defineSink.");
  }
}
