import { systemClock } from "@atomic-agents/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DuckDBDateValue, DuckDBTimestampTZValue, DuckDBVector } from "@duckdb/node-api";
import { cellsOfKind } from "./cells-of-kind.ts";
import type { ColumnCells } from "./column-cells.ts";
import { ColumnAppender } from "./column-appender.ts";
import { type ColumnKind, sqlTypes } from "./column-kind.ts";
import { Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  const { signal } = new AbortController();
  session = await Session.open({ what: "test", options: {}, clock: systemClock, signal });
});
afterAll(() => session.close());

const characters = fc.constantFrom("a", "Z", "é", "谢", "👍", "\u0000", "\uFEFF", "z".repeat(7), "\u007F");
const texts = fc.array(characters, { maxLength: 6 }).map((parts) => parts.join(""));

interface Given {
  readonly kind: ColumnKind;
  readonly values: fc.Arbitrary<unknown>;
  /** How DuckDB says of a column what is there. */
  readonly shown: string;
  readonly asShown: (value: unknown) => unknown;
}

const hexOf = (value: unknown): string => Buffer.from(String(value)).toString("hex").toUpperCase();
const isoOf = (ms: number): string => new Date(ms).toISOString();
const dayMs = 86_400_000;
const maxMs = 253_402_300_799_000;

const kinds: readonly Given[] = [
  { kind: "text", values: texts, shown: "hex(encode(v))", asShown: hexOf },
  {
    kind: "json",
    values: fc.jsonValue({ maxDepth: 1 }).filter((value) => value !== null),
    shown: "hex(encode(v::varchar))",
    asShown: (value) => hexOf(JSON.stringify(value)),
  },
  {
    kind: "number",
    values: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0)),
    shown: "v",
    asShown: (value) => value,
  },
  {
    kind: "integer",
    values: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(2 ** 31, -(2 ** 31) - 1, -0)),
    shown: "v",
    asShown: (value) => BigInt(Number(value)),
  },
  { kind: "boolean", values: fc.boolean(), shown: "v", asShown: (value) => value },
  {
    kind: "date",
    values: fc
      .integer({ min: 0, max: Math.floor(maxMs / dayMs) })
      .map((days) => isoOf(days * dayMs).slice(0, 10)),
    shown: "v - date '1970-01-01'",
    asShown: (value) => BigInt(Date.parse(String(value)) / dayMs),
  },
  {
    kind: "timestamp",
    values: fc.integer({ min: 0, max: maxMs }).map(isoOf),
    shown: "epoch_us(v)",
    asShown: (value) => BigInt(Date.parse(String(value))) * 1000n,
  },
];

/** Cells with values in their rows; null and undefined are not put. */
function cellsWith(kind: ColumnKind, values: readonly unknown[]): ColumnCells {
  const cells = cellsOfKind(kind, { chars: 0 });
  for (const [row, value] of values.entries()) {
    if (value !== null && value !== undefined) expect(cells.put(row, value)).toBe(true);
  }
  return cells;
}

test.each(kinds)(
  "rows of kind $kind are in the table as they were put, in their order",
  async ({ kind, values, shown, asShown }) => {
    const column = fc.array(fc.option(values, { freq: 5 }), { minLength: 1, maxLength: 40 });
    const times = fc.constantFrom(1, 3, 100, 200);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(column, times), { maxLength: 4 }), async (batches) => {
        await session.rows(`create or replace table given (n bigint, v ${sqlTypes[kind]})`);
        const appender = new ColumnAppender("given");
        const all: unknown[] = [];
        const cells = cellsOfKind(kind, { chars: 0 });
        for (const [few, count] of batches) {
          const many = Array.from({ length: count }, () => few).flat();
          const numbers = many.map((_, index) => all.length + index);
          for (const [row, value] of many.entries()) if (value !== null) cells.put(row, value);
          const columns = [cellsWith("integer", numbers), cells];
          await appender.append(session, columns, { rows: many.length, chars: 0 });
          cells.clear();
          all.push(...many);
        }
        appender.close();
        const rows = await session.rows(`select ${shown} from given order by n`);
        expect(rows.map(([value]) => value)).toStrictEqual(
          all.map((value) => (value === null ? null : asShown(value))),
        );
      }),
      { numRuns: 20 },
    );
  },
);

