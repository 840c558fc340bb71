import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { type Calculation, Numbers } from "../aggregate.ts";
import { Deque } from "../deque.ts";
import { Gathering } from "../gathering.ts";
import { groupOf, type Item } from "../item.ts";
import { type KeyValue, readerOf, type ReadKey } from "../keys.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** What an aggregation computes, with its options filled in. */
export interface AggregateSettings {
  readonly by: readonly string[];
  readonly calculate: Readonly<Record<string, Calculation>>;
  readonly maxGroups: number;
  readonly onError: RecordPolicy;
}

interface Group {
  readonly keys: readonly KeyValue[];
  readonly numbers: readonly Numbers[];
  count: number;
  readonly gathering: Gathering;
}

/** A group, or groups by the value of one more key. */
type Branch = Group | Map<KeyValue, Branch>;

/**
 * Computes figures of groups of items, and gives one item for each group when all have come. Of an item nothing is
 * kept but its place in the books, so memory grows with the number of groups alone.
 */
export class AggregateNode extends Node {
  private readonly settings: AggregateSettings;
  /** The keys at which there have to be numbers, each once. */
  private readonly numberKeys: readonly string[];
  private readonly readKeys: readonly ReadKey[];
  /** Groups by the value of their first key, then of the next, and so on: no text has to be made of a record's keys. */
  private readonly tree = new Map<KeyValue, Branch>();
  /** In the order in which they first appeared. */
  private readonly groups = new Deque<Group>();
  /** What was read of a record's keys, in arrays that serve all records. */
  private readonly keys: KeyValue[] = [];
  private readonly values: number[] = [];

  constructor(id: string, settings: AggregateSettings) {
    super(id);
    this.settings = settings;
    this.readKeys = settings.by.map((key) => readerOf("flow.aggregate", "by", key));
    const keys = Object.values(settings.calculate).map((calculation) => sourceOf(calculation)?.key);
    this.numberKeys = [...new Set(keys.filter((key) => key !== undefined))];
  }

  override get isFree(): boolean {
    return true;
  }

  override get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  override take(item: Item): void {
    this.taken++;
    const { keys, values, readKeys, numberKeys } = this;
    try {
      // Everything but null and undefined can be asked for a key.
      const record = item.value as Readonly<Record<string, unknown>>;
      for (let index = 0; index < readKeys.length; index++) keys[index] = readKeys[index]?.(record);
      for (let index = 0; index < numberKeys.length; index++) {
        values[index] = numberAt(record, numberKeys[index] ?? "");
      }
    } catch (thrown) {
      const error = toAtomicError(thrown, { stage: this.id, agent: this.id });
      this.dispose(item, error, this.settings.onError);
      return;
    }
    const group = this.groupFor(keys);
    if (group === undefined) return;
    group.count++;
    for (let index = 0; index < values.length; index++) group.numbers[index]?.add(values[index] ?? 0);
    group.gathering.add(item);
  }

  /** The group of records with these keys; undefined when there are too many, which ends the flow. */
  private groupFor(keys: readonly KeyValue[]): Group | undefined {
    let branches = this.tree;
    const last = keys.length - 1;
    for (let index = 0; index < last; index++) {
      let next = branches.get(keys[index]);
      if (next === undefined) {
        next = new Map();
        branches.set(keys[index], next);
      }
      // Only at the last key there are groups.
      branches = next as Map<KeyValue, Branch>;
    }
    // Without keys there is one group.
    const key = keys[last];
    const known = branches.get(key);
    if (known !== undefined) return known as Group;
    const { maxGroups } = this.settings;
    if (this.groups.length >= maxGroups) {
      this.host.fail(tooManyGroups(this.id, maxGroups));
      return undefined;
    }
    const numbers = this.numberKeys.map(() => new Numbers());
    const group: Group = { keys: [...keys], numbers, count: 0, gathering: new Gathering() };
    branches.set(key, group);
    this.groups.push(group);
    return group;
  }

  override resume(): boolean {
    if (!this.inputEnded) return false;
    // Nothing is looked up any more; a group need not be held for longer than it takes to give it.
    this.tree.clear();
    let moved = false;
    for (let group = this.groups.first; group !== undefined; group = this.groups.first) {
      if (!this.next.isFree || this.host.hasEnded || !this.host.takesTurn()) return moved;
      this.groups.shift();
      this.give(groupOf(group.gathering.toItem(this.figuresOf(group)), this.id));
      moved = true;
    }
    return moved;
  }

  private figuresOf({ keys, numbers, count }: Group): Readonly<Record<string, unknown>> {
    const { by, calculate } = this.settings;
    const figures = Object.entries(calculate).map(([name, calculation]): [string, unknown] => {
      const source = sourceOf(calculation);
      if (source === undefined) return [name, count];
      return [name, numbers[this.numberKeys.indexOf(source.key)]?.get(source.kind)];
    });
    return Object.fromEntries([...by.map((key, index): [string, unknown] => [key, keys[index]]), ...figures]);
  }
}

/** The key whose numbers a calculation takes, and what it does with them; undefined when it only counts. */
export function sourceOf(
  calculation: Calculation,
): { readonly kind: "sum" | "mean" | "min" | "max"; readonly key: string } | undefined {
  if ("sum" in calculation) return { kind: "sum", key: calculation.sum };
  if ("mean" in calculation) return { kind: "mean", key: calculation.mean };
  if ("min" in calculation) return { kind: "min", key: calculation.min };
  if ("max" in calculation) return { kind: "max", key: calculation.max };
  return undefined;
}

function numberAt(record: Readonly<Record<string, unknown>>, key: string): number {
  const value = record[key];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError(
    `"${key}" must be a finite number, got ${typeof value === "number" ? value : typeof value}`,
  );
}

function tooManyGroups(stage: string, maxGroups: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxGroups} groups`, {
    stage,
    details: { thrown: "too many groups" },
    retryable: false,
    hint: "Group by keys with fewer values, or raise maxGroups, if there is memory for it.",
  });
}
