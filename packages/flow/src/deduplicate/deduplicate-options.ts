import { refused } from "../aggregation/refusal.ts";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { checkFunctionOptions, type FunctionOptions } from "../function-options.ts";
import {
  designOfKey,
  type KeyOf,
  keysOf,
  type KeyValue,
  nameOfKeys,
  type RecordKey,
  readerOf,
  type ReadKey,
} from "../keys.ts";
import { memberReader } from "../member.ts";
import { DeduplicateNode } from "../nodes/deduplicate-node.ts";
import { DeduplicatePastNode } from "../nodes/deduplicate-past-node.ts";
import type { Node } from "../nodes/node.ts";
import { checkOverflow } from "../overflow/check-overflow.ts";
import type { Overflow } from "../overflow/overflow.ts";
import { promised } from "../promised.ts";
import { checkSpan } from "../window/check-span.ts";
import { type TimeOf, timeReader } from "../window/event-time.ts";
import { defaultMaxAheadMs } from "../window/window-options.ts";
import type { HorizonSettings } from "./horizon.ts";
import { ExactMemory } from "./memory.ts";
import { NearMemory, type NearSettings } from "./near-memory.ts";

/** How long a record that was kept is remembered: for so many records after it. */
export interface WithinRecords {
  readonly records: number;
}

/** How long a record that was kept is remembered: until the time of records has gone on by more than that. */
export interface WithinTime<TRecord, TKey = RecordKey<TRecord>> {
  readonly ms: number;
  /** Where a record has its time. */
  readonly time: TimeOf<TRecord, TKey>;
  /** Of times without a zone: `Europe/Berlin`, or `+01:00`. Unless it is said such records fail. */
  readonly timeZone?: string | undefined;
  /** A record further than that ahead of the run's clock tells nothing of the time; a day. */
  readonly maxAheadMs?: number | undefined;
}

/** When texts are nearly the same, by MinHash. */
export interface NearOptions<TRecord, TKey = RecordKey<TRecord>> {
  /** The key of a text, or a function that gives one. */
  readonly text: TKey | ((record: TRecord) => string);
  /** Of the pieces that either of two texts has, the share that both have: above 0, up to 1. */
  readonly similarity: number;
  /** How many characters a piece has; 5. */
  readonly shingleSize?: number | undefined;
  /** How many numbers are kept of a text, 16 to 1,024: the more, the better the estimate; 128. */
  readonly permutations?: number | undefined;
}

/** When records are alike. */
export interface DeduplicateOptions<TRecord, TKey = RecordKey<TRecord>> extends FunctionOptions {
  /** Records are alike when they are by all of these; may be left out where `near` is said. */
  readonly by?: readonly KeyOf<TRecord, TKey>[] | undefined;
  /** Records are alike when, besides, their texts are nearly the same. */
  readonly near?: NearOptions<TRecord, TKey> | undefined;
  /** How long records are remembered; for ever unless it is said. */
  readonly within?: WithinRecords | WithinTime<TRecord, TKey> | undefined;
  /** With more different records that are remembered the flow fails; 1,000,000, and 100,000 with `near`. */
  readonly maxKeys?: number | undefined;
  /** Where it goes on with more, `duckDb()`; for records that are never forgotten and told apart by `by` alone. */
  readonly past?: Overflow | undefined;
}

const defaultMaxKeys = 1_000_000;
const defaultMaxNear = 100_000;
const defaultShingleSize = 5;
const defaultPermutations = 128;

