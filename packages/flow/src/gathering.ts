import { fixPlace, groupOf, isWhole, Item, Joined } from "./item.ts";

/** Items that end together, of which no more is kept than is needed for that: of most a count. */
export class Gathering {
  private readonly members: Item[] = [];
  private wholeCount = 0;
  private joined: Joined | undefined = undefined;
  /** The number of its first record in the source. */
  private number = 0;

  get isEmpty(): boolean {
    return this.wholeCount === 0 && this.members.length === 0;
  }

  add(item: Item): void {
    if (this.isEmpty) this.number = item.number;
    if (isWhole(item)) this.wholeCount++;
    else if (item.parent === undefined && item.members === undefined) {
      // A tee's sink has had it, too.
      this.wholeCount++;
      this.joined ??= new Joined();
      this.joined.add(item);
    } else {
      fixPlace(item);
      this.members.push(item);
    }
  }

  /**
   * Takes over what another has gathered, which may not be used any more.
   *
   * @param stage the id of the stage that gathers
   */
  merge(other: Gathering, stage: string): void {
    if (other.isEmpty) return;
    if (this.joined !== undefined && other.joined !== undefined) {
      // What is elsewhere of the others holds the others: they stay a group.
      this.members.push(groupOf(other.toItem(undefined), stage));
      return;
    }
    this.number = this.isEmpty ? other.number : Math.min(this.number, other.number);
    this.wholeCount += other.wholeCount;
    this.joined ??= other.joined;
    for (const member of other.members) this.members.push(member);
  }

  /** Records of the source of which there are no items, and the number of the first of them. */
  addWholes(count: number, number: number): void {
    if (count === 0) return;
    this.number = this.isEmpty ? number : Math.min(this.number, number);
    this.wholeCount += count;
  }

  /** One item in the place of all of them; nothing may be added any more. */
  toItem(value: unknown): Item {
    const item = new Item(value, undefined, this.members);
    item.number = this.number;
    item.wholeCount = this.wholeCount;
    item.joined = this.joined;
    return item;
  }
}
