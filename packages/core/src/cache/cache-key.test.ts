import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CacheKey, cacheKeyOf } from "../index.ts";
import { keyIn } from "./cache-key.ts";

const agent = { name: "ask", version: "1.0.0" };

function keyOf(input: unknown, config?: unknown): CacheKey {
  const key = cacheKeyOf(agent, input, { config });
  if (key === undefined) throw new Error("no key");
  return key;
}

/** Puts the keys of all objects in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  const pairs = Object.entries(value).map(([key, item]) => ({
    key,
    item: shuffled(item, random),
    at: random(),
  }));
  return Object.fromEntries(
    pairs.toSorted((left, right) => left.at - right.at).map(({ key, item }) => [key, item]),
  );
}

const randomOf = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
  return seed;
};

test("the same content has the same key, whatever the order of its keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer(), (value, seed) => {
      const key = keyOf(value);
      const other = keyOf(shuffled(value, randomOf(seed)));
      expect(key.isSame(other)).toBe(true);
      expect([other.hash, other.text, other.digest]).toEqual([key.hash, key.text, key.digest]);
    }),
  );
});

test("another content has another key", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (left, right) => {
      const same = sortedText(left) === sortedText(right);
      expect(keyOf(left).isSame(keyOf(right))).toBe(same);
      expect(keyOf(left).text === keyOf(right).text).toBe(same);
      expect(keyOf(left).digest === keyOf(right).digest).toBe(same);
    }),
  );
});

/** By other means than the code has. */
function sortedText(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedText).join()}]`;
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${sortedText(item)}`);
  return `{${pairs.toSorted().join()}}`;
}

test("name, version, configuration and where the content comes from are part of it", () => {
  const keys = [
    cacheKeyOf(agent, 1),
    cacheKeyOf({ ...agent, name: "tell" }, 1),
    cacheKeyOf({ ...agent, version: "1.0.1" }, 1),
    cacheKeyOf(agent, 1, { config: null }),
    cacheKeyOf(agent, 1, { config: { model: "small", temperature: 0 } }),
    cacheKeyOf(agent, 1, { config: { model: "small", temperature: 1 } }),
    cacheKeyOf(agent, 1, { of: "key" }),
    cacheKeyOf(agent, "1"),
  ];
  expect(new Set(keys.map((key) => key?.text)).size).toBe(keys.length);
  expect(new Set(keys.map((key) => key?.hash)).size).toBe(keys.length);
  for (const [index, key] of keys.entries()) {
    for (const [otherIndex, other] of keys.entries()) {
      expect(key !== undefined && other !== undefined && key.isSame(other)).toBe(index === otherIndex);
    }
  }
  const config = { temperature: 0, model: "small" };
  expect(cacheKeyOf(agent, 1, { config })?.text).toBe(keys[4]?.text);
});

test("a digest is the SHA-256 of the text", () => {
  const key = keyOf({ text: "täglich \ud83d\ude00 \ud800" });
  expect(key.digest).toBe(createHash("sha256").update(key.text, "utf8").digest("hex"));
});

test("halves of surrogate pairs, which are one in UTF-8, are not one key", () => {
  expect(keyOf("\ud800").digest).not.toBe(keyOf("\udbff").digest);
  expect(keyOf("\ud800").isSame(keyOf("\udbff"))).toBe(false);
});

test("a key stays what it is when the input changes", () => {
  const input = { list: [1] };
  const key = keyOf(input);
  const { text } = key;
  input.list.push(2);
  expect(key.text).toBe(text);
  expect(key.isSame(keyOf({ list: [1] }))).toBe(true);
  expect(key.isSame(keyOf(input))).toBe(false);
});

test("keys of another make are compared by their texts", () => {
  const key = keyOf({ a: 1 });
  const { text, digest, hash } = key;
  const foreign = (other: string): CacheKey => ({ text: other, digest, hash, isSame: () => false });
  expect(key.isSame(foreign(text))).toBe(true);
  expect(key.isSame(foreign(`${text} `))).toBe(false);
});

test("what is no content has no key", () => {
  expect(cacheKeyOf(agent, { call: () => {} })).toBeUndefined();
  expect(cacheKeyOf(agent, { a: Symbol("a") })).toBeUndefined();
});

test("keys of two spaces are two, though their hashes meet", () => {
  const [left, right] = [keyIn({ text: "a", hash: 1 }, "x"), keyIn({ text: "b", hash: 1 }, "x")];
  if (left === undefined || right === undefined) throw new Error("a text has a key");
  expect(left.hash).toBe(right.hash);
  expect(left.isSame(right)).toBe(false);
});
