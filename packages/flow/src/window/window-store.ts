import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";

/** What is open of the windows of a stage. */
export interface WindowStore {
  /** How many groups are kept. */
  readonly size: number;
  /** Up to here windows are over: a time at or after the end of the first of them; `Infinity` while there is none. */
  readonly nextEndMs: number;
  /**
   * Adds the record that the figures have read last to the windows of its time that end after `closedMs`. Where there is
   * none such, nothing is done, and the end of the last one that there was is given.
   */
  add(item: Item, timeMs: number, keys: readonly KeyValue[], closedMs: number): number | undefined;
  /** Takes out what is over at a moment, in the order of ends, then of first appearance: one window's groups or one. */
  takeNext(closedMs: number): readonly Closed[];
}

/** The result of one group in a window that is over. */
export interface Closed {
  /** Makes the item that goes on; called once. */
  readonly toItem: () => Item;
}
