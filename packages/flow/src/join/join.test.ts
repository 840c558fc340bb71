import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import type { KeyValue } from "../keys.ts";
import { planRedrive } from "../letters/plan-redrive.ts";
import { defineSink } from "../sink.ts";
import { defineSource } from "../source.ts";
import { toArray } from "../to-array.ts";

interface Left {
  readonly place: number;
  readonly key: KeyValue;
}
interface Right {
  readonly key: KeyValue;
  readonly name: string;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(joinPath(tmpdir(), "join-test-"));
});
afterEach(() => {
  if (readdirSync(directory).length > 0) throw new Error("a temporary file was left");
  rmSync(directory, { recursive: true });
});

const orders: readonly Left[] = [
  { place: 0, key: "a" },
  { place: 1, key: "b" },
  { place: 2, key: null },
  { place: 3, key: "c" },
  { place: 4, key: "a" },
];
const customers: readonly Right[] = [
  { key: "a", name: "Ada" },
  { key: "c", name: "Cleo" },
  { key: "a", name: "Abe" },
  { key: null, name: "nobody" },
];

/** What SQL says, one record after the other. */
function naive(left: readonly Left[], right: readonly Right[], type: string): readonly unknown[] {
  const isSame = (one: KeyValue, two: KeyValue): boolean =>
    one !== null && one !== undefined && (one === two || (Number.isNaN(one) && Number.isNaN(two)));
  return left.flatMap((record): readonly unknown[] => {
    const found = right.filter(({ key }) => isSame(record.key, key));
    if (type === "semi") return found.length > 0 ? [record] : [];
    if (type === "anti") return found.length > 0 ? [] : [record];
    if (found.length > 0) return found.map((other) => ({ ...record, other }));
    return type === "left" ? [{ ...record, other: null }] : [];
  });
}

const types = ["inner", "left", "semi", "anti"] as const;

function joined(
  left: readonly Left[],
  right: readonly Right[],
  type: (typeof types)[number],
  options: { readonly maxInMemory?: number; readonly maxMatches?: number } = {},
) {
  const all = { ...options, on: "key", directory, onError: "dead-letter" } as const;
  const records = flow(fromIterable(left));
  const others = fromIterable(right);
  return type === "semi" || type === "anti"
    ? records.join(others, { ...all, type })
    : records.join(others, { ...all, type, as: "other" });
}

const byText = (records: readonly unknown[]): readonly string[] =>
  records.map((record) => JSON.stringify(record)).toSorted();

