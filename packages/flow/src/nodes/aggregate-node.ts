import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { type Calculation, Numbers } from "../aggregate.ts";
import { isWhole, Item } from "../item.ts";
import { Node, type RecordPolicy } from "./node.ts";

/** What an aggregation computes, with its options filled in. */
export interface AggregateSettings {
  readonly by: readonly string[];
  readonly calculate: Readonly<Record<string, Calculation>>;
  readonly maxGroups: number;
  readonly onError: RecordPolicy;
}

interface Group {
  readonly keys: readonly unknown[];
  readonly numbers: readonly Numbers[];
  count: number;
  /** The number of its first record in the source. */
  readonly number: number;
  wholeCount: number;
  readonly members: Item[];
}

/**
 * Computes figures of groups of items, and gives one item for each group when all have come. Of an item nothing is
 * kept but its place in the books, so memory grows with the number of groups alone.
 */
export class AggregateNode extends Node {
  private readonly settings: AggregateSettings;
  /** The keys at which there have to be numbers, each once. */
  private readonly numberKeys: readonly string[];
  private readonly groups = new Map<string, Group>();

  constructor(id: string, settings: AggregateSettings) {
    super(id);
    this.settings = settings;
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
    const { by, maxGroups, onError } = this.settings;
    let keys: readonly unknown[];
    let values: readonly number[];
    try {
      // Everything but null and undefined can be asked for a key.
      const record = item.value as Readonly<Record<string, unknown>>;
      keys = by.map((key) => groupValue(record, key));
      values = this.numberKeys.map((key) => numberAt(record, key));
    } catch (thrown) {
      this.dispose(item, toAtomicError(thrown, { stage: this.id, agent: this.id }), onError);
      return;
    }
    const name = nameOf(keys);
    let group = this.groups.get(name);
    if (group === undefined) {
      if (this.groups.size >= maxGroups) {
        this.host.fail(tooManyGroups(this.id, maxGroups));
        return;
      }
      const numbers = this.numberKeys.map(() => new Numbers());
      group = { keys, numbers, count: 0, number: item.number, wholeCount: 0, members: [] };
      this.groups.set(name, group);
    }
    group.count++;
    for (const [index, value] of values.entries()) group.numbers[index]?.add(value);
    if (isWhole(item)) group.wholeCount++;
    else group.members.push(item);
  }

  override resume(): boolean {
    if (!this.inputEnded) return false;
    let moved = false;
    for (const [name, group] of this.groups) {
      if (!this.next.isFree || this.host.hasEnded) return moved;
      this.groups.delete(name);
      const item = new Item(this.figuresOf(group), undefined, group.members);
      item.number = group.number;
      item.wholeCount = group.wholeCount;
      this.give(item);
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

function groupValue(record: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = record[key];
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean") {
    return value;
  }
  if (typeof value === "number") return value;
  throw new TypeError(
    `"${key}" groups by texts, numbers, true, false or null, not by a value of type ${typeof value}`,
  );
}

function numberAt(record: Readonly<Record<string, unknown>>, key: string): number {
  const value = record[key];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError(
    `"${key}" must be a finite number, got ${typeof value === "number" ? value : typeof value}`,
  );
}

/** A text that is the same for the same values alone. */
function nameOf(keys: readonly unknown[]): string {
  return keys
    .map((key) => (typeof key === "string" ? `${key.length}:${key}` : `${typeof key} ${String(key)}`))
    .join(",");
}

function tooManyGroups(stage: string, maxGroups: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxGroups} groups`, {
    stage,
    details: { thrown: "too many groups" },
    retryable: false,
    hint: "Group by keys with fewer values, or raise maxGroups, if there is memory for it.",
  });
}
