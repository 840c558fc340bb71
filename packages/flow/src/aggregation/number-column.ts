import type { FigureSettings } from "./check-calculate.ts";
import { isInherited } from "../member.ts";
import { refusal } from "./refusal.ts";

/** Brings a sum that is too large for a number back into its range, and loses nothing: it is a power of two. */
const scale = 2 ** -64;

/** What is kept of one column: see `NumberColumn`. */
const nothing = [0, 0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;
const countAt = 0;
const totalAt = 1;
/** What was lost of the total by rounding (Neumaier, 1974), so that the order of records hardly matters. */
const lostAt = 2;
/** What went beyond the greatest number there is, scaled. */
const beyondAt = 3;
const leastAt = 4;
const mostAt = 5;

/** What is kept of the numbers of a group, or of several groups one after another. */
export type KeptNumbers = number[] | Float64Array;

/**
 * Numbers, of which there are sums, means and extremes. What is kept of a group's numbers lies in an array with that of its
 * other columns: V8 has numbers lie side by side in arrays, but not in objects, and of many groups most of the
 * time goes into getting at them.
 */
export class NumberColumn {
  readonly key: string;
  /** What was read last; NaN where there is nothing. */
  value: number = Number.NaN;
  /** Where what is kept of it begins, in what is kept of a group. */
  private readonly place: number;

  /** @param index how many columns of numbers are before it */
  constructor(key: string, index: number) {
    this.key = key;
    this.place = index * nothing.length;
  }

  /** What is kept of a group in which there is no record so far. */
  static nothing(columns: readonly NumberColumn[]): readonly number[] {
    return columns.flatMap(() => nothing);
  }

  /** @throws AtomicError `VALIDATION_INPUT` for what is no finite number */
  read(record: Readonly<Record<string, unknown>>): void {
    const value = record[this.key];
    // The difference is NaN for what is not finite.
    if (typeof value === "number" && value - value === 0) this.value = value;
    else if (value === null || value === undefined || isInherited(record, this.key)) this.value = Number.NaN;
    else throw refusal(this.key, "a finite number", value);
  }

  /** Adds what was read last to what is kept, of a group that begins at a place. */
  add(kept: KeptNumbers, at: number): void {
    if (!Number.isNaN(this.value)) this.addNumber(kept, at, this.value);
  }

  /** The same of a finite number. */
  addNumber(kept: KeptNumbers, at: number, value: number): void {
    const place = at + this.place;
    // Every place of a column is there, here and below.
    kept[place + countAt] = (kept[place + countAt] as number) + 1;
    addUp(kept, place, value);
    if (value < (kept[place + leastAt] as number)) kept[place + leastAt] = value;
    if (value > (kept[place + mostAt] as number)) kept[place + mostAt] = value;
  }

  /** Adds what is kept of other records; both begin at 0. */
  merge(kept: KeptNumbers, other: KeptNumbers): void {
    const { place } = this;
    const add = (part: number): void => {
      kept[place + part] = (kept[place + part] as number) + (other[place + part] as number);
    };
    add(countAt);
    addUp(kept, place, other[place + totalAt] as number);
    add(lostAt);
    add(beyondAt);
    kept[place + leastAt] = Math.min(kept[place + leastAt] as number, other[place + leastAt] as number);
    kept[place + mostAt] = Math.max(kept[place + mostAt] as number, other[place + mostAt] as number);
  }

  figure(kept: KeptNumbers, at: number, { kind }: FigureSettings): number | null {
    const place = at + this.place;
    const count = kept[place + countAt] as number;
    if (kind === "count") return count;
    if (count === 0) return null;
    if (kind === "sum") return sumOver(kept, place, 1);
    if (kind === "mean") return sumOver(kept, place, count);
    return kept[place + (kind === "min" ? leastAt : mostAt)] as number;
  }
}

function addUp(kept: KeptNumbers, place: number, value: number): void {
  const before = kept[place + totalAt] as number;
  const after = before + value;
  if (after - after === 0) {
    const rest = Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before;
    kept[place + lostAt] = (kept[place + lostAt] as number) + rest;
    kept[place + totalAt] = after;
  } else {
    kept[place + beyondAt] = (kept[place + beyondAt] as number) + before * scale;
    kept[place + totalAt] = value;
  }
}

/** The sum, divided; `Infinity` where that is greater than any number there is. */
function sumOver(kept: KeptNumbers, place: number, divisor: number): number {
  const sum = (kept[place + totalAt] as number) + (kept[place + lostAt] as number);
  const beyond = kept[place + beyondAt] as number;
  return beyond === 0 ? sum / divisor : (beyond + sum * scale) / divisor / scale;
}
