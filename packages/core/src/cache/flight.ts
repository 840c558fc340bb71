import type { Scope } from "../run/scope.ts";
import type { CacheKey } from "./cache-store.ts";
import type { ContentKey } from "./cache-key.ts";
import type { KeyTable, Keyed } from "./key-table.ts";

/** What becomes of a call that has waited for another one. */
export type Landing =
  /** The other one has got this. */
  | { readonly kind: "content"; readonly content: unknown }
  /** The agent has failed, as it would have for this call. */
  | { readonly kind: "failure"; readonly thrown: unknown }
  /** The other one was given up on: this call does the work. */
  | { readonly kind: "lead" }
  /** What the other one has got cannot be shared. */
  | { readonly kind: "alone" };

interface Waiter {
  readonly ctx: Scope;
  readonly land: (landing: Landing) => void;
}

/**
 * Calls with the same key at the same time. One of them leads and does the work, the others wait for what it gets. When
 * the leader's attempt is given up on, the call that has waited longest takes the lead.
 */
export class Flight implements Keyed<Flight> {
  readonly key: CacheKey;
  next: Flight | undefined = undefined;
  /** Whose work the others wait for. */
  leader: Scope;
  private readonly flights: KeyTable<Flight>;
  /** In the order in which they came. Made when there is one: mostly there is none. */
  private waiting: Set<Waiter> | undefined = undefined;
  private landing: Landing | undefined = undefined;
  private readonly onGivenUp = (): void => this.passOn();

  constructor(flights: KeyTable<Flight>, key: ContentKey, leader: Scope) {
    this.flights = flights;
    this.key = key;
    this.leader = leader;
    flights.add(this);
    leader.whenGivenUp(this.onGivenUp);
  }

  /** Waits for what the leader gets; stays pending when the attempt is given up on. */
  wait(ctx: Scope): Promise<Landing> {
    if (this.landing !== undefined) return Promise.resolve(this.landing);
    return new Promise((resolve) => {
      this.waiting ??= new Set();
      const { waiting } = this;
      const endWait = ctx.beginWait();
      const leave = (): void => {
        waiting.delete(waiter);
        endWait();
      };
      const land = (landing: Landing): void => {
        endWait();
        ctx.forget(leave);
        resolve(landing);
      };
      const waiter: Waiter = { ctx, land };
      waiting.add(waiter);
      ctx.whenGivenUp(leave);
    });
  }

  /** Whether an attempt leads, and has not been given up on. */
  isLedBy(ctx: Scope): boolean {
    return this.leader === ctx && ctx.ended === undefined;
  }

  /** Tells all who wait, and who come until the flight is closed, what has become of the work. */
  land(landing: Landing): void {
    this.landing = landing;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) for (const waiter of waiting) waiter.land(landing);
  }

  /** Ends the flight: the next call with this key begins anew. */
  close(): void {
    this.leader.forget(this.onGivenUp);
    this.flights.remove(this);
  }

  /** Has the call that has waited longest do the work, for the leader does not finish it. */
  passOn(): void {
    const [next] = this.waiting ?? [];
    if (next === undefined) {
      this.close();
      return;
    }
    this.waiting?.delete(next);
    this.leader.forget(this.onGivenUp);
    this.leader = next.ctx;
    next.ctx.whenGivenUp(this.onGivenUp);
    next.land({ kind: "lead" });
  }
}
