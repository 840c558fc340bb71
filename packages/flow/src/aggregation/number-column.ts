import type { FigureSettings } from "./check-calculate.ts";
import { refusal } from "./refusal.ts";

/** Brings a sum that is too large for a number back into its range, and loses nothing: it is a power of two. */
const scale = 2 ** -64;

/** What is kept of one column: see `NumberColumn`. */
const nothing = [0, 0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

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
  private readonly count: number;
  private readonly total: number;
  /** What was lost of the total by rounding (Neumaier, 1974), so that the order of records hardly matters. */
  private readonly lost: number;
  /** What went beyond the greatest number there is, scaled. */
  private readonly beyond: number;
  private readonly least: number;
  private readonly most: number;

  /** @param index how many columns of numbers are before it */
  constructor(key: string, index: number) {
    this.key = key;
    this.count = index * nothing.length;
    this.total = this.count + 1;
    this.lost = this.count + 2;
    this.beyond = this.count + 3;
    this.least = this.count + 4;
    this.most = this.count + 5;
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
    else if (value === null || value === undefined) this.value = Number.NaN;
    else throw refusal(this.key, "a finite number", value);
  }

  /** Adds what was read last to what is kept, of a group that begins at a place. */
  add(kept: KeptNumbers, at: number): void {
    const { value } = this;
    if (Number.isNaN(value)) return;
    const count = at + this.count;
    const least = at + this.least;
    const most = at + this.most;
    // Every place of a column is there, here and below.
    kept[count] = (kept[count] as number) + 1;
    this.addUp(kept, at, value);
    if (value < (kept[least] as number)) kept[least] = value;
    if (value > (kept[most] as number)) kept[most] = value;
  }

  /** Adds what is kept of other records; both begin at 0. */
  merge(kept: KeptNumbers, other: KeptNumbers): void {
    const { count, total, lost, beyond, least, most } = this;
    kept[count] = (kept[count] as number) + (other[count] as number);
    this.addUp(kept, 0, other[total] as number);
    kept[lost] = (kept[lost] as number) + (other[lost] as number);
    kept[beyond] = (kept[beyond] as number) + (other[beyond] as number);
    kept[least] = Math.min(kept[least] as number, other[least] as number);
    kept[most] = Math.max(kept[most] as number, other[most] as number);
  }

  figure(kept: KeptNumbers, at: number, { kind }: FigureSettings): number | null {
    const count = kept[at + this.count] as number;
    if (kind === "count") return count;
    if (count === 0) return null;
    if (kind === "sum") return this.sumOver(kept, at, 1);
    if (kind === "mean") return this.sumOver(kept, at, count);
    return kept[at + (kind === "min" ? this.least : this.most)] as number;
  }

  private addUp(kept: KeptNumbers, at: number, value: number): void {
    const total = at + this.total;
    const lost = at + this.lost;
    const beyond = at + this.beyond;
    const before = kept[total] as number;
    const after = before + value;
    if (after - after === 0) {
      const rest = Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before;
      kept[lost] = (kept[lost] as number) + rest;
      kept[total] = after;
    } else {
      kept[beyond] = (kept[beyond] as number) + before * scale;
      kept[total] = value;
    }
  }

  /** The sum, divided; `Infinity` where that is greater than any number there is. */
  private sumOver(kept: KeptNumbers, at: number, divisor: number): number {
    const sum = (kept[at + this.total] as number) + (kept[at + this.lost] as number);
    const beyond = kept[at + this.beyond] as number;
    return beyond === 0 ? sum / divisor : (beyond + sum * scale) / divisor / scale;
  }
}
