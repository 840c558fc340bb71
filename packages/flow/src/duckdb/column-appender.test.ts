import { systemClock } from "@atomic-agents/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
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
const maxDays = 2_000_000;

/** Cells of each kind, and how DuckDB says of a column that it is what was put there. */
const kinds: readonly (readonly [kind: ColumnKind, cells: fc.Arbitrary<unknown>, shown: string])[] = [
  ["text", texts, "hex(encode(v))"],
  [
    "json",
    fc.json({ maxDepth: 1 }).map((text) => JSON.stringify(JSON.parse(text))),
    "hex(encode(v::varchar))",
  ],
  ["number", fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0)), "v"],
  ["integer", fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(2 ** 31, -(2 ** 31) - 1)), "v"],
  ["boolean", fc.boolean(), "v"],
  ["date", fc.integer({ min: -maxDays, max: maxDays }), "v - date '1970-01-01'"],
  ["timestamp", fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), "epoch_us(v)"],
];

function shownOf(kind: ColumnKind, cell: unknown): unknown {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "string") return Buffer.from(cell).toString("hex").toUpperCase();
  return kind === "integer" || kind === "date" ? BigInt(cell as number) : cell;
}

test.each(kinds)(
  "rows of kind %s are in the table as they were added, in their order",
  async (kind, cells, shown) => {
    const column = fc.array(fc.option(cells, { freq: 5 }), { minLength: 1, maxLength: 40 });
    const times = fc.constantFrom(1, 3, 100, 200);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(column, times), { maxLength: 4 }), async (batches) => {
        await session.rows(`create or replace table given (n bigint, v ${sqlTypes[kind]})`);
        const appender = new ColumnAppender("given");
        const all: unknown[] = [];
        for (const [few, count] of batches) {
          const many = Array.from({ length: count }, () => few).flat();
          // What is missing at the end is null, as it is before the first record that has it.
          const given = many.slice(0, many.findLastIndex((cell) => cell !== null) + 1);
          const numbers = many.map((_, index) => all.length + index);
          const columns = [
            { kind: "integer", cells: numbers },
            { kind, cells: given },
          ] as const;
          await appender.append(session, columns, { rows: many.length, chars: 0 });
          all.push(...many);
        }
        appender.close();
        const rows = await session.rows(`select ${shown} from given order by n`);
        expect(rows.map(([value]) => value)).toStrictEqual(all.map((cell) => shownOf(kind, cell)));
      }),
      { numRuns: 20 },
    );
  },
);

test("what is added after the columns have changed goes into all of them", async () => {
  await session.rows("create or replace table given (a bigint)");
  const appender = new ColumnAppender("given");
  await appender.append(session, [{ kind: "integer", cells: [1] }], { rows: 1, chars: 0 });
  appender.close();
  await session.rows("alter table given add column b varchar");
  const columns = [
    { kind: "integer", cells: [2] },
    { kind: "text", cells: ["two"] },
  ] as const;
  await appender.append(session, columns, { rows: 1, chars: 1e9 });
  expect(await session.rows("from given")).toEqual([
    [1n, null],
    [2n, "two"],
  ]);
  appender.close();
});
