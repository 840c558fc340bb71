import { AtomicError } from "@atomic-agents/core";
import { expect, test } from "vitest";
import type { Answer } from "../server/answer.ts";
import { Idempotency, type KeyedRequest, type Outcome } from "./idempotency.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";
import { MemoryIdempotencyStore } from "./memory-idempotency-store.ts";

const answerOf = (body: string, status = 200): Answer => ({ status, contentType: "application/json", body });
const done = (body: string): Outcome => ({ answer: answerOf(body), isFinal: true });
const replayed = (body: string): Answer => ({
  ...answerOf(body),
  headers: ["idempotent-replayed", "true"],
});

const request = (changes: Partial<KeyedRequest> = {}): KeyedRequest => ({
  key: "k",
  agent: "a",
  caller: "ada",
  body: "{}",
  signal: new AbortController().signal,
  ...changes,
});

/** Work that waits until it is told, and counts how often it was begun. */
function heldWork() {
  const signals: AbortSignal[] = [];
  let finish: (outcome: Outcome) => void = () => {};
  let fail: (thrown: unknown) => void = () => {};
  const work = (signal: AbortSignal): Promise<Outcome> => {
    signals.push(signal);
    return new Promise((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
  };
  return {
    work,
    signals,
    finish: (outcome: Outcome) => finish(outcome),
    fail: (thrown: unknown) => fail(thrown),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the same request again gets the first answer", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  let count = 0;
  const work = async (): Promise<Outcome> => done(`${++count}`);
  expect(await idempotency.answer(request(), work)).toEqual(answerOf("1"));
  expect(await idempotency.answer(request(), work)).toEqual(replayed("1"));
  expect(await idempotency.answer(request({ body: Buffer.from("{}") }), work)).toEqual(replayed("1"));
  expect(count).toBe(1);
});

test("another body, during the work and afterwards, is a conflict", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  const { work, finish, signals } = heldWork();
  const first = idempotency.answer(request(), work);
  const conflict = { code: "IDEMPOTENCY_CONFLICT", details: { key: "k" } };
  await expect(idempotency.answer(request({ body: "{ }" }), work)).rejects.toMatchObject(conflict);
  finish(done("1"));
  await first;
  await expect(idempotency.answer(request({ body: "{ }" }), work)).rejects.toMatchObject(conflict);
  expect(signals).toHaveLength(1);
});

test.each([
  ["key", { key: "l" }],
  ["agent", { agent: "b" }],
  ["caller", { caller: "bob" }],
  ["caller", { caller: undefined }],
])("another %s is another request", async (_, changes) => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  let count = 0;
  const work = async (): Promise<Outcome> => done(`${++count}`);
  await idempotency.answer(request(), work);
  expect(await idempotency.answer(request({ ...changes, body: "other" }), work)).toEqual(answerOf("2"));
});

test("equal requests at one time have the work done once", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  const { work, finish, signals } = heldWork();
  const answers = Promise.all(Array.from({ length: 50 }, () => idempotency.answer(request(), work)));
  await turn();
  finish(done("1"));
  const [first, ...others] = await answers;
  expect(first).toEqual(answerOf("1"));
  for (const other of others) expect(other).toEqual(replayed("1"));
  expect(signals).toHaveLength(1);
});

test("an answer that is not final goes to those who have waited, and the next request begins anew", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  const { work, finish, signals } = heldWork();
  const waiting = Promise.all([idempotency.answer(request(), work), idempotency.answer(request(), work)]);
  await turn();
  finish({ answer: answerOf("busy", 503), isFinal: false });
  expect((await waiting).map(({ status }) => status)).toEqual([503, 503]);
  const again = idempotency.answer(request({ body: "another" }), work);
  await turn();
  finish(done("2"));
  expect(await again).toEqual(answerOf("2"));
  expect(signals).toHaveLength(2);
});

test("work that throws leaves the key free", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  const fault = new Error("broken");
  await expect(idempotency.answer(request(), () => Promise.reject(fault))).rejects.toBe(fault);
  await expect(
    idempotency.answer(request(), () => {
      throw fault;
    }),
  ).rejects.toBe(fault);
  expect(await idempotency.answer(request(), async () => done("1"))).toEqual(answerOf("1"));
});

