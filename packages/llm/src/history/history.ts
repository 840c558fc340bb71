import type { HistoryDump } from "./history-dump.ts";
import type { Message, Turn } from "./message.ts";

/**
 * A conversation, in whole turns. `createHistory` makes one in memory; an object of one's own may stand in its place.
 * Its messages are frozen copies of those that it was given; instances of classes, such as dates, must not be changed.
 */
export interface History {
  /** Oldest first. Another array after each change, so that who holds one keeps what it was. */
  readonly turns: readonly Turn[];
  /** The messages of all turns. */
  readonly messages: readonly Message[];
  /**
   * Adds a turn, all of it at once: a call that fails has added nothing. Then the oldest turns go until the limits hold.
   *
   * @param id a new one when absent
   * @throws AtomicError `CONFIG` for a turn without messages, a message that is none, or an id that is there already
   */
  readonly add: (messages: readonly Message[], id?: string) => Turn;
  /**
   * Adds messages to the latest turn, for what a program has done on its own since; begins a turn when there is none.
   *
   * @throws AtomicError `CONFIG` as `add`
   */
  readonly append: (messages: readonly Message[]) => Turn;
  /** Takes a turn away. @throws AtomicError `CONFIG` for an id that is not there; it names those that are */
  readonly deleteTurn: (id: string) => void;
  /** Goes back to the turns that it began with. */
  readonly reset: () => void;
  /** An independent history with the same turns, beginning and limits. */
  readonly copy: () => History;
  /** All of it as plain JSON, media included. `loadHistory` makes a history of it. */
  readonly dump: () => HistoryDump;
}
