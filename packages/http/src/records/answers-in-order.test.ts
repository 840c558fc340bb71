import fc from "fast-check";
import { expect, test } from "vitest";
import type { OutgoingText } from "../stream/outgoing-text.ts";
import { AnswersInOrder } from "./answers-in-order.ts";

/** A text that takes so many writes before the reader has to take some. */
function fakeText(takes = Number.POSITIVE_INFINITY) {
  const written: string[] = [];
  let left = takes;
  let giveRoom = (): void => {};
  const fake = {
    isGone: false,
    write: (text: string) => {
      written.push(text);
      left--;
      if (left > 0) return undefined;
      return new Promise<void>((resolve) => {
        giveRoom = resolve;
      });
    },
  };
  const read = (): void => {
    left = takes;
    giveRoom();
  };
  // Nothing else of it is used.
  return { text: fake as unknown as OutgoingText, fake, written, read };
}

const ahead = (maxAhead: number) => ({ maxAhead, maxLength: 1_000, onKept: () => {} });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("writes in order whatever comes first, for any order within reach", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (order, takes) => {
        const { text, written, read } = fakeText(takes);
        const answers = new AnswersInOrder(text, ahead(12));
        for (const index of order) answers.put(index, `${index}`);
        for (let count = 0; count < 12; count++) {
          read();
          await turn();
        }
        expect(written).toEqual([...Array(12).keys()].map(String));
        expect(answers.written).toBe(12);
      },
    ),
    { numRuns: 50 },
  );
});

test("a record far ahead waits until the answers before it are written", async () => {
  const { text } = fakeText();
  const answers = new AnswersInOrder(text, ahead(2));
  expect(answers.turnOf(1)).toBeUndefined();
  let begun = 0;
  const waiting = [2, 3].map((index) => answers.turnOf(index)?.then(() => begun++));
  expect(waiting).not.toContain(undefined);
  answers.put(1, "1");
  await turn();
  expect(begun).toBe(0);
  answers.put(0, "0");
  await turn();
  expect(begun).toBe(2);
});

test("nothing is begun while the caller takes nothing, and everything goes on when it has gone", async () => {
  const { text, fake, read, written } = fakeText(1);
  const answers = new AnswersInOrder(text, ahead(10));
  answers.put(0, "0");
  let begun = 0;
  void answers.turnOf(1)?.then(() => begun++);
  answers.put(1, "1");
  await turn();
  expect([begun, written]).toEqual([0, ["0"]]);
  read();
  await turn();
  expect([begun, written]).toEqual([0, ["0", "1"]]);
  fake.isGone = true;
  read();
  await turn();
  expect(begun).toBe(1);
  expect(answers.turnOf(100)).toBeUndefined();
});

test("no record is begun while answers of too much are kept, and what is kept is told", async () => {
  const { text, read } = fakeText(2);
  let kept = 0;
  const answers = new AnswersInOrder(text, {
    maxAhead: 12,
    maxLength: 5,
    onKept: (characters) => (kept += characters),
  });
  answers.put(1, "aaaa");
  expect([kept, answers.turnOf(2)]).toEqual([4, undefined]);
  answers.put(2, "b");
  let hasTurn = false;
  void answers.turnOf(3)?.then(() => (hasTurn = true));
  expect([kept, hasTurn]).toEqual([5, false]);
  // The second of them is not taken yet.
  answers.put(0, "cc");
  await turn();
  expect([kept, hasTurn, answers.isUntaken]).toEqual([5, false, true]);
  read();
  await turn();
  expect([kept, hasTurn, answers.isUntaken, answers.written]).toEqual([0, true, false, 3]);
});

test("who waits for a turn does no longer when it is closed", async () => {
  const { text } = fakeText();
  const answers = new AnswersInOrder(text, ahead(1));
  const waiting = answers.turnOf(1);
  expect(waiting).toBeDefined();
  answers.close();
  await waiting;
  expect(answers.turnOf(9)).toBeUndefined();
});
