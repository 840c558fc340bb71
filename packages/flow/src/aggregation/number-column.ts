import { QuantileSketch } from "../sketch/quantile-sketch.ts";
import type { FigureSettings } from "./check-calculate.ts";
import type { Cell, Column } from "./column.ts";
import { refusal } from "./refusal.ts";

/** Numbers, of which there are sums, means and quantiles. */
export class NumberColumn implements Column {
  readonly key: string;
  readonly hasQuantiles: boolean;
  /** NaN where there is nothing. */
  value: number = Number.NaN;

  constructor(key: string, hasQuantiles: boolean) {
    this.key = key;
    this.hasQuantiles = hasQuantiles;
  }

  read(record: Readonly<Record<string, unknown>>): void {
    const value = record[this.key];
    // The difference is NaN for what is not finite.
    if (typeof value === "number" && value - value === 0) this.value = value;
    else if (value === null || value === undefined) this.value = Number.NaN;
    else throw refusal(this.key, "a finite number", value);
  }

  makeCell(): Cell {
    return new NumberCell(this);
  }
}

/** Brings a sum that is too large for a number back into its range, and loses nothing: it is a power of two. */
const scale = 2 ** -64;

class NumberCell implements Cell {
  private readonly column: NumberColumn;
  private readonly sketch: QuantileSketch | undefined;
  private count = 0;
  private total = 0;
  /** What was lost of the total by rounding (Neumaier, 1974), so that the order of records hardly matters. */
  private lost = 0;
  /** What went beyond the greatest number there is, scaled. */
  private beyond = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  constructor(column: NumberColumn) {
    this.column = column;
    this.sketch = column.hasQuantiles ? new QuantileSketch() : undefined;
  }

  add(): void {
    const { value } = this.column;
    if (Number.isNaN(value)) return;
    this.sum(value);
    this.count++;
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
    this.sketch?.add(value);
  }

  merge(other: NumberCell): void {
    this.sum(other.total);
    this.lost += other.lost;
    this.beyond += other.beyond;
    this.count += other.count;
    this.least = Math.min(this.least, other.least);
    this.most = Math.max(this.most, other.most);
    if (other.sketch !== undefined) this.sketch?.merge(other.sketch);
  }

  private sum(value: number): void {
    const before = this.total;
    const total = before + value;
    if (total - total === 0) {
      this.lost += Math.abs(before) >= Math.abs(value) ? before - total + value : value - total + before;
      this.total = total;
    } else {
      this.beyond += before * scale;
      this.total = value;
    }
  }

  figure({ kind, at }: FigureSettings): number | null {
    const { count } = this;
    if (kind === "count") return count;
    if (count === 0) return null;
    if (kind === "sum") return this.sumOver(1);
    if (kind === "mean") return this.sumOver(count);
    if (kind === "min") return this.least;
    if (kind === "max") return this.most;
    return this.sketch?.quantile(at) ?? null;
  }

  /** The sum, divided; `Infinity` where that is greater than any number there is. */
  private sumOver(divisor: number): number {
    const sum = this.total + this.lost;
    return this.beyond === 0 ? sum / divisor : (this.beyond + sum * scale) / divisor / scale;
  }
}
