import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CacheEntry, type CacheKey, cacheKeyOf, MemoryCache } from "../index.ts";

function keyOf(input: unknown): CacheKey {
  const key = cacheKeyOf({ name: "ask", version: "1.0.0" }, input);
  if (key === undefined) throw new Error("no key");
  return key;
}

const entryOf = (output: unknown, expiresAtMs = 100): CacheEntry => ({ output, storedAtMs: 0, expiresAtMs });

test("lets go what was not used for the longest time, as a row of names would", () => {
  const step = fc.record({
    do: fc.constantFrom("set", "get", "delete"),
    input: fc.nat(8),
    expiresAtMs: fc.constantFrom(5, 100),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (maxEntries, steps) => {
      const store = new MemoryCache({ maxEntries });
      /** From the longest unused to the latest used. */
      let row: { readonly input: number; readonly output: number; readonly expiresAtMs: number }[] = [];
      for (const [index, { do: what, input, expiresAtMs }] of steps.entries()) {
        const nowMs = index < 30 ? 0 : 10;
        const found = row.find((place) => place.input === input);
        if (what !== "get" || (found !== undefined && found.expiresAtMs <= nowMs)) {
          row = row.filter((place) => place !== found);
        }
        if (what === "set") {
          store.set(keyOf(input), entryOf(index, expiresAtMs));
          row = [...row, { input, output: index, expiresAtMs }].slice(-maxEntries);
        } else if (what === "delete") store.delete(keyOf(input));
        else {
          const place = row.find((other) => other.input === input);
          if (place !== undefined) row = [...row.filter((other) => other !== place), place];
          expect(store.get(keyOf(input), nowMs)?.output).toBe(place?.output);
        }
        expect(store.size).toBe(row.length);
      }
      // All that is left, without changing the row.
      for (const place of row) expect(store.get(keyOf(place.input), 0)?.output).toBe(place.output);
    }),
  );
});

test("keys whose hashes meet are told apart", () => {
  const store = new MemoryCache({ maxEntries: 3 });
  const meeting = (text: string): CacheKey => ({
    text,
    digest: text,
    hash: 7,
    isSame: (other) => other.text === text,
  });
  for (const text of ["a", "b", "c", "d"]) store.set(meeting(text), entryOf(text));
  expect(["a", "b", "c", "d"].map((text) => store.get(meeting(text), 0)?.output)).toEqual([
    undefined,
    "b",
    "c",
    "d",
  ]);
  store.delete(meeting("c"));
  expect(["b", "c", "d"].map((text) => store.get(meeting(text), 0)?.output)).toEqual(["b", undefined, "d"]);
  store.delete(meeting("d"));
  store.delete(meeting("b"));
  expect(store.size).toBe(0);
});

describe("maxBytes", () => {
  const textOf = (length: number) => "x".repeat(length);

  test("lets go the longest unused until the rest fits", () => {
    const store = new MemoryCache({ maxBytes: 1_500 });
    for (const input of [1, 2, 3, 4]) store.set(keyOf(input), entryOf(textOf(200)));
    // Each takes two bytes a character of output, and some of the key.
    expect([1, 2, 3, 4].map((input) => store.get(keyOf(input), 0) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    store.set(keyOf(5), entryOf({ a: textOf(300), b: [1, 2n, null, new Date(0)] }));
    expect([2, 3, 4, 5].map((input) => store.get(keyOf(input), 0) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("what does not fit alone is not kept, and pushes nothing out", () => {
    const store = new MemoryCache({ maxBytes: 2_000 });
    store.set(keyOf(1), entryOf("small"));
    store.set(keyOf(2), entryOf(new Map([["a", new Set([textOf(1_000)])]])));
    expect(store.get(keyOf(1), 0)).toBeDefined();
    expect(store.get(keyOf(2), 0)).toBeUndefined();
    store.set(keyOf(1), entryOf(textOf(1_000)));
    expect(store.get(keyOf(1), 0)).toBeUndefined();
  });

  test("what goes frees its bytes", () => {
    const store = new MemoryCache({ maxBytes: 1_000 });
    for (let round = 0; round < 10; round++) {
      store.set(keyOf("one"), entryOf(textOf(300)));
      expect(store.size).toBe(1);
      if (round % 3 === 0) store.delete(keyOf("one"));
      if (round % 3 === 1) store.get(keyOf("one"), 200);
      if (round % 3 === 2) store.clear();
      expect(store.size).toBe(0);
    }
  });
});
