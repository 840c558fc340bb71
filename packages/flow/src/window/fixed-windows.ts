import type { Figures, GroupFigures } from "../aggregation/figures.ts";
import { Gathering } from "../gathering.ts";
import { groupOf, Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import { KeyTree } from "./key-tree.ts";
import { MinHeap } from "./min-heap.ts";
import type { WindowRecord } from "./window-record.ts";
import type { Closed, WindowPlace, WindowStore } from "./window-store.ts";

/** Windows of one size that begin at regular times. */
export interface FixedWindowSettings {
  readonly sizeMs: number;
  /** How far the beginnings are apart: as far as windows are long unless they overlap. */
  readonly everyMs: number;
  /** When one of them begins. */
  readonly offsetMs: number;
}

/** The records of one group in one slice. */
interface Cell {
  readonly keys: readonly KeyValue[];
  /** In which order cells have appeared. */
  readonly number: number;
  readonly figures: GroupFigures;
  readonly slice: Slice;
  /** Records that are in no result so far. */
  gathering: Gathering;
  /** Records that are in some, each part with as many open ends as there are windows that it belongs to. */
  readonly given: Item[];
}

/** A span of time whose records belong to the same windows. */
interface Slice {
  readonly startMs: number;
  readonly endMs: number;
  /** How many windows it belongs to that are still open. */
  windowCount: number;
  readonly tree: KeyTree<Cell>;
  readonly cells: Cell[];
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly slices: Slice[];
}

/**
 * Keeps windows of one size. Where they overlap, time is cut at all their beginnings and ends, and what is between two cuts
 * is kept once, and merged into each window as that ends (Krishnamurthy, Wu and Franklin, "On-the-fly sharing for streamed
 * aggregation", SIGMOD 2006): a record costs the same however many windows it belongs to.
 */
export class FixedWindows implements WindowStore {
  private readonly stage: string;
  private readonly settings: FixedWindowSettings;
  private readonly figures: Figures;
  private readonly recordOf: WindowRecord;
  /** How far after the beginning of a window others end; 0 where they end as it begins. */
  private readonly cutMs: number;
  /** By their beginnings. */
  private readonly slices = new Map<number, Slice>();
  /** The two that were looked for last: records that are out of order go to and fro. */
  private lastSlice: Slice | undefined = undefined;
  private sliceBefore: Slice | undefined = undefined;
  /** By their beginnings. */
  private readonly windows = new Map<number, Window>();
  private readonly heap = new MinHeap<Window>((first, second) => first.endMs < second.endMs);
  private cellCount = 0;
  private number = 0;

  constructor(stage: string, settings: FixedWindowSettings, figures: Figures, recordOf: WindowRecord) {
    this.stage = stage;
    this.settings = settings;
    this.figures = figures;
    this.recordOf = recordOf;
    this.cutMs = settings.sizeMs % settings.everyMs;
  }

  get size(): number {
    return this.cellCount;
  }

  get nextEndMs(): number {
    return this.heap.first?.endMs ?? Number.POSITIVE_INFINITY;
  }

  /** Of all windows with a time that which begins last also ends last. */
  private lastStartOf(timeMs: number): number {
    const { everyMs, offsetMs } = this.settings;
    return Math.floor((timeMs - offsetMs) / everyMs) * everyMs + offsetMs;
  }

  lastEndOf(timeMs: number): number {
    return this.lastStartOf(timeMs) + this.settings.sizeMs;
  }

  placeFor(timeMs: number, keys: readonly KeyValue[], closedMs: number): WindowPlace | undefined {
    let slice = this.lastSlice;
    if (slice === undefined || timeMs < slice.startMs || timeMs >= slice.endMs) {
      const { sliceBefore } = this;
      this.sliceBefore = slice;
      slice = sliceBefore;
      if (slice === undefined || timeMs < slice.startMs || timeMs >= slice.endMs) {
        const beginMs = this.lastStartOf(timeMs);
        if (beginMs + this.settings.sizeMs <= closedMs) {
          this.sliceBefore = sliceBefore;
          return undefined;
        }
        slice = this.sliceAt(timeMs, beginMs, closedMs);
      }
      this.lastSlice = slice;
    }
    let cell = slice.tree.get(keys);
    if (cell === undefined) {
      cell = {
        keys: [...keys],
        number: this.number++,
        figures: this.figures.createGroup(),
        slice,
        gathering: new Gathering(),
        given: [],
      };
      this.cellCount++;
      slice.tree.set(cell.keys, cell);
      slice.cells.push(cell);
    }
    return cell;
  }

  private sliceAt(timeMs: number, beginMs: number, closedMs: number): Slice {
    const { cutMs } = this;
    const { everyMs, sizeMs } = this.settings;
    const cutAtMs = beginMs + cutMs;
    const startMs = timeMs < cutAtMs ? beginMs : cutAtMs;
    const known = this.slices.get(startMs);
    if (known !== undefined) return known;
    const endMs = timeMs < cutAtMs ? cutAtMs : beginMs + everyMs;
    const slice: Slice = { startMs, endMs, windowCount: 0, tree: new KeyTree(), cells: [] };
    this.slices.set(startMs, slice);
    for (let atMs = beginMs; atMs + sizeMs >= endMs && atMs + sizeMs > closedMs; atMs -= everyMs) {
      let window = this.windows.get(atMs);
      if (window === undefined) {
        window = { startMs: atMs, endMs: atMs + sizeMs, slices: [] };
        this.windows.set(atMs, window);
        this.heap.add(window);
      }
      window.slices.push(slice);
      slice.windowCount++;
    }
    return slice;
  }

  takeNext(closedMs: number): readonly Closed[] {
    const { heap, windows } = this;
    const window = heap.first;
    if (window === undefined || window.endMs > closedMs) return [];
    heap.take();
    windows.delete(window.startMs);
    const { slices } = window;
    const closed =
      slices.length === 1 && slices[0]?.windowCount === 1
        ? slices[0].cells.map((cell) => this.closeCell(window, cell))
        : this.closeCells(
            window,
            slices.flatMap(({ cells }) => cells),
          );
    for (const slice of slices) {
      slice.windowCount--;
      if (slice.windowCount > 0) continue;
      this.slices.delete(slice.startMs);
      this.cellCount -= slice.cells.length;
      if (this.lastSlice === slice) this.lastSlice = undefined;
      if (this.sliceBefore === slice) this.sliceBefore = undefined;
    }
    return closed;
  }

  /** Of a group whose records belong to no other window. */
  private closeCell(window: Window, { keys, figures, gathering, given }: Cell): Closed {
    return {
      toItem: () => {
        const value = this.recordOf(keys, window.startMs, window.endMs, figures);
        if (given.length === 0) return groupOf(gathering.toItem(value), this.stage);
        if (!gathering.isEmpty) given.push(groupOf(gathering.toItem(undefined), this.stage));
        return groupOf(new Item(value, undefined, given), this.stage);
      },
    };
  }

  private closeCells(window: Window, cells: Cell[]): readonly Closed[] {
    const groups = new KeyTree<Cell[]>();
    const inOrder: Cell[][] = [];
    for (const cell of cells.toSorted((first, second) => first.number - second.number)) {
      this.giveOf(cell);
      const group = groups.get(cell.keys);
      if (group === undefined) {
        const begun = [cell];
        groups.set(cell.keys, begun);
        inOrder.push(begun);
      } else group.push(cell);
    }
    return inOrder.map((group) => {
      // What comes later, or is given later, belongs to other windows.
      const members = group.flatMap(({ given }) => given);
      const figures = this.figures.createGroup();
      for (const cell of group) figures.merge(cell.figures);
      const keys = group[0]?.keys ?? [];
      return {
        toItem: () =>
          groupOf(
            new Item(this.recordOf(keys, window.startMs, window.endMs, figures), undefined, members),
            this.stage,
          ),
      };
    });
  }

  /** Has what has come since the last of its windows be one part, which ends with the last window that it belongs to. */
  private giveOf(cell: Cell): void {
    if (cell.gathering.isEmpty) return;
    const part = groupOf(cell.gathering.toItem(undefined), this.stage);
    part.open = cell.slice.windowCount;
    cell.given.push(part);
    cell.gathering = new Gathering();
  }
}
