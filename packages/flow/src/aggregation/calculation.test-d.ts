import { expectTypeOf } from "vitest";
import { type Flow, flow } from "../flow.ts";
import type { Source } from "../source.ts";
import type { Figure } from "./calculation.ts";

interface Sale {
  readonly country: "DE" | "FR" | null;
  readonly price: number;
  readonly discount: number | null;
  readonly weight?: number;
  readonly day: string;
  readonly note: string | null;
  readonly isOnline: boolean;
  readonly mixed: number | string;
  readonly lines: readonly string[];
  readonly extra: unknown;
}
declare const sales: Flow<Sale>;

// A figure may be null where there may be nothing to compute it of.
const groups = sales.aggregate({
  by: ["country", "isOnline"],
  calculate: {
    all: { count: true },
    lines: { count: "lines" },
    sum: { sum: "price" },
    saved: { sum: "discount" },
    weight: { mean: "weight" },
    median: { quantile: "price", at: 0.5 },
    least: { quantile: "discount", at: 0.01 },
    first: { min: "day" },
    last: { max: "note" },
    most: { max: "price" },
    countries: { distinct: "country" },
    extra: { max: "extra" },
  },
});
expectTypeOf<
  typeof groups extends Flow<infer TGroup> ? { [TKey in keyof TGroup]: TGroup[TKey] } : never
>().toEqualTypeOf<{
  readonly country: "DE" | "FR" | null;
  readonly isOnline: boolean;
  readonly all: number;
  readonly lines: number;
  readonly sum: number;
  readonly saved: number | null;
  readonly weight: number | null;
  readonly median: number;
  readonly least: number | null;
  readonly first: string;
  readonly last: string | null;
  readonly most: number;
  readonly countries: number;
  readonly extra: number | string | null;
}>();

// Without keys there may be no record at all.
expectTypeOf<Figure<Sale, { readonly sum: "price" }, never>>().toEqualTypeOf<number | null>();
expectTypeOf<Figure<Sale, { readonly count: true }, never>>().toEqualTypeOf<number>();
sales.aggregate({ by: [], calculate: { sum: { sum: "price" } } }).map(({ sum }) => {
  expectTypeOf(sum).toEqualTypeOf<number | null>();
  return sum;
});

// Nobody knows the keys of what nobody knows.
declare const rows: Source<unknown>;
flow(rows)
  .aggregate({ by: ["country"], calculate: { mean: { mean: "price" }, last: { max: "day" } } })
  .map(({ country, mean, last }) => {
    expectTypeOf(country).toEqualTypeOf<string | number | boolean | null | undefined>();
    expectTypeOf(mean).toEqualTypeOf<number | null>();
    expectTypeOf(last).toEqualTypeOf<number | string | null>();
    return mean;
  });

// @ts-expect-error a list is nothing to group by
sales.aggregate({ by: ["lines"], calculate: {} });
// @ts-expect-error there are texts at this key
sales.aggregate({ by: [], calculate: { sum: { sum: "day" } } });
// @ts-expect-error there are no numbers at this key
sales.aggregate({ by: [], calculate: { mean: { mean: "lines" } } });
// @ts-expect-error numbers and texts have no order
sales.aggregate({ by: [], calculate: { most: { max: "mixed" } } });
// @ts-expect-error there is no such key
sales.aggregate({ by: [], calculate: { count: { count: "lnes" } } });
// @ts-expect-error lists are not told apart
sales.aggregate({ by: [], calculate: { count: { distinct: "lines" } } });
// @ts-expect-error a quantile needs its share
sales.aggregate({ by: [], calculate: { median: { quantile: "price" } } });
