import { flow, fromIterable, toArray } from "@atomic-agents/flow";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import * as fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inferFile } from "./infer-file.ts";
import { inferSchema, SchemaInference } from "./infer-schema.ts";
import { type Profile, profileRecords, ProfileGathering } from "./profile-records.ts";

function profileOf(records: readonly unknown[]): Profile {
  const gathering = new ProfileGathering();
  for (const record of records) gathering.add(record);
  return gathering.profile();
}

const field = (profile: Profile, path: string) => profile.fields.find((each) => each.path === path);

describe("a profile", () => {
  it("says what there is in each field, nested ones and those in lists as well", () => {
    const profile = profileOf([
      { id: 1, tags: ["a", "b"], at: { city: "Rome" } },
      { id: 2, tags: [], at: null, note: "😀é" },
      { id: 2.5, at: { city: "Rome", zip: 7 }, lines: [{ n: 1 }, { n: null }] },
    ]);
    expect(profile.records).toBe(3);
    expect(profile.fields.map(({ path }) => path)).toEqual([
      "id",
      "tags",
      "tags[]",
      "at",
      "at.city",
      "at.zip",
      "note",
      "lines",
      "lines[].n",
    ]);
    expect(field(profile, "id")).toEqual({
      path: "id",
      present: 3,
      missing: 0,
      nulls: 0,
      types: { integer: 2, number: 1 },
      distinct: 3,
      isDistinctExact: true,
      min: 1,
      max: 2.5,
      mean: expect.closeTo(5.5 / 3),
      quantiles: { p25: 1, p50: 2, p75: 2.5 },
      examples: [1, 2, 2.5],
    });
    expect(field(profile, "at")).toMatchObject({ present: 3, nulls: 1, types: { null: 1, object: 2 } });
    expect(field(profile, "at.zip")).toMatchObject({ present: 1, missing: 1 });
    expect(field(profile, "note")).toMatchObject({ missing: 2, minLength: 2, maxLength: 2 });
    expect(field(profile, "tags")).toMatchObject({ minItems: 0, maxItems: 2, missing: 1 });
    expect(field(profile, "lines[].n")).toMatchObject({ present: 2, nulls: 1 });
  });

  it("takes whatever there is", () => {
    const profile = profileOf([
      { a: Number.NaN },
      { a: Number.POSITIVE_INFINITY },
      { a: new Date(0) },
      { a: undefined },
      { a: 2 ** 53 + 2 },
      { a: "x" },
      null,
      7,
      ["list"],
      JSON.parse('{"__proto__": 1}'),
    ]);
    expect(field(profile, "a")).toMatchObject({
      types: { integer: 1, text: 1, other: 3 },
      missing: 2,
      inexact: 1,
      max: 2 ** 53 + 2,
    });
    expect(profile.untold).toBe(1);
    expect(profileOf([])).toEqual({ records: 0, fields: [], untold: 0 });
    const huge = profileOf([{ a: -1.7e308 }, { a: 1.7e308 }]);
    expect(field(huge, "a")?.mean).toBe(0);
  });

  it("stays bounded, however many fields there are and however deep", () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index]));
    const profile = profileOf([wide, wide]);
    expect(profile.fields).toHaveLength(200);
    expect(profile.untold).toBe(9_600);
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = { a: deep };
    expect(profileOf([deep]).fields).toHaveLength(32);
    const few = new ProfileGathering({ maxFields: 2 });
    few.add({ a: 1, b: 2, c: 3 });
    expect(few.profile()).toMatchObject({ fields: [{ path: "a" }, { path: "b" }], untold: 1 });
  });

  it("estimates what is too much to be held", () => {
    const records = Array.from({ length: 20_000 }, (_, index) => ({ n: index, t: `t${index % 10}` }));
    const profile = profileOf(records);
    const { distinct = 0, isDistinctExact, quantiles } = field(profile, "n") ?? {};
    expect(isDistinctExact).toBe(false);
    expect(Math.abs(distinct / 20_000 - 1)).toBeLessThan(0.04);
    expect(Math.abs((quantiles?.["p50"] ?? 0) / 10_000 - 1)).toBeLessThan(0.011);
    expect(field(profile, "t")).toMatchObject({ distinct: 10, isDistinctExact: true });
  });

  it("is an operator of flows, which gives one record, of none as well", async () => {
    for (const records of [[], [{ a: 1 }, { a: 2 }]]) {
      const got: Profile[] = [];
      const summary = await flow(fromIterable(records as { a: number }[]))
        .operator(profileRecords())
        .to(toArray(got));
      expect(summary).toMatchObject({ status: "success", read: records.length, delivered: records.length });
      expect(got.map((profile) => profile.records)).toEqual([records.length]);
    }
    expect(() => profileRecords({ quantiles: [2] })).toThrow(/quantiles must be/);
    expect(() => profileRecords({ maxFields: 0 })).toThrow(/maxFields must be/);
    expect(() => profileRecords({ quantile: [] } as never)).toThrow(/quantile must be one of/);
  });
});

