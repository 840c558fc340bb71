import type { FigureSettings } from "./check-calculate.ts";
import { isInherited } from "../member.ts";
import type { Cell, Column } from "./column.ts";
import { refusal } from "./refusal.ts";

/** Values of which there is only a least and a greatest: all numbers or all texts. */
export class OrderedColumn implements Column {
  readonly key: string;
  value: number | string | undefined = undefined;
  /** What the first value was. */
  private kind: "number" | "string" | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }

  read(record: Readonly<Record<string, unknown>>): void {
    const value = record[this.key];
    if (value === null || value === undefined) this.value = undefined;
    else if (this.takes(value)) this.value = value;
    else if (isInherited(record, this.key)) this.value = undefined;
    else throw refusal(this.key, this.expected, value);
  }

  /** What a record holds that was added is what those after it have to hold. */
  fix(): void {
    // Of values that are read there are these kinds.
    if (this.value !== undefined) this.kind ??= typeof this.value as "number" | "string";
  }

  makeCell(): Cell {
    return new OrderedCell(this);
  }

  private takes(value: unknown): value is number | string {
    if (this.kind !== undefined && typeof value !== this.kind) return false;
    return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
  }

  private get expected(): string {
    if (this.kind === undefined) return "a finite number or a text";
    return this.kind === "number" ? "a finite number like those before" : "a text like those before";
  }
}

class OrderedCell implements Cell {
  private readonly column: OrderedColumn;
  private count = 0;
  private least: number | string = "";
  private most: number | string = "";

  constructor(column: OrderedColumn) {
    this.column = column;
  }

  add(): void {
    const { value } = this.column;
    if (value === undefined) return;
    if (this.count === 0) this.column.fix();
    this.widen(value, value);
    this.count++;
  }

  merge(other: OrderedCell): void {
    if (other.count > 0) this.widen(other.least, other.most);
    this.count += other.count;
  }

  private widen(least: number | string, most: number | string): void {
    if (this.count === 0 || least < this.least) this.least = least;
    if (this.count === 0 || most > this.most) this.most = most;
  }

  figure({ kind }: FigureSettings): number | string | null {
    if (kind === "count") return this.count;
    if (this.count === 0) return null;
    return kind === "min" ? this.least : this.most;
  }
}
