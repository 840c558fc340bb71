import { expect, it } from "vitest";
import { durationText } from "./duration.ts";

it.each([
  [0, "0 ms"],
  [0.004, "0 ms"],
  [0.006, "0.01 ms"],
  [1.234, "1.23 ms"],
  [9.994, "9.99 ms"],
  [9.996, "10.0 ms"],
  [99.96, "100.0 ms"],
  [999.94, "999.9 ms"],
  [999.96, "1.00 s"],
  [59_994, "59.99 s"],
  [59_996, "1 min 00 s"],
  [61_000, "1 min 01 s"],
  [3_599_400, "59 min 59 s"],
  [3_599_600, "1 h 00 min"],
  [7_384_000, "2 h 03 min"],
  [360_000_000, "100 h 00 min"],
])("%d ms are %s", (ms, expected) => {
  expect(durationText(ms)).toBe(expected);
});
