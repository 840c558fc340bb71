import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import type { Calculations } from "./calculation.ts";
import { Figures } from "./figures.ts";

/** The figures of some records, taken as one group, or as several that are merged. */
function figuresOf(
  calculate: Calculations,
  records: readonly unknown[],
  cuts: readonly number[] = [],
): Readonly<Record<string, unknown>> {
  const figures = new Figures("test", calculate);
  const group = figures.createGroup();
  let part = group;
  for (const [index, record] of records.entries()) {
    if (cuts.includes(index)) {
      if (part !== group) group.merge(part);
      part = figures.createGroup();
    }
    figures.read(record);
    part.add();
  }
  if (part !== group) group.merge(part);
  return Object.fromEntries(group.result());
}

const of = (...values: readonly unknown[]): readonly unknown[] => values.map((a) => ({ a }));

interface Row {
  readonly group: string | null | undefined;
  readonly number?: number | null | undefined;
  readonly text?: string | null | undefined;
  readonly any?: unknown;
}

const nothing = [null, undefined] as const;
const row = fc.record(
  {
    group: fc.constantFrom("a", "b", "", null, undefined),
    number: fc.oneof(fc.constantFrom(...nothing), fc.integer({ min: -1_000, max: 1_000 })),
    text: fc.oneof(fc.constantFrom(...nothing), fc.string({ maxLength: 2 })),
    any: fc.oneof(fc.constantFrom<unknown>(...nothing, 0, "0", false, "", -0), fc.nat(9)),
  },
  { requiredKeys: ["group"] },
);

const calculate = {
  all: { count: true },
  there: { count: "text" },
  sum: { sum: "number" },
  mean: { mean: "number" },
  least: { min: "number" },
  most: { max: "number" },
  numbers: { count: "number" },
  low: { quantile: "number", at: 0 },
  median: { quantile: "number", at: 0.5 },
  high: { quantile: "number", at: 1 },
  first: { min: "text" },
  last: { max: "text" },
  texts: { distinct: "text" },
  kinds: { distinct: "any" },
} as const;

/** The same by the plainest of means. */
function plain(rows: readonly Row[]): Readonly<Record<string, unknown>> {
  const isThere = (value: unknown): boolean => value !== null && value !== undefined;
  const numbers = rows.flatMap(({ number }) => (typeof number === "number" ? [number] : []));
  const sorted = numbers.toSorted((a, b) => a - b);
  const texts = rows.flatMap(({ text }) => (typeof text === "string" ? [text] : [])).sort();
  const sum = numbers.reduce((total, number) => total + number, 0);
  return {
    all: rows.length,
    there: texts.length,
    sum: numbers.length === 0 ? null : sum,
    mean: numbers.length === 0 ? null : sum / numbers.length,
    least: sorted[0] ?? null,
    most: sorted.at(-1) ?? null,
    numbers: numbers.length,
    low: sorted[0] ?? null,
    median: sorted[Math.ceil(0.5 * sorted.length) - 1] ?? null,
    high: sorted.at(-1) ?? null,
    first: texts[0] ?? null,
    last: texts.at(-1) ?? null,
    texts: new Set(texts).size,
    kinds: new Set(rows.flatMap(({ any }) => (isThere(any) ? [any] : []))).size,
  };
}

function expectAlike(
  got: Readonly<Record<string, unknown>>,
  { median, ...expected }: Readonly<Record<string, unknown>>,
): void {
  const { median: estimated, ...exact } = got;
  // A zero has no sign in a sketch or a sum.
  expect(exact).toEqual(expected);
  if (typeof median !== "number" || typeof estimated !== "number") expect(estimated).toBe(median);
  else expect(Math.abs(estimated - median)).toBeLessThanOrEqual(Math.abs(median) * 0.01 + 1e-9);
}

