import { systemClock } from "@atomic-agents/core";
import fc from "fast-check";
import { afterAll, beforeEach, expect, it } from "vitest";
import { RecordTable } from "./record-table.ts";
import { Session } from "./session.ts";
import { Unfit } from "./to-json.ts";

let session: Session;
const opened: Session[] = [];
beforeEach(async () => {
  const { signal } = new AbortController();
  session = await Session.open({ what: "test", options: {}, clock: systemClock, signal });
  opened.push(session);
});
afterAll(async () => {
  for (const one of opened) await one.close();
});

type Values = Readonly<Record<string, unknown>>;

const values = fc.oneof(
  fc.constantFrom<unknown>(
    "a",
    "twelve chars",
    "thirteen char",
    "é",
    "\uD800",
    "",
    1,
    -1,
    2 ** 40,
    0.5,
    Number.NaN,
  ),
  fc.constantFrom<unknown>(null, undefined, true, false, { deep: [1, "x"] }, [], { wrong: Number.NaN }),
);
/** Of few kinds, so that most records fit. */
const column = fc.constantFrom(
  fc.constantFrom<unknown>("a", "a longer text than the others", "é", null),
  fc.constantFrom<unknown>(1, 2, -3, 0.25, undefined),
  fc.constantFrom<unknown>({ a: 1 }, [2], "json", null),
  fc.boolean(),
);
const names = ["a", "b", "A", "id", "7", ""] as const;
const regular = fc
  .tuple(column, column, column)
  .chain(([a, b, id]) => fc.array(fc.record({ a, b, id }, { requiredKeys: ["a"] }), { maxLength: 30 }));
const unreadableKey = "unreadable";
const odd = fc.array(fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 4 }), { maxLength: 6 });

/** A record that cannot be read to its end. */
function unreadable(record: Values): Values {
  return Object.defineProperty({ ...record }, unreadableKey, {
    enumerable: true,
    get: () => {
      throw new TypeError("not here");
    },
  });
}

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** What a table takes, said anew and plainly: rows of those records that fit what came before them. */
function expectedOf(records: readonly Values[]): readonly Values[] {
  let kinds = new Map<string, string>();
  const rows: Values[] = [];
  const kindOf = (value: unknown): string =>
    typeof value === "number" ? (isWhole(value) ? "integer" : "number") : typeof value;
  for (const record of records) {
    if (unreadableKey in record) continue;
    const next = new Map(kinds);
    const keys = Object.keys(record).filter((key) => record[key] !== undefined);
    const fits = keys.every((key) => {
      const value = record[key];
      const like = [...next.keys()].find((name) => name.toLowerCase() === key.toLowerCase());
      if (key === "" || (like !== undefined && like !== key)) return false;
      const kind = next.get(key) ?? "none";
      if (!isSet(value)) {
        next.set(key, kind);
        return true;
      }
      const own = kindOf(value);
      if (JSON.stringify(value).includes("null") || Number.isNaN(value)) return false;
      if (kind === "object") return true;
      if (typeof value === "string" && !value.isWellFormed()) return false;
      next.set(key, kind === "none" || (kind === "integer" && own === "number") ? own : kind);
      return (
        kind === "none" ||
        own === kind ||
        (own === "integer" && kind === "number") ||
        (kind === "integer" && own === "number")
      );
    });
    if (!fits) continue;
    kinds = next;
    rows.push(Object.fromEntries(keys.map((key) => [key, record[key]])));
  }
  return rows.map((row) =>
    Object.fromEntries(
      [...kinds].map(([key, kind]) => {
        const value = row[key];
        return [key, isSet(value) ? (kind === "object" ? JSON.stringify(value) : String(value)) : null];
      }),
    ),
  );
}

it("has what fits, row by row, and nothing of what does not", async () => {
  const given = fc.tuple(regular, odd, regular, fc.nat(40));
  await fc.assert(
    fc.asyncProperty(given, async ([first, second, third, flushedAt]) => {
      const unread = first.flatMap((record): readonly Values[] => [unreadable(record), { a: record.a }]);
      const records: readonly Values[] = [...first, ...unread, ...second, ...third];
      const table = new RecordTable(undefined);
      await session.rows("drop table if exists records");
      for (const [index, record] of records.entries()) {
        if (index === flushedAt) await table.flush(session);
        try {
          table.add(record);
        } catch (thrown) {
          if (!(thrown instanceof TypeError && unreadableKey in record)) expect(thrown).toBeInstanceOf(Unfit);
        }
      }
      const expected = expectedOf(records);
      const hasTable = await table.finish(session);
      expect(hasTable).toBe(table.names.length > 0);
      if (!hasTable) return;
      const shown = table.names.map((name) => {
        const column = `"${name}"`;
        // As JavaScript writes numbers.
        return `case typeof(${column}) when 'DOUBLE' then (${column}::json)::varchar else ${column}::varchar end`;
      });
      const rows = await session.rows(`select ${shown.join(", ")} from records`);
      const got = rows.map((row) =>
        Object.fromEntries(table.names.map((name, index) => [name, asText(row[index])])),
      );
      expect(got).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

/** A number that is whole has a fraction where others of its column have one. */
function asText(value: unknown): unknown {
  return typeof value === "string" && /^-?\d+\.0$/.test(value) ? value.slice(0, -2) : value;
}

it("takes own keys alone", async () => {
  const table = new RecordTable(undefined);
  const objects = [{ inherited: 8 }, null, { own: 9 }].map((prototype, index) =>
    Object.assign(Object.create(prototype) as object, { own: index }),
  );
  for (const object of objects) table.add(object);
  table.add(Object.create({ own: 9 }));
  expect(table.names).toEqual(["own"]);
  await table.finish(session);
  expect(await session.rows("from records")).toEqual([[0n], [1n], [2n], [null]]);
});

it("is full before it has room for more values than a batch may have", () => {
  const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, "x"]));
  const table = new RecordTable(undefined);
  let rows = 0;
  while (!table.isFull) {
    table.add(wide);
    rows++;
  }
  expect(rows).toBeLessThanOrEqual(2048);
});

it("has nothing of a record that cannot be read to its end", async () => {
  const table = new RecordTable(undefined);
  const given = unreadable({ text: "longer than what is kept in place", short: "x", whole: 7, flag: true });
  table.add({ id: 1, text: "a", short: "b", whole: 0, flag: false });
  expect(() => table.add(given)).toThrow(TypeError);
  table.add({ id: 2 });
  expect(() => table.add(given)).toThrow(TypeError);
  table.add({ id: 4, text: "é" });
  await table.finish(session);
  expect(await session.rows("select id, text, short, whole, flag from records")).toEqual([
    [1n, "a", "b", 0n, false],
    [2n, null, null, null, null],
    [4n, "é", null, null, null],
  ]);
});
