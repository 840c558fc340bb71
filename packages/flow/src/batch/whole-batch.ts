import { Item } from "../item.ts";

/** Records that a batch has taken from the source without items, which are made when one of them has to be told apart. */
export class WholeBatch extends Item {
  private readonly made: Item[];
  /** A copy of the batch: whoever gets that may change it. */
  private readonly records: readonly unknown[];
  private readonly firstNumber: number;

  constructor(records: readonly unknown[], firstNumber: number) {
    const made: Item[] = [];
    // Not `slice`: where an array has nothing, there is an undefined record.
    super([...records], undefined, made);
    this.made = made;
    this.records = records;
    this.firstNumber = firstNumber;
    this.wholeCount = records.length;
  }

  /** Has it know its members by items. */
  makeItems(): void {
    if (this.wholeCount === 0) return;
    this.wholeCount = 0;
    for (let index = 0; index < this.records.length; index++) {
      const item = new Item(this.records[index]);
      item.number = this.firstNumber + index;
      this.made.push(item);
    }
  }
}

/** Opens whatever batches something came of. */
export function openBatches(item: Item): void {
  for (let part: Item | undefined = item; part !== undefined; part = part.parent) {
    if (part instanceof WholeBatch) part.makeItems();
    else if (part.members !== undefined) for (const member of part.members) openBatches(member);
  }
}
