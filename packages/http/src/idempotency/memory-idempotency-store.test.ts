import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import type { Answer } from "../server/answer.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";
import { MemoryIdempotencyStore } from "./memory-idempotency-store.ts";

const answer = (body: string): Answer => ({ status: 200, contentType: "application/json", body });

const bodyOf = (store: MemoryIdempotencyStore, key: string): string | Uint8Array | undefined => {
  const body = store.claim(key, "f")?.answer?.body;
  if (body === undefined) store.release(key);
  return body;
};

const keep = (store: MemoryIdempotencyStore, key: string, body = key): void => {
  store.claim(key, "f");
  store.complete(key, answer(body));
};

interface Behaviour {
  readonly name: string;
  readonly check: (store: IdempotencyStore) => Promise<void>;
}

/** What every store does. */
const whole: Answer = {
  status: 200,
  contentType: "application/json",
  headers: ["atomic-run-id", "r1"],
  body: '{"output":"ä€😀\\u0000"}',
};

const behaviours: readonly Behaviour[] = [
  {
    name: "a key that nobody has is taken",
    check: async (store) => {
      expect(await store.claim("k", "f")).toBeUndefined();
    },
  },
  {
    name: "of many claims at a time one takes the key",
    check: async (store) => {
      const claims = await Promise.all(Array.from({ length: 20 }, async () => store.claim("k", "f")));
      expect(claims.filter((claim) => claim === undefined).length).toEqual(1);
    },
  },
  {
    name: "a claimed key shows whose it is, and no answer",
    check: async (store) => {
      await store.claim("k", "f");
      expect(await store.claim("k", "g")).toEqual({ fingerprint: "f" });
    },
  },
  {
    name: "a completed key has its answer to the letter",
    check: async (store) => {
      await store.claim("k", "f");
      await store.complete("k", whole);
      for (const fingerprint of ["f", "g"]) {
        expect(await store.claim("k", fingerprint)).toEqual({ fingerprint: "f", answer: whole });
      }
    },
  },
  {
    name: "a released key can be taken again, for another body as well",
    check: async (store) => {
      await store.claim("k", "f");
      await store.release("k");
      expect(await store.claim("k", "g")).toEqual(undefined);
      expect(await store.claim("k", "f")).toEqual({ fingerprint: "g" });
    },
  },
  {
    name: "a completed key is not released",
    check: async (store) => {
      await store.claim("k", "f");
      await store.complete("k", whole);
      await store.release("k");
      expect(await store.claim("k", "f")).toEqual({ fingerprint: "f", answer: whole });
    },
  },
  {
    name: "a key that is not claimed is not completed",
    check: async (store) => {
      await store.complete("k", whole);
      expect(await store.claim("k", "f")).toEqual(undefined);
    },
  },
  {
    name: "the first answer stays",
    check: async (store) => {
      await store.claim("k", "f");
      await store.complete("k", whole);
      await store.complete("k", { ...whole, body: "2" });
      expect(await store.claim("k", "f")).toEqual({ fingerprint: "f", answer: whole });
    },
  },
  {
    name: "keys are any text",
    check: async (store) => {
      const keys = [
        "",
        "a",
        "A",
        "a ",
        "__proto__",
        "a\nb",
        '["x",null,"y"]',
        "ä",
        "a\u0308",
        "é".repeat(500),
      ];
      for (const key of keys) expect(await store.claim(key, key)).toEqual(undefined);
      for (const key of keys) expect(await store.claim(key, "f")).toEqual({ fingerprint: key });
    },
  },
];

test.each(behaviours)("$name", async ({ check }) => {
  await expect(check(new MemoryIdempotencyStore())).resolves.toBeUndefined();
});

test("holds so many answers, and lets go the one that was given first", () => {
  const store = new MemoryIdempotencyStore({ maxKeys: 2 });
  store.claim("slow", "f");
  for (const key of ["a", "b"]) keep(store, key);
  store.complete("slow", answer("slow"));
  expect(["a", "b", "slow"].map((key) => bodyOf(store, key))).toEqual([undefined, "b", "slow"]);
});

test("holds 10,000 answers unless it is told", () => {
  const store = new MemoryIdempotencyStore();
  for (let index = 0; index < 10_001; index++) keep(store, `${index}`);
  expect([bodyOf(store, "0"), bodyOf(store, "1")]).toEqual([undefined, "1"]);
});

test("holds so many bytes, and no answer that has more by itself", () => {
  const store = new MemoryIdempotencyStore({ maxBytes: 10 });
  keep(store, "a", "12345");
  keep(store, "b", "€€");
  expect(["a", "b"].map((key) => bodyOf(store, key))).toEqual([undefined, "€€"]);
  keep(store, "c", "12345678901");
  expect(["b", "c"].map((key) => bodyOf(store, key))).toEqual(["€€", undefined]);
});

test("an answer stays for a day, and as long as it is told", async () => {
  for (const [retentionMs, ms] of [
    [undefined, 86_400_000],
    [500, 500],
  ] as const) {
    const clock = createVirtualClock();
    const store = new MemoryIdempotencyStore({ clock, retentionMs });
    keep(store, "a");
    store.claim("open", "f");
    await clock.advance(ms - 1);
    expect(bodyOf(store, "a")).toBe("a");
    await clock.advance(1);
    expect(bodyOf(store, "a")).toBeUndefined();
    expect(store.claim("open", "f")).toEqual({ fingerprint: "f" });
    expect(clock.pendingTimers).toBe(0);
  }
});

test("says what is wrong with its options", () => {
  expect(() => new MemoryIdempotencyStore({ maxKeys: 0 })).toThrow("maxKeys must be a whole number");
  expect(() => new MemoryIdempotencyStore({ maxBytes: 1.5 })).toThrow("maxBytes must be a whole number");
  expect(() => new MemoryIdempotencyStore({ retentionMs: -1 })).toThrow("retentionMs must be");
  // @ts-expect-error: such an option does not exist
  expect(() => new MemoryIdempotencyStore({ ttl: 1 })).toThrow("one of maxKeys, maxBytes");
});
