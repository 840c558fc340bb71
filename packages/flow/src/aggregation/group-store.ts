import { Gathering } from "../gathering.ts";
import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import type { Cell } from "./column.ts";
import type { Figures } from "./figures.ts";
import { Group } from "./group.ts";
import type { NumberColumn } from "./number-column.ts";

/** As many groups have their numbers in one array: 2 ** 10. */
const pageBits = 10;
const pageMask = 2 ** pageBits - 1;

/**
 * Groups in the order in which they first appeared, by their places. What is kept of them lies side by side and not in an object
 * each: of many groups most of the time goes into getting at memory, and this has one place of it to get at.
 */
export class GroupStore {
  /** How many groups there have been. */
  length = 0;
  private readonly figures: Figures;
  /** How many keys groups have. */
  private readonly width: number;
  /** The count of records, and the numbers of the columns. */
  private readonly stride: number;
  private readonly pages: Float64Array[] = [];
  /** Only where the figures have such. */
  private readonly cells: (readonly Cell[])[] = [];
  private readonly keys: KeyValue[] = [];
  private readonly firstNumbers: number[] = [];
  /** Of the groups that have had records as items. */
  private readonly gatherings: (Gathering | undefined)[] = [];
  private readonly itemCounts: number[] = [];

  constructor(figures: Figures, width: number) {
    this.figures = figures;
    this.width = width;
    this.stride = 1 + figures.nothing.length;
  }

  /** Has one more group, without records. */
  add(keys: readonly KeyValue[], number: number): number {
    const { figures, stride } = this;
    const place = this.length++;
    const at = (place & pageMask) * stride;
    if (at === 0) this.pages.push(new Float64Array(stride << pageBits));
    // It is there from the first group of the page on.
    (this.pages[place >> pageBits] as Float64Array).set(figures.nothing, at + 1);
    if (figures.hasCells) this.cells.push(figures.createCells());
    for (const key of keys) this.keys.push(key);
    this.firstNumbers.push(number);
    return place;
  }

  /** Has a group take the record that was read last. */
  take(place: number): void {
    const { numbers, hasCells } = this.figures;
    const page = this.pages[place >> pageBits] as Float64Array;
    const at = (place & pageMask) * this.stride;
    page[at] = (page[at] as number) + 1;
    for (let index = 0; index < numbers.length; index++) (numbers[index] as NumberColumn).add(page, at + 1);
    if (hasCells) this.takeCells(place);
  }

  private takeCells(place: number): void {
    const cells = this.cells[place] as readonly Cell[];
    for (let index = 0; index < cells.length; index++) (cells[index] as Cell).add();
  }

  /** The same of a record of which there is nothing but a number of one column. */
  takeNumber(place: number, column: NumberColumn, value: number): void {
    const page = this.pages[place >> pageBits] as Float64Array;
    const at = (place & pageMask) * this.stride;
    page[at] = (page[at] as number) + 1;
    column.addNumber(page, at + 1, value);
  }

  /** The same of an item. */
  takeItem(place: number, item: Item): void {
    this.take(place);
    while (this.gatherings.length <= place) {
      this.gatherings.push(undefined);
      this.itemCounts.push(0);
    }
    (this.gatherings[place] ??= new Gathering()).add(item);
    this.itemCounts[place] = (this.itemCounts[place] as number) + 1;
  }

  /** A group, to be given: it is not in here any more. */
  give(place: number): Group {
    const { figures, width, pages, gatherings, keys } = this;
    const page = pages[place >> pageBits] as Float64Array;
    const at = (place & pageMask) * this.stride;
    const own = keys.slice(place * width, (place + 1) * width);
    const group = new Group(figures, own, this.firstNumbers[place] as number, {
      count: page[at] as number,
      kept: page,
      at: at + 1,
      cells: this.cells[place] ?? figures.createCells(),
    });
    const gathering = gatherings[place];
    if (gathering !== undefined) group.adopt(gathering, this.itemCounts[place]);
    // Groups are given in their order, and need not be held for longer.
    gatherings[place] = undefined;
    if (figures.hasCells) this.cells[place] = [];
    return group;
  }
}
