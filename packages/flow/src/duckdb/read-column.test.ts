import * as duck from "@duckdb/node-api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { columnReader } from "./read-column.ts";
import { jsonOf, Unfit } from "./to-json.ts";

/** What a column has, value by value: as the peer gives it, made JSON. */
interface Seen {
  readonly cells: readonly unknown[];
  readonly refused: ReadonlyMap<number, string>;
}

const characters = fc.constantFrom("a", "é", "谢", "👍", "\u0000", "\uFEFF", " ", "z".repeat(6));
const texts = fc.array(characters, { maxLength: 9 }).map((parts) => parts.join(""));
const bigs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const nearSafe = fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n });
const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE),
);

const kinds: readonly (readonly [type: string, values: fc.Arbitrary<duck.DuckDBValue>])[] = [
  ["varchar", texts],
  ["double", doubles],
  ["float", fc.float({ min: -1e9, max: 1e9 })],
  [
    "bigint",
    fc.oneof(
      fc.bigInt({ min: -5n, max: 5n }),
      bigs,
      nearSafe,
      nearSafe.map((big) => -big),
    ),
  ],
  ["integer", fc.integer()],
  ["utinyint", fc.nat(255)],
  ["boolean", fc.boolean()],
  ["hugeint", fc.oneof(bigs, nearSafe)],
  ["json", fc.constantFrom("[1,2]", '"a"', "null", '{"a":true}')],
];

async function* chunksOf(result: duck.DuckDBResult): AsyncGenerator<duck.DuckDBDataChunk> {
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** How each value of a column is read by itself. */
function oneByOne(vector: duck.DuckDBVector, type: duck.DuckDBType, count: number): Seen {
  const make = jsonOf(duck, type, undefined);
  const refused = new Map<number, string>();
  const cells = Array.from({ length: count }, (_, row) => {
    const value: unknown = vector.getItem(row);
    try {
      return value === null ? null : make?.(value);
    } catch (thrown) {
      if (!(thrown instanceof Unfit)) throw thrown;
      refused.set(row, thrown.message);
      return null;
    }
  });
  return { cells, refused };
}

function allAtOnce(vector: duck.DuckDBVector, type: duck.DuckDBType, count: number): Seen {
  const refused = new Map<number, string>();
  const read = columnReader(duck, type, undefined);
  const cells = read?.(vector, count, (row, why) => refused.set(row, why)) ?? [];
  return { cells, refused };
}

test.each(kinds)("a column of %s is read as its values are", async (type, values) => {
  const instance = await duck.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(values, { freq: 6 }), { maxLength: 200 }), async (given) => {
      await connection.run(`create or replace table t (n integer, v ${type})`);
      const insert = await connection.prepare("insert into t values ($1, $2)");
      for (const [index, value] of given.entries()) {
        insert.bindInteger(1, index);
        // Bound without a type, one without a fraction would be a whole number.
        if (type === "double" && typeof value === "number") insert.bindDouble(2, value);
        else insert.bindValue(2, value);
        await insert.run();
      }
      const result = await connection.stream("select v from t order by n");
      let seen = 0;
      for await (const chunk of chunksOf(result)) {
        const [vector, columnType] = [chunk.getColumnVector(0), result.columnType(0)];
        const expected = oneByOne(vector, columnType, chunk.rowCount);
        const got = allAtOnce(vector, columnType, chunk.rowCount);
        // The peer leaves a byte order mark out.
        const isMarked = (index: number): boolean => String(given[seen + index]).startsWith("\uFEFF");
        const cells = expected.cells.map((cell, index) =>
          type === "varchar" && isMarked(index) ? given[seen + index] : cell,
        );
        expect(got.cells).toStrictEqual(cells);
        expect(got.refused).toStrictEqual(expected.refused);
        seen += chunk.rowCount;
      }
      expect(seen).toBe(given.length);
    }),
    { numRuns: 15 },
  );
  connection.closeSync();
  instance.closeSync();
});

test("a column that the peer keeps in another way is read value by value", () => {
  const values = ["a", null, "b"];
  // Has no more than the method.
  const vector = { getItem: (row: number) => values[row] ?? null } as unknown as duck.DuckDBVector;
  expect(allAtOnce(vector, duck.VARCHAR, 3).cells).toEqual(values);
});

test("texts of any length are read as they are, wherever DuckDB has them", async () => {
  const instance = await duck.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const part = "case n % 5 when 0 then null when 1 then 'short' else 'Grüße aus Köln, 谢谢 ' || n end";
  const long = `repeat(${part}, case when n % 1500 = 7 then 60000 else (n % 17 + 1)::int end)`;
  await connection.run(`create table t as select n, ${long} as v from range(5000) r(n)`);
  const queries = [
    "select v from t order by n",
    "select v from t order by hash(n)",
    "select v from t where n % 3 = 0",
    "select 'the same one for all of them' as v from t",
    "select case when n % 2 = 0 then v else 'another, and no short one' end as v from t",
    "select a.v from t a join t b on a.n = b.n + 1",
    "select max(v) as v from t group by n % 700",
    "select to_json(v) as v from t",
    "select to_json({v: v, n: n}) as v from t",
  ];
  for (const query of queries) {
    for (const way of ["stream", "run"] as const) {
      const result = await connection[way](query);
      let rows = 0;
      for await (const chunk of chunksOf(result)) {
        const [vector, type] = [chunk.getColumnVector(0), result.columnType(0)];
        const { cells } = allAtOnce(vector, type, chunk.rowCount);
        expect(cells).toStrictEqual(oneByOne(vector, type, chunk.rowCount).cells);
        rows += chunk.rowCount;
      }
      expect(rows).toBeGreaterThan(600);
    }
  }
  connection.closeSync();
  instance.closeSync();
});

test("texts come one by one where the peer takes several in another way", async () => {
  const instance = await duck.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const result = await connection.run("select 'a text that is not in place ' || n as v from range(3) r(n)");
  const vector = (await result.fetchChunk())?.getColumnVector(0) as duck.DuckDBVector;
  class Other {
    getItem(): null {
      return null;
    }
  }
  const peer = { ...duck, DuckDBBlobVector: Other } as unknown as typeof duck;
  const read = columnReader(peer, duck.VARCHAR, undefined);
  const expected = [0, 1, 2].map((n) => `a text that is not in place ${n}`);
  expect(read?.(vector, 3, () => {})).toEqual(expected);
  connection.closeSync();
  instance.closeSync();
});
