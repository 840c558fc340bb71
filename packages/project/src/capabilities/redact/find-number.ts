import { isDigit, isLetter } from "./characters.ts";
import type { Span } from "./find-email.ts";

/** Digits, and what stands before them. */
interface Group extends Span {
  /** What is between it and the group before. */
  readonly before: string;
}

/** Groups of digits with little between them: what a number that people write may be part of. */
export interface NumberRun extends Span {
  readonly groups: readonly Group[];
}

const most = 3;
const separators = new Set([" ", "\u00a0", "-", ".", "/", "(", ")", "+", "\u2011", "\u2013"]);

/** The run that begins at a digit, or at a sign before one; at least one group. */
export function readRun(text: string, start: number, end: number): NumberRun {
  const groups: Group[] = [];
  let at = start;
  let last = start;
  while (at < end) {
    let digits = at;
    while (digits < end && separators.has(text.charAt(digits)) && digits - at <= most) digits++;
    if (digits - at > most || digits >= end || !isDigit(text.charCodeAt(digits))) break;
    let stop = digits;
    while (stop < end && isDigit(text.charCodeAt(stop))) stop++;
    groups.push({ start: digits, end: stop, before: text.slice(at, digits) });
    at = stop;
    last = stop;
  }
  return { start, end: last, groups };
}

const shortestCard = 13;
const longestCard = 19;
const mostCardGroups = 8;
const cardSeparators = new Set(["", " ", "-", "\u00a0"]);

/** How many groups a payment card has that begins at one: 13 to 19 digits, the first 2 to 6, by the checksum of Luhn, in at most 8 groups. */
export function cardAt(text: string, { groups }: NumberRun, first: number): number | undefined {
  const begin = text.charCodeAt(groups[first]?.start ?? 0);
  if (begin < 50 || begin > 54) return undefined;
  let digits = "";
  const end = Math.min(groups.length, first + mostCardGroups);
  for (let index = first; index < end; index++) {
    const group = groups[index] as Group;
    if (index > first && !cardSeparators.has(group.before)) return undefined;
    if (digits.length + group.end - group.start > longestCard) return undefined;
    digits += text.slice(group.start, group.end);
    if (digits.length >= shortestCard && passesLuhn(digits)) return index - first + 1;
  }
  return undefined;
}

/** The checksum of ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, isDoubled = false; index >= 0; index--, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(index) - 48;
    sum += isDoubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

const longestPhone = 15;

/**
 * How many groups a telephone number has that begins at one: with `+` at least 7 digits, with `0` and another digit or with `00`
 * at least 8; or three, three and four, as in North America. Dates and decimals are none.
 *
 * @param isFresh whether nothing of a number stands directly before it
 */
export function phoneAt(text: string, run: NumberRun, first: number, isFresh: boolean): number | undefined {
  const start = run.groups[first] as Group;
  if (start.before.includes("+")) return longestAt(text, run, first, isInternational);
  if (!isFresh) return undefined;
  return text.charAt(start.start) === "0"
    ? longestAt(text, run, first, isNational)
    : northAmericanAt(text, run, first);
}

/** The longest number that begins at a group: it has to end where a word does. */
function longestAt(
  text: string,
  { groups }: NumberRun,
  first: number,
  isPhone: (digits: string, text: string, parts: readonly Group[]) => boolean,
): number | undefined {
  let digits = "";
  let found: number | undefined;
  for (let index = first; index < groups.length; index++) {
    const group = groups[index] as Group;
    if (digits.length + group.end - group.start > longestPhone) break;
    if (index > first && group.before.includes("+")) break;
    digits += text.slice(group.start, group.end);
    if (isAlphanumeric(text, group.end)) break;
    if (digits.length >= 7 && isPhone(digits, text, groups.slice(first, index + 1)))
      found = index - first + 1;
  }
  return found;
}

function isInternational(digits: string): boolean {
  return digits.length >= 7;
}

function isNational(digits: string, text: string, parts: readonly Group[]): boolean {
  if (!/^0(?:[1-9]\d{6}|0[1-9]\d{5})/.test(digits)) return false;
  if (parts.length === 2 && parts[1]?.before === ".") return false;
  if (parts.length !== 3) return true;
  const date = text.slice(parts[0]?.start, parts[2]?.end).replaceAll(/[./]/g, "-");
  return !/^\d{1,2}-\d{1,2}-(?:\d{2}|\d{4})$|^\d{4}-\d{1,2}-\d{1,2}$/.test(date);
}

/** `555-123-4567`, with a 1 before it or without. */
function northAmericanAt(text: string, { groups }: NumberRun, first: number): number | undefined {
  const lengthAt = (index: number): number => {
    const group = groups[index];
    return group === undefined ? 0 : group.end - group.start;
  };
  const country = lengthAt(first) === 1 && text.charAt(groups[first]?.start ?? 0) === "1" ? 1 : 0;
  const area = first + country;
  if (lengthAt(area) !== 3 || lengthAt(area + 1) !== 3 || lengthAt(area + 2) !== 4) return undefined;
  const last = groups[area + 2];
  return last === undefined || isAlphanumeric(text, last.end) ? undefined : country + 3;
}

function isAlphanumeric(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return isDigit(code) || isLetter(code) || code === 95;
}
