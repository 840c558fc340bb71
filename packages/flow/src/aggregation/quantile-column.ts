import { QuantileSketch } from "../sketch/quantile-sketch.ts";
import type { FigureSettings } from "./check-calculate.ts";
import type { Cell, Column } from "./column.ts";
import type { NumberColumn } from "./number-column.ts";

/** Numbers of which there are quantiles; another column reads them. */
export class QuantileColumn implements Column {
  readonly key: string;
  readonly numbers: NumberColumn;

  constructor(numbers: NumberColumn) {
    this.key = numbers.key;
    this.numbers = numbers;
  }

  read(): void {}

  makeCell(): Cell {
    return new QuantileCell(this.numbers);
  }
}

class QuantileCell implements Cell {
  private readonly numbers: NumberColumn;
  private readonly sketch = new QuantileSketch();

  constructor(numbers: NumberColumn) {
    this.numbers = numbers;
  }

  add(): void {
    const { value } = this.numbers;
    if (!Number.isNaN(value)) this.sketch.add(value);
  }

  merge(other: QuantileCell): void {
    this.sketch.merge(other.sketch);
  }

  figure({ at }: FigureSettings): number | null {
    return this.sketch.quantile(at) ?? null;
  }
}
