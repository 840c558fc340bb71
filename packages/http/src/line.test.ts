import { expect, test } from "vitest";
import fc from "fast-check";
import { Line, type Spot } from "./line.ts";

test("holds what a set would hold, in the same order, whoever leaves when", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const) }),
    fc.record({ kind: fc.constant("take" as const) }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new Line<number>();
      const set = new Set<number>();
      const spots: Spot<number>[] = [];
      for (const each of steps) {
        if (each.kind === "add") {
          set.add(spots.length);
          spots.push(line.add(spots.length));
        } else if (each.kind === "take") {
          const [first] = set;
          if (first !== undefined) set.delete(first);
          expect(line.takeFirst()).toBe(first);
        } else {
          const spot = spots[each.which];
          if (spot === undefined) continue;
          line.remove(spot);
          set.delete(spot.item);
        }
        expect(line.all()).toEqual([...set]);
        expect(line.size).toBe(set.size);
        expect(line.first).toBe([...set][0]);
      }
    }),
  );
});

test("what has left leads to nothing else", () => {
  const line = new Line<string>();
  const spots = ["a", "b", "c"].map((item) => line.add(item));
  line.takeFirst();
  for (const spot of spots) line.remove(spot);
  for (const spot of spots) expect(spot).toMatchObject({ before: undefined, after: undefined });
});
