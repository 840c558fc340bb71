import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeReader } from "./event-time.ts";

const read = (value: unknown, timeZone?: string): number =>
  timeReader("test", "time", "at", timeZone)({ at: value });
const utc = (text: string): number => Date.parse(text);

describe("the time of a record", () => {
  it("is a number of milliseconds, a date, or a text with a zone", () => {
    expect(read(1_700_000_000_000)).toBe(1_700_000_000_000);
    expect(read(-1.5)).toBe(-2);
    expect(read(new Date(5))).toBe(5);
    expect(timeReader("test", "time", (record: { n: number }) => record.n * 1_000, undefined)({ n: 2 })).toBe(
      2_000,
    );
    for (const [text, same] of [
      ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"],
      ["2026-01-31 10:00z", "2026-01-31T10:00:00Z"],
      ["2026-01-31t10:00:00.1234567+01:30", "2026-01-31T08:30:00.123Z"],
      ["2026-01-31T10:00:00,5-0500", "2026-01-31T15:00:00.500Z"],
      ["2024-02-29T23:59:59+14", "2024-02-29T09:59:59Z"],
      ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    ] as const) {
      expect([text, read(text)]).toEqual([text, utc(same)]);
    }
  });

  it("is what the engine reads, for any moment and offset", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: utc("0001-01-02T00:00:00Z"), max: utc("9999-12-30T00:00:00Z") }),
        fc.integer({ min: -18 * 60, max: 18 * 60 }),
        (moment, ahead) => {
          const local = new Date(moment + ahead * 60_000).toISOString().slice(0, -1);
          const clock = new Date(Math.abs(ahead) * 60_000).toISOString().slice(11, 16);
          expect(read(`${local}${ahead < 0 ? "-" : "+"}${clock}`)).toBe(moment);
          expect(read(local, `${ahead < 0 ? "-" : "+"}${clock}`)).toBe(moment);
          expect(read(local, "UTC")).toBe(moment + ahead * 60_000);
        },
      ),
    );
  });

  it("is no text without a zone, unless one is said for all", () => {
    expect(() => read("2026-01-31T10:00:00")).toThrow(
      '"at" is "2026-01-31T10:00:00", a time without a zone: timeZone has to say which',
    );
    expect(() => read("2026-01-31")).toThrow('"at" is "2026-01-31", a day without a zone');
    expect(read("2026-01-31T10:00:00", "+02:00")).toBe(utc("2026-01-31T08:00:00Z"));
    expect(read("2026-07-31", "America/New_York")).toBe(utc("2026-07-31T04:00:00Z"));
    // One of its own goes before.
    expect(read("2026-01-31T10:00:00Z", "Europe/Berlin")).toBe(utc("2026-01-31T10:00:00Z"));
  });

  it("is the first of two, and none that clocks skip", () => {
    // Clocks in Berlin go from 2 to 3 and from 3 to 2.
    expect(() => read("2026-03-29T02:30:00", "Europe/Berlin")).toThrow(
      '"at" is "2026-03-29T02:30:00", which clocks in Europe/Berlin skipped',
    );
    expect(read("2026-03-29T01:59:59", "Europe/Berlin")).toBe(utc("2026-03-29T00:59:59Z"));
    expect(read("2026-03-29T03:00:00", "Europe/Berlin")).toBe(utc("2026-03-29T01:00:00Z"));
    expect(read("2026-10-25T01:59:59", "Europe/Berlin")).toBe(utc("2026-10-24T23:59:59Z"));
    expect(read("2026-10-25T02:30:00", "Europe/Berlin")).toBe(utc("2026-10-25T00:30:00Z"));
    expect(read("2026-10-25T03:00:00", "Europe/Berlin")).toBe(utc("2026-10-25T02:00:00Z"));
    // Half an hour, in the south.
    expect(() => read("2026-10-04T02:15:00", "Australia/Lord_Howe")).toThrow("skipped");
    expect(read("2026-04-05T01:45:00", "Australia/Lord_Howe")).toBe(utc("2026-04-04T14:45:00Z"));
    // At a minute past midnight, in whatever order times of that day come.
    for (const order of [1, -1]) {
      const reader = timeReader("test", "time", "at", "America/St_Johns");
      const times: readonly (readonly [local: string, utc: string | undefined])[] = [
        ["1990-04-01T00:00:30", "1990-04-01T03:30:30Z"],
        ["1990-04-01T00:01:00", undefined],
        ["1990-04-01T01:01:00", "1990-04-01T03:31:00Z"],
        ["1990-10-28T00:00:30", "1990-10-28T02:30:30Z"],
        ["1990-10-28T00:01:00", "1990-10-28T03:31:00Z"],
      ];
      for (const [local, moment] of order > 0 ? times : times.toReversed()) {
        if (moment === undefined) expect(() => reader({ at: local })).toThrow("skipped");
        else expect(reader({ at: local })).toBe(utc(moment));
      }
    }
    // A day whose midnight was skipped begins at one; a day that was skipped as a whole begins as the next does.
    expect(read("2018-11-04", "America/Sao_Paulo")).toBe(utc("2018-11-04T03:00:00Z"));
    expect(read("2011-12-30", "Pacific/Apia")).toBe(utc("2011-12-30T10:00:00Z"));
    expect(() => read("2018-11-04T00:30:00", "America/Sao_Paulo")).toThrow("skipped");
  });

  it("goes back to what clocks showed, in any zone", () => {
    const zones = ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Africa/Monrovia"];
    fc.assert(
      fc.property(
        fc.integer({ min: utc("1900-01-01T00:00:00Z"), max: utc("2100-01-01T00:00:00Z") }),
        fc.constantFrom(...zones),
        (drawn, timeZone) => {
          const moment = drawn - (drawn % 1_000);
          const shown = (at: number): string =>
            new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(
              at,
            );
          const got = read(shown(moment), timeZone);
          expect(got).toBeLessThanOrEqual(moment);
          expect(shown(got)).toBe(shown(moment));
        },
      ),
    );
  });

  it("is nothing else", () => {
    const expected =
      '"at" must be a time: milliseconds since 1970, or a text such as 2026-01-31T10:00:00Z; got ';
    for (const [value, shown] of [
      [null, "null"],
      [undefined, "undefined"],
      [true, "true"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Infinity"],
      [1e300, "1e+300"],
      [[1], "an array"],
      [{}, "an object"],
      [new Date(Number.NaN), "a date that is none, or too far away"],
      ["", '""'],
      ["yesterday", '"yesterday"'],
      ["2026-02-29T10:00:00Z", '"2026-02-29T10:00:00Z"'],
      ["2026-01-31T24:00:00Z", '"2026-01-31T24:00:00Z"'],
      ["2026-01-31T10:60Z", '"2026-01-31T10:60Z"'],
      ["2026-01-31T10:00:60Z", '"2026-01-31T10:00:60Z"'],
      ["2026-01-31T10:00:00+19:00", '"2026-01-31T10:00:00+19:00"'],
      ["0000-01-01T00:00:00+18:00", '"0000-01-01T00:00:00+18:00"'],
      [` 2026-01-31T10:00:00Z`, '" 2026-01-31T10:00:00Z"'],
      ["1".repeat(100), `"${"1".repeat(60)}…"`],
    ] as const) {
      expect(() => read(value)).toThrow(expected + shown);
    }
    expect(() => timeReader("test", "time", "at", undefined)(null)).toThrow(TypeError);
    const late = timeReader("test", "time", async () => 5, undefined);
    expect(() => late({})).toThrow("promise");
    for (const wrong of [
      () => timeReader("t", "time", 5, undefined),
      () => timeReader("t", "time", "at", "Mars"),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
  });
});
