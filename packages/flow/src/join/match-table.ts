import type { ReadJoinKey } from "./join-options.ts";

export type JoinKeyValue = ReturnType<ReadJoinKey>;

/** Records of the other side by their keys; of those with one key it keeps no more than may be asked for. */
export class MatchTable {
  private readonly byKey = new Map<JoinKeyValue, unknown[]>();
  private readonly maxKept: number;
  /** How many records it keeps. */
  size = 0;

  /** @param maxKept how many records with one key are kept */
  constructor(maxKept: number) {
    this.maxKept = maxKept;
  }

  get keyCount(): number {
    return this.byKey.size;
  }

  add(key: JoinKeyValue, record: unknown): void {
    const there = this.byKey.get(key);
    if (there === undefined) this.byKey.set(key, [record]);
    else if (there.length < this.maxKept) there.push(record);
    else return;
    this.size++;
  }

  /** The records with the key; undefined where there are none. */
  find(key: JoinKeyValue): readonly unknown[] | undefined {
    // Under what is missing nothing is added.
    return this.byKey.get(key);
  }

  /** All that it keeps. */
  *entries(): Generator<readonly [JoinKeyValue, unknown]> {
    for (const [key, records] of this.byKey) for (const record of records) yield [key, record];
  }
}
