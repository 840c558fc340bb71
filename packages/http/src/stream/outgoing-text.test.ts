import { Writable } from "node:stream";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { OutgoingText, type OutgoingTextOptions } from "./outgoing-text.ts";

/** Where text goes to, which takes a chunk when the test says so. */
function create(options: Partial<OutgoingTextOptions> = {}, highWaterMark = 10) {
  const chunks: string[] = [];
  const held: (() => void)[] = [];
  const outgoing = new Writable({
    highWaterMark,
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      chunks.push(chunk);
      held.push(done);
    },
  });
  const clock = createVirtualClock();
  const text = new OutgoingText(outgoing, { clock, stallTimeoutMs: 1_000, ...options });
  const take = async (): Promise<void> => {
    held.shift()?.();
    await turn();
  };
  return { outgoing, clock, text, chunks, take };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function isSettled(promise: Promise<void> | undefined): Promise<boolean> {
  let has = promise === undefined;
  void promise?.then(() => (has = true));
  await turn();
  return has;
}

test("what is written in one go is one chunk, and what is long goes at once", async () => {
  const { text, chunks, take } = create({}, 1_000_000);
  expect([text.write("a"), text.write("b"), text.write("c")]).toEqual([undefined, undefined, undefined]);
  expect(chunks).toEqual([]);
  await turn();
  expect(chunks).toEqual(["abc"]);
  await take();
  void text.write("x".repeat(20_000));
  expect(chunks[1]).toHaveLength(20_000);
  await take();
  await turn();
  expect(chunks).toHaveLength(2);
});

test("whoever writes to a reader who takes nothing waits, and goes on when some was taken", async () => {
  const { text, chunks, take } = create();
  void text.write("0123456789");
  await turn();
  const first = text.write("a");
  const second = text.write("b");
  expect([await isSettled(first), await isSettled(second)]).toEqual([false, false]);
  expect(chunks).toEqual(["0123456789"]);
  await take();
  expect([await isSettled(first), await isSettled(second)]).toEqual([true, true]);
  expect(chunks).toEqual(["0123456789", "ab"]);
  expect(text.write("c")).toBeUndefined();
});

test("ends with what is left, and when all was taken", async () => {
  const { outgoing, clock, text, chunks, take } = create();
  void text.write("0123456789");
  await turn();
  void text.write("a");
  const ended = text.end("b");
  expect(await isSettled(ended)).toBe(false);
  await take();
  expect(chunks).toEqual(["0123456789", "ab"]);
  expect(await isSettled(ended)).toBe(false);
  await take();
  expect(await isSettled(ended)).toBe(true);
  expect([outgoing.writableFinished, clock.pendingTimers]).toEqual([true, 0]);
  expect(text.write("late")).toBeUndefined();
  expect(await isSettled(text.end("later"))).toBe(true);
  expect(chunks).toHaveLength(2);
});

test("nobody waits for a reader who has gone", async () => {
  const { outgoing, clock, text, chunks } = create({ beat: { text: ":", everyMs: 100 } });
  void text.write("0123456789");
  await turn();
  const waiting = text.write("a");
  const ended = text.end("b");
  outgoing.destroy(new Error("reset"));
  expect([await isSettled(waiting), await isSettled(ended), text.isGone]).toEqual([true, true, true]);
  expect([text.write("c"), await isSettled(text.end("d")), clock.pendingTimers]).toEqual([
    undefined,
    true,
    0,
  ]);
  expect(chunks).toEqual(["0123456789"]);
});

test("who has gone before the beginning is not written to", async () => {
  const outgoing = new Writable();
  outgoing.destroy();
  const clock = createVirtualClock();
  const text = new OutgoingText(outgoing, { clock, stallTimeoutMs: 1, beat: { text: ":", everyMs: 1 } });
  expect([text.isGone, text.write("a"), clock.pendingTimers]).toEqual([true, undefined, 0]);
  expect(await isSettled(text.end())).toBe(true);
});

test("a reader who takes nothing for too long is hung up on, also at the end", async () => {
  for (const isEnd of [false, true]) {
    const { outgoing, clock, text } = create();
    void text.write("0123456789");
    await turn();
    const waiting = isEnd ? text.end() : text.write("a");
    await clock.advance(999);
    expect(outgoing.destroyed).toBe(false);
    await clock.advance(1);
    expect(outgoing.destroyed).toBe(true);
    expect([await isSettled(waiting), text.isGone, clock.pendingTimers]).toEqual([true, true, 0]);
  }
});

test("a reader who takes something in time is waited for", async () => {
  const { outgoing, clock, text, take } = create();
  void text.write("0123456789");
  await turn();
  void text.write("a");
  const ended = text.end("0123456789");
  await clock.advance(900);
  await take();
  await clock.advance(900);
  expect(outgoing.destroyed).toBe(false);
  await take();
  expect(await isSettled(ended)).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});

test("writes a sign of life while nothing else waits", async () => {
  const { clock, text, chunks, take } = create({ beat: { text: ":", everyMs: 100 } });
  await clock.advance(200);
  expect(chunks).toEqual([":"]);
  await take();
  expect(chunks.join("")).toBe("::");
  await take();
  void text.write("0123456789");
  await turn();
  await clock.advance(500);
  expect(chunks.join("")).toBe("::0123456789");
});
