import type { AtomicError, Context } from "@atomic-agents/core";
import { openBatches } from "../batch/whole-batch.ts";
import { close, fate, type Item, type Ledger } from "../item.ts";

/** What becomes of a record that fails: the flow ends, it is left out, or it is kept apart. */
export type RecordPolicy = "stop" | "drop" | "dead-letter";

/** A record that failed. */
export interface Failure {
  readonly item: Item;
  /** Where it failed. */
  readonly node: Node;
  readonly stage: string;
  readonly agent: string | undefined;
  readonly error: AtomicError;
  readonly attempts: number;
  /** Why it cannot be tried again, where something of it has been done. */
  readonly inputProblem: string | undefined;
}

/** The flow, as its nodes see it. */
export interface Host extends Ledger {
  readonly ctx: Context;
  /** Nothing is to go on any more. */
  readonly hasEnded: boolean;
  /** Something has become possible: moves on whatever can be. */
  readonly wake: () => void;
  /** The same in a moment, once for all that becomes possible meanwhile. */
  readonly wakeSoon: () => void;
  readonly deadLetter: (failure: Failure) => void;
  /** Asked before a node moves on what it holds; false when timers, input and output have to have their turn first. */
  readonly takesTurn: () => boolean;
  /** Ends the flow as failed, because of a record. */
  readonly stop: (failure: Failure) => void;
  /** Ends the flow as failed. */
  readonly fail: (error: AtomicError) => void;
}

/**
 * One place in a flow. Records are handed from node to node by calls, and only to a node that is free: a node that
 * has to wait is not, and so nothing is read that has no place to go.
 */
export abstract class Node {
  readonly id: string;
  taken = 0;
  given = 0;
  filtered = 0;
  deadLettered = 0;
  /** Nothing more will come. */
  inputEnded = false;
  /** Set before the flow begins. */
  declare protected host: Host;
  declare protected next: Node;

  constructor(id: string) {
    this.id = id;
  }

  /** Called once, in the order of the flow, before anything else. */
  join(host: Host, next: Node | undefined): void {
    this.host = host;
    if (next !== undefined) this.next = next;
  }

  /** Whether it takes an item now. */
  abstract get isFree(): boolean;

  /** Takes an item; only called while it is free. */
  abstract take(item: Item): void;

  /** Whether it can take records of the source without items. */
  get absorbs(): boolean {
    return false;
  }

  /**
   * Takes records of an array without items, from one index up to another; the first has the number. It gives the index of
   * the first that it has not taken, which is to come as an item.
   */
  absorb(_values: readonly unknown[], from: number, _to: number, _number: number): number {
    return from;
  }

  /** Whether it holds nothing that has to go on. */
  get isEmpty(): boolean {
    return true;
  }

  get isDone(): boolean {
    return this.inputEnded && this.isEmpty;
  }

  /** Moves on what it holds, where there is room now; true when something moved. */
  resume(): boolean {
    return false;
  }

  /** Lets go of what it has taken from the system; called once, however the flow has ended. */
  close(): Promise<void> | undefined {
    return undefined;
  }

  protected give(item: Item): void {
    this.given++;
    this.next.take(item);
  }

  protected leaveOut(item: Item): void {
    this.filtered++;
    close(item, fate.filtered, this.host);
  }

  /** Does with a failed item what is said. */
  protected dispose(
    item: Item,
    error: AtomicError,
    policy: RecordPolicy,
    attempts = 1,
    agent?: string,
    inputProblem?: string,
  ): void {
    if (policy === "drop") {
      this.leaveOut(item);
      return;
    }
    openBatches(item);
    const failure = { item, node: this, stage: this.id, agent, error, attempts, inputProblem };
    if (policy === "stop") this.host.stop(failure);
    else {
      this.deadLettered++;
      this.host.deadLetter(failure);
    }
  }
}
