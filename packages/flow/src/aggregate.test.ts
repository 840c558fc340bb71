import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "./dead-letter.ts";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { toArray } from "./to-array.ts";

interface Sale {
  readonly country: string;
  readonly online: boolean | null;
  readonly price: number;
}

describe("aggregate", () => {
  it("computes what a loop does, for each group", async () => {
    const sale = fc.record({
      country: fc.constantFrom("a", "b", "1:a", "null", ""),
      online: fc.constantFrom(true, false, null),
      price: fc.integer({ min: -1_000, max: 1_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sale), async (sales) => {
        const got: unknown[] = [];
        const summary = await flow(fromIterable<Sale>(sales))
          .aggregate({
            by: ["country", "online"],
            calculate: {
              count: { count: true },
              sum: { sum: "price" },
              mean: { mean: "price" },
              least: { min: "price" },
              most: { max: "price" },
            },
          })
          .to(toArray(got));
        const groups = new Map<string, Sale[]>();
        for (const each of sales) {
          const name = JSON.stringify([each.country, each.online]);
          groups.set(name, [...(groups.get(name) ?? []), each]);
        }
        const expected = [...groups.values()].map((members) => {
          const prices = members.map(({ price }) => price);
          const sum = prices.reduce((total, price) => total + price, 0);
          return {
            country: members[0]?.country,
            online: members[0]?.online,
            count: members.length,
            sum,
            mean: sum / members.length,
            least: Math.min(...prices),
            most: Math.max(...prices),
          };
        });
        expect(got).toEqual(expected);
        expect(summary).toMatchObject({ status: "success", read: sales.length, delivered: sales.length });
        expect(summary.emitted).toBe(groups.size);
      }),
    );
  });

  it("keeps thousands of groups apart, with records that come at once and as items", async () => {
    const records = Array.from({ length: 9_000 }, (_unused, n) => ({
      key: (n * 7) % 3_000,
      n,
      text: `t${n}`,
    }));
    const expected = new Map<number, { key: number; count: number; sum: number; first: string }>();
    for (const { key, n, text } of records) {
      const group = expected.get(key) ?? { key, count: 0, sum: 0, first: text };
      group.count++;
      group.sum += n;
      if (text < group.first) group.first = text;
      expected.set(key, group);
    }
    const calculate = { count: { count: true }, sum: { sum: "n" }, first: { min: "text" } } as const;
    const [atOnce, asItems]: [unknown[], unknown[]] = [[], []];
    await flow(fromIterable(records))
      .aggregate({ by: ["key"], calculate })
      .to(toArray(atOnce));
    const summary = await flow(fromIterable(records))
      .map((record) => record)
      .aggregate({ by: ["key"], calculate })
      .to(toArray(asItems));
    expect(atOnce).toEqual([...expected.values()]);
    expect(asItems).toEqual(atOnce);
    expect([summary.read, summary.delivered, summary.emitted]).toEqual([9_000, 9_000, 3_000]);
  });

  it("gives a figure whatever its name", async () => {
    const got: unknown[] = [];
    const calculate = JSON.parse('{"__proto__":{"count":true}}') as Record<string, { readonly count: true }>;
    await flow(fromIterable([{ key: "a" }]))
      .aggregate({ by: ["key"], calculate })
      .to(toArray(got));
    expect(JSON.stringify(got)).toBe('[{"key":"a","__proto__":1}]');
  });

  it("loses nothing of a sum to rounding", async () => {
    const got: { readonly sum: number | null }[] = [];
    const values = [1, 1e100, 1, -1e100].map((price) => ({ price }));
    await flow(fromIterable(values))
      .aggregate({ by: [], calculate: { sum: { sum: "price" } } })
      .to(toArray(got));
    expect(got).toEqual([{ sum: 2 }]);
  });

  it("counts the members of a group as what becomes of it, parts of a split too", async () => {
    const letters: DeadLetter[] = [];
    const summary = await flow(fromIterable([1, 2, 3, 4, 5]))
      .split((number) => (number === 5 ? [5, 5] : [number]))
      .map((number) => ({ odd: number % 2 === 1, number }))
      .aggregate({ by: ["odd"], calculate: { most: { max: "number" } } })
      .map(
        (group) => {
          if (group.odd) throw new Error("odd");
          return group.most;
        },
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]), { deadLetters: toArray(letters) });
    expect(summary).toMatchObject({ read: 5, delivered: 2, deadLettered: 3, unfinished: 0, emitted: 1 });
    expect(letters.map(({ record }) => record)).toEqual([1, 3, 5, 5]);
    const whole = await flow(fromIterable([{ n: 1 }, { n: 2 }]))
      .aggregate({ by: [], calculate: { sum: { sum: "n" } } })
      .filter(({ sum }) => sum !== null && sum > 100)
      .to(toArray<unknown>([]));
    expect(whole).toMatchObject({ read: 2, filtered: 2, delivered: 0, unfinished: 0 });
    const failing = await flow(fromIterable([{ n: 1 }, { n: 2 }]))
      .aggregate({ by: [], calculate: { sum: { sum: "n" } } })
      .map(
        () => {
          throw new Error("no");
        },
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]));
    expect(failing).toMatchObject({ read: 2, deadLettered: 2, unfinished: 0 });
    expect(failing.deadLetters.map(({ record, input }) => [record, input])).toEqual([[1, { sum: 3 }]]);
  });

  it("refuses other values, too many groups and wrong options", async () => {
    const mixed = [{ price: 1 }, { price: "2" }, { price: Number.NaN }, null] as readonly unknown[] as {
      price: number;
    }[];
    const summary = await flow(fromIterable(mixed))
      .aggregate({ by: [], calculate: { sum: { sum: "price" } }, onError: "dead-letter" })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ status: "partial", delivered: 1, deadLettered: 3 });
    const many = await flow(fromIterable([{ k: 1 }, { k: 2 }, { k: 3 }]))
      .aggregate({ by: ["k"], calculate: {}, maxGroups: 2 })
      .to(toArray<unknown>([]));
    expect(many).toMatchObject({ status: "failed", read: 3, unfinished: 3 });
    const begun = flow(fromIterable([{ k: 1, name: "a" }]));
    for (const wrong of [
      () => begun.aggregate({ by: "k" as never, calculate: {} }),
      () => begun.aggregate({ by: [], calculate: { sum: {} as never } }),
      () => begun.aggregate({ by: ["k"], calculate: { k: { sum: "k" } } }),
      // @ts-expect-error there are no numbers at this key
      () => begun.aggregate({ by: [], calculate: { sum: { sum: "name" } }, maxGroups: 0 }),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
  });
});
