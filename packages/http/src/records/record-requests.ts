import type { AtomicError, Clock } from "@atomic-agents/core";
import { overloaded } from "../gate/gate.ts";

/** How much requests of `/records` may take together. */
export interface RecordRequestLimits {
  readonly maxRecordRequests: number;
  readonly maxRecordsInFlight: number;
  readonly maxBodyBytes: number;
}

/** A request of `/records` that is open. */
export interface RecordRequest {
  /** Since when it is its caller who is waited for, to send or to take; undefined while something is done for it. */
  readonly idleSinceMs: number | undefined;
  /** Ends it, with that as its last answer where the caller takes answers. */
  readonly end: (error: AtomicError) => void;
}

/** How long a caller is waited for at least before its request makes room for another one. */
const leastIdleMs = 1_000;

/**
 * The open requests of `/records`, of which there are so many at most. One that does nothing costs little and may stay for
 * long, so callers who are slow on purpose could take all the room: when there is none, who has been waited for longest
 * has to go.
 */
export class RecordRequests {
  readonly #limits: RecordRequestLimits;
  readonly #clock: Clock;
  /** With the bytes that each of them has kept: of a line that has not ended, and of answers that nobody has taken. */
  readonly #open = new Map<RecordRequest, number>();
  #bytes = 0;

  constructor(limits: RecordRequestLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Makes room for one more; gives what it is refused with when there is none. */
  refusal(): AtomicError | undefined {
    if (this.#open.size < this.#limits.maxRecordRequests) return undefined;
    const { idlest, idleSinceMs } = this.#idlest();
    if (idlest === undefined || this.#clock.now() - idleSinceMs < leastIdleMs) {
      return overloaded("more requests of records than it has room for");
    }
    this.#end(idlest, overloaded("no room for a request of records that does nothing while others come"));
    return undefined;
  }

  add(request: RecordRequest): void {
    this.#open.set(request, 0);
  }

  remove(request: RecordRequest): void {
    this.#bytes -= this.#open.get(request) ?? 0;
    this.#open.delete(request);
  }

  /** Notes that a request has kept so many bytes more, or fewer. While all keep too many, the idlest has to go. */
  keep(request: RecordRequest, bytes: number): void {
    const before = this.#open.get(request);
    if (before === undefined) return;
    this.#open.set(request, before + bytes);
    this.#bytes += bytes;
    const { maxRecordsInFlight, maxBodyBytes } = this.#limits;
    while (bytes > 0 && this.#bytes > maxRecordsInFlight * maxBodyBytes) {
      const { idlest } = this.#idlest((kept) => kept > 0);
      if (idlest === undefined) return;
      this.#end(idlest, overloaded("more records half read and answers unread than it has room for"));
    }
  }

  /** Ends those that do nothing but wait for their callers. */
  endIdle(why: string): void {
    const untilMs = this.#clock.now() - leastIdleMs;
    for (const request of this.#open.keys()) {
      const { idleSinceMs } = request;
      if (idleSinceMs !== undefined && idleSinceMs <= untilMs) this.#end(request, overloaded(why));
    }
  }

  #end(request: RecordRequest, error: AtomicError): void {
    this.remove(request);
    request.end(error);
  }

  #idlest(isMeant: (bytes: number) => boolean = () => true): {
    readonly idlest: RecordRequest | undefined;
    readonly idleSinceMs: number;
  } {
    let idlest: RecordRequest | undefined;
    let idleSinceMs = Number.POSITIVE_INFINITY;
    for (const [request, bytes] of this.#open) {
      const sinceMs = request.idleSinceMs ?? Number.POSITIVE_INFINITY;
      if (sinceMs >= idleSinceMs || !isMeant(bytes)) continue;
      idlest = request;
      idleSinceMs = sinceMs;
    }
    return { idlest, idleSinceMs };
  }
}