/** What makes such a stage. @throws AtomicError `CONFIG` */
export function deduplicateSettings(
  what: string,
  options: DeduplicateOptions<never, string>,
): { readonly id: string; readonly makeNode: (id: string) => Node; readonly design: unknown } {
  const keys = ["by", "near", "within", "maxKeys", "past"];
  const { id, onError } = checkFunctionOptions(what, options, "deduplicate", keys);
  const { maxKeys = options.near === undefined ? defaultMaxKeys : defaultMaxNear } = options;
  checkCount(what, "maxKeys", maxKeys);
  const by = options.near !== undefined && options.by === undefined ? [] : keysOf(what, options.by);
  const readers = by.map((key, index) => readerOf(what, `by[${index}]`, key));
  const near = options.near === undefined ? undefined : nearOf(what, options.near);
  const within = options.within === undefined ? undefined : withinOf(what, options.within);
  const makeMemory =
    near === undefined
      ? () => new ExactMemory(keyReader(readers))
      : () => new NearMemory((record) => nameOfKeys(readers.map((read) => read(record))), near);
  const design = designOf(by.map(designOfKey), options);
  const { past } = options;
  checkOverflow(what, past);
  if (past === undefined) {
    return {
      id,
      makeNode: (unique) => new DeduplicateNode(unique, { makeMemory, within, maxKeys, onError }),
      design,
    };
  }
  if (near !== undefined || within !== undefined) {
    const hint = "Raise maxKeys: what is kept of near texts, and how long, is kept in memory.";
    throw configError(what, "past", "nothing, where there is near or within", past, hint);
  }
  const readKeys = (record: unknown): readonly KeyValue[] => readers.map((read) => read(record));
  return {
    id,
    makeNode: (unique) => new DeduplicatePastNode(unique, { keysOf: readKeys, maxKeys, past, onError }),
    design,
  };
}

/** One value as it is, several as one text. */
function keyReader(readers: readonly ReadKey[]): (record: unknown) => KeyValue {
  const [only] = readers;
  if (readers.length === 1 && only !== undefined) return only;
  return (record) => nameOfKeys(readers.map((read) => read(record)));
}

function designOf(by: readonly unknown[], { near, within }: DeduplicateOptions<never, string>): unknown {
  if (near === undefined && within === undefined) return by;
  return {
    by,
    near: near === undefined ? null : { ...near, text: designOfKey(near.text) },
    within:
      within === undefined ? null : "time" in within ? { ...within, time: designOfKey(within.time) } : within,
  };
}

function nearOf(what: string, near: NearOptions<never, string>): NearSettings {
  checkKeys(`${what}: near`, near, ["text", "similarity", "shingleSize", "permutations"]);
  const { similarity, shingleSize = defaultShingleSize, permutations = defaultPermutations } = near;
  if (!(typeof similarity === "number" && similarity > 0 && similarity <= 1)) {
    throw configError(what, "near.similarity", "a number above 0, up to 1", similarity);
  }
  if (!Number.isInteger(shingleSize) || shingleSize < 1 || shingleSize > 100) {
    throw configError(what, "near.shingleSize", "a whole number from 1 to 100", shingleSize);
  }
  if (!Number.isInteger(permutations) || permutations < 16 || permutations > 1_024) {
    throw configError(what, "near.permutations", "a whole number from 16 to 1024", permutations);
  }
  return { readText: textReader(what, near.text), similarity, shingleSize, permutations };
}

function textReader(what: string, text: unknown): (record: unknown) => string {
  if (typeof text === "string") {
    // Everything but null and undefined can be asked for a key, and those say so.
    const read = memberReader(text);
    return (record) => checkText(read(record), text);
  }
  if (typeof text === "function") {
    // What a function gives is checked.
    const read = text as (record: unknown) => unknown;
    return (record) => checkText(read(record), undefined);
  }
  throw configError(what, "near.text", "a key or a function", text);
}

/** @param key undefined where a function gave it */
function checkText(value: unknown, key: string | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Promise) throw promised(value);
  const subject = key === undefined ? "what the text's function gave" : JSON.stringify(key);
  const shown = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
  throw refused(`${subject} must be a text, got ${shown}`, key ?? "", "a text", shown);
}

function withinOf(what: string, within: WithinRecords | WithinTime<never, string>): HorizonSettings {
  if (typeof within === "object" && within !== null && "records" in within) {
    checkKeys(`${what}: within`, within, ["records"]);
    checkCount(what, "within.records", within.records);
    return { records: within.records };
  }
  checkKeys(`${what}: within`, within, ["ms", "time", "timeZone", "maxAheadMs"]);
  const { ms, time, timeZone, maxAheadMs = defaultMaxAheadMs } = within;
  if (ms === undefined) throw configError(what, "within", "{ records } or { ms, time }", within);
  checkSpan(what, "within.ms", ms, 1);
  checkSpan(what, "within.maxAheadMs", maxAheadMs, 0);
  return { ms, readTime: timeReader(what, "within.time", time, timeZone), maxAheadMs };
}
