import type { Calculations, Figure, GroupKey } from "../aggregation/calculation.ts";
import { Figures } from "../aggregation/figures.ts";
import { checkCount, checkKeys, configError } from "../config-error.ts";
import { checkFunctionOptions, type FunctionOptions } from "../function-options.ts";
import { designOfKey, type KeyValue } from "../keys.ts";
import type { RecordPolicy } from "../nodes/node.ts";
import { checkSpan } from "./check-span.ts";
import { type ReadTime, type TimeKey, type TimeOf, timeReader } from "./event-time.ts";
import { FixedWindows } from "./fixed-windows.ts";
import { SessionWindows } from "./session-windows.ts";
import { windowKeys, windowRecordOf } from "./window-record.ts";
import type { WindowStore } from "./window-store.ts";

/** Windows of one size, one after the other: a record belongs to one. */
export interface TumblingWindows {
  readonly sizeMs: number;
  /** When one of them begins, after 1970 began in UTC; 0. */
  readonly offsetMs?: number | undefined;
}

/** Windows of one size that begin more often than that: a record belongs to several. */
export interface SlidingWindows {
  readonly sizeMs: number;
  /** How far their beginnings are apart; no more than their size. */
  readonly everyMs: number;
  /** When one of them begins, after 1970 began in UTC; 0. */
  readonly offsetMs?: number | undefined;
}

/** Windows that go on while records come: those of one group. */
export interface SessionGap {
  /** A window ends so long after its last record; a record at its end is in the next. */
  readonly gapMs: number;
}

/** What windows there are: one of the three. */
export interface WindowKinds {
  readonly tumbling?: TumblingWindows | undefined;
  readonly sliding?: SlidingWindows | undefined;
  readonly session?: SessionGap | undefined;
}

/** Windows of time, what is computed of the records in each, and which are waited for. */
export interface WindowOptions<
  TRecord,
  TBy extends GroupKey<TRecord>,
  TCalculate extends Calculations<TRecord>,
  TTime extends string = TimeKey<TRecord>,
> extends WindowKinds,
    FunctionOptions {
  /** Where a record has its time. */
  readonly time: TimeOf<TRecord, TTime>;
  /** Of times without a zone: `Europe/Berlin`, or `+01:00`. Unless it is said such records fail. */
  readonly timeZone?: string | undefined;
  /** The keys whose values make a group; none unless said, which makes one group of all. */
  readonly by?: readonly TBy[] | undefined;
  /** What is computed, by the name it gets. */
  readonly calculate: TCalculate;
  /** How much earlier than the latest record others may be and are still in time; 0. */
  readonly outOfOrderMs?: number | undefined;
  /** How long windows stay open beyond that, for those that are late; 0. */
  readonly allowedLatenessMs?: number | undefined;
  /** A record further than that ahead of the run's clock fails, and tells nothing of the time; a day. */
  readonly maxAheadMs?: number | undefined;
  /** Without a record for so long, by the run's clock, time goes on with that clock; never unless it is said. */
  readonly idleMs?: number | undefined;
  /** What becomes of a record that is too late, or too far ahead; `dead-letter`. */
  readonly onLate?: RecordPolicy | undefined;
  /** With more windows open at once, counted for each group, the flow fails; 100,000. */
  readonly maxOpenWindows?: number | undefined;
}

/** The record of a group in a window: the values it is grouped by, when the window was, in UTC, and the figures. */
export type WindowResult<TRecord, TBy extends string, TCalculate> = {
  readonly [TKey in TBy]: TKey extends keyof TRecord
    ? unknown extends TRecord[TKey]
      ? KeyValue
      : TRecord[TKey]
    : KeyValue;
} & {
  /** When it began, as `2026-01-31T10:00:00.000Z`; of a session the time of its first record. */
  readonly windowStart: string;
  /** The first moment that was not part of it; of a session that is the gap after its last record. */
  readonly windowEnd: string;
} & {
  // In a window there is at least one record, as in a group by keys.
  readonly [TName in keyof TCalculate]: Figure<TRecord, TCalculate[TName]>;
};

/** What a stage of windows is made of, with its options filled in. */
export interface WindowSettings {
  readonly by: readonly string[];
  readonly readTime: ReadTime;
  readonly calculate: Calculations;
  readonly outOfOrderMs: number;
  readonly allowedLatenessMs: number;
  readonly maxAheadMs: number;
  readonly idleMs: number | undefined;
  readonly onLate: RecordPolicy;
  readonly onError: RecordPolicy;
  readonly maxOpenWindows: number;
  readonly makeStore: (stage: string, figures: Figures) => WindowStore;
}

const kinds = ["tumbling", "sliding", "session"] as const;
const optionKeys = [
  "time",
  "timeZone",
  ...kinds,
  "by",
  "calculate",
  "outOfOrderMs",
  "allowedLatenessMs",
  "maxAheadMs",
  "idleMs",
  "onLate",
  "maxOpenWindows",
];
export const defaultMaxAheadMs = 86_400_000;
const defaultMaxOpenWindows = 100_000;
/** The most windows that a record may belong to. */
const maxOverlap = 10_000;

