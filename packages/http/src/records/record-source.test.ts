import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { RecordSource } from "./record-source.ts";

function create(isBusy = () => false) {
  const incoming = new IncomingMessage(new Socket());
  const clock = createVirtualClock();
  const source = new RecordSource(incoming, { maxLineBytes: 10, clock, stallTimeoutMs: 1_000, isBusy });
  return { incoming, clock, source };
}

const line = (text: string) => ({ done: false, value: Buffer.from(text) });

test("gives the lines that are there without a promise, and waits for the others", async () => {
  const { incoming, source, clock } = create();
  incoming.push("1\n2\n3");
  expect([source.next(), source.next()]).toEqual([line("1"), line("2")]);
  const third = source.next();
  incoming.push("4\n");
  expect(await third).toEqual(line("34"));
  const last = source.next();
  incoming.push("5");
  incoming.push(null);
  expect(await last).toEqual(line("5"));
  expect(source.hasEnded).toBe(true);
  expect(await source.next()).toEqual({ done: true, value: undefined });
  expect(clock.pendingTimers).toBe(0);
});

test("reads nothing before it is asked", async () => {
  const { incoming } = create();
  incoming.push("x".repeat(100_000));
  await new Promise((resolve) => setImmediate(resolve));
  expect(incoming.readableLength).toBe(100_000);
  expect(incoming.push("y")).toBe(false);
});

test("says that a body broke off, also while it waits", async () => {
  const { incoming, source } = create();
  incoming.push("1\n2");
  await source.next();
  const next = source.next();
  incoming.destroy();
  await expect(next).rejects.toMatchObject({ code: "BAD_REQUEST", details: { status: 400, problem: "cut" } });
  expect(await source.next()).toEqual({ done: true, value: undefined });
});

test("waits so long for bytes, but longer while there is something else to wait for", async () => {
  let isBusy = true;
  const { incoming, source, clock } = create(() => isBusy);
  // Watched from the beginning.
  const fault = Promise.resolve(source.next()).catch((thrown: unknown) => thrown);
  incoming.push("1");
  await clock.advance(5_000);
  expect(clock.pendingTimers).toBe(1);
  isBusy = false;
  await clock.advance(1_000);
  expect(await fault).toMatchObject({ details: { status: 408, problem: "stalled" } });
  expect(clock.pendingTimers).toBe(0);
});

test("gives no more when it is told to end, also to who waits", async () => {
  const { incoming, source, clock } = create();
  const next = source.next();
  await source.return();
  incoming.push("1\n");
  expect(await next).toEqual({ done: true, value: undefined });
  expect(await source.next()).toEqual({ done: true, value: undefined });
  expect(source.hasEnded).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});
