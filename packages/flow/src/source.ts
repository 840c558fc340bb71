import type { AnySchema } from "@atomic-agents/contracts";
import { type Clock, type Log, toAtomicError } from "@atomic-agents/core";
import { configError } from "./config-error.ts";
import type { Place } from "./place.ts";

/** How much there is to read, where that is known. */
export interface SourceSize {
  readonly records?: number | undefined;
  readonly bytes?: number | undefined;
}

/** What a source reads with, and tells the flow by. */
export interface SourceReader {
  /** Aborts when no more is wanted. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** A number from 0 up to but not 1. */
  readonly random: () => number;
  /** Says how much there is, so that progress can be told; may be called again. */
  readonly setSize: (size: SourceSize) => void;
  /** Where the record that comes next is from; written before each record, and read at once. */
  readonly cursor: SourceCursor;
  /** Stands for a record that cannot be read: given in its place, it is counted and becomes a dead letter. */
  readonly refuse: (refused: RefusedRecord) => Refusal;
}

/** Written by a source as it goes. */
export interface SourceCursor {
  file: string | undefined;
  /** Counted from 1; 0 when unknown. */
  line: number;
  /** −1 when unknown. */
  byteOffset: number;
  /** Where it is dear to say where each line begins: says it later, of those for which it is asked. */
  offsets: LineOffsets | undefined;
  /** How much has been read. */
  bytesRead: number;
}

/** Knows where lines begin. */
export interface LineOffsets {
  readonly offsetOf: (line: number) => number;
}

/** A record that cannot be read. */
export interface RefusedRecord {
  readonly message: string;
  /** Where in the line something is wrong. */
  readonly column?: number | undefined;
  /** The beginning of what was read, as text. */
  readonly raw?: string | undefined;
}

/** Stands among a source's records for one that cannot be read. Made by `reader.refuse`. */
export class Refusal {
  readonly message: string;
  readonly place: Place;
  readonly raw: string | undefined;

  constructor(message: string, place: Place, raw: string | undefined) {
    this.message = message;
    this.place = place;
    this.raw = raw;
  }
}

/** How records come in. `TRecord` is `unknown` where nothing checks them. */
export interface SourceDefinition<TRecord> {
  readonly name: string;
  /** Checks each record; one that it does not take becomes a dead letter. */
  readonly schema?: AnySchema | undefined;
  /**
   * Gives the records, as they are asked for: nothing is read ahead of need. What it throws ends the flow as `failed`.
   * Its iterator's `return` is called when the flow ends early.
   */
  readonly read: (reader: SourceReader) => Iterable<TRecord | Refusal> | AsyncIterable<TRecord | Refusal>;
}

/** Where the records of a flow come from. */
export interface Source<out TRecord> {
  readonly "~source": SourceInternals<TRecord>;
  readonly name: string;
}

/** The brand of a source, with what the flow needs. */
export interface SourceInternals<out TRecord> {
  readonly schema: AnySchema | undefined;
  /** Gives records, or pages of them: a page is taken without waiting, which is cheaper than a promise a record. */
  readonly open: (
    reader: SourceReader,
  ) =>
    | AsyncIterator<Iterable<TRecord | Refusal>>
    | Iterator<TRecord | Refusal>
    | AsyncIterator<TRecord | Refusal>;
  readonly paged: boolean;
  /** All of them, where they lie in an array: what is opened gives the same. */
  readonly array?: readonly TRecord[] | undefined;
}

/**
 * Makes a source of a function that gives records one by one.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const countdown = defineSource<number>({
 *   name: "countdown",
 *   read: function* (reader) {
 *     reader.setSize({ records: 3 });
 *     for (let number = 3; number > 0; number--) yield number;
 *   },
 * });
 * const got: number[] = [];
 * const summary = await flow(countdown).to(toArray(got));
 * console.log(got, summary.delivered); // => [ 3, 2, 1 ] 3
 * ```
 */
export function defineSource<TRecord>(definition: SourceDefinition<TRecord>): Source<TRecord> {
  const { name, schema, read } = definition;
  checkName("defineSource", name);
  if (typeof read !== "function") throw configError("defineSource", "read", "a function", read);
  return {
    name,
    "~source": { schema, paged: false, open: (reader) => iteratorOf(name, read(reader)) },
  };
}

/** A source that gives pages of records. */
export function definePagedSource<TRecord>(
  name: string,
  schema: AnySchema | undefined,
  read: (reader: SourceReader) => AsyncIterator<Iterable<TRecord | Refusal>>,
): Source<TRecord> {
  return { name, "~source": { schema, paged: true, open: read } };
}

/** Checks what is said to be a source. @throws AtomicError `CONFIG` */
export function checkSource(what: string, source: unknown): void {
  if (typeof source !== "object" || source === null || !("~source" in source)) {
    throw configError(
      what,
      "source",
      "a source",
      source,
      "Make one with fromIterable, fromFile or defineSource.",
    );
  }
}

/** Checks the name of a source, a sink or a stage. @throws AtomicError `CONFIG` */
export function checkName(what: string, name: unknown): void {
  if (typeof name !== "string" || name.trim() === "") throw configError(what, "name", "a text", name);
}

/** @throws AtomicError `EXECUTION` for what is no iterable */
function iteratorOf<TRecord>(
  name: string,
  records: Iterable<TRecord> | AsyncIterable<TRecord>,
): Iterator<TRecord> | AsyncIterator<TRecord> {
  if (typeof records === "object" && records !== null) {
    if (Symbol.asyncIterator in records) return records[Symbol.asyncIterator]();
    if (Symbol.iterator in records) return records[Symbol.iterator]();
  }
  throw toAtomicError(new TypeError("its read gave no iterable"), { agent: name });
}
