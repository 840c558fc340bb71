import { expect, test } from "vitest";
import fc from "fast-check";
import { Queue, type Spot } from "./queue.ts";

test("holds what a set would hold, in the same order, whoever leaves when", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const) }),
    fc.record({ kind: fc.constant("take" as const) }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new Queue<number>();
      const set = new Set<number>();
      const spots: Spot<number>[] = [];
      for (const each of steps) {
        if (each.kind === "add") {
          set.add(spots.length);
          spots.push(queue.add(spots.length));
        } else if (each.kind === "take") {
          const [first] = set;
          if (first !== undefined) set.delete(first);
          expect(queue.takeFirst()).toBe(first);
        } else {
          const spot = spots[each.which];
          if (spot === undefined) continue;
          queue.remove(spot);
          set.delete(spot.item);
        }
        expect(queue.all()).toEqual([...set]);
        expect(queue.size).toBe(set.size);
        expect(queue.first).toBe([...set][0]);
      }
    }),
  );
});

test("what has left leads to nothing else", () => {
  const queue = new Queue<string>();
  const spots = ["a", "b", "c"].map((item) => queue.add(item));
  queue.takeFirst();
  for (const spot of spots) queue.remove(spot);
  for (const spot of spots) expect(spot).toMatchObject({ before: undefined, after: undefined });
});
