import { Gathering } from "../gathering.ts";
import { isWhole, type Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import { isInherited } from "../member.ts";
import type { OverflowRow, OverflowRows } from "../overflow/overflow.ts";
import { textOfKeys, textOfValues, valuesOfText } from "../overflow/stored-values.ts";
import type { Figures } from "./figures.ts";
import { Group } from "./group.ts";

/** In the place of a number: of a record that came as an item, which is gathered. */
const gathered = 0;

/**
 * Records of groups for which there is no room in memory. What the figures need of each is put elsewhere, and comes back group
 * by group, to be added up by the same code: so the figures are those that memory would have given. Of an item that is more than a
 * record of the source, such as a part of a split, the item is kept.
 */
export class GroupOverflow {
  private readonly figures: Figures;
  private readonly rows: OverflowRows;
  private readonly gatherings = new Map<string, Gathering>();
  private page: readonly OverflowRow[] = [];
  private at = 0;
  /** The group whose records come. */
  private group: Group | undefined = undefined;
  /** Whether all has come back. */
  private hasEnded = false;
  private isUsed = false;
  /** What comes back of a record, one after another. Any text may be a key of it. */
  private readonly record = Object.create(null) as Record<string, unknown>;

  constructor(figures: Figures, rows: OverflowRows) {
    this.figures = figures;
    this.rows = rows;
  }

  get isFull(): boolean {
    return this.rows.isFull;
  }

  /** Whether it has nothing that has not been given. */
  get isEmpty(): boolean {
    return !this.isUsed || (this.hasEnded && this.group === undefined);
  }

  /** Takes the record that was read last, and its number in the source. */
  put(record: unknown, keys: readonly KeyValue[], number: number): void {
    this.isUsed = true;
    const { figures } = this;
    figures.fix();
    // The figures have read it.
    const values = record as Readonly<Record<string, unknown>>;
    const kept = figures.keys.map((key) => (isInherited(values, key) ? undefined : values[key]));
    this.rows.put(textOfKeys(keys), number, textOfValues(kept));
  }

  /** The same of an item. */
  putItem(item: Item, keys: readonly KeyValue[]): void {
    if (isWhole(item)) {
      this.put(item.value, keys, item.number);
      return;
    }
    const name = textOfKeys(keys);
    const gathering = this.gatherings.get(name) ?? new Gathering();
    this.gatherings.set(name, gathering);
    gathering.add(item);
    this.put(item.value, keys, gathered);
  }

  flush(): Promise<void> {
    return this.rows.flush();
  }

  /** Has more come back, for `next`. */
  async read(): Promise<void> {
    const page = await this.rows.read();
    this.page = page ?? [];
    this.at = 0;
    if (page === undefined) this.hasEnded = true;
  }

  /** The next group of which all records have come back; undefined when more has to be read, or there is none. */
  next(): Group | undefined {
    const { figures, page } = this;
    for (; this.at < page.length; this.at++) {
      // Below the length there is one at each place.
      const { key, number, data } = page[this.at] as OverflowRow;
      if (key !== null) {
        const before = this.group;
        const group = new Group(figures, valuesOfText(key), number);
        this.group = group;
        const gathering = this.gatherings.get(key);
        if (gathering !== undefined) group.adopt(gathering);
        this.gatherings.delete(key);
        if (before !== undefined) {
          this.takeRow(number, data);
          this.at++;
          return before;
        }
      }
      this.takeRow(number, data);
    }
    if (!this.hasEnded) return undefined;
    const last = this.group;
    this.group = undefined;
    return last;
  }

  close(): Promise<void> {
    return this.rows.close();
  }

  private takeRow(number: number, data: string): void {
    const { figures, group } = this;
    const values = valuesOfText(data);
    for (let index = 0; index < values.length; index++)
      this.record[figures.keys[index] ?? ""] = values[index];
    figures.read(this.record);
    if (number === gathered) group?.addGathered();
    else group?.addNumbered(number);
  }
}
