import { expect, it } from "vitest";
import { agoText } from "./ago.ts";

const minute = 60_000;

it.each([
  [-5_000, "just now"],
  [0, "just now"],
  [minute - 1, "just now"],
  [minute, "1 min ago"],
  [60 * minute - 1, "59 min ago"],
  [60 * minute, "1 h ago"],
  [24 * 60 * minute, "24 h ago"],
  [48 * 60 * minute - 1, "47 h ago"],
  [48 * 60 * minute, "2 days ago"],
  [400 * 24 * 60 * minute, "400 days ago"],
])("%d ms is %s", (sinceMs, text) => {
  expect(agoText(sinceMs)).toBe(text);
});
