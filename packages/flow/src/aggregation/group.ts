import { Gathering } from "../gathering.ts";
import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import { type Figures, GroupFigures, type KeptFigures } from "./figures.ts";

/** What is kept of one group, and of the records that it is made of. */
export class Group extends GroupFigures {
  readonly keys: readonly KeyValue[];
  /** The number of its first record that came without an item. */
  private number: number;
  /** Those of its records that came as items. */
  private gathering: Gathering | undefined = undefined;
  private itemCount = 0;

  constructor(figures: Figures, keys: readonly KeyValue[], number: number, before?: KeptFigures) {
    super(figures, before);
    this.keys = keys;
    this.number = number;
  }

  /** Takes the record that was read last; of those that came without an item the first tells the number. */
  addNumbered(number: number): void {
    if (this.count === this.itemCount) this.number = number;
    this.add();
  }

  /** Takes the record that was read last, whose item is gathered elsewhere. */
  addGathered(): void {
    this.add();
    this.itemCount++;
  }

  /** Takes what was gathered elsewhere, which may be of records that it has. */
  adopt(gathering: Gathering, itemCount = 0): void {
    this.gathering = gathering;
    this.itemCount += itemCount;
  }

  /** One item in the place of all. */
  toItem(value: unknown): Item {
    const gathering = this.gathering ?? new Gathering();
    gathering.addWholes(this.count - this.itemCount, this.number);
    return gathering.toItem(value);
  }
}
