import fc from "fast-check";
import { expect, test } from "vitest";
import { TextCache } from "./text-cache.ts";

/** Texts as DuckDB keeps short ones: a length, then twelve bytes. */
function kept(texts: readonly string[]): { readonly words: Int32Array; readonly block: string } {
  const bytes = Buffer.alloc(texts.length * 16);
  for (const [index, text] of texts.entries()) {
    bytes.writeInt32LE(text.length, index * 16);
    bytes.write(text, index * 16 + 4, "latin1");
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, texts.length * 4);
  return { words, block: bytes.toString("latin1") };
}

test("it gives the texts that are asked for, whatever it has", () => {
  const characters = fc.constantFrom("a", "b", "0", "\u0000", "\u007F");
  const text = fc.string({ unit: characters, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 100, maxLength: 3000, size: "max" }), (texts) => {
      const { words, block } = kept(texts);
      const cache = new TextCache();
      const got = texts.map((_, row) => {
        const [length = 0, first = 0, second = 0, third = 0] = words.subarray(row * 4, row * 4 + 4);
        return cache.textOf(length, first, second, third, block, row * 16 + 4);
      });
      expect(got).toEqual(texts);
    }),
    { numRuns: 20 },
  );
});

test("it is of use while one in four texts has come before", () => {
  const ask = (cache: TextCache, texts: readonly string[]): boolean => {
    const { words, block } = kept(texts);
    for (const row of texts.keys()) {
      const [length = 0, first = 0, second = 0, third = 0] = words.subarray(row * 4, row * 4 + 4);
      cache.textOf(length, first, second, third, block, row * 16 + 4);
    }
    return cache.wasOfUse(texts.length);
  };
  const cache = new TextCache();
  expect(ask(cache, ["a", "b", "a", "b"])).toBe(true);
  expect(ask(cache, ["a", "c", "d", "e"])).toBe(true);
  expect(ask(cache, ["f", "g", "h", "i"])).toBe(false);
});
