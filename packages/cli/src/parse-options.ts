import { InvalidArgumentError } from "commander";

/** The longest delay that timers take. */
const maxMs = 2_147_483_647;

/** A span of time, as an option says it. */
export function parseMs(text: string): number {
  return parseWhole(text, maxMs, "a whole number of milliseconds");
}

/** A count, as an option says it. */
export function parseCount(text: string): number {
  return parseWhole(text, maxMs, "a whole number");
}

/** A span of time that may be none. */
export function parseDelayMs(text: string): number {
  return parseWhole(text, maxMs, "a whole number of milliseconds", 0);
}

/** Where a server listens; 0 is for any port that is free. */
export function parsePort(text: string): number {
  return parseWhole(text, 65_535, "a whole number", 0);
}

/** What stands between two fields. */
export function parseDelimiter(text: string): string {
  if (/^[\t\x20-\x7e]$/.test(text)) return text;
  throw new InvalidArgumentError("Expected one character of ASCII, such as ';' in quotes.");
}

/** How many generated inputs there shall be; may be none. */
export function parseRuns(text: string): number {
  return parseWhole(text, 1_000_000, "a whole number", 0);
}

/** What generated inputs begin with. */
export function parseSeed(text: string): number {
  return parseWhole(text, maxMs, "a whole number", 0);
}

function parseWhole(text: string, most: number, what: string, least = 1): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`Expected ${what} from ${least} to ${most}${inMs(text, what)}.`);
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** What a span of time with its unit is in milliseconds. */
function inMs(text: string, what: string): string {
  const { count, unit = "" } = /^(?<count>\d{1,6})\s*(?<unit>[a-z]+)$/i.exec(text)?.groups ?? {};
  const unitMs = unitsMs[unit.toLowerCase()];
  return unitMs === undefined || !what.includes("milliseconds")
    ? ""
    : `: ${text} is ${Number(count) * unitMs}`;
}

/** Gathers an option that may be given more than once. */
export function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
