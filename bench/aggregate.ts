/**
 * What an aggregation in the process costs a record, beside a `Map` written by hand that computes the same figures of the
 * same 1,000,000 records in memory. CPU time of the whole process, each contender in processes of its own, in turns:
 *
 *     node bench/aggregate.ts
 *
 * "cold" is the first run of a process, compiling included; "warm" the median of those after three. What both have
 * computed is compared. The code by hand adds up plainly and checks nothing; the flow checks each value, loses nothing of
 * a sum to rounding, counts and can be cancelled. Both use the same sketches.
 */
import { DistinctSketch, flow, fromIterable, QuantileSketch, toArray } from "@atomic-agents/flow";
import { compareInProcesses } from "./compare-in-processes.ts";

const recordCount = 1_000_000;

interface Sale {
  readonly id: number;
  readonly user: string;
  readonly country: string;
  readonly product: string;
  readonly quantity: number;
  readonly price: number;
}

function makeSales(): readonly Sale[] {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  return Array.from({ length: recordCount }, (_unused, id) => ({
    id,
    user: `user-${Math.floor(random() * 50_000)}`,
    country: String.fromCharCode(65 + Math.floor(random() * 6), 65 + Math.floor(random() * 5)),
    product: `product-${Math.floor(random() * 20)}`,
    quantity: 1 + Math.floor(random() * 9),
    price: Math.round(random() * 3_000) / 100,
  }));
}

interface Prices {
  count: number;
  sum: number;
  mean: number;
  min: number;
  max: number;
}

const noPrices = (): Prices => ({
  count: 0,
  sum: 0,
  mean: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

function addPrice(group: Prices, price: number): void {
  group.count++;
  group.sum += price;
  if (price < group.min) group.min = price;
  if (price > group.max) group.max = price;
}

function byOneKeyByHand(sales: readonly Sale[]): readonly unknown[] {
  const groups = new Map<string, Prices & { readonly country: string }>();
  for (const { country, price } of sales) {
    let group = groups.get(country);
    if (group === undefined) {
      group = { country, ...noPrices() };
      groups.set(country, group);
    }
    addPrice(group, price);
  }
  for (const group of groups.values()) group.mean = group.sum / group.count;
  return [...groups.values()];
}

function byUserByHand(sales: readonly Sale[]): readonly unknown[] {
  const groups = new Map<string, Prices & { readonly user: string }>();
  for (const { user, price } of sales) {
    let group = groups.get(user);
    if (group === undefined) {
      group = { user, ...noPrices() };
      groups.set(user, group);
    }
    addPrice(group, price);
  }
  for (const group of groups.values()) group.mean = group.sum / group.count;
  return [...groups.values()];
}

function byTwoKeysByHand(sales: readonly Sale[]): readonly unknown[] {
  const groups = new Map<string, Prices & { readonly country: string; readonly product: string }>();
  for (const { country, product, price } of sales) {
    const key = `${country}/${product}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { country, product, ...noPrices() };
      groups.set(key, group);
    }
    addPrice(group, price);
  }
  for (const group of groups.values()) group.mean = group.sum / group.count;
  return [...groups.values()];
}

/** As someone writes it who knows that texts are made for each record, and that a map of maps needs none. */
function byTwoMapsByHand(sales: readonly Sale[]): readonly unknown[] {
  type Group = Prices & { readonly country: string; readonly product: string };
  const countries = new Map<string, Map<string, Group>>();
  const groups: Group[] = [];
  for (const { country, product, price } of sales) {
    let products = countries.get(country);
    if (products === undefined) {
      products = new Map();
      countries.set(country, products);
    }
    let group = products.get(product);
    if (group === undefined) {
      group = { country, product, ...noPrices() };
      products.set(product, group);
      groups.push(group);
    }
    addPrice(group, price);
  }
  for (const group of groups) group.mean = group.sum / group.count;
  return groups;
}

function sketchesByHand(sales: readonly Sale[]): readonly unknown[] {
  const groups = new Map<
    string,
    { country: string; count: number; prices: QuantileSketch; users: DistinctSketch }
  >();
  for (const { country, price, user } of sales) {
    let group = groups.get(country);
    if (group === undefined) {
      group = { country, count: 0, prices: new QuantileSketch(), users: new DistinctSketch() };
      groups.set(country, group);
    }
    group.count++;
    group.prices.add(price);
    group.users.add(user);
  }
  return [...groups.values()].map(({ country, count, prices, users }) => ({
    country,
    count,
    median: prices.quantile(0.5),
    p99: prices.quantile(0.99),
    users: users.count,
  }));
}

const prices = {
  count: { count: true },
  sum: { sum: "price" },
  mean: { mean: "price" },
  min: { min: "price" },
  max: { max: "price" },
} as const;

async function groupsBy(
  sales: readonly Sale[],
  by: readonly ("country" | "product" | "user")[],
): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  await flow(fromIterable(sales)).aggregate({ by, calculate: prices }).to(toArray(got));
  return got;
}

async function sketches(sales: readonly Sale[]): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  await flow(fromIterable(sales))
    .aggregate({
      by: ["country"],
      calculate: {
        count: { count: true },
        median: { quantile: "price", at: 0.5 },
        p99: { quantile: "price", at: 0.99 },
        users: { distinct: "user" },
      },
    })
    .to(toArray(got));
  return got;
}

type Contender = (sales: readonly Sale[]) => readonly unknown[] | Promise<readonly unknown[]>;

const contenders: Readonly<Record<string, Contender>> = {
  "one key: by hand": byOneKeyByHand,
  "one key: aggregate": (sales) => groupsBy(sales, ["country"]),
  "two keys: by hand, a text of both": byTwoKeysByHand,
  "two keys: by hand, a map of maps": byTwoMapsByHand,
  "two keys: aggregate": (sales) => groupsBy(sales, ["country", "product"]),
  "50,000 groups: by hand": byUserByHand,
  "50,000 groups: aggregate": (sales) => groupsBy(sales, ["user"]),
  "sketches: by hand": sketchesByHand,
  "sketches: aggregate": sketches,
};

const pairs = [
  ["one key: aggregate", "one key: by hand"],
  ["two keys: aggregate", "two keys: by hand, a text of both"],
  ["two keys: aggregate", "two keys: by hand, a map of maps"],
  ["50,000 groups: aggregate", "50,000 groups: by hand"],
  ["sketches: aggregate", "sketches: by hand"],
] as const;

await compareInProcesses({ script: import.meta.filename, prepare: makeSales, contenders, pairs });
