import type { GroupFigures } from "../aggregation/figures.ts";
import type { Gathering } from "../gathering.ts";
import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";

/** What is open of the windows of a stage. */
export interface WindowStore {
  /** How many groups are kept. */
  readonly size: number;
  /** Up to here windows are over: a time at or after the end of the first of them; `Infinity` while there is none. */
  readonly nextEndMs: number;
  /**
   * Where a record of a time is to be put, for all of its windows that end after `closedMs`; undefined where there is none
   * such, and then nothing has changed.
   */
  placeFor(timeMs: number, keys: readonly KeyValue[], closedMs: number): WindowPlace | undefined;
  /** The end of the last window that a time belongs to, or would by itself. */
  lastEndOf(timeMs: number): number;
  /** Takes out what is over at a moment, in the order of ends, then of first appearance: one window's groups or one. */
  takeNext(closedMs: number): readonly Closed[];
}

/** What is kept of records that belong to the same windows and group. */
export interface WindowPlace {
  readonly figures: GroupFigures;
  readonly gathering: Gathering;
}

/** The result of one group in a window that is over. */
export interface Closed {
  /** Makes the item that goes on; called once. */
  readonly toItem: () => Item;
}
