import { AtomicError, toAtomicError } from "@atomic-agents/core";
import type { Calculations } from "../aggregation/calculation.ts";
import { Figures, GroupFigures } from "../aggregation/figures.ts";
import { GroupTree } from "../aggregation/group-tree.ts";
import { Deque } from "../deque.ts";
import { Gathering } from "../gathering.ts";
import { groupOf, type Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** What an aggregation computes, with its options filled in. */
export interface AggregateSettings {
  readonly by: readonly string[];
  readonly calculate: Calculations;
  readonly maxGroups: number;
  readonly onError: RecordPolicy;
}

class Group extends GroupFigures {
  readonly keys: readonly KeyValue[];
  /** The number of its first record. */
  private readonly number: number;
  /** Those of its records that came as items. */
  private gathering: Gathering | undefined = undefined;
  private itemCount = 0;

  constructor(figures: Figures, keys: readonly KeyValue[], number: number) {
    super(figures);
    this.keys = keys;
    this.number = number;
  }

  addItem(item: Item): void {
    this.add();
    this.gathering ??= new Gathering();
    this.gathering.add(item);
    this.itemCount++;
  }

  /** One item in the place of all. */
  toItem(value: unknown): Item {
    const gathering = this.gathering ?? new Gathering();
    gathering.addWholes(this.count - this.itemCount, this.number);
    return gathering.toItem(value);
  }
}

/**
 * Computes figures of groups of items, and gives one item for each group when all have come. Of an item nothing is
 * kept but its place in the books, so memory grows with the number of groups alone.
 */
export class AggregateNode extends Node {
  private readonly settings: AggregateSettings;
  private readonly figures: Figures;
  private readonly tree: GroupTree<Group>;
  /** Without keys there is one group, also of no records. */
  private isOwing: boolean;
  /** In the order in which they first appeared. */
  private readonly groups = new Deque<Group>();

  constructor(id: string, settings: AggregateSettings) {
    super(id);
    this.settings = settings;
    this.tree = new GroupTree(settings.by);
    this.figures = new Figures("flow.aggregate", settings.calculate);
    this.isOwing = settings.by.length === 0;
  }

  override get isFree(): boolean {
    return true;
  }

  override get isEmpty(): boolean {
    return this.groups.length === 0 && !this.isOwing;
  }

  override get absorbs(): boolean {
    return true;
  }

  override take(item: Item): void {
    this.taken++;
    const { value } = item;
    let group: Group | undefined;
    try {
      this.figures.read(value);
      group = this.tree.get(value) ?? this.makeGroup(this.tree.keysOf(value), item.number);
    } catch (thrown) {
      const error = toAtomicError(thrown, { stage: this.id, agent: this.id });
      this.dispose(item, error, this.settings.onError);
      return;
    }
    if (group === undefined) {
      this.host.fail(tooManyGroups(this.id, this.settings.maxGroups));
      return;
    }
    group.addItem(item);
  }

  override absorb(values: readonly unknown[], from: number, to: number, number: number): number {
    const { figures, tree } = this;
    let at = from;
    try {
      for (; at < to; at++) {
        const value = values[at];
        figures.read(value);
        const group = tree.get(value) ?? this.makeGroup(tree.keysOf(value), number + at - from);
        if (group === undefined) break;
        group.add();
      }
    } catch {
      // It comes again, as an item, and is refused as one.
    }
    this.taken += at - from;
    return at;
  }

  /** Undefined when that would be one too many. */
  private makeGroup(keys: readonly KeyValue[], number: number): Group | undefined {
    if (this.groups.length >= this.settings.maxGroups) return undefined;
    const group = new Group(this.figures, keys, number);
    this.tree.set(keys, group);
    this.groups.push(group);
    this.isOwing = false;
    return group;
  }

  override resume(): boolean {
    if (!this.inputEnded) return false;
    if (this.isOwing) this.makeGroup([], 0);
    // Nothing is looked up any more; a group need not be held for longer than it takes to give it.
    this.tree.clear();
    let moved = false;
    for (let group = this.groups.first; group !== undefined; group = this.groups.first) {
      if (!this.next.isFree || this.host.hasEnded || !this.host.takesTurn()) return moved;
      this.groups.shift();
      this.give(groupOf(group.toItem(this.recordOf(group)), this.id));
      moved = true;
    }
    return moved;
  }

  private recordOf(group: Group): Readonly<Record<string, unknown>> {
    const { by } = this.settings;
    return Object.fromEntries([
      ...by.map((key, index): readonly [string, unknown] => [key, group.keys[index]]),
      ...group.result(),
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
