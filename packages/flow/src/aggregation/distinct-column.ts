import { isInherited } from "../member.ts";
import { DistinctSketch, type DistinctValue } from "../sketch/distinct-sketch.ts";
import type { Cell, Column } from "./column.ts";
import { refusal } from "./refusal.ts";

/** Values that are told apart. */
export class DistinctColumn implements Column {
  readonly key: string;
  value: DistinctValue | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }

  read(record: Readonly<Record<string, unknown>>): void {
    const value = record[this.key];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      this.value = value;
    } else if (value === null || value === undefined || isInherited(record, this.key)) this.value = undefined;
    else throw refusal(this.key, "a text, a number, true, false or null", value);
  }

  makeCell(): Cell {
    return new DistinctCell(this);
  }
}

class DistinctCell implements Cell {
  private readonly column: DistinctColumn;
  private readonly sketch = new DistinctSketch();

  constructor(column: DistinctColumn) {
    this.column = column;
  }

  add(): void {
    const { value } = this.column;
    if (value !== undefined) this.sketch.add(value);
  }

  merge(other: DistinctCell): void {
    this.sketch.merge(other.sketch);
  }

  figure(): number {
    return this.sketch.count;
  }
}
