import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  type CacheEntry,
  type CacheKey,
  cacheKeyOf,
  type CacheStore,
  FileCache,
  MemoryCache,
} from "../index.ts";

const root = mkdtempSync(join(tmpdir(), "atomic-agents-cache-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const agent = { name: "ask", version: "1.0.0" };

function keyOf(input: unknown): CacheKey {
  const key = cacheKeyOf(agent, input);
  if (key === undefined) throw new Error("no key");
  return key;
}

const entryOf = (output: unknown): CacheEntry => ({ output, storedAtMs: 1_000, expiresAtMs: 2_000 });

let folders = 0;

describe.each<[string, () => CacheStore]>([
  ["MemoryCache", () => new MemoryCache()],
  ["FileCache", () => new FileCache({ folder: join(root, String(++folders)) })],
])("%s", (_name, createStore) => {
  test("gives what was set under a key of the same content, until it expires", async () => {
    const store = createStore();
    await store.set(keyOf({ a: 1, b: 2 }), entryOf("first"));
    await store.set(keyOf({ a: 1, b: 3 }), entryOf("second"));
    expect(await store.get(keyOf({ b: 2, a: 1 }), 1_999)).toEqual(entryOf("first"));
    expect(await store.get(keyOf({ a: 1, b: 3 }), 1_000)).toEqual(entryOf("second"));
    expect(await store.get(keyOf({ a: 1 }), 1_000)).toBeUndefined();
    expect(await store.get(keyOf({ b: 2, a: 1 }), 2_000)).toBeUndefined();
  });

  test("a later entry takes the place of an earlier one", async () => {
    const store = createStore();
    await store.set(keyOf(1), entryOf("old"));
    await store.set(keyOf(1), { ...entryOf("new"), expiresAtMs: 3_000 });
    expect(await store.get(keyOf(1), 2_500)).toMatchObject({ output: "new" });
  });

  test("forgets what is deleted, and nothing else; deleting what is not there is nothing", async () => {
    const store = createStore();
    await store.delete(keyOf(1));
    await store.set(keyOf(1), entryOf("one"));
    await store.set(keyOf(2), entryOf("two"));
    await store.delete(keyOf(1));
    expect(await store.get(keyOf(1), 1_000)).toBeUndefined();
    expect(await store.get(keyOf(2), 1_000)).toEqual(entryOf("two"));
  });

  test("gives every kind of content back as it was", async () => {
    const store = createStore();
    const outputs: readonly unknown[] = [
      null,
      undefined,
      true,
      -0,
      Number.NaN,
      1.5,
      12n,
      "",
      "täglich\n\ud83d\ude00\ud800\0",
      [],
      [undefined],
      { a: undefined, b: { c: [1] } },
      new Date(0),
      new Date(Number.NaN),
      new Map([[{ k: 1 }, new Set([1n])]]),
      { "~": ["date", 0] },
      JSON.parse('{"__proto__":{"a":1}}'),
    ];
    for (const [index, output] of outputs.entries()) await store.set(keyOf(index), entryOf(output));
    for (const [index, output] of outputs.entries()) {
      expect(await store.get(keyOf(index), 1_000)).toStrictEqual(entryOf(output));
    }
  });

  test("holds what a plain map of texts holds", async () => {
    const step = fc.record({
      do: fc.constantFrom("set", "get", "delete"),
      input: fc.nat(5),
      output: fc.jsonValue(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const store = createStore();
        const model = new Map<number, unknown>();
        for (const { do: what, input, output } of steps) {
          const key = keyOf({ input });
          if (what === "set") {
            await store.set(key, entryOf(output));
            model.set(input, output);
          } else if (what === "delete") {
            await store.delete(key);
            model.delete(input);
          } else {
            const expected = model.has(input) ? entryOf(model.get(input)) : undefined;
            expect(await store.get(key, 1_500)).toEqual(expected);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
