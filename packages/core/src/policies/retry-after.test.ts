import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter } from "../index.ts";

/** The moment of the examples in RFC 9110, section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT. */
const exampleMs = Date.UTC(1994, 10, 6, 8, 49, 37);
const at = (timestampMs: number) => createVirtualClock({ timestampMs });

test.each<[string, number]>([
  ["0", 0],
  ["120", 120_000],
  ["007", 7_000],
  [" \t3 ", 3_000],
  ["300", 300_000],
])("%j is a number of seconds", (value, expected) => {
  expect(parseRetryAfter(value)).toBe(expected);
});

test("a number of seconds beyond all measure is still a number", () => {
  expect(parseRetryAfter("9".repeat(400))).toBe(Number.MAX_SAFE_INTEGER);
});

test.each(["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])(
  "%j is the date of the RFC's example",
  (value) => {
    expect(parseRetryAfter(value, at(exampleMs - 90_000))).toBe(90_000);
    expect(parseRetryAfter(value, at(exampleMs))).toBe(0);
    expect(parseRetryAfter(value, at(exampleMs + 1))).toBe(0);
  },
);

test("a year of two digits is at most 50 years ahead", () => {
  const now = at(Date.UTC(2026, 0, 1));
  const days = (year: number) => Date.UTC(year, 1, 3) - Date.UTC(2026, 0, 1);
  expect(parseRetryAfter("Monday, 03-Feb-76 00:00:00 GMT", now)).toBe(days(2076));
  expect(parseRetryAfter("Monday, 03-Feb-77 00:00:00 GMT", now)).toBe(0);
  expect(parseRetryAfter("Monday, 03-Feb-99 00:00:00 GMT", at(Date.UTC(1999, 1, 2)))).toBe(86_400_000);
  expect(parseRetryAfter("Monday, 03-Feb-26 00:00:00 GMT", now)).toBe(days(2026));
});

test("a leap second exists, and so do leap days", () => {
  const newYear = Date.UTC(2017, 0, 1);
  expect(parseRetryAfter("Sat, 31 Dec 2016 23:59:60 GMT", at(newYear - 5_000))).toBe(5_000);
  expect(parseRetryAfter("Thu, 29 Feb 2024 00:00:00 GMT", at(Date.UTC(2024, 1, 28)))).toBe(86_400_000);
});

test.each<unknown>([
  undefined,
  null,
  "",
  " ",
  "soon",
  "-1",
  "+1",
  "1.5",
  "1e3",
  "0x10",
  "Infinity",
  "NaN",
  "120, 60",
  "12 0",
  "１２０",
  "120s",
  "2099-01-01T00:00:00Z",
  "Sun, 06 Nov 2099 08:49:37",
  "Sun, 06 Nov 2099 08:49:37 +0100",
  "Sun, 6 Nov 2099 08:49:37 GMT",
  "Sun, 31 Feb 2099 08:49:37 GMT",
  "Sun, 29 Feb 2099 08:49:37 GMT",
  "Sun, 00 Nov 2099 08:49:37 GMT",
  "Sun, 06 Nov 2099 24:00:00 GMT",
  "Sun, 06 Nov 2099 08:60:00 GMT",
  "Sun, 06 Nov 2099 08:49:61 GMT",
  "Xyz, 06 Nov 2099 08:49:37 GMT",
  "Sun, 06 Xyz 2099 08:49:37 GMT",
  "Sun Nov 6 08:49:37 2099",
  "120\nSun, 06 Nov 2099 08:49:37 GMT",
  120,
  new Date(),
  ["120"],
])("%j is neither", (value) => {
  expect(parseRetryAfter(value as string)).toBeUndefined();
});

test("any date that an HTTP server writes is understood", () => {
  const moments = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true });
  fc.assert(
    fc.property(moments, moments, (now, until) => {
      const wholeMs = Math.floor(until.getTime() / 1_000) * 1_000;
      expect(parseRetryAfter(until.toUTCString(), at(now.getTime()))).toBe(
        Math.max(0, wholeMs - now.getTime()),
      );
    }),
  );
});

test("whatever a service sends gives a time that can be waited for, or none", () => {
  const dateLike = fc.stringMatching(/^[A-Z][a-z]{2},? [0-9A-Za-z: -]*(GMT)?$/);
  const delays = fc
    .sample(fc.oneof(fc.string(), dateLike), 1_000)
    .map((value) => parseRetryAfter(value) ?? 0);
  expect(delays.filter((delayMs) => !Number.isSafeInteger(delayMs) || delayMs < 0)).toEqual([]);
});