describe("an inferred schema", () => {
  const anyRecord = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.oneof(fc.constantFrom("a", "b", "c", "__proto__", "constructor"), fc.string({ maxLength: 3 })),
      fc.oneof(
        fc.jsonValue(),
        fc.double(),
        fc.maxSafeInteger(),
        fc.constantFrom(
          "2026-01-31",
          "2026-02-30",
          "0000-01-01",
          "2026-01-31T10:00:00Z",
          "2026-01-31T23:59:60Z",
          "9999-12-31T23:59:59-18:00",
          "a@b.org",
          "a-@b-c.io",
          "https://x.org/a?b=c",
          "http://x",
          "",
          "0",
          "true",
          2 ** 53 + 2,
          -0,
          "😀",
          "123e4567-e89b-12d3-a456-426614174000",
        ),
        fc.emailAddress(),
        fc.webUrl(),
        fc.uuid(),
        fc.array(fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(fc.integer(), fc.constant(null)))),
      ),
    ),
  );

  it("takes every record that it was made of, strict or not", () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 12 }),
        fc.boolean(),
        fc.boolean(),
        (given, strict, isRepeated) => {
          // Short lists of values are made of what comes often.
          const records = isRepeated ? Array.from({ length: 6 }, () => given).flat() : given;
          const { validate } = fromJsonSchema(inferSchema(records, { strict }), { formats: "assert" })[
            "~standard"
          ];
          for (const record of records) expect(validate(record)).not.toHaveProperty("issues");
        },
      ),
      { numRuns: 300 },
    );
  });

  it("says what was seen", () => {
    const records = Array.from({ length: 20 }, (_, index) => ({
      id: index,
      kind: ["a", "b"][index % 2],
      day: "2026-01-31",
      price: index === 0 ? null : index / 2,
      ...(index > 5 && { note: `note ${index}` }),
    }));
    expect(inferSchema(records)).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $comment: "of 20 records",
      type: "object",
      properties: {
        id: { $comment: "in 20 of 20: 20 integer", type: "integer", examples: [0, 1, 2] },
        kind: { $comment: "in 20 of 20: 20 string", type: "string", enum: ["a", "b"] },
        day: { $comment: "in 20 of 20: 20 string", type: "string", enum: ["2026-01-31"] },
        price: {
          $comment: "in 20 of 20: 1 null, 9 integer, 10 number",
          type: ["null", "number"],
          examples: [0.5, 1, 1.5],
        },
        note: {
          $comment: "in 14 of 20: 14 string",
          type: "string",
          examples: ["note 6", "note 7", "note 8"],
        },
      },
      required: ["id", "kind", "day", "price"],
    });
    expect(inferSchema([{ day: "2026-01-31" }, { day: "2026-02-01" }]).properties?.["day"]).toMatchObject({
      format: "date",
    });
    expect(inferSchema([{ day: "2026-02-30" }]).properties?.["day"]).not.toHaveProperty("format");
    expect(inferSchema([{ n: 2 }, { n: 5 }], { strict: true })).toMatchObject({
      properties: { n: { minimum: 2, maximum: 5 } },
      additionalProperties: false,
    });
    expect(inferSchema([])).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $comment: "there were no records",
    });
    expect(inferSchema([{ n: Number.NaN }]).properties?.["n"]).toEqual({ $comment: "in 1 of 1: 1 not JSON" });
    expect(() => inferSchema([], { strct: true } as never)).toThrow(/strct must be one of strict/);
  });

  it("says what columns of texts are written as", () => {
    const inference = new SchemaInference();
    inference.add({ a: "1", b: "1.5", c: "true", d: "x", e: "", f: "9007199254740993" });
    inference.add({ a: "", b: "2", c: "False", d: "1", e: " ", f: "1" });
    expect(inference.columnTypes()).toEqual({ a: "integer", b: "number", c: "boolean" });
  });
});

describe("a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "infer-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return name;
  };

  it("is read in its format", async () => {
    const csv = write("a.csv", "id,price,name\n1,2.5,x\n2,,y\n");
    expect(await inferFile(csv, { directory })).toMatchObject({
      schema: { properties: { id: { type: "string" } }, required: ["id", "price", "name"] },
      records: 2,
      refused: 0,
      columnTypes: { id: "integer", price: "number" },
    });
    const jsonl = write("a.jsonl", '{"a":1}\n{"a":\n{"a":"x"}\n');
    expect(await inferFile(jsonl, { directory })).toMatchObject({
      schema: { properties: { a: { type: ["integer", "string"] } } },
      records: 2,
      refused: 1,
      reasons: [expect.stringContaining("a.jsonl:2")],
    });
    expect(await inferFile(jsonl, { directory, limit: 1 })).toMatchObject({
      schema: { properties: { a: { type: "integer" } } },
      records: 1,
      refused: 0,
    });
    for (const name of [write("empty.jsonl", ""), write("empty.csv", "a,b\n"), write("empty.json", "[]")]) {
      expect(await inferFile(name, { directory })).toMatchObject({ records: 0, refused: 0 });
    }
  });

  it("has to be there, and to have a format", async () => {
    await expect(inferFile("none.jsonl", { directory })).rejects.toThrow(/none\.jsonl/);
    await expect(inferFile(write("x.odd", "{}"), { directory })).rejects.toMatchObject({ code: "CONFIG" });
    await expect(inferFile("a.jsonl", { directory, limit: 0 })).rejects.toMatchObject({ code: "CONFIG" });
  });
});
