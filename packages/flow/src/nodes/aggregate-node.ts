import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { type Calculation, Numbers } from "../aggregate.ts";
import { Gathering } from "../gathering.ts";
import { groupOf, type Item } from "../item.ts";
import { type KeyValue, nameOfKeys, readerOf, type ReadKey } from "../keys.ts";
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

/**
 * Computes figures of groups of items, and gives one item for each group when all have come. Of an item nothing is
 * kept but its place in the books, so memory grows with the number of groups alone.
 */
export class AggregateNode extends Node {
  private readonly settings: AggregateSettings;
  /** The keys at which there have to be numbers, each once. */
  private readonly numberKeys: readonly string[];
  private readonly readKeys: readonly ReadKey[];
  private readonly groups = new Map<string, Group>();

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
    return this.groups.size === 0;
  }

  override take(item: Item): void {
    this.taken++;
    const { maxGroups, onError } = this.settings;
    let keys: readonly KeyValue[];
    let values: readonly number[];
    try {
      // Everything but null and undefined can be asked for a key.
      const record = item.value as Readonly<Record<string, unknown>>;
      keys = this.readKeys.map((read) => read(record));
      values = this.numberKeys.map((key) => numberAt(record, key));
    } catch (thrown) {
      this.dispose(item, toAtomicError(thrown, { stage: this.id, agent: this.id }), onError);
      return;
    }
    const name = nameOfKeys(keys);
    let group = this.groups.get(name);
    if (group === undefined) {
      if (this.groups.size >= maxGroups) {
        this.host.fail(tooManyGroups(this.id, maxGroups));
        return;
      }
      const numbers = this.numberKeys.map(() => new Numbers());
      group = { keys, numbers, count: 0, gathering: new Gathering() };
      this.groups.set(name, group);
    }
    group.count++;
    for (const [index, value] of values.entries()) group.numbers[index]?.add(value);
    group.gathering.add(item);
  }

  override resume(): boolean {
    if (!this.inputEnded) return false;
    let moved = false;
    for (const [name, group] of this.groups) {
      if (!this.next.isFree || this.host.hasEnded || !this.host.takesTurn()) return moved;
      this.groups.delete(name);
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
