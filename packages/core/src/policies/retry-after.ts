import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The three forms of an HTTP-date (RFC 9110, section 5.6.7): the one in use, and two that must still be understood. */
let dateForms: readonly RegExp[] | undefined;

function makeDateForms(): readonly RegExp[] {
  const days = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
  const longDays = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
  const month = `(?<month>${months.join("|")})`;
  const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
  return [
    new RegExp(String.raw`^${days}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`),
    new RegExp(String.raw`^${longDays}, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`),
    new RegExp(String.raw`^${days} ${month} (?<day>\d\d| \d) ${time} (?<year>\d{4})$`),
  ];
}

/**
 * How long a service asks to wait, in milliseconds, from the value of its `Retry-After` header (RFC 9110, section
 * 10.2.3): a number of seconds, or the date until when. 0 for a date that has passed, undefined for anything else.
 * Meant for `details.retryAfterMs` of an error that the agent throws; a retry then waits at least so long.
 *
 * @param clock says what time it is, for dates; the computer's unless given
 * @example
 * ```ts
 * console.log(parseRetryAfter("120")); // => 120000
 * console.log(parseRetryAfter("soon")); // => undefined
 * ```
 */
export function parseRetryAfter(
  value: string | null | undefined,
  clock: Pick<Clock, "timestamp"> = systemClock,
): number | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.replace(/^[ \t]+|[ \t]+$/g, "");
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  const nowMs = clock.timestamp();
  const atMs = httpDateMs(text, nowMs);
  return atMs === undefined ? undefined : Math.max(0, atMs - nowMs);
}

/** An HTTP-date in milliseconds since 1970. */
function httpDateMs(text: string, nowMs: number): number | undefined {
  dateForms ??= makeDateForms();
  for (const form of dateForms) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const { day, month: monthName = "", year = "", hour, minute, second } = parts;
    const dateMs = (fullYear: number): number | undefined =>
      utcMs(fullYear, months.indexOf(monthName), Number(day), Number(hour), Number(minute), Number(second));
    return year.length === 4 ? dateMs(Number(year)) : dateMs(fullYearOf(Number(year), nowMs));
  }
  return undefined;
}

/** A year of two digits that seems more than 50 years ahead is the last one in the past with these digits. */
function fullYearOf(lastDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + lastDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

/** Undefined for a day or a time that does not exist; a leap second does. */
function utcMs(
  year: number,
  monthIndex: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  // `Date.UTC` takes the years up to 99 for those of the last century.
  date.setUTCFullYear(year, monthIndex, day);
  if (date.getUTCDate() !== day) return undefined;
  return date.setUTCHours(hour, minute, second);
}
