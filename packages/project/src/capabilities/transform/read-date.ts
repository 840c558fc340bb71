const iso = /^(?<year>\d{4})(?<between>[-/])(?<month>\d{2})\k<between>(?<day>\d{2})$/;
const isoTime =
  /^(?<date>\d{4}-\d{2}-\d{2})[Tt ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?<zone>[Zz]|[+-]\d{2}:?\d{2})?$/;
const longest = 60;

/** The parts that a date's pattern has. */
const parts: Readonly<Record<string, string>> = {
  YYYY: String.raw`(?<year>\d{4})`,
  MM: String.raw`(?<month>\d{2})`,
  M: String.raw`(?<month>\d{1,2})`,
  DD: String.raw`(?<day>\d{2})`,
  D: String.raw`(?<day>\d{1,2})`,
};

/** What texts of a format such as `DD.MM.YYYY` look like; undefined where it does not name each part once. */
export function datePattern(format: string): RegExp | undefined {
  if (format.length > longest) return undefined;
  let source = "";
  const seen = new Set<string>();
  for (const token of format.match(/YYYY|MM?|DD?|[^]/gu) ?? []) {
    const part = Object.hasOwn(parts, token) ? parts[token] : undefined;
    if (part === undefined && /[\p{L}\d]/u.test(token)) return undefined;
    if (part !== undefined) {
      const name = token.charAt(0);
      if (seen.has(name)) return undefined;
      seen.add(name);
    }
    source += part ?? token.replace(/[\\^$.*+?()[\]{}|/-]/u, String.raw`\$&`);
  }
  return seen.size === 3 ? new RegExp(`^${source}$`, "u") : undefined;
}

/** The minutes that a zone is ahead of UTC; undefined for what is none. */
export function zonePattern(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const { sign, hours, minutes } =
    /^(?<sign>[+-])(?<hours>\d{2}):?(?<minutes>\d{2})$/.exec(zone)?.groups ?? {};
  if (hours === undefined || minutes === undefined || Number(hours) > 18 || Number(minutes) > 59)
    return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** `2026-01-31` of a text that has a day of the calendar: also of one with a time, whose day is the one that is written. */
export function readDate(text: string, pattern: RegExp | undefined): string | undefined {
  if (text.length > longest) return undefined;
  const bare = text.trim();
  if (pattern !== undefined) return dayOf(pattern.exec(bare)?.groups);
  const day = dayOf(iso.exec(bare)?.groups);
  if (day !== undefined) return day;
  const { date } = isoTime.exec(bare)?.groups ?? {};
  return date !== undefined && momentOf(bare, 0) !== undefined ? date : undefined;
}

function dayOf(groups: Readonly<Record<string, string>> | undefined): string | undefined {
  const { year = "", month = "", day = "" } = groups ?? {};
  if (year === "") return undefined;
  const text = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isDay(text) ? text : undefined;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  // Of a thirtieth of February some engines make a second of March.
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}

/** Stands for a time of which nobody says where. */
export const noZone: unique symbol = Symbol("no zone");

/** A moment in UTC, of a text that has a date, a time and a zone. @param zone the minutes ahead of UTC where it has none */
export function readDateTime(text: string, zone: number | undefined): string | typeof noZone | undefined {
  if (text.length > longest) return undefined;
  const moment = momentOf(text.trim(), zone);
  return typeof moment === "number" ? new Date(moment).toISOString() : moment;
}

function momentOf(text: string, otherZone: number | undefined): number | typeof noZone | undefined {
  const { date, hour, minute, second = "00", fraction = "", zone } = isoTime.exec(text)?.groups ?? {};
  if (date === undefined || !isDay(date)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const ahead = zone === undefined ? otherZone : zonePattern(zone);
  if (ahead === undefined) return zone === undefined ? noZone : undefined;
  const time = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}Z`);
  const moment = time - ahead * 60_000;
  // Years of four digits alone.
  return moment >= -62_167_219_200_000 && moment <= 253_402_300_799_999 ? moment : undefined;
}
