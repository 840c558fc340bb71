import { createVirtualClock } from "@atomic-agents/testing";
import { expect, it } from "vitest";
import { type Entrant, Gate } from "./gate.ts";

const nobody: Entrant = { whenGone: () => {} };

/** An entrant that can be sent away. */
function entrant(): Entrant & { readonly leave: () => void } {
  let onGone: ((reason: string) => void) | undefined;
  return {
    whenGone: (callback) => {
      onGone = callback;
    },
    leave: () => onGone?.("gone"),
  };
}

it("lets so many in at once and refuses who would have to wait too far behind", async () => {
  const gate = new Gate({ maxInFlight: 2, maxQueued: 1, maxQueueMs: 100 }, createVirtualClock());
  expect([gate.enter(nobody), gate.enter(nobody)]).toEqual([undefined, undefined]);
  const third = gate.enter(nobody);
  expect(gate.enter(nobody)).toMatchObject({ code: "OVERLOADED", details: { retryAfterMs: 1_000 } });
  expect([gate.inFlight, gate.queued]).toEqual([2, 1]);
  gate.leave();
  expect(await third).toBeUndefined();
  expect([gate.inFlight, gate.queued]).toEqual([2, 0]);
  gate.leave();
  gate.leave();
  expect(gate.inFlight).toBe(0);
});

it("lets in who has waited longest, and refuses who has waited too long", async () => {
  const clock = createVirtualClock();
  const gate = new Gate({ maxInFlight: 1, maxQueued: 3, maxQueueMs: 100 }, clock);
  const told: string[] = [];
  const come = async (name: string): Promise<void> => {
    const refusal = await gate.enter(nobody);
    told.push(`${name} ${refusal === undefined ? "in" : "refused"} at ${clock.now()}`);
  };
  const all = [come("a"), come("b")];
  await clock.advance(60);
  all.push(come("c"));
  await clock.advance(30);
  gate.leave();
  await clock.advance(60);
  await clock.advance(60);
  await Promise.all(all);
  expect(told).toEqual(["a in at 0", "b in at 90", "c refused at 160"]);
});

it("forgets who has gone", async () => {
  const gate = new Gate({ maxInFlight: 1, maxQueued: 1, maxQueueMs: 100 }, createVirtualClock());
  void gate.enter(nobody);
  const [first, second] = [entrant(), entrant()];
  const left = gate.enter(first);
  first.leave();
  expect(await left).toMatchObject({ code: "OVERLOADED" });
  const stays = gate.enter(second);
  gate.leave();
  expect(await stays).toBeUndefined();
  // It is in: that it goes now does not free the place a second time.
  second.leave();
  expect([gate.inFlight, gate.queued]).toEqual([1, 0]);
});

it("holds a place for work that goes on", async () => {
  const gate = new Gate({ maxInFlight: 1, maxQueued: 0, maxQueueMs: 100 }, createVirtualClock());
  const { promise, reject } = Promise.withResolvers<void>();
  gate.hold(promise);
  expect(gate.enter(nobody)).toMatchObject({ code: "OVERLOADED" });
  reject(new Error("over"));
  await promise.catch(() => {});
  await Promise.resolve();
  expect(gate.inFlight).toBe(0);
});

it("lets nobody in for a place that is held", async () => {
  const gate = new Gate({ maxInFlight: 1, maxQueued: 9, maxQueueMs: 100 }, createVirtualClock());
  const held = Promise.withResolvers<void>();
  const work = async (): Promise<void> => {
    if ((await gate.enter(nobody)) !== undefined) return;
    gate.hold(held.promise);
    gate.leave();
  };
  const all = [work(), work(), work()];
  await all[0];
  await Promise.resolve();
  expect([gate.inFlight, gate.queued]).toEqual([1, 2]);
  gate.hold(held.promise);
  gate.leave();
  expect([gate.inFlight, gate.queued]).toEqual([1, 2]);
});
