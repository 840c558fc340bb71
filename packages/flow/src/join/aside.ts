import type { JoinKeyValue } from "./match-table.ts";

/** Where both sides of a join go when the other one is too large for memory. */
export interface Aside {
  /** Whether records come back in the order in which they were put there: then those that match nothing go there, too. */
  readonly keepsOrder: boolean;
  /** A promise when something has to be written. @throws TypeError for what is no JSON, what writing throws */
  addRight(key: JoinKeyValue, record: unknown): Promise<void> | undefined;
  /** @param rest a text without line breaks; a promise when something has to be written */
  addLeft(key: JoinKeyValue, rest: string): Promise<void> | undefined;
  /** Writes what of the other side has not been, when all of it has been added. */
  finishRight(): Promise<void>;
  /** The next of the left side, when both sides have been added; undefined when there are no more. */
  read(): Promise<readonly Matched[] | undefined>;
  close(): Promise<void>;
}

/** What was put aside of the left side, and what there is of the same key. */
export interface Matched {
  readonly key: JoinKeyValue;
  readonly rest: string;
  /** One more than may be asked for where there are too many; undefined where there is nothing. */
  readonly found: readonly unknown[] | undefined;
}
