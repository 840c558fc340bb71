import type { AtomicError } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { type RecordRequest, RecordRequests } from "./record-requests.ts";

const limits = { maxRecordRequests: 2, maxRecordsInFlight: 2, maxBodyBytes: 100 };

class Fake implements RecordRequest {
  idleSinceMs: number | undefined;
  endedBy: AtomicError | undefined = undefined;

  constructor(idleSinceMs: number | undefined) {
    this.idleSinceMs = idleSinceMs;
  }

  readonly end = (error: AtomicError): void => {
    this.endedBy = error;
  };
}

function create(...requests: readonly Fake[]) {
  const clock = createVirtualClock();
  const all = new RecordRequests(limits, clock);
  for (const request of requests) all.add(request);
  return { clock, all };
}

test("there is room for so many, and for more where the idlest has been idle for a second", async () => {
  const [first, idlest] = [new Fake(5), new Fake(0)];
  const { all, clock } = create(first);
  expect(all.refusal()).toBeUndefined();
  all.add(idlest);
  await clock.advance(999);
  expect(all.refusal()).toMatchObject({ code: "OVERLOADED", retryable: true });
  await clock.advance(1);
  expect(all.refusal()).toBeUndefined();
  expect([first.endedBy, idlest.endedBy?.code, all.open]).toEqual([undefined, "OVERLOADED", 1]);
});

test("none makes room that is worked on", async () => {
  const { all, clock } = create(new Fake(undefined), new Fake(undefined));
  await clock.advance(1_000_000);
  expect(all.refusal()).toMatchObject({ code: "OVERLOADED" });
});

test("what is kept is bounded, and the idlest of those who have it kept goes first", () => {
  const [empty, newer, idlest] = [new Fake(0), new Fake(2), new Fake(1)];
  const { all } = create(empty, newer, idlest);
  all.keep(newer, 100);
  all.keep(idlest, 100);
  all.keep(newer, -50);
  all.keep(newer, 50);
  expect(idlest.endedBy).toBeUndefined();
  all.keep(newer, 1);
  expect(idlest.endedBy).toMatchObject({ code: "OVERLOADED" });
  expect([empty.endedBy, newer.endedBy, all.open]).toEqual([undefined, undefined, 2]);
  // What has gone keeps nothing.
  all.keep(idlest, 1_000);
  all.keep(newer, 99);
  expect(newer.endedBy).toBeUndefined();
  all.remove(newer);
  all.keep(empty, 200);
  expect(empty.endedBy).toBeUndefined();
});

test("those that do nothing are ended when there is no more to wait for", async () => {
  const [busy, idle, brief] = [new Fake(undefined), new Fake(0), new Fake(500)];
  const { all, clock } = create(busy, idle, brief);
  await clock.advance(1_400);
  all.endIdle("no time");
  expect([busy.endedBy, idle.endedBy?.message, brief.endedBy]).toEqual([
    undefined,
    "The service has no time",
    undefined,
  ]);
});
