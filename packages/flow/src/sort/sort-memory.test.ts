import { expect, it, vi } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";

// As small as Node can be.
vi.mock("node:v8", async (original) => ({
  ...(await original<typeof import("node:v8")>()),
  getHeapStatistics: () => ({ heap_size_limit: 50_000_000 }),
}));

it("puts large records into files sooner, and keeps in memory what is small", async () => {
  // A date tells: it is no JSON, and fails where it has to go to a file.
  const recordsOf = (length: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ n: -n, at: new Date(n), text: "x".repeat(length) }));
  const small = await flow(fromIterable(recordsOf(10, 5_000)))
    .sort({ by: ["n"], onError: "drop" })
    .to(toArray<unknown>([]));
  expect(small).toMatchObject({ delivered: 5_000, filtered: 0 });
  const large = await flow(fromIterable(recordsOf(100_000, 100)))
    .sort({ by: ["n"], onError: "drop" })
    .to(toArray<unknown>([]));
  // 4 MiB at a time, and the rest in memory.
  expect(large.delivered).toBeLessThan(43);
  expect(large.delivered + large.filtered).toBe(100);
});
