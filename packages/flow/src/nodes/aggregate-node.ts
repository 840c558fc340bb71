import { AtomicError, toAtomicError } from "@atomic-agents/core";
import type { Calculations } from "../aggregation/calculation.ts";
import { Figures, type GroupFigures } from "../aggregation/figures.ts";
import { Deque } from "../deque.ts";
import { Gathering } from "../gathering.ts";
import { groupOf, type Item } from "../item.ts";
import { type KeyValue, readerOf, type ReadKey } from "../keys.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** What an aggregation computes, with its options filled in. */
export interface AggregateSettings {
  readonly by: readonly string[];
  readonly calculate: Calculations;
  readonly maxGroups: number;
  readonly onError: RecordPolicy;
}

interface Group {
  readonly keys: readonly KeyValue[];
  readonly figures: GroupFigures;
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
  private readonly figures: Figures;
  private readonly readKeys: readonly ReadKey[];
  /** Groups by the value of their first key, then of the next, and so on: no text has to be made of a record's keys. */
  private readonly tree = new Map<KeyValue, Branch>();
  /** In the order in which they first appeared. */
  private readonly groups = new Deque<Group>();
  /** What was read of a record's keys, in an array that serves all records. */
  private readonly keys: KeyValue[] = [];

  constructor(id: string, settings: AggregateSettings) {
    super(id);
    this.settings = settings;
    this.readKeys = settings.by.map((key) => readerOf("flow.aggregate", "by", key));
    this.figures = new Figures("flow.aggregate", settings.calculate);
    // Without keys there is one group, also of no records.
    if (settings.by.length === 0) this.groupFor([]);
  }

  override get isFree(): boolean {
    return true;
  }

  override get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  override take(item: Item): void {
    this.taken++;
    const { keys, readKeys } = this;
    try {
      for (let index = 0; index < readKeys.length; index++) keys[index] = readKeys[index]?.(item.value);
      this.figures.read(item.value);
    } catch (thrown) {
      const error = toAtomicError(thrown, { stage: this.id, agent: this.id });
      this.dispose(item, error, this.settings.onError);
      return;
    }
    const group = this.groupFor(keys);
    if (group === undefined) return;
    group.figures.add();
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
    const key = keys[last];
    const known = branches.get(key);
    if (known !== undefined) return known as Group;
    const { maxGroups } = this.settings;
    if (this.groups.length >= maxGroups) {
      this.host.fail(tooManyGroups(this.id, maxGroups));
      return undefined;
    }
    const group = { keys: [...keys], figures: this.figures.createGroup(), gathering: new Gathering() };
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
      this.give(groupOf(group.gathering.toItem(this.recordOf(group)), this.id));
      moved = true;
    }
    return moved;
  }

  private recordOf({ keys, figures }: Group): Readonly<Record<string, unknown>> {
    const { by } = this.settings;
    return Object.fromEntries([
      ...by.map((key, index): readonly [string, unknown] => [key, keys[index]]),
      ...figures.result(),
    ]);
  }
}

function tooManyGroups(stage: string, maxGroups: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxGroups} groups`, {
    stage,
    details: { thrown: "too many groups" },
    retryable: false,
    hint: "Group by keys with fewer values, or raise maxGroups, if there is memory for it.",
  });
}
