/** What a text says of a moment. */
export interface IsoTime {
  /** Milliseconds since 1970, as if it were of UTC. */
  readonly localMs: number;
  /** By how much its zone is ahead of UTC; undefined where it names none. */
  readonly aheadMs: number | undefined;
  /** Whether it has a time, and not only a day. */
  readonly hasTime: boolean;
}

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;
const dayMs = 86_400_000;
const longestOffsetMinutes = 18 * 60;
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a day, or a day and a time, of RFC 3339 or ISO 8601; undefined for what is none, such as a thirtieth of
 * February. What is finer than milliseconds is cut off.
 */
export function readIsoTime(text: string): IsoTime | undefined {
  const [whole, years, months, days, hours, minutes, seconds, fraction, zone] = pattern.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const dayStartMs = daysSince1970(year, month, day) * dayMs;
  if (hours === undefined) return { localMs: dayStartMs, aheadMs: undefined, hasTime: false };
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const aheadMs = zone === undefined ? undefined : aheadMsOf(zone);
  if (zone !== undefined && aheadMs === undefined) return undefined;
  const fractionMs = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  return {
    localMs: dayStartMs + ((hour * 60 + minute) * 60 + second) * 1_000 + fractionMs,
    aheadMs,
    hasTime: true,
  };
}

/** By how much `Z`, `+01:00`, `+0100` or `+01` is ahead of UTC; undefined for what is no such offset. */
export function aheadMsOf(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const [, sign, hours, minutes = "00"] = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(zone) ?? [];
  if (hours === undefined || Number(minutes) > 59) return undefined;
  const ahead = Number(hours) * 60 + Number(minutes);
  if (ahead > longestOffsetMinutes) return undefined;
  return (sign === "-" ? -ahead : ahead) * 60_000;
}

function daysIn(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return daysOfMonths[month - 1] ?? 0;
}

/** By counting in years that begin in March, whose last day is the leap day. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthOfYear = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * monthOfYear + 2) / 5) + day - 719_469;
}
