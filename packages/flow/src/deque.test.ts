import fc from "fast-check";
import { expect, test } from "vitest";
import { Deque } from "./deque.ts";

test("a queue is as an array is, whatever is put in and taken", () => {
  // Many at a time, so that it grows, goes round and gives back its room.
  const steps = fc.array(fc.tuple(fc.nat(3_000), fc.nat(3_000)), { maxLength: 8 });
  fc.assert(
    fc.property(steps, fc.array(fc.nat(3), { maxLength: 100 }), (many, few) => {
      const deque = new Deque<number>();
      const array: number[] = [];
      let next = 0;
      const use = (pushed: number, taken: number): void => {
        for (let count = 0; count < pushed; count++) {
          deque.push(next);
          array.push(next++);
        }
        for (let count = 0; count < taken; count++) expect(deque.shift()).toBe(array.shift());
        expect([deque.length, deque.first]).toEqual([array.length, array[0]]);
        for (const index of [0, 1, array.length - 1, array.length]) {
          if (index >= 0) expect(deque.at(index)).toBe(array[index]);
        }
      };
      for (const [pushed, taken] of many) use(pushed, taken);
      for (const pushed of few) use(pushed, 3 - pushed);
    }),
    { numRuns: 50 },
  );
});
