import type { Clock } from "@atomic-agents/core";
import type { KeyValue } from "../keys.ts";

/**
 * Where a stage goes on when it has no more room in memory. Made by `duckDb` of `@atomic-agents/flow/duckdb`, so that nothing is
 * loaded that nobody asks for.
 */
export interface Overflow {
  readonly "~overflow": OverflowInternals;
}

/** The brand of an overflow, with what stages need. Nothing is taken from the system before there is something to keep. */
interface OverflowInternals {
  readonly openRows: (settings: OverflowSettings) => OverflowRows;
  readonly openKeys: (settings: OverflowSettings) => OverflowKeys;
  /** @param isDescending of each key */
  readonly openOrder: (settings: OverflowSettings, isDescending: readonly boolean[]) => OverflowOrder;
  readonly openSides: (settings: OverflowSettings, maxMatches: number) => OverflowSides;
}

/** Who needs it, and how long. */
export interface OverflowSettings {
  /** For messages. */
  readonly what: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One row, as it comes back. */
export interface OverflowRow {
  /** Of the first of each group; null in all others. */
  readonly key: string | null;
  readonly number: number;
  readonly data: string;
}

/** Rows that are put in as they come, and come back by groups. */
export interface OverflowRows {
  /** Whether it should be written before more is put in. */
  readonly isFull: boolean;
  put(key: string, number: number, data: string): void;
  /** Writes what has been put in. What is put in meanwhile is for the next time. */
  flush(): Promise<void>;
  /**
   * The next rows; undefined when there are no more. Those of a key come together and as they were put in, keys in the order of
   * their first row. Nothing may be put in any more.
   */
  read(): Promise<readonly OverflowRow[] | undefined>;
  close(): Promise<void>;
}

/** Keys that have been seen. */
export interface OverflowKeys {
  /** Which of these keys, by index, have not been seen before, nor earlier in the list; all of them have from then on. */
  see(keys: readonly string[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Texts that come back in the order of their keys, which is that of `compareKeys`; those that are alike as they were put in. */
export interface OverflowOrder {
  /** Whether it should be written before more is put in. */
  readonly isFull: boolean;
  /** @param data without line breaks */
  put(keys: readonly KeyValue[], data: string): void;
  /** Writes what has been put in. */
  flush(): Promise<void>;
  /** The next texts; undefined when there are no more. Nothing may be put in any more. */
  read(): Promise<readonly string[] | undefined>;
  close(): Promise<void>;
}

/** A text of the left side, and what the other side has of the same key. */
export interface OverflowMatch {
  /** Only where there are too many matches. */
  readonly key: string | null;
  /** In the first row of each text; null in all others. */
  readonly left: string | null;
  /** One of the matches, in the order in which they were put in; null where there is none, or too many. */
  readonly right: string | null;
}

/** Two sides, whose texts have no line breaks. */
export interface OverflowSides {
  /** Whether one of them should be written before more is put in. */
  readonly isFull: boolean;
  putRight(key: string, data: string): void;
  /** @param key undefined where nothing is the same */
  putLeft(key: string | undefined, data: string): void;
  /** Writes what has been put in. */
  flush(): Promise<void>;
  /**
   * The next rows of the left side's texts, in the order in which they were put in; undefined when there are no more. Nothing may
   * be put in any more.
   */
  read(): Promise<readonly OverflowMatch[] | undefined>;
  close(): Promise<void>;
}
