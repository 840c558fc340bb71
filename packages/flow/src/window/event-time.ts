import type { AtomicError } from "@atomic-agents/core";
import { refused } from "../aggregation/refusal.ts";
import { configError } from "../config-error.ts";
import type { RecordKey } from "../keys.ts";
import { memberReader } from "../member.ts";
import { promised } from "../promised.ts";
import { readIsoTime } from "./iso-time.ts";
import { type TimeZone, timeZoneOf } from "./time-zone.ts";

/**
 * Where a record has its time: a key, or a function that answers at once. A time is a number of milliseconds since
 * 1970, a `Date`, or a text such as `2026-01-31T10:00:00Z`.
 */
export type TimeOf<TRecord, TKey = TimeKey<TRecord>> = TKey | ((record: TRecord) => TimeValue);

/** What a time can be. */
export type TimeValue = number | string | Date;

/** The keys of a record at which there may be a time; any text where nobody knows what a record is. */
export type TimeKey<TRecord> = unknown extends TRecord
  ? string
  :
      | RecordKey<TRecord>
      | {
          [TKey in keyof TRecord & string]: TRecord[TKey] extends Date | null | undefined ? TKey : never;
        }[keyof TRecord & string];

/** Reads a record's time, in whole milliseconds since 1970. @throws AtomicError `VALIDATION_INPUT` when it has none */
export type ReadTime = (record: unknown) => number;

/** Years of four digits: their texts in UTC are in the order of time. */
const leastMs = -62_167_219_200_000;
const mostMs = 253_402_300_799_999;

/** How times are read. @param path of `time`; `timeZone` stands beside it. @throws AtomicError `CONFIG` */
export function timeReader(what: string, path: string, time: unknown, timeZone: unknown): ReadTime {
  const zone = timeZone === undefined ? undefined : timeZoneOf(what, `${path}Zone`, timeZone);
  if (typeof time === "string") {
    // Everything but null and undefined can be asked for a key, and those say so.
    const read = memberReader(time);
    return (record) => readTime(read(record), time, zone);
  }
  if (typeof time === "function") {
    return (record) => {
      // What a function gives is checked.
      const value: unknown = (time as (record: unknown) => unknown)(record);
      if (value instanceof Promise) throw promised(value);
      return readTime(value, undefined, zone);
    };
  }
  throw configError(what, path, "a key or a function", time);
}

/** @param key undefined where a function gave it */
function readTime(value: unknown, key: string | undefined, zone: TimeZone | undefined): number {
  if (typeof value === "number") return inRange(Math.floor(value), value, key);
  if (value instanceof Date) return inRange(value.getTime(), value, key);
  if (typeof value !== "string") throw noTime(value, key);
  const read = readIsoTime(value);
  if (read === undefined) throw noTime(value, key);
  const { localMs, aheadMs, hasTime } = read;
  if (aheadMs !== undefined) return inRange(localMs - aheadMs, value, key);
  if (zone === undefined) {
    const what = `${hasTime ? "a time" : "a day"} without a zone`;
    const message = `${subjectOf(key)} is ${shown(value)}, ${what}: timeZone has to say which`;
    throw refused(message, key ?? "", "a time with a zone", shown(value));
  }
  const moment = hasTime ? zone.momentOf(localMs) : zone.startOf(localMs);
  if (moment !== undefined) return inRange(moment, value, key);
  const message = `${subjectOf(key)} is ${shown(value)}, which clocks in ${zone.name} skipped`;
  throw refused(message, key ?? "", "a time that there was", shown(value));
}

function inRange(time: number, given: unknown, key: string | undefined): number {
  if (time >= leastMs && time <= mostMs) return time;
  throw noTime(given, key);
}

function noTime(value: unknown, key: string | undefined): AtomicError<"VALIDATION_INPUT"> {
  const expected = "a time: milliseconds since 1970, or a text such as 2026-01-31T10:00:00Z";
  return refused(
    `${subjectOf(key)} must be ${expected}; got ${shown(value)}`,
    key ?? "",
    expected,
    shown(value),
  );
}

function subjectOf(key: string | undefined): string {
  return key === undefined ? "what the time's function gave" : JSON.stringify(key);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Date) return "a date that is none, or too far away";
  return Array.isArray(value) ? "an array" : "an object";
}
