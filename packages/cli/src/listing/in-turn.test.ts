import { expect, it } from "vitest";
import { inTurn } from "./in-turn.ts";

it("does so much at a time, and keeps the order", async () => {
  let running = 0;
  let most = 0;
  const results = await inTurn([5, 1, 4, 1, 3], 2, async (turns) => {
    running++;
    most = Math.max(most, running);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    running--;
    return turns * 10;
  });
  expect(results).toEqual([50, 10, 40, 10, 30]);
  expect(most).toBe(2);
});

it("has nothing to do for nothing", async () => {
  expect(await inTurn([], 4, () => Promise.reject(new Error("called")))).toEqual([]);
});