/** What such a stage is made of. @throws AtomicError `CONFIG` */
export function windowSettings(
  what: string,
  options: WindowOptions<never, string, Calculations, string>,
): { readonly id: string; readonly settings: WindowSettings; readonly design: unknown } {
  const { id, onError } = checkFunctionOptions(what, options, "window", optionKeys);
  const {
    time,
    timeZone,
    outOfOrderMs = 0,
    allowedLatenessMs = 0,
    maxAheadMs = defaultMaxAheadMs,
    idleMs,
    onLate = "dead-letter",
    maxOpenWindows = defaultMaxOpenWindows,
  } = options;
  // Keys are checked by name, whatever the type says that there is.
  const by: readonly string[] = options.by ?? [];
  const { calculate } = options;
  const readTime = timeReader(what, "time", time, timeZone);
  checkNames(what, by, calculate);
  checkSpan(what, "outOfOrderMs", outOfOrderMs, 0);
  checkSpan(what, "allowedLatenessMs", allowedLatenessMs, 0);
  checkSpan(what, "maxAheadMs", maxAheadMs, 0);
  // A timer waits for it.
  if (idleMs !== undefined) checkCount(what, "idleMs", idleMs);
  if (!["stop", "drop", "dead-letter"].includes(onLate)) {
    throw configError(what, "onLate", "one of stop, drop, dead-letter", onLate);
  }
  checkCount(what, "maxOpenWindows", maxOpenWindows);
  const { kind, makeStore } = kindOf(what, options, by);
  return {
    id,
    settings: {
      by,
      readTime,
      calculate,
      outOfOrderMs,
      allowedLatenessMs,
      maxAheadMs,
      idleMs,
      onLate,
      onError,
      maxOpenWindows,
      makeStore,
    },
    design: { ...kind, time: designOfKey(time), timeZone: timeZone ?? null, by, calculate },
  };
}

function checkNames(what: string, by: readonly string[], calculate: Calculations): void {
  if (!Array.isArray(by) || by.some((key) => typeof key !== "string")) {
    throw configError(what, "by", "an array of keys", by);
  }
  // Checks what is computed now rather than when the flow runs.
  void new Figures(what, calculate);
  for (const [index, key] of by.entries()) {
    if (windowKeys.some((name) => name === key)) {
      throw configError(what, `by[${index}]`, "another key than windowStart and windowEnd", key);
    }
  }
  const taken = [...by, ...windowKeys];
  for (const name of Object.keys(calculate)) {
    if (taken.includes(name)) {
      throw configError(what, `calculate.${name}`, `a name that is none of ${taken.join(", ")}`, name);
    }
  }
}

function kindOf(
  what: string,
  options: WindowKinds,
  by: readonly string[],
): { readonly kind: object; readonly makeStore: WindowSettings["makeStore"] } {
  const said = kinds.filter((kind) => options[kind] !== undefined);
  if (said.length !== 1) {
    const got = said.length === 0 ? "none" : said.join(" and ");
    const hint = "Such as tumbling: { sizeMs: 60000 }, for windows of a minute.";
    throw configError(what, "options", `with one of ${kinds.join(", ")}`, got, hint);
  }
  const recordOf = windowRecordOf(by);
  const { tumbling, sliding, session } = options;
  if (session !== undefined) {
    checkKeys(`${what}: session`, session, ["gapMs"]);
    const { gapMs } = session;
    checkSpan(what, "session.gapMs", gapMs, 1);
    return {
      kind: { session: { gapMs } },
      makeStore: (stage, figures) => new SessionWindows(stage, gapMs, figures, recordOf),
    };
  }
  const isSliding = sliding !== undefined;
  const path = isSliding ? "sliding" : "tumbling";
  // One of the three is there.
  const fixed = (sliding ?? tumbling) as TumblingWindows & Partial<SlidingWindows>;
  checkKeys(`${what}: ${path}`, fixed, ["sizeMs", ...(isSliding ? ["everyMs"] : []), "offsetMs"]);
  const { sizeMs, everyMs = isSliding ? Number.NaN : sizeMs, offsetMs = 0 } = fixed;
  checkSpan(what, `${path}.sizeMs`, sizeMs, 1);
  checkSpan(what, `${path}.everyMs`, everyMs, 1);
  checkSpan(what, `${path}.offsetMs`, Math.abs(offsetMs), 0);
  if (everyMs > sizeMs) {
    throw configError(
      what,
      "sliding.everyMs",
      `no more than sizeMs, ${sizeMs}`,
      everyMs,
      "Records between two windows would belong to none: filter them out before.",
    );
  }
  if (sizeMs / everyMs > maxOverlap) {
    throw configError(what, "sliding.everyMs", `at least a ${maxOverlap}th of sizeMs, ${sizeMs}`, everyMs);
  }
  const settings = { sizeMs, everyMs, offsetMs };
  return {
    kind: { [path]: settings },
    makeStore: (stage, figures) => new FixedWindows(stage, settings, figures, recordOf),
  };
}
