import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { AtomicError } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { RecordSource } from "./record-source.ts";

function create(idleSinceMs: () => number | undefined = () => 0) {
  const incoming = new IncomingMessage(new Socket());
  const clock = createVirtualClock();
  const kept: number[] = [];
  const source = new RecordSource(incoming, {
    maxLineBytes: 10,
    clock,
    stallTimeoutMs: 1_000,
    idleSinceMs,
    onKept: (bytes) => void kept.push(bytes),
  });
  return { incoming, clock, source, kept };
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

test("waits so long for a whole line, but longer while there is something else to wait for", async () => {
  let idleSinceMs: number | undefined = undefined;
  const { incoming, source, clock } = create(() => idleSinceMs);
  // Watched from the beginning.
  const fault = Promise.resolve(source.next()).catch((thrown: unknown) => thrown);
  incoming.push("1");
  await clock.advance(5_000);
  expect(clock.pendingTimers).toBe(1);
  idleSinceMs = 5_300;
  await clock.advance(1_299);
  expect(source.failure).toBeUndefined();
  await clock.advance(1);
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

test("bytes that end no line, and lines with nothing on them, do not count as any", async () => {
  const { incoming, source, clock } = create();
  incoming.push("1\n");
  expect(source.next()).toEqual(line("1"));
  const fault = Promise.resolve(source.next()).catch((thrown: unknown) => thrown);
  for (const text of ["2", "\r", "3", "4", "5", "6", "7", "8", "9"]) {
    incoming.push(text);
    await clock.advance(100);
  }
  expect(source.failure).toBeUndefined();
  await clock.advance(100);
  expect(await fault).toMatchObject({ details: { status: 408, problem: "stalled" } });

  const other = create();
  const blank = Promise.resolve(other.source.next()).catch((thrown: unknown) => thrown);
  for (let count = 0; count < 10; count++) {
    other.incoming.push(" \n\n");
    await other.clock.advance(100);
  }
  expect(await blank).toMatchObject({ details: { status: 408, problem: "stalled" } });
});

test("tells what it keeps of a line that has not ended", async () => {
  const { incoming, source, kept } = create();
  incoming.push("1\n23");
  expect(source.next()).toEqual(line("1"));
  const next = source.next();
  expect(kept).toEqual([10]);
  incoming.push("4\n");
  expect(await next).toEqual(line("234"));
  expect(kept).toEqual([10, -10]);
});

test("says what it was ended with to who waits", async () => {
  const { incoming, source, clock } = create();
  const error = new AtomicError("OVERLOADED", "The service has no room", { details: { retryAfterMs: 1 } });
  const next = source.next();
  source.fail(error);
  await expect(next).rejects.toBe(error);
  expect(source.failure).toBe(error);
  incoming.push("1\n");
  expect(() => source.next()).toThrow(error);
  expect(clock.pendingTimers).toBe(0);
});
