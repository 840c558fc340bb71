import { AtomicError, toAtomicError } from "@atomic-agents/core";
import type { Calculations } from "../aggregation/calculation.ts";
import { Figures } from "../aggregation/figures.ts";
import type { Group } from "../aggregation/group.ts";
import { GroupOverflow } from "../aggregation/group-overflow.ts";
import { GroupStore } from "../aggregation/group-store.ts";
import type { NumberColumn } from "../aggregation/number-column.ts";
import { GroupTree } from "../aggregation/group-tree.ts";
import { groupOf, type Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import type { Overflow } from "../overflow/overflow.ts";
import { Background } from "./background.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** To set it is not to have a key of that name. */
const proto = "__proto__";

/** What an aggregation computes, with its options filled in. */
export interface AggregateSettings {
  readonly by: readonly string[];
  readonly calculate: Calculations;
  readonly maxGroups: number;
  /** Where records of further groups go; without it the flow fails. */
  readonly past: Overflow | undefined;
  readonly onError: RecordPolicy;
}

/**
 * Computes figures of groups of items, and gives one item for each group when all have come. Of an item nothing is
 * kept but its place in the books, so memory grows with the number of groups alone.
 */
export class AggregateNode extends Node {
  private readonly settings: AggregateSettings;
  private readonly figures: Figures;
  /** Where groups are among `groups`. */
  private readonly tree: GroupTree<number>;
  /** Without keys there is one group, also of no records. */
  private isOwing: boolean;
  /** In the order in which they first appeared. */
  private readonly groups: GroupStore;
  /** How many of them have been given. */
  private givenGroups = 0;
  /** Made when there is no room for a group. */
  private overflow: GroupOverflow | undefined = undefined;
  private readonly background = new Background();

  constructor(id: string, settings: AggregateSettings) {
    super(id);
    this.settings = settings;
    this.tree = new GroupTree(settings.by);
    this.figures = new Figures("flow.aggregate", settings.calculate);
    this.groups = new GroupStore(this.figures, settings.by.length);
    this.isOwing = settings.by.length === 0;
  }

  override get isFree(): boolean {
    return !this.background.isBusy;
  }

  override get isEmpty(): boolean {
    return this.groups.length === this.givenGroups && !this.isOwing && (this.overflow?.isEmpty ?? true);
  }

  override get absorbs(): boolean {
    return true;
  }

  override take(item: Item): void {
    this.taken++;
    const { value } = item;
    let group: number | undefined;
    let keys: readonly KeyValue[] = [];
    try {
      this.figures.read(value);
      group = this.tree.get(value);
      if (group === undefined) {
        keys = this.tree.keysOf(value);
        group = this.makeGroup(keys, item.number);
      }
    } catch (thrown) {
      const error = toAtomicError(thrown, { stage: this.id, agent: this.id });
      this.dispose(item, error, this.settings.onError);
      return;
    }
    if (group !== undefined) this.groups.takeItem(group, item);
    else this.putAside(item, keys);
  }

  private putAside(item: Item, keys: readonly KeyValue[]): void {
    const { past, maxGroups } = this.settings;
    if (past === undefined) {
      this.host.fail(tooManyGroups(this.id, maxGroups));
      return;
    }
    const { clock, signal } = this.host.ctx;
    const what = `flow.aggregate, stage "${this.id}"`;
    const overflow = (this.overflow ??= new GroupOverflow(
      this.figures,
      past["~overflow"].openRows({ what, clock, signal }),
    ));
    overflow.putItem(item, keys);
    if (overflow.isFull) this.begin(() => overflow.flush());
  }

  private begin(work: () => Promise<void>): void {
    const { host, id } = this;
    this.background.begin(host, work, (thrown) => {
      if (!host.hasEnded) host.fail(toAtomicError(thrown, { stage: id, agent: id }));
    });
  }

  override async close(): Promise<void> {
    await this.overflow?.close();
    await this.background.ended();
  }

  override absorb(values: readonly unknown[], from: number, to: number, number: number): number {
    let at = from;
    for (let end = from; at === end && end < to; ) {
      // Some by a call: a loop over all is compiled while it runs, and not when it begins again.
      end = Math.min(at + 64, to);
      at = this.absorbSome(values, at, end, number - from);
    }
    this.taken += at - from;
    return at;
  }

  /** Takes records without items, until one is to come as an item; gives the index of that. */
  private absorbSome(values: readonly unknown[], from: number, to: number, before: number): number {
    const { by } = this.settings;
    const [key] = by;
    const [column] = this.figures.numbers;
    const isPlain = by.length === 1 && this.figures.numbers.length === 1 && !this.figures.hasCells;
    let at = from;
    try {
      while (at < to) {
        if (isPlain && key !== undefined && column !== undefined) {
          at = this.absorbPlain(values, at, to, key, column);
          if (at === to) break;
        }
        if (!this.absorbOne(values[at], before + at)) break;
        at++;
      }
    } catch {
      // It comes again, as an item, and is refused as one.
    }
    return at;
  }

  /**
   * Takes records of groups that there are, as long as there are numbers, by one key and of one column: there is little to do
   * for each, and so what is the same for all is looked up once. Gives the index of the first that it leaves.
   */
  private absorbPlain(
    values: readonly unknown[],
    from: number,
    to: number,
    key: string,
    column: NumberColumn,
  ): number {
    const { groups, tree } = this;
    const { key: numberKey } = column;
    let at = from;
    try {
      for (; at < to; at++) {
        const value = values[at];
        if (typeof value !== "object" || value === null) break;
        const record = value as Readonly<Record<string, unknown>>;
        const number = record[numberKey];
        // The difference is NaN for what is not finite.
        if (typeof number !== "number" || number - number !== 0) break;
        const group = tree.at(record[key]);
        if (group === undefined) break;
        groups.takeNumber(group, column, number);
      }
    } catch {
      // It is left like any other; those before it have been taken.
    }
    return at;
  }

  /** Takes a record without an item; false when it is to come as one. */
  private absorbOne(value: unknown, number: number): boolean {
    this.figures.read(value);
    const group = this.tree.get(value);
    if (group === undefined) return this.absorbFirst(value, number);
    this.groups.take(group);
    return true;
  }

  /** The same of the first record of a group. Apart, so that what is done with all others is compiled as one piece. */
  private absorbFirst(value: unknown, number: number): boolean {
    const keys = this.tree.keysOf(value);
    const group = this.makeGroup(keys, number);
    if (group !== undefined) {
      this.groups.take(group);
      return true;
    }
    // What begins something, or fails, comes as an item.
    if (this.overflow === undefined || this.overflow.isFull) return false;
    this.overflow.put(value, keys, number);
    return true;
  }

  /** Undefined when that would be one too many. */
  private makeGroup(keys: readonly KeyValue[], number: number): number | undefined {
    if (this.groups.length >= this.settings.maxGroups) return undefined;
    const group = this.groups.add(keys, number);
    this.tree.set(keys, group);
    this.isOwing = false;
    return group;
  }

  override resume(): boolean {
    if (!this.inputEnded || this.background.isBusy) return false;
    if (this.isOwing) this.makeGroup([], 0);
    // Nothing is looked up any more; a group need not be held for longer than it takes to give it.
    this.tree.clear();
    let moved = false;
    while (this.givenGroups < this.groups.length) {
      if (!this.next.isFree || this.host.hasEnded || !this.host.takesTurn()) return moved;
      this.giveGroup(this.groups.give(this.givenGroups++));
      moved = true;
    }
    const { overflow } = this;
    if (overflow === undefined || overflow.isEmpty) return moved;
    while (this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      const group = overflow.next();
      if (group === undefined) {
        if (!overflow.isEmpty) this.begin(() => overflow.read());
        return true;
      }
      this.giveGroup(group);
      moved = true;
    }
    return moved;
  }

  private giveGroup(group: Group): void {
    this.give(groupOf(group.toItem(this.recordOf(group)), this.id));
  }

  private recordOf(group: Group): Readonly<Record<string, unknown>> {
    const { by, calculate } = this.settings;
    if (Object.hasOwn(calculate, proto) || by.includes(proto)) {
      const own = by.map((key, index): readonly [string, unknown] => [key, group.keys[index]]);
      return Object.fromEntries([...own, ...group.result()]);
    }
    const record: Record<string, unknown> = {};
    for (let index = 0; index < by.length; index++) record[by[index] as string] = group.keys[index];
    group.putInto(record);
    return record;
  }
}

function tooManyGroups(stage: string, maxGroups: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxGroups} groups`, {
    stage,
    details: { thrown: "too many groups" },
    retryable: false,
    hint: "Group by keys with fewer values, have `past` say where further ones go, or raise maxGroups, if there is memory for it.",
  });
}