describe("a join", () => {
  it.each(types)("%s gives what SQL does, in the order of the records", async (type) => {
    const got: unknown[] = [];
    const summary = await joined(orders, customers, type).to(toArray(got));
    expect(got).toEqual(naive(orders, customers, type));
    const kept = new Set(got.map((record) => (record as Left).place)).size;
    expect(summary).toMatchObject({
      status: "success",
      read: 5,
      delivered: kept,
      filtered: 5 - kept,
      emitted: got.length,
    });
    expect(summary.stages).toMatchObject([{ id: "join", taken: 5, given: got.length }]);
  });

  it("gives what a nested loop does, in memory and from files", async () => {
    const key = fc.oneof(
      fc.constantFrom(null, undefined, true, false, 0, -0, 1, "", "1", "a", "true"),
      fc.integer({ min: -3, max: 3 }),
      fc.string({ unit: "binary", maxLength: 2 }),
    );
    const left = fc.array(key, { maxLength: 40 });
    const right = fc.array(fc.record({ key, name: fc.string({ maxLength: 3 }) }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        left,
        right,
        fc.constantFrom(...types),
        fc.integer({ min: 1, max: 45 }),
        async (keys, others, type, maxInMemory) => {
          const records = keys.map((each, place): Left => ({ place, key: each }));
          const got: unknown[] = [];
          const summary = await joined(records, others, type, { maxInMemory }).to(toArray(got));
          expect(byText(got)).toEqual(byText(naive(records, others, type)));
          const { read, delivered, filtered, deadLettered, unfinished } = summary;
          expect([read, deadLettered, unfinished]).toEqual([records.length, 0, 0]);
          expect(delivered + filtered).toBe(records.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("parts anew what is still too large, and one key as often as may be", async () => {
    const left = Array.from({ length: 3_000 }, (_, place): Left => ({ place, key: place % 1_500 }));
    const right = [
      ...Array.from({ length: 1_000 }, (_, n): Right => ({ key: n, name: `n${n}` })),
      ...Array.from({ length: 50 }, (_, n): Right => ({ key: 7, name: `more${n}` })),
    ];
    for (const type of types) {
      const got: unknown[] = [];
      await joined(left, right, type, { maxInMemory: 3 }).to(toArray(got));
      expect(byText(got)).toEqual(byText(naive(left, right, type)));
    }
  });

  it("joins by several keys, and by what functions give", async () => {
    const left = fromIterable([
      { country: "FR", city: "Lyon" },
      { country: "FR", city: "PARIS" },
      { country: "DE", city: "Lyon" },
    ]);
    const right = fromIterable([
      { land: "FR", name: "lyon", zip: 69_000 },
      { land: "FR", name: "paris", zip: 75_000 },
    ]);
    const got: unknown[] = [];
    await flow(left)
      .join(right, {
        on: [
          { left: "country", right: "land" },
          { left: ({ city }) => city.toLowerCase(), right: "name" },
        ],
        as: "place",
      })
      .map(({ city, place: { zip } }) => [city, zip])
      .to(toArray(got));
    expect(got).toEqual([
      ["Lyon", 69_000],
      ["PARIS", 75_000],
    ]);
  });

  it("joins with a flow, and more than once", async () => {
    const people = flow(fromIterable(customers)).filter(({ name }) => name !== "Abe");
    const got: unknown[] = [];
    const summary = await flow(fromIterable(orders))
      .join(people, { on: "key", as: "person" })
      .join(people, { on: "key", as: "again", maxInMemory: 1, directory })
      .map(({ place, person, again }) => [place, person.name, again.name])
      .sort({ by: [([place]) => place] })
      .to(toArray(got));
    expect(got).toEqual([
      [0, "Ada", "Ada"],
      [3, "Cleo", "Cleo"],
      [4, "Ada", "Ada"],
    ]);
    expect(summary).toMatchObject({ status: "success", read: 5, delivered: 3, filtered: 2 });
  });

  it("is fine with nothing on either side", async () => {
    for (const maxInMemory of [1, 10]) {
      expect((await joined([], customers, "left", { maxInMemory }).to(toArray<unknown>([]))).status).toBe(
        "success",
      );
      const got: unknown[] = [];
      await joined(orders, [], "left", { maxInMemory }).to(toArray(got));
      expect(got).toHaveLength(5);
    }
  });

  it("ends with nothing to sort before it, also where the other side is in files", async () => {
    const summary = await flow(fromIterable<Left>([]))
      .sort({ by: ["key"] })
      .join(fromIterable(customers), { on: "key", as: "other", maxInMemory: 1, directory })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ status: "success", read: 0 });
  });

  it.each([1, 100])("tells of a key with too many matches, in memory for %i", async (maxInMemory) => {
    const letters: DeadLetter[] = [];
    const got: unknown[] = [];
    const summary = await joined(orders, customers, "inner", { maxMatches: 1, maxInMemory }).to(
      toArray(got),
      {
        deadLetters: toArray(letters),
      },
    );
    expect(got).toEqual([{ place: 3, key: "c", other: { key: "c", name: "Cleo" } }]);
    expect(summary).toMatchObject({ status: "partial", delivered: 1, filtered: 2, deadLettered: 2 });
    expect(letters.map(({ record, stage, error }) => [record, stage, error.message])).toEqual([
      [1, "join", 'The key "a" has more than 1 matches'],
      [5, "join", 'The key "a" has more than 1 matches'],
    ]);
  });

  it("replaces nothing unless it is said", async () => {
    const left = [{ key: "a", other: "mine" }];
    const letters: DeadLetter[] = [];
    const options = { on: "key", as: "other", onError: "dead-letter" } as const;
    await flow(fromIterable(left))
      .join(fromIterable(customers), options)
      .to(toArray<unknown>([]), { deadLetters: toArray(letters) });
    expect(letters[0]?.error.message).toMatch(
      /it has a key "other" already: give as another name, or say replace$/,
    );
    const got: unknown[] = [];
    await flow(fromIterable(left))
      .join(fromIterable(customers), { ...options, replace: true })
      .map(({ other }) => other.name)
      .to(toArray(got));
    expect(got).toEqual(["Ada", "Abe"]);
  });

  it("has a record fail whose key is none, or that is no object", async () => {
    const left: readonly unknown[] = [{ key: ["a"] }, 3, null, [], { key: "a" }];
    const summary = await flow(fromIterable(left))
      .join(fromIterable(customers), { on: "key", type: "left", as: "other", onError: "dead-letter" })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ delivered: 1, deadLettered: 4 });
    const noObject = expect.stringContaining("it is no object, so that nothing can be put under a key of it");
    expect(summary.deadLetters.map(({ error }) => error.message)).toEqual([
      expect.stringContaining('"key" must be a text, a number, true, false or null, got an array'),
      noObject,
      expect.stringContaining("null"),
      noObject,
    ]);
  });

  it("has a record fail that is no JSON where it has to go to a file", async () => {
    const left = [
      { key: "a", at: new Date(0) },
      { key: "c", at: 1 },
    ];
    const run = (maxInMemory: number) =>
      flow(fromIterable(left))
        .join(fromIterable(customers), {
          on: "key",
          as: "other",
          maxInMemory,
          directory,
          onError: "dead-letter",
        })
        .to(toArray<unknown>([]));
    expect(await run(10)).toMatchObject({ delivered: 2, emitted: 3 });
    const spilled = await run(1);
    expect(spilled).toMatchObject({ delivered: 1, deadLettered: 1 });
    expect(spilled.deadLetters[0]?.error.message).toMatch(/no JSON at at: an object of class Date$/);
  });
});

describe("the other side of a join", () => {
  const failing = (records: readonly unknown[], failsAt: number) =>
    defineSource<unknown>({
      name: "faulty",
      read: function* (reader) {
        for (const [index, record] of records.entries()) {
          yield index === failsAt ? reader.refuse({ message: "it is odd" }) : record;
        }
      },
    });

  it("ends the flow when a record of it cannot be read", async () => {
    const summary = await flow(fromIterable(orders))
      .join(failing(customers, 1), { on: "key", as: "other" })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ status: "failed", delivered: 0 });
    expect(summary.error).toMatchObject({ code: "EXECUTION", stage: "join" });
    expect(summary.error?.message).toMatch(/^Could not read the other side of stage "join": .*it is odd/);
  });

  it("ends the flow when it has dead letters, and not when it leaves them out", async () => {
    const run = (onError: "dead-letter" | "drop") =>
      flow(fromIterable(orders))
        .join(flow(failing(customers, 1), { onError }), { on: "key", as: "other" })
        .to(toArray<unknown>([]));
    const summary = await run("dead-letter");
    expect(summary.status).toBe("failed");
    expect(summary.error?.message).toMatch(/^1 record of the other side of stage "join" failed: .*it is odd/);
    expect(await run("drop")).toMatchObject({ status: "success", delivered: 2, emitted: 4 });
  });

  it("ends the flow with a key that is none", async () => {
    const summary = await flow(fromIterable(orders))
      .join(fromIterable<unknown>([{ key: {} }]), { on: { left: "key", right: "key" }, as: "other" })
      .to(toArray<unknown>([]));
    expect(summary.error?.message).toMatch(/other side .*"key" must be a text, .* got an object/);
  });

  it("ends the flow with what is no JSON and has to go to a file", async () => {
    const right = [{ key: "a", at: new Date(0) }, { key: "b" }];
    const summary = await flow(fromIterable(orders))
      .join(fromIterable<unknown>(right), {
        on: { left: "key", right: "key" },
        as: "other",
        maxInMemory: 1,
        directory,
      })
      .to(toArray<unknown>([]));
    expect(summary.error?.message).toBe(
      "A record of the other side cannot go to a temporary file: no JSON at at: an object of class Date",
    );
  });

  it("is let go of when the flow is cancelled, also while it is read", async () => {
    let closed = 0;
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const endless = defineSource<Right>({
      name: "endless",
      read: async function* ({ signal }) {
        try {
          for (let n = 0; ; n++) {
            if (n === 50) {
              resolve();
              await new Promise((_, reject) => {
                signal.addEventListener("abort", () => reject(signal.reason as Error));
              });
            }
            yield { key: n, name: "x".repeat(40_000) };
          }
        } finally {
          closed++;
        }
      },
    });
    const run = flow(fromIterable(orders))
      .join(endless, { on: "key", as: "other", maxInMemory: 2, directory })
      .start(toArray<unknown>([]));
    await asked;
    run.cancel();
    expect(await run.summary).toMatchObject({ status: "cancelled", delivered: 0 });
    expect(closed).toBe(1);
  });

  it("is let go of when that of another join fails", async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    let isClosed = false;
    const endless = defineSource<Right>({
      name: "endless",
      read: async function* ({ signal }) {
        try {
          yield { key: "a", name: "Ada" };
          resolve();
          await new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason as Error));
          });
        } finally {
          isClosed = true;
        }
      },
    });
    const faulty = defineSource<Right>({
      name: "faulty",
      read: async function* () {
        await asked;
        yield* customers;
        throw new Error("out of order");
      },
    });
    const summary = await flow(fromIterable(orders))
      .join(endless, { on: "key", as: "first" })
      .join(faulty, { on: "key", as: "second" })
      .to(toArray<unknown>([]));
    expect(summary.error?.message).toMatch(
      /^Could not read the other side of stage "join-2": .*out of order/,
    );
    expect(isClosed).toBe(true);
  });

  it("leaves no file when a sink fails while parts are joined", async () => {
    const left = Array.from({ length: 5_000 }, (_, place): Left => ({ place, key: place }));
    const right = left.map(({ key }): Right => ({ key, name: "x".repeat(50) }));
    let writes = 0;
    const full = defineSink<unknown>({
      name: "full",
      open: () => ({
        write: () => {
          writes++;
          if (writes === 2) throw new Error("full");
        },
      }),
    });
    const summary = await joined(left, right, "inner", { maxInMemory: 10 }).to(full);
    expect(summary).toMatchObject({ status: "failed", published: false });
    expect(summary.read).toBe(
      summary.delivered + summary.filtered + summary.deadLettered + summary.unfinished,
    );
  });

  it("says where there is no folder for temporary files", async () => {
    const summary = await flow(fromIterable(orders))
      .join(fromIterable(customers), {
        on: "key",
        as: "other",
        maxInMemory: 1,
        directory: joinPath(directory, "none"),
      })
      .to(toArray<unknown>([]));
    expect(summary.error?.message).toMatch(/ENOENT/);
  });
});

