import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { KeyValue } from "../keys.ts";
import { KeyTree } from "./key-tree.ts";
import { MinHeap } from "./min-heap.ts";

it("a heap gives what is in it in order, whatever comes between", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant("take"), fc.constant("keep"))), (steps) => {
      const heap = new MinHeap<number>((first, second) => first < second);
      let values: number[] = [];
      for (const step of steps) {
        if (typeof step === "number") {
          heap.add(step);
          values.push(step);
        } else if (step === "take") {
          values.sort((first, second) => first - second);
          expect(heap.take()).toBe(values.shift());
        } else {
          heap.keep((value) => value % 2 === 0);
          values = values.filter((value) => value % 2 === 0);
        }
        expect([heap.size, heap.first]).toEqual([
          values.length,
          values.length === 0 ? undefined : Math.min(...values),
        ]);
      }
    }),
  );
});

it("a tree finds what was put under the same keys alone, and keeps nothing of what was taken out", () => {
  const key = fc.constantFrom<KeyValue>("a", "1", 1, 0, -0, true, null, undefined, Number.NaN, "");
  fc.assert(
    fc.property(
      fc
        .integer({ min: 0, max: 3 })
        .chain((length) =>
          fc.array(fc.array(key, { minLength: length, maxLength: length }), { maxLength: 30 }),
        ),
      (all) => {
        const tree = new KeyTree<{ readonly keys: readonly KeyValue[] }>();
        // What a `Map` takes for the same.
        const isSame = (one: readonly KeyValue[], other: readonly KeyValue[]): boolean =>
          one.every((value, index) => value === other[index] || Object.is(value, other[index]));
        const there: { readonly keys: readonly KeyValue[] }[] = [];
        for (const keys of all) {
          const known = there.find((leaf) => isSame(leaf.keys, keys));
          expect(tree.get(keys)).toBe(known);
          if (known !== undefined) continue;
          const leaf = { keys };
          tree.set(keys, leaf);
          there.push(leaf);
        }
        for (const { keys } of there) {
          tree.delete(keys);
          expect(tree.get(keys)).toBeUndefined();
        }
        expect(tree).toEqual(new KeyTree());
      },
    ),
  );
});