test("the work is aborted when all who wait have gone, and not before", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  const { work, fail, signals } = heldWork();
  const callers = [new AbortController(), new AbortController()];
  const answers = callers.map(({ signal }) => idempotency.answer(request({ signal }), work));
  await turn();
  callers[0]?.abort("gone");
  expect(signals[0]?.aborted).toBe(false);
  // Who has gone waits for nothing: its place is free for others.
  await expect(answers[0]).rejects.toMatchObject({ code: "CANCELLED", details: { reason: "gone" } });
  callers[1]?.abort("gone too");
  expect(signals[0]?.reason).toBe("gone too");
  fail(new AtomicError("CANCELLED", "cancelled", { details: { reason: "gone too" } }));
  await expect(answers[1]).rejects.toMatchObject({ details: { reason: "gone too" } });
});

test("a caller whose connection broke and who asks again does not get the cancellation", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  const { work, finish, signals } = heldWork();
  const caller = new AbortController();
  const lost = idempotency.answer(request({ signal: caller.signal }), work);
  await turn();
  caller.abort("gone");
  const again = idempotency.answer(request(), work);
  const third = idempotency.answer(request(), work);
  await turn();
  expect(signals).toHaveLength(1);
  finish({ answer: answerOf("cancelled", 499), isFinal: false });
  expect((await lost).status).toBe(499);
  await turn();
  finish(done("2"));
  expect(await again).toEqual(answerOf("2"));
  expect(await third).toEqual(replayed("2"));
  expect(signals).toHaveLength(2);
});

test("a caller that has gone before anything began aborts the work", async () => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  let seen: AbortSignal | undefined;
  await idempotency.answer(request({ signal: AbortSignal.abort("gone") }), async (signal) => {
    await turn();
    seen = signal;
    return { answer: answerOf("1"), isFinal: false };
  });
  expect(seen?.reason).toBe("gone");
});

test("says that another instance is at work", async () => {
  const store = new MemoryIdempotencyStore();
  const here = new Idempotency(store);
  const there = new Idempotency(store);
  const { work, finish } = heldWork();
  const answer = there.answer(request(), work);
  await turn();
  await expect(here.answer(request(), work)).rejects.toMatchObject({
    code: "OVERLOADED",
    details: { retryAfterMs: 1_000 },
  });
  await expect(here.answer(request({ body: "x" }), work)).rejects.toMatchObject({
    code: "IDEMPOTENCY_CONFLICT",
  });
  finish(done("1"));
  await answer;
  expect(await here.answer(request(), work)).toEqual(replayed("1"));
});

test("a store may take its time, and its failures are the request's", async () => {
  const memory = new MemoryIdempotencyStore();
  const slow: IdempotencyStore = {
    claim: async (key, fingerprint) => {
      await turn();
      return memory.claim(key, fingerprint);
    },
    complete: async (key, answer) => {
      await turn();
      memory.complete(key, answer);
    },
    release: (key) => memory.release(key),
  };
  const idempotency = new Idempotency(slow);
  let count = 0;
  const work = async (): Promise<Outcome> => done(`${++count}`);
  const answers = await Promise.all([1, 2, 3].map(() => idempotency.answer(request(), work)));
  expect(answers.map(({ body }) => body)).toEqual(["1", "1", "1"]);
  const broken = new Idempotency({ ...slow, claim: () => Promise.reject(new Error("no store")) });
  await expect(broken.answer(request(), work)).rejects.toThrow("no store");
  expect(count).toBe(1);
});

test("what was done is answered although the store fails, and is not done again", async () => {
  const memory = new MemoryIdempotencyStore();
  const failures: unknown[] = [];
  const store: IdempotencyStore = {
    claim: (...given) => memory.claim(...given),
    complete: () => Promise.reject(new Error("not kept")),
    release: () => {
      throw new Error("not let go");
    },
  };
  const idempotency = new Idempotency(store, (thrown) => failures.push(thrown));
  const work = async (): Promise<Outcome> => done("1");
  expect(await idempotency.answer(request(), work)).toEqual(answerOf("1"));
  await expect(idempotency.answer(request(), work)).rejects.toMatchObject({ code: "OVERLOADED" });
  const broken = idempotency.answer(request({ key: "other" }), () => Promise.reject(new Error("broken")));
  await expect(broken).rejects.toThrow("broken");
  expect(failures.map(String)).toEqual(["Error: not kept", "Error: not let go"]);
});

test.each(["", " ", "a b", "ä", "a\nb", "x".repeat(256)])("refuses %j as a key", async (key) => {
  const idempotency = new Idempotency(new MemoryIdempotencyStore());
  await expect(idempotency.answer(request({ key }), async () => done("1"))).rejects.toMatchObject({
    code: "BAD_REQUEST",
    details: { status: 400, problem: "idempotency-key" },
  });
});
