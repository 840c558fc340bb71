import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AtomicError } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { fromFile } from "../files/from-file.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import { defineSource } from "../source.ts";
import { lookup } from "./lookup.ts";
import { sqliteTable } from "./sqlite-table.ts";
import { defineTable } from "./table.ts";
import { tableOf } from "./table-of.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lookup-test-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Order {
  readonly id: number;
  readonly land: string | number | null;
}
const orders: readonly Order[] = [
  { id: 1, land: "FR" },
  { id: 2, land: "XX" },
  { id: 3, land: null },
  { id: 4, land: "DE" },
];
const byLand = ({ land }: Order) => land;

const countries = [
  { code: "FR", name: "France" },
  { code: "DE", name: "Germany", eu: true },
  { code: null, name: "nowhere" },
];

async function messageOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (thrown) {
    if (AtomicError.isInstance(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  throw new Error("it did not fail");
}

it("names the record of a table whose key is none", async () => {
  const table = tableOf(fromIterable([{ key: "a" }, { key: ["b"] as never }]), { key: "key" });
  const error = lookup(table, { by: () => "a", as: "found" }).run({ id: 1 });
  expect(await messageOf(error)).toBe(
    'EXECUTION: Record 2 of the table iterable has no proper key: "key" must be a text, a number, true, false or null, got an array',
  );
});

describe("lookup", () => {
  const table = tableOf(fromIterable(countries), { key: "code" });

  it("puts what was found under a name, and null where there is nothing", async () => {
    const got: unknown[] = [];
    const summary = await flow(fromIterable(orders))
      .through(lookup(table, { by: byLand, as: "country" }))
      .to(toArray(got));
    expect(got).toEqual([
      { id: 1, land: "FR", country: { code: "FR", name: "France" } },
      { id: 2, land: "XX", country: null },
      { id: 3, land: null, country: null },
      { id: 4, land: "DE", country: { code: "DE", name: "Germany", eu: true } },
    ]);
    expect(summary).toMatchObject({ status: "success", read: 4, delivered: 4 });
  });

  it("puts chosen keys into the record, and null for those that are missing", async () => {
    const agent = lookup(table, { by: byLand, fields: { country: "name", isEu: "eu" } });
    expect(await agent.run({ id: 1, land: "FR" })).toEqual({
      id: 1,
      land: "FR",
      country: "France",
      isEu: null,
    });
    expect(await agent.run({ id: 1, land: "DE" })).toMatchObject({ country: "Germany", isEu: true });
    expect(await agent.run({ id: 1, land: "XX" })).toMatchObject({ country: null, isEu: null });
  });

  it("fails a record of which nothing is found when that is said", async () => {
    const agent = lookup(table, { by: byLand, as: "country", onMissing: "error" });
    const summary = await flow(fromIterable(orders))
      .through(agent, { onError: "dead-letter" })
      .map(({ country }) => country.name)
      .to(toArray<string>([]));
    expect(summary).toMatchObject({ delivered: 2, deadLettered: 2 });
    const byRecord = summary.deadLetters.toSorted((a, b) => a.record - b.record);
    expect(byRecord.map(({ error }) => error.message)).toEqual([
      'There is nothing of "XX" in iterable',
      "There is nothing of a missing key in iterable",
    ]);
  });

  it("replaces nothing unless it is said", async () => {
    const agent = lookup(table, { by: byLand, as: "land" });
    expect(await messageOf(agent.run({ id: 1, land: "FR" }))).toBe(
      'EXECUTION: The record has a key "land" already',
    );
    const replacing = lookup(table, { by: byLand, as: "land", replace: true });
    expect(await replacing.run({ id: 1, land: "FR" })).toEqual({ id: 1, land: countries[0] });
  });

  it("takes only objects", async () => {
    const agent = lookup(table, { by: () => "FR", as: "country" });
    for (const record of [1, null, [], "FR"]) {
      expect(await messageOf(agent.run(record))).toMatch(/is no object/);
    }
  });

  it("knows 1 from its text, and finds no key that is missing", async () => {
    const numbers = tableOf(fromIterable([{ n: 1, name: "one" }]), { key: "n" });
    const find = lookup(numbers, {
      by: ({ key }: { key: string | number | null }) => key,
      fields: { name: "name" },
    });
    expect(await find.run({ key: 1 })).toMatchObject({ name: "one" });
    expect(await find.run({ key: "1" })).toMatchObject({ name: null });
    expect(await find.run({ key: null })).toMatchObject({ name: null });
  });

  it.each([
    [{ by: "land", as: "a" }, /by must be a function/],
    [{ by: byLand }, /as must be said, or fields/],
    [{ by: byLand, as: "__proto__" }, /as must be the name of a key/],
    [{ by: byLand, fields: { a: 1 } }, /fields.a must be the name of a key/],
    [{ by: byLand, as: "a", fields: { a: "b" } }, /fields.a must be another name than as/],
    [{ by: byLand, as: "a", onMissing: "drop" }, /onMissing must be keep or error/],
    [{ by: byLand, as: "a", missing: "null" }, /missing must be one of/],
  ])("says what is wrong with %j", (options, message) => {
    expect(() => lookup(table, options as never)).toThrow(message);
  });

  it.each([
    ["land", "(record) => record.land."],
    ["land of sale", '(record) => record["land of sale"].'],
    [["land", "zip"], "(record) => [record.land, record.zip]."],
  ])("says what to write in the place of the keys %j", (by, written) => {
    expect(() => lookup(table, { by, as: "a" } as never)).toThrow(
      expect.objectContaining({ hint: `Write a function that reads it: by: ${written}` }),
    );
  });

  it("says what is no table", () => {
    expect(() => lookup({} as never, { by: byLand, as: "a" } as never)).toThrow(/table must be a table/);
  });
});

describe("a table of a source", () => {
  it("is read once a run, and anew in the next", async () => {
    let reads = 0;
    const source = defineSource({
      name: "counted",
      read: () => {
        reads++;
        return countries;
      },
    });
    const agent = lookup(tableOf(source, { key: "code" }), { by: byLand, as: "country" });
    for (const expected of [1, 2]) {
      await flow(fromIterable(orders)).through(agent, { concurrency: 4 }).to(toArray<unknown>([]));
      expect(reads).toBe(expected);
    }
  });

  it("may be a file of any format", async () => {
    writeFileSync(join(directory, "countries.csv"), "code,name,people\nFR,France,68\nDE,Germany,83\n");
    const source = fromFile("countries.csv", {
      directory,
      types: { people: "integer" },
      schema: z.object({ code: z.string(), name: z.string(), people: z.int() }),
    });
    const agent = lookup(tableOf(source, { key: "code" }), { by: byLand, fields: { people: "people" } });
    expect(await agent.run({ id: 1, land: "DE" })).toEqual({ id: 1, land: "DE", people: 83 });
  });

  it("is whole or fails, with the place where it is wrong, and is read once all the same", async () => {
    writeFileSync(join(directory, "cut.csv"), "code,name\nFR,France\nDE\n");
    const agent = lookup(tableOf(fromFile("cut.csv", { directory }), { key: "code" }), {
      by: byLand,
      as: "country",
    });
    const summary = await flow(fromIterable(orders))
      .through(agent, { onError: "dead-letter" })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ read: 4, delivered: 1, deadLettered: 3 });
    expect(summary.deadLetters[0]?.error.message).toBe(
      "Could not read the table cut.csv: cut.csv:3:3: has 1 field, and there are 2 columns",
    );
  });

  it.each([
    ["error", undefined],
    ["first", "France"],
    ["last", "again"],
  ] as const)("with a key twice: %s", async (onDuplicate, name) => {
    const twice = fromIterable([...countries, { code: "FR", name: "again" }]);
    const agent = lookup(tableOf(twice, { key: "code", onDuplicate }), {
      by: byLand,
      fields: { name: "name" },
    });
    const run = agent.run({ id: 1, land: "FR" });
    if (name !== undefined) expect(await run).toMatchObject({ name });
    else {
      expect(await messageOf(run)).toBe(
        'EXECUTION: The table iterable has the key "FR" twice: record 4 has it again',
      );
    }
  });

  it("is bounded, and asked by as many values as it has keys", async () => {
    const small = lookup(tableOf(fromIterable(countries), { key: "code", maxRecords: 1 }), {
      by: byLand,
      as: "country",
    });
    expect(await messageOf(small.run({ id: 1, land: "FR" }))).toMatch(/has more than 1 records/);
    const pairs = tableOf(fromIterable([{ a: 1, b: "x", c: 3 }]), { key: ["a", "b"] });
    const by = (key: (string | number | null)[]) =>
      lookup(pairs, { by: () => key, fields: { c: "c" } }).run({});
    expect(await by([1, "x"])).toEqual({ c: 3 });
    expect(await by([1, null])).toEqual({ c: null });
    expect(await messageOf(by([1]))).toBe(
      "VALIDATION_INPUT: The table iterable is asked by a list of 2, got a list of 1",
    );
  });
});