describe("a join's place in a flow", () => {
  it("lets records be done again before and behind it", async () => {
    let isMended = false;
    const got: unknown[] = [];
    const letters: DeadLetter[] = [];
    const whole = flow(fromIterable(orders))
      .join(fromIterable(customers), { on: "key", as: "other", maxInMemory: 1, directory })
      .map(
        ({ place, other }) => {
          if (!isMended && place !== 3) throw new Error("out of order");
          return `${place} ${other.name}`;
        },
        { onError: "dead-letter" },
      );
    const first = await whole.to(toArray(got), { deadLetters: toArray(letters) });
    expect(first).toMatchObject({ delivered: 1, filtered: 2, deadLettered: 2 });
    expect(await planRedrive(whole, letters)).toMatchObject({ letters: 4 });
    isMended = true;
    const second = await whole.redrive(letters).to(toArray(got));
    expect(second).toMatchObject({ status: "success", read: 2, delivered: 2 });
    expect(byText(got).map((text) => JSON.parse(text) as unknown)).toEqual([
      "0 Abe",
      "0 Ada",
      "3 Cleo",
      "4 Abe",
      "4 Ada",
    ]);
  });

  it("is part of the hash", () => {
    const begun = flow(fromIterable(orders));
    const one = begun.join(fromIterable(customers), { on: "key", as: "other" });
    expect(one.hash).toBe(begun.join(fromIterable([...customers]), { on: "key", as: "other" }).hash);
    expect(one.hash).not.toBe(
      begun.join(fromIterable(customers), { on: "key", as: "other", type: "left" }).hash,
    );
    expect(one.stages).toEqual([{ id: "join", kind: "join", needsAll: false }]);
  });

  it.each([
    [{ on: "key" }, /flow.join: as must be the name of a key, got undefined/],
    [{ on: "key", as: "__proto__" }, /as must be the name of a key/],
    [{ on: [], as: "a" }, /on must be at least one key/],
    [{ on: ["key", 3], as: "a" }, /on\[1\] must be a key, or an object with left and right/],
    [{ on: { left: "key", right: 3 }, as: "a" }, /on.right must be a key or a function/],
    [{ on: "key", as: "a", type: "outer" }, /type must be one of inner, left, semi, anti, got "outer"/],
    [{ on: "key", as: "a", type: "anti" }, /as must be left out, as anti adds nothing/],
    [{ on: "key", as: "a", maxMatches: 0 }, /maxMatches must be a whole number/],
    [{ on: "key", as: "a", kind: "left" }, /kind must be one of/],
  ])("says what is wrong with %j", (options, message) => {
    const begun = flow(fromIterable(orders));
    expect(() => begun.join(fromIterable(customers), options as never)).toThrow(message);
  });

  it("says what is no source", () => {
    expect(() => flow(fromIterable(orders)).join({} as never, { on: "key", as: "a" } as never)).toThrow(
      /flow.join: source must be a source/,
    );
  });
});
