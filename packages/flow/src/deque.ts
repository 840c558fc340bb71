/** A queue whose ends cost the same however long it is; an array's `shift` moves all that follow. */
export class Deque<TValue> {
  private values: (TValue | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.values.length - this.head;
  }

  get first(): TValue | undefined {
    return this.values[this.head];
  }

  /** Counted from the first. */
  at(index: number): TValue | undefined {
    return this.values[this.head + index];
  }

  push(value: TValue): void {
    this.values.push(value);
  }

  shift(): TValue | undefined {
    const { values, head } = this;
    const value = values[head];
    // Lets go of what is taken: the queue may live for long.
    values[head] = undefined;
    this.head = head + 1;
    if (this.head === values.length) {
      values.length = 0;
      this.head = 0;
    } else if (this.head > 1_024) {
      values.splice(0, this.head);
      this.head = 0;
    }
    return value;
  }
}