describe("a table of one's own", () => {
  const findNothing = (): undefined => undefined;

  it("asks for a key once at a time, and keeps what it found and that it found nothing", async () => {
    const clock = createVirtualClock();
    const asked: string[] = [];
    const open: (() => void)[] = [];
    const table = defineTable({
      name: "own",
      find: async (key: string) => {
        asked.push(key);
        await new Promise<void>((resolve) => open.push(resolve));
        return key === "none" ? undefined : { key, number: asked.length };
      },
      cache: { maxAgeMs: 10_000, missingMaxAgeMs: 1_000 },
    });
    const agent = lookup(table, { by: ({ key }: { key: string }) => key, as: "found" });
    const ask = async (...keys: string[]): Promise<readonly unknown[]> => {
      const running = Promise.all(keys.map((key) => agent.run({ key }, { clock })));
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      for (const answer of open.splice(0)) answer();
      return (await running).map(({ found }) => found);
    };
    expect(await ask("a", "a", "none", "a", "none")).toMatchObject([{ key: "a" }, {}, null, {}, null]);
    expect(asked).toEqual(["a", "none"]);
    await clock.advance(999);
    await ask("a", "none");
    expect(asked).toHaveLength(2);
    await clock.advance(1);
    await ask("a", "none");
    expect(asked).toEqual(["a", "none", "none"]);
    await clock.advance(9_000);
    await ask("a");
    expect(asked).toEqual(["a", "none", "none", "a"]);
  });

  it("asks no more at a time than is said, and no more in a span of time", async () => {
    const clock = createVirtualClock();
    let most = 0;
    let active = 0;
    const times: number[] = [];
    const table = defineTable({
      name: "own",
      find: async (key: number) => {
        times.push(clock.now());
        most = Math.max(most, ++active);
        await new Promise<void>((resolve) => clock.setTimer(resolve, 10));
        active--;
        return { key };
      },
      concurrency: 2,
      rateLimit: { limit: 4, perMs: 1_000 },
    });
    const agent = lookup(table, { by: ({ id }: { id: number }) => id, as: "found" });
    const records = Array.from({ length: 8 }, (_, id) => ({ id }));
    const running = flow(fromIterable(records))
      .through(agent, { concurrency: 8 })
      .to(toArray<unknown>([]), { run: { clock } });
    let isOver = false;
    void running.then(() => (isOver = true));
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(5);
    }
    expect((await running).delivered).toBe(8);
    expect(most).toBe(2);
    const start = times[0] ?? 0;
    expect(times.filter((time) => time - start < 1_000)).toHaveLength(7);
  });

  it("asks evenly from the first on where no more than one may go at once", async () => {
    const clock = createVirtualClock();
    const times: number[] = [];
    const table = defineTable({
      name: "own",
      find: (key: number) => {
        times.push(clock.now());
        return { key };
      },
      rateLimit: { limit: 4, perMs: 1_000, burst: 1 },
    });
    const agent = lookup(table, { by: ({ id }: { id: number }) => id, as: "found" });
    let isOver = false;
    const running = flow(fromIterable([{ id: 1 }, { id: 2 }, { id: 3 }]))
      .through(agent, { concurrency: 8 })
      .to(toArray<unknown>([]), { run: { clock } })
      .finally(() => (isOver = true));
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(50);
    }
    expect((await running).delivered).toBe(3);
    const [start = 0] = times;
    expect(times.map((time) => time - start)).toEqual([0, 250, 500]);
  });

  it("does not keep a failure", async () => {
    let asked = 0;
    const table = defineTable({
      name: "own",
      find: async () => {
        asked++;
        if (asked === 1) throw new Error("out of order");
        return { asked };
      },
    });
    const agent = lookup(table, { by: () => "a", as: "found" });
    expect(await messageOf(agent.run({}))).toMatch(/out of order/);
    expect(await agent.run({})).toEqual({ found: { asked: 2 } });
  });

  it.each([
    [{ name: "a" }, /find must be a function/],
    [{ name: "a", find: findNothing, concurrency: 0 }, /concurrency must be a whole number/],
    [
      { name: "a", find: findNothing, cache: { maxAgeMs: 0 } },
      /cache.maxAgeMs must be a number of milliseconds/,
    ],
    [{ name: "a", find: findNothing, rateLimit: { limit: 0, perMs: 1 } }, /rateLimit.limit must be/],
    [
      { name: "a", find: findNothing, rateLimit: { limit: 1, perMs: 1, burst: 0 } },
      /rateLimit.burst must be/,
    ],
    [{ name: "a", find: findNothing, cached: true }, /cached must be one of/],
  ])("says what is wrong with %j", (definition, message) => {
    expect(() => defineTable(definition as never)).toThrow(message);
  });
});