test.each(kinds)(
  "what has been taken back leaves nothing of kind $kind",
  async ({ kind, values, shown, asShown }) => {
    const steps = fc.array(fc.tuple(values, fc.constantFrom("keep", "take back", "skip")), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const cells = cellsOfKind(kind, { chars: 0 });
        const expected: unknown[] = [];
        for (const [value, step] of given) {
          if (step !== "skip") cells.put(expected.length, value);
          if (step === "take back") cells.takeBack(expected.length);
          else expected.push(step === "keep" ? asShown(value) : null);
        }
        await session.rows(`create or replace table given (n bigint, v ${sqlTypes[kind]})`);
        const appender = new ColumnAppender("given");
        const columns = [cellsWith("integer", [...expected.keys()]), cells];
        await appender.append(session, columns, { rows: expected.length, chars: 0 });
        appender.close();
        const rows = await session.rows(`select ${shown} from given order by n`);
        expect(rows.map(([value]) => value)).toStrictEqual(expected);
        // Short texts are compared with all that they are kept in.
        const [row] = await session.rows(`select count(distinct v) = count(distinct ${shown}) from given`);
        expect(row).toStrictEqual([true]);
      }),
      { numRuns: 15 },
    );
  },
);

test.each([
  ["text", [1, true, null, {}, "\uD800", "a longer text with half a pair \uDC00"]],
  ["integer", ["1", 0.5, 2 ** 53, Number.NaN, 1n]],
  ["number", ["1", Number.NaN, Number.POSITIVE_INFINITY, 1n, null]],
  ["json", [undefined, Number.NaN, new Date(0), 1n]],
  ["boolean", [0, "true", null]],
  ["date", ["2024-02-30", "yesterday", 0, true]],
  ["timestamp", ["2024-02-29", 0, "2024-02-29T25:00:00Z"]],
] as const)("cells of kind %s leave to others what they cannot hold as it is", (kind, values) => {
  const cells = cellsOfKind(kind, { chars: 0 });
  expect(values.filter((value) => cells.put(0, value))).toEqual([]);
});

test.each(kinds)(
  "a peer that keeps columns in another way gets values of kind $kind",
  ({ kind, values, asShown }) => {
    fc.assert(
      fc.property(fc.array(fc.option(values), { maxLength: 40 }), (given) => {
        const set: unknown[] = [];
        let flushed = 0;
        const methods = {
          setItem: (row: number, value: unknown) => (set[row] = value),
          flush: () => flushed++,
        };
        const cells = cellsWith(kind, given);
        cells.finish(given.length);
        // It has no more than these methods.
        const vector = methods as unknown as DuckDBVector;
        cells.write(session.duck, vector, { from: 0, count: given.length });
        const expected = given.map((value) => (value === null ? null : asShown(value)));
        expect(set.map((value) => shownOf(kind, value))).toStrictEqual(expected);
        expect(flushed).toBe(1);
      }),
    );
  },
);

function shownOf(kind: ColumnKind, value: unknown): unknown {
  if (value === null) return null;
  if (kind === "text" || kind === "json") return hexOf(value);
  if (kind === "date") return BigInt((value as DuckDBDateValue).days);
  return kind === "timestamp" ? (value as DuckDBTimestampTZValue).micros : value;
}

test("what is added after the columns have changed goes into all of them", async () => {
  await session.rows("create or replace table given (a bigint)");
  const appender = new ColumnAppender("given");
  await appender.append(session, [cellsWith("integer", [1])], { rows: 1, chars: 0 });
  appender.close();
  await session.rows("alter table given add column b varchar");
  const columns = [cellsWith("integer", [2]), cellsWith("text", ["two"])];
  await appender.append(session, columns, { rows: 1, chars: 1e9 });
  expect(await session.rows("from given")).toEqual([
    [1n, null],
    [2n, "two"],
  ]);
  appender.close();
});
