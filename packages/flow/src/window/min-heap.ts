/** Values of which the first in order is at hand; which is first of those that are alike is not said. */
export class MinHeap<TValue> {
  private values: TValue[] = [];
  private readonly isBefore: (first: TValue, second: TValue) => boolean;

  constructor(isBefore: (first: TValue, second: TValue) => boolean) {
    this.isBefore = isBefore;
  }

  get size(): number {
    return this.values.length;
  }

  get first(): TValue | undefined {
    return this.values[0];
  }

  add(value: TValue): void {
    const { values, isBefore } = this;
    let at = values.length;
    values.push(value);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      // Below its length there is one at each place.
      const parent = values[parentAt] as TValue;
      if (!isBefore(value, parent)) break;
      values[at] = parent;
      at = parentAt;
    }
    values[at] = value;
  }

  /** Takes the first out; undefined when there is none. */
  take(): TValue | undefined {
    const { values, isBefore } = this;
    const first = values[0];
    const last = values.pop();
    if (values.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let childAt = at * 2 + 1;
      if (childAt >= values.length) break;
      if (childAt + 1 < values.length && isBefore(values[childAt + 1] as TValue, values[childAt] as TValue)) {
        childAt++;
      }
      const child = values[childAt] as TValue;
      if (!isBefore(child, last)) break;
      values[at] = child;
      at = childAt;
    }
    values[at] = last;
    return first;
  }

  /** Lets go of what is not wanted any more. */
  keep(isWanted: (value: TValue) => boolean): void {
    const wanted = this.values.filter(isWanted);
    this.values = [];
    for (const value of wanted) this.add(value);
  }
}
