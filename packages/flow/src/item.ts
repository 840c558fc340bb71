import type { AtomicError, StageListener } from "@atomic-agents/core";
import type { LineOffsets } from "./source.ts";

/** What has become of a record; of several parts the highest counts. */
export const fate = { filtered: 0, delivered: 1, deadLettered: 2 } as const;
export type Fate = (typeof fate)[keyof typeof fate];

/**
 * Records that have become part of a group while something of them is elsewhere, such as with the sink of a tee, or has
 * ended there. What is elsewhere holds them; the group only counts them.
 */
export class Joined {
  /** How many there are. */
  count = 0;
  /** What became of what was elsewhere, of those for which that is known. */
  private readonly ends: [number, number, number] = [0, 0, 0];
  private groupEnded: Fate | undefined = undefined;

  add(item: Item): void {
    this.count++;
    item.joined = this;
    item.open--;
    if (item.open === 0) this.ends[item.ended]++;
  }

  /** The group has ended. */
  close(ended: Fate, ledger: Ledger): void {
    this.groupEnded = ended;
    for (const [index, count] of this.ends.entries()) {
      // An index of fates.
      if (count > 0) ledger.settle(Math.max(index, ended) as Fate, count);
    }
  }

  /** What was elsewhere of one of them has ended. */
  leave(ended: Fate, ledger: Ledger): void {
    const { groupEnded } = this;
    if (groupEnded === undefined) this.ends[ended]++;
    else ledger.settle(ended > groupEnded ? ended : groupEnded);
  }
}

/** The stage that works on an item, and is told how that ended. */
export interface Worker {
  readonly done: (item: Item, output: unknown) => void;
  readonly failed: (item: Item, error: AtomicError, attempts: number) => void;
}

/** Told when a record of the source has ended. */
export interface Ledger {
  readonly settle: (ended: Fate, count?: number) => void;
}

/**
 * A record on its way. One of the source is its own origin; what is split off has it as `parent`, and a group has those
 * it was made of as `members`. So each record of the source ends exactly once: when nothing that came of it is open.
 *
 * It is its own listener to the stage that works on it, which saves a promise and a closure a record.
 */
export class Item implements StageListener<unknown> {
  value: unknown;
  readonly parent: Item | undefined;
  readonly members: readonly Item[] | undefined;
  /** How much of it is still on its way. */
  open = 1;
  ended: Fate = fate.filtered;
  /** Counted from 1 in the order of the source; 0 for what the flow has made. */
  number = 0;
  file: string | undefined = undefined;
  line = 0;
  byteOffset = -1;
  offsets: LineOffsets | undefined = undefined;
  /** Of a group: how many records of the source are in it of which it keeps no item. */
  wholeCount = 0;
  /** Of a group: those of them of which something is elsewhere. Of such a record: the same. */
  joined: Joined | undefined = undefined;
  worker: Worker | undefined = undefined;
  /** In a stage that keeps order: whether it may go on, or is gone. */
  state: "working" | "ready" | "gone" = "working";

  constructor(value: unknown, parent?: Item, members?: readonly Item[]) {
    this.value = value;
    this.parent = parent;
    this.members = members;
  }

  // Methods, not properties, so that an item need not carry them: nothing takes them off the item.
  resolve(output: unknown): void {
    this.worker?.done(this, output);
  }

  reject(error: AtomicError, attempts: number): void {
    this.worker?.failed(this, error, attempts);
  }
}

/**
 * Has a group know the stage that its members went into, for they are told apart, and may go in there again, should the
 * group fail. It has no file of its own, and keeps it there.
 */
export function groupOf(group: Item, stage: string): Item {
  group.file = stage;
  return group;
}

/** The id of the stage that a group's members went into. */
export function stageOfMembers(group: Item): string {
  return group.file ?? "";
}

/** Whether it is a record of the source of which nothing has been split off, given elsewhere or ended. */
export function isWhole(item: Item): boolean {
  return item.parent === undefined && item.members === undefined && isUntouched(item);
}

/** Whether nothing of it is anywhere else, or has ended. */
export function isUntouched(item: Item): boolean {
  return item.open === 1 && item.ended === fate.filtered;
}

/** Has an item that waits for long know by itself where it is from: what else knows holds much memory. */
export function fixPlace(item: Item): void {
  const origin = originOf(item);
  if (origin.offsets === undefined) return;
  origin.byteOffset = origin.offsets.offsetOf(origin.line);
  origin.offsets = undefined;
}

/** Ends one part of an item, and whatever ends with it. */
export function close(item: Item, ended: Fate, ledger: Ledger): void {
  let part = item;
  let worst = ended;
  for (;;) {
    if (worst > part.ended) part.ended = worst;
    worst = part.ended;
    part.open--;
    if (part.open > 0) return;
    if (part.members !== undefined) {
      for (const member of part.members) close(member, worst, ledger);
      const wholeCount = part.wholeCount - (part.joined?.count ?? 0);
      if (wholeCount > 0) ledger.settle(worst, wholeCount);
      part.joined?.close(worst, ledger);
      return;
    }
    if (part.parent === undefined) {
      if (part.joined === undefined) ledger.settle(worst);
      else part.joined.leave(worst, ledger);
      return;
    }
    part = part.parent;
  }
}

/** The record of the source that an item came of; of a group's the first. */
export function originOf(item: Item): Item {
  let part = item;
  for (;;) {
    const above: Item | undefined = part.members === undefined ? part.parent : part.members[0];
    if (above === undefined) return part;
    part = above;
  }
}
