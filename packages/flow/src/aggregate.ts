/** What is computed of a group's records: how many they are, or something of the numbers at one of their keys. */
export type Calculation<TKey extends PropertyKey = string> =
  | { readonly count: true }
  | { readonly sum: TKey }
  | { readonly mean: TKey }
  | { readonly min: TKey }
  | { readonly max: TKey };

/** The keys of a record at which there are numbers. */
export type NumberKey<TRecord> = {
  [TKey in keyof TRecord]: TRecord[TKey] extends number ? TKey : never;
}[keyof TRecord];

/** The keys of a record by whose values it can be grouped. */
export type GroupKey<TRecord> = {
  [TKey in keyof TRecord]: TRecord[TKey] extends string | number | boolean | null | undefined ? TKey : never;
}[keyof TRecord];

/** How the numbers at one key of a group's records are kept. */
export class Numbers {
  private count = 0;
  private total = 0;
  /** What was lost of the total by rounding (Neumaier, 1974), so that the order of records hardly matters. */
  private lost = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.count++;
    const total = this.total + value;
    this.lost +=
      Math.abs(this.total) >= Math.abs(value) ? this.total - total + value : value - total + this.total;
    this.total = total;
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }

  get(kind: "sum" | "mean" | "min" | "max"): number {
    if (kind === "min") return this.least;
    if (kind === "max") return this.most;
    const sum = this.total + this.lost;
    return kind === "sum" ? sum : sum / this.count;
  }
}
