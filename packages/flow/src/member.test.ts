import { expect, it } from "vitest";
import { duckDb } from "./duckdb/index.ts";
import { type Flow, flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { lookup } from "./lookup/lookup.ts";
import { tableOf } from "./lookup/table-of.ts";
import { toArray } from "./to-array.ts";

interface Result {
  readonly id: number;
  readonly atMs: number;
  readonly constructor?: string | null;
  readonly toString?: number;
}

// What names such keys as those that every object has by itself is data as any other.
const results = JSON.parse(
  '[{"id":1,"atMs":0,"constructor":"Lotus","toString":5},{"id":2,"atMs":1},{"id":3,"atMs":2,"constructor":null}]',
) as readonly Result[];
const teams = JSON.parse('[{"constructor":"Lotus","country":"UK"},{"country":"none"}]') as readonly {
  readonly constructor?: string;
  readonly country: string;
}[];

const group = {
  by: ["constructor"],
  calculate: {
    some: { count: "toString" },
    sum: { sum: "toString" },
    most: { max: "toString" },
    different: { distinct: "toString" },
    median: { quantile: "toString", at: 0.5 },
    first: { min: "constructor" },
  },
} as const;
const nothing = { some: 0, sum: null, most: null, different: 0, median: null, first: null };
const groups = [
  { constructor: "Lotus", some: 1, sum: 5, most: 5, different: 1, median: 5, first: "Lotus" },
  { constructor: undefined, ...nothing },
  { constructor: null, ...nothing },
];

it.each<[string, (records: Flow<Result>) => Flow<unknown>, readonly unknown[]]>([
  ["aggregate", (records) => records.aggregate(group), groups],
  ["aggregate of items", (records) => records.map((record) => record).aggregate(group), groups],
  ["aggregate in DuckDB", (records) => records.aggregate({ ...group, maxGroups: 1, past: duckDb() }), groups],
  [
    "window",
    (records) => records.window({ time: "atMs", tumbling: { sizeMs: 10 }, ...group } as never),
    groups.map((one) => expect.objectContaining(one)),
  ],
  ["sort", (records) => records.sort({ by: ["constructor"] }), [results[1], results[2], results[0]]],
  ["deduplicate", (records) => records.deduplicate({ by: ["constructor"] }), results],
  [
    "join",
    (records) => records.join(fromIterable(teams), { on: "constructor", as: "team" }),
    [{ ...results[0], team: teams[0] }],
  ],
  [
    "lookup",
    (records) =>
      records.through(
        lookup(tableOf(fromIterable(teams), { key: "constructor" }), {
          by: (record: Result) => (record.id === 1 ? record.constructor : null),
          as: "team",
        }),
      ),
    results.map((result, index) => ({ ...result, team: index === 0 ? teams[0] : null })),
  ],
])("%s takes keys for missing that every object has by itself", async (_, put, wanted) => {
  const got: unknown[] = [];
  const summary = await put(flow(fromIterable(results))).to(toArray(got));
  expect(summary.error).toBeUndefined();
  expect(got).toEqual(wanted);
});

it.each<[string, (records: Flow<Result>) => Flow<unknown>, string]>([
  [
    "window",
    (records) => records.window({ time: "constructor", tumbling: { sizeMs: 1 }, calculate: {} } as never),
    '"constructor" must be a time: milliseconds since 1970, or a text such as 2026-01-31T10:00:00Z; got undefined',
  ],
  [
    "deduplicate",
    (records) => records.deduplicate({ near: { text: "constructor", similarity: 0.8 } } as never),
    '"constructor" must be a text, got undefined',
  ],
])("%s says of such a key that nothing is there", async (_, put, wanted) => {
  const summary = await put(flow(fromIterable(results.slice(1)))).to(toArray<unknown>([]));
  expect(summary.error?.message).toBe(wanted);
});