describe("a query of SQLite", () => {
  let file: string;
  beforeAll(() => {
    file = join(directory, "shop.db");
    const db = new DatabaseSync(file);
    db.exec(`create table users (id integer primary key, name text, big integer, picture blob);
      insert into users values (1, 'Ada', 3, null), (2, 'Bob', 9007199254740993, null), (3, 'Cleo', 1, x'00');
      create table tags (user integer, tag text);
      insert into tags values (1, 'a'), (1, 'b'), (2, 'c')`);
    db.close();
  });

  const byUser = ({ user }: { user: unknown }) => ({ id: user as number });

  it("gives a row by what is bound, and never splices", async () => {
    const users = sqliteTable(file, { sql: "select id, name from users where name = $name or id = :id" });
    const find = lookup(users, {
      by: ({ user }: { user: string }) => ({ name: user, id: -1 }),
      as: "found",
    });
    expect(await find.run({ user: "Ada" })).toEqual({ user: "Ada", found: { id: 1, name: "Ada" } });
    expect(await find.run({ user: "' or 1 = 1 --" })).toMatchObject({ found: null });
  });

  it("is prepared once a run, and let go of at its end", async () => {
    const users = sqliteTable(file, { sql: "select name from users where id = $id" });
    const records = Array.from({ length: 500 }, (_, n) => ({ user: n % 4 }));
    const got: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      await flow(fromIterable(records))
        .through(lookup(users, { by: byUser, fields: { name: "name" } }))
        .filter(({ name }) => name !== null)
        .to(toArray(got));
    }
    expect(got).toHaveLength(750);
    rmSync(join(directory, "moved.db"), { force: true });
  });

  it("tells what a row has that JSON has not, or that there are several", async () => {
    const find = (sql: string, user: unknown, onDuplicate?: "first"): Promise<unknown> =>
      lookup(sqliteTable(file, { sql, onDuplicate }), { by: byUser, as: "found" }).run({ user });
    expect(await messageOf(find("select big from users where id = $id", 2))).toMatch(/9007199254740993/);
    expect(await messageOf(find("select picture from users where id = $id", 3))).toMatch(
      /picture is a BLOB, which JSON has not/,
    );
    const tags = "select tag from tags where user = $id order by tag";
    expect(await messageOf(find(tags, 1))).toMatch(/gives more than one row/);
    expect(await find(tags, 1, "first")).toMatchObject({ found: { tag: "a" } });
    expect(await find(tags, 2)).toMatchObject({ found: { tag: "c" } });
    expect(await messageOf(find(tags, {}))).toMatch(/The parameter id must be a text, .* got object/);
    expect(
      await find("select tag from tags where user = $id and 'a?;b$c' != '--'; ;-- ; one\n", 2),
    ).toMatchObject({
      found: { tag: "c" },
    });
    expect(await find(tags, true, "first")).toMatchObject({ found: { tag: "a" } });
  });

  it("writes nothing, and says when there is no such database or the SQL is wrong", async () => {
    const find = (path: string, sql: string): Promise<unknown> =>
      lookup(sqliteTable(path, { sql }), { by: byUser, as: "found" }).run({ user: 1 });
    expect(await messageOf(find(file, "insert into users (id) values ($id + 100) returning id"))).toMatch(
      /readonly/,
    );
    await expect(find(file, "delete from users where id = $id returning id")).rejects.toMatchObject({
      hint: "A lookup only reads: ask by a SELECT.",
    });
    expect(await messageOf(find(join(directory, "none.db"), "select $id"))).toMatch(
      /Could not ask the database .*none.db: unable to open/,
    );
    expect(await messageOf(find(file, "select nam from users where id = $id"))).toMatch(
      /no such column: nam/,
    );
  });

  it("waits for a database that is locked, while all else goes on, and no longer than is said", async () => {
    const path = join(directory, "locked.db");
    const other = new DatabaseSync(path);
    other.exec("create table users (id integer primary key, name text); insert into users values (1, 'Ada')");
    const clock = createVirtualClock();
    const sql = "select name from users where id = $id";
    const find = lookup(sqliteTable(path, { sql, busyTimeoutMs: 300 }), { by: byUser, as: "found" });
    other.exec("begin exclusive");
    const opening = find.run({ user: 1 }, { clock });
    await clock.advance(250);
    other.exec("rollback");
    await clock.advance(100);
    expect(await opening).toMatchObject({ found: { name: "Ada" } });

    const settled = flow(fromIterable([{ user: 1 }, { user: 1 }]))
      .map((record) => {
        if (!other.isTransaction && record.user === 1) other.exec("begin exclusive");
        return record;
      })
      .through(find, { concurrency: 1, onError: "dead-letter" })
      .to(toArray<unknown>([]), { run: { clock } });
    await clock.advance(10_000);
    const { deadLettered, deadLetters } = await settled;
    other.close();
    expect(deadLettered).toBe(2);
    expect(deadLetters[0]?.error).toMatchObject({
      code: "EXECUTION",
      message: `The database ${path} has been locked for 300 ms`,
      retryable: true,
    });
    expect(deadLetters[0]?.error.hint).toMatch(/busyTimeoutMs/);
  });

  it("holds rows against a schema", async () => {
    const schema = z.object({ name: z.string().max(3) });
    const users = sqliteTable(file, { sql: "select name from users where id = $id", schema });
    const find = lookup(users, { by: byUser, as: "found" });
    expect((await find.run({ user: 1 })).found?.name).toBe("Ada");
    expect(await messageOf(find.run({ user: 3 }))).toMatch(/^VALIDATION_OUTPUT: .* name: /);
  });

  it.each([
    ["", { sql: "select 1" }, /file must be a path/],
    ["a.db", { sql: " " }, /sql must be a statement/],
    ["a.db", { sql: "select * from a where id = ?" }, /sql must be a statement whose parameters have names/],
    ["a.db", { sql: "select 1; select 2" }, /sql must be one statement, got "several"/],
    ["a.db", { sql: "; select 1 ; /* ; */ ; drop table a" }, /sql must be one statement/],
    ["a.db", { sql: "select 1", onDuplicate: "last" }, /onDuplicate must be error or first/],
  ])("says what is wrong with %j and %j", (path, options, message) => {
    expect(() => sqliteTable(path, options as never)).toThrow(message);
  });
});
