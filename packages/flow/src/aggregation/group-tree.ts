import type { KeyValue } from "../keys.ts";
import { isInherited } from "../member.ts";
import { refusal } from "./refusal.ts";

/** A group, or groups by the value of one more key. */
type Branch<TGroup> = TGroup | Map<KeyValue, Branch<TGroup>>;
type Values = Readonly<Record<string, unknown>>;

/** Groups by the value of their first key, then of the next, and so on: no text has to be made of a record's keys. */
export class GroupTree<TGroup extends object | number> {
  private readonly by: readonly string[];
  private readonly first: string | undefined;
  private readonly second: string | undefined;
  private readonly root = new Map<KeyValue, Branch<TGroup>>();

  constructor(by: readonly string[]) {
    this.by = by;
    [this.first, this.second] = by;
  }

  /**
   * The group that a record belongs to, if there is one; without keys there is one group.
   *
   * @throws AtomicError `VALIDATION_INPUT` for a value that nothing is grouped by, where there are groups up to there
   */
  get(record: unknown): TGroup | undefined {
    const { by, first, second } = this;
    // The figures have seen to it that there are keys.
    const values = record as Values;
    if (first === undefined) return this.root.get(undefined) as TGroup | undefined;
    // What V8 learns at one place of the code holds for one key: so the first two have a place each.
    let branch = this.root.get(keyValue(values[first], values, first));
    if (second === undefined || branch === undefined) return branch as TGroup | undefined;
    branch = (branch as Map<KeyValue, Branch<TGroup>>).get(keyValue(values[second], values, second));
    for (let index = 2; index < by.length && branch !== undefined; index++) {
      branch = (branch as Map<KeyValue, Branch<TGroup>>).get(keyOf(values, by[index] ?? ""));
    }
    // Behind the last key there are groups.
    return branch as TGroup | undefined;
  }

  /** The same where there is one key, by what is there: undefined also for a value that nothing is grouped by. */
  at(value: unknown): TGroup | undefined {
    // Any value can be looked for, and is only there if it is one of those.
    return this.root.get(value as KeyValue) as TGroup | undefined;
  }

  /** The values that a record is grouped by; 0 for -0, whichever of them came first. @throws AtomicError `VALIDATION_INPUT` for others */
  keysOf(record: unknown): readonly KeyValue[] {
    return this.by.map((key) => {
      const value = keyOf(record as Values, key);
      return value === 0 ? 0 : value;
    });
  }

  /** Has records with these values belong to a group. */
  set(keys: readonly KeyValue[], group: TGroup): void {
    let branches = this.root;
    for (const key of keys.slice(0, -1)) {
      let next = branches.get(key);
      if (next === undefined) {
        next = new Map();
        branches.set(key, next);
      }
      // Only behind the last key there are groups.
      branches = next as Map<KeyValue, Branch<TGroup>>;
    }
    branches.set(keys.at(-1), group);
  }

  clear(): void {
    this.root.clear();
  }
}

function keyOf(values: Values, key: string): KeyValue {
  return keyValue(values[key], values, key);
}

function keyValue(value: unknown, values: Values, key: string): KeyValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return value;
  if (isInherited(values, key)) return undefined;
  throw refusal(key, "a text, a number, true, false or null", value);
}