describe("figures", () => {
  it("are what plain code computes of each group, whatever is missing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
        const got: Readonly<Record<string, unknown>>[] = [];
        const summary = await flow(fromIterable<Row>(rows))
          .aggregate({ by: ["group"], calculate })
          .to(toArray<Readonly<Record<string, unknown>>>(got));
        const groups = Map.groupBy<unknown, Row>(rows, ({ group }) => group);
        expect(got.map(({ group }) => group)).toEqual([...groups.keys()]);
        for (const { group, ...figures } of got) {
          expectAlike(figures, plain(groups.get(group) ?? []));
        }
        expect(summary).toMatchObject({ status: "success", read: rows.length, delivered: rows.length });
      }),
    );
  });

  it("are the same of parts that are merged", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.array(fc.nat(40)), (rows, cuts) => {
        const merged = figuresOf(calculate, rows, cuts);
        expectAlike(merged, plain(rows));
        expect(merged).toEqual(figuresOf(calculate, rows));
      }),
    );
  });

  it("are of no records where there are none, and keys are none", async () => {
    const rows: readonly Row[] = [];
    const got: unknown[] = [];
    const summary = await flow(fromIterable(rows)).aggregate({ by: [], calculate }).to(toArray(got));
    expect(got).toEqual([plain([])]);
    expect(summary).toMatchObject({ status: "success", read: 0, delivered: 0, emitted: 1 });
    await flow(fromIterable(rows))
      .aggregate({ by: ["group"], calculate })
      .to(toArray(got));
    expect(got).toHaveLength(1);
  });

  it("fail the flow where those of no records are refused, for there is none to keep apart", async () => {
    const rows: readonly Row[] = [];
    const run = (onError: "dead-letter" | "drop") =>
      flow(fromIterable(rows))
        .aggregate({ by: [], calculate })
        .map(
          () => {
            throw new Error("no records");
          },
          { onError },
        )
        .to(toArray<unknown>([]));
    expect(await run("dead-letter")).toMatchObject({
      status: "failed",
      read: 0,
      letterCount: 0,
      error: { code: "EXECUTION" },
    });
    expect(await run("drop")).toMatchObject({ status: "success", read: 0, filtered: 0, emitted: 0 });
  });

  it("lose nothing of a sum to rounding, and no sum to numbers in between that are too large", () => {
    const sums = { sum: { sum: "a" }, mean: { mean: "a" } } as const;
    expect(figuresOf(sums, of(1, 1e100, 1, -1e100))).toEqual({ sum: 2, mean: 0.5 });
    expect(figuresOf(sums, of(2 ** 53, 1, 1, -1, 1))["sum"]).toBe(2 ** 53 + 2);
    const most = Number.MAX_VALUE;
    expect(figuresOf(sums, of(most, most, -most, -most))).toEqual({ sum: 0, mean: 0 });
    expect(figuresOf(sums, of(most, most))).toEqual({ sum: Number.POSITIVE_INFINITY, mean: most });
    expect(figuresOf(sums, of(-most, -most, -most))).toEqual({ sum: Number.NEGATIVE_INFINITY, mean: -most });
    expect(figuresOf(sums, of(most, most, -most), [1, 2])["sum"]).toBe(most);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), { maxLength: 50 }), (values) => {
        const exact = values.reduce((total, value) => total + BigInt(value), 0n);
        const shares = values.map((value) => value / 2 ** 40);
        const expected = values.length === 0 ? null : Number(exact);
        expect(figuresOf(sums, of(...values))["sum"]).toBe(expected);
        // Fractions of a power of two are exact, too.
        const ofShares = figuresOf(sums, of(...shares))["sum"];
        expect(ofShares).toBe(expected === null ? null : expected / 2 ** 40);
      }),
    );
  });

  it("change nothing when a record is refused", () => {
    const figures = new Figures("test", {
      all: { count: true },
      sum: { sum: "a" },
      most: { max: "b" },
      kinds: { distinct: "c" },
    });
    const group = figures.createGroup();
    const add = (record: unknown): void => {
      figures.read(record);
      group.add();
    };
    add({ a: 1, b: "x", c: 1 });
    const before = group.result();
    for (const [record, message] of [
      [{ a: "2", b: "y", c: 2 }, '"a" must be a finite number, got string'],
      [{ a: Number.NaN, b: "y", c: 2 }, '"a" must be a finite number, got NaN'],
      [{ a: Number.POSITIVE_INFINITY }, '"a" must be a finite number, got Infinity'],
      [{ a: 2n }, '"a" must be a finite number, got bigint'],
      [{ a: 2, b: 3, c: 2 }, '"b" must be a text like those before, got 3'],
      [{ a: 2, b: ["y"] }, '"b" must be a text like those before, got an array'],
      [{ a: 2, b: "y", c: {} }, '"c" must be a text, a number, true, false or null, got object'],
      [null, "a record must have keys, got null"],
    ] as const) {
      expect(() => add(record)).toThrow(expect.objectContaining({ code: "VALIDATION_INPUT", message }));
    }
    expect(group.result()).toEqual(before);
    expect(() => new Figures("test", { a: { min: "b" } }).read({ b: true })).toThrow(
      '"b" must be a finite number or a text, got boolean',
    );
  });

  it("take numbers and texts for extremes, but not both, in all groups", async () => {
    const days = [
      { day: "2026-02-01", at: 10 },
      { day: "2025-12-31", at: -1.5 },
      { day: "2026-01-15", at: null },
    ];
    expect(figuresOf({ first: { min: "day" }, last: { max: "day" }, low: { min: "at" } }, days)).toEqual({
      first: "2025-12-31",
      last: "2026-02-01",
      low: -1.5,
    });
    const mixed = [
      { group: 1, value: "12" },
      { group: 2, value: 13 },
    ];
    const summary = await flow(fromIterable(mixed as readonly { group: number; value: string }[]))
      .aggregate({ by: ["group"], calculate: { most: { max: "value" } }, onError: "dead-letter" })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ read: 2, delivered: 1, deadLettered: 1, emitted: 1 });
    expect(summary.deadLetters[0]?.error.message).toContain(
      '"value" must be a text like those before, got 13',
    );
  });

  it("are within the errors that the sketches have", () => {
    const calculations = {
      p5: { quantile: "a", at: 0.05 },
      p50: { quantile: "a", at: 0.5 },
      p99: { quantile: "a", at: 0.99 },
      kinds: { distinct: "a" },
    } as const;
    let seed = 1;
    const values = Array.from({ length: 50_000 }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.exp(seed / 2 ** 29) - 20;
    });
    const sorted = values.toSorted((a, b) => a - b);
    const { kinds, ...quantiles } = figuresOf(calculations, of(...values));
    for (const [name, at] of [
      ["p5", 0.05],
      ["p50", 0.5],
      ["p99", 0.99],
    ] as const) {
      const exact = sorted[Math.ceil(at * sorted.length) - 1] ?? Number.NaN;
      expect(Math.abs((quantiles[name] as number) / exact - 1)).toBeLessThanOrEqual(0.01);
    }
    const distinct = new Set(values).size;
    expect(Math.abs((kinds as number) / distinct - 1)).toBeLessThan(4 * 0.0081);
  });

  it("are refused where they are misspelt", () => {
    for (const [wrong, message] of [
      [
        { n: { cuont: true } },
        "calculate.n must be one of count, sum, mean, min, max, quantile, distinct, got",
      ],
      [{ n: { sum: "a", mean: "a" } }, "calculate.n must be one of"],
      [{ n: { count: false } }, "calculate.n.count must be true or a key, got false"],
      [{ n: { sum: 1 } }, "calculate.n.sum must be a key, got 1"],
      [{ n: { quantile: "a" } }, "calculate.n.at must be a number from 0 to 1, got undefined"],
      [{ n: { quantile: "a", at: 95 } }, "calculate.n.at must be a number from 0 to 1, got 95"],
      [{ n: { sum: "a", at: 0.5 } }, "at must be one of sum"],
      [{ n: "sum" }, "calculate.n must be one of"],
      [null, "calculate must be an object, got null"],
    ] as const) {
      expect(() => new Figures("test", wrong as unknown as Calculations)).toThrow(
        expect.objectContaining({ code: "CONFIG", message: expect.stringContaining(message) }),
      );
    }
  });
});
