import type { Candidate } from "./strategy.ts";

/** Over which time latency is averaged: what is older counts for less than 1/e. */
export const averageOverMs = 30_000;

const firstRestMs = 100;

/** As long as a circuit breaker stays open: a replica that is well again waits no longer for its next call. */
const longestRestMs = 30_000;

/**
 * What is known of one replica: its calls, how long they take, and whether it rests.
 *
 * After a failure it rests, twice as long after each further one in a row, or a replica that fails at once would look
 * like the fastest and the least busy, and draw all calls. After the rest one call tries it, and until that has ended
 * well it rests on, so that no crowd comes with it. The way is that of nginx's `fail_timeout` (one request after it, and
 * alive only if that succeeds), with a growing time.
 */
export class ReplicaLoad implements Candidate {
  readonly id: string;
  readonly capacity: number;
  active = 0;
  /** How many calls have begun. */
  calls = 0;
  /** How many of them have failed. */
  failures = 0;
  latencyMs: number | undefined = undefined;
  measuredMs = 0;
  restingUntilMs = Number.NEGATIVE_INFINITY;
  /** How often it has failed in a row; what failed at the same time counts once. */
  private streak = 0;

  constructor(id: string, capacity: number) {
    this.id = id;
    this.capacity = capacity;
  }

  /** A call begins; what it gives is handed in when it ends. */
  begin(nowMs: number): number {
    this.active++;
    this.calls++;
    // It is on trial.
    if (this.streak > 0) this.rest(nowMs);
    return this.streak;
  }

  /** A call has ended well. */
  succeed(streak: number, tookMs: number, nowMs: number): void {
    this.active--;
    this.measure(tookMs, nowMs);
    // One that began before the last failure says nothing of the time after it.
    if (streak !== this.streak) return;
    this.streak = 0;
    this.restingUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** A call has failed, and not by its caller's fault. */
  fail(streak: number, tookMs: number, nowMs: number): void {
    this.active--;
    this.failures++;
    // To fail is no way to be fast.
    if (tookMs > (this.latencyMs ?? 0)) this.measure(tookMs, nowMs);
    if (streak !== this.streak) return;
    this.streak++;
    this.rest(nowMs);
  }

  /** A call has ended in a way that says nothing of the replica. */
  leave(): void {
    this.active--;
  }

  /** Forgets moments that were read from another clock. */
  forgetMoments(nowMs: number): void {
    this.measuredMs = nowMs;
    this.restingUntilMs = Number.NEGATIVE_INFINITY;
  }

  private rest(nowMs: number): void {
    this.restingUntilMs = nowMs + Math.min(longestRestMs, firstRestMs * 2 ** (this.streak - 1));
  }

  private measure(tookMs: number, nowMs: number): void {
    const { latencyMs } = this;
    if (latencyMs === undefined || tookMs > latencyMs) this.latencyMs = tookMs;
    else {
      const kept = Math.exp(Math.min(0, this.measuredMs - nowMs) / averageOverMs);
      this.latencyMs = latencyMs * kept + tookMs * (1 - kept);
    }
    this.measuredMs = nowMs;
  }
}
