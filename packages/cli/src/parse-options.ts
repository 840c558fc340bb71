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

function parseWhole(text: string, most: number, what: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new InvalidArgumentError(`Expected ${what} from 1 to ${most}.`);
}

/** Gathers an option that may be given more than once. */
export function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
