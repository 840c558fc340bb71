import { createLog } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import type { FlowAlerts } from "./alerts.ts";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { toArray } from "./to-array.ts";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly alert?: string;
  readonly hasEnded?: boolean;
  readonly value?: number;
  readonly read?: number;
  readonly deadLettered?: number;
}

async function linesOf(count: number, failsEvery: number, alerts: FlowAlerts): Promise<readonly Line[]> {
  const lines: Line[] = [];
  // The log's own lines are JSON objects.
  const log = createLog({ write: (line) => void lines.push(JSON.parse(line) as Line) });
  const run = flow(fromIterable(Array.from({ length: count }, (_, index) => index)), { name: "tickets" })
    .map(
      (number) => {
        if (number % failsEvery === failsEvery - 1) throw new Error("as drawn");
        return number;
      },
      { onError: "dead-letter" },
    )
    .start(toArray<number>([]), { alerts, run: { log } });
  const { status, read, delivered, filtered, deadLettered, unfinished } = await run.summary;
  expect(status).toBe("partial");
  expect(read).toBe(delivered + filtered + deadLettered + unfinished);
  const told = run.events.snapshot().filter((event) => event.type === "custom" && event.name === "alert");
  expect(told).toHaveLength(lines.length);
  expect(lines.every(({ level }) => level === "warn")).toBe(true);
  return lines;
}

describe("alerts", () => {
  it("tell once when a limit is first exceeded, and once at the end, with figures", async () => {
    const lines = await linesOf(1_000, 10, { errorRate: 0.05, deadLetters: 20 });
    expect(lines.map(({ alert, hasEnded }) => `${alert} ${hasEnded}`).toSorted()).toEqual([
      "deadLetters false",
      "deadLetters true",
      "errorRate false",
      "errorRate true",
    ]);
    expect(lines.map(({ hasEnded }) => hasEnded)).toEqual([false, false, true, true]);
    const early = lines.find(({ alert, hasEnded }) => alert === "deadLetters" && hasEnded === false);
    expect(early).toMatchObject({
      message: '21 records of flow "tickets" failed, more than 20',
      value: 21,
      deadLettered: 21,
      limit: 20,
    });
    expect(lines.find(({ alert, hasEnded }) => alert === "errorRate" && hasEnded === true)).toMatchObject({
      message: '10 % of the records of flow "tickets" failed, more than 5 %',
      value: 0.1,
      limit: 0.05,
      read: 1_000,
      delivered: 900,
      deadLettered: 100,
      unfinished: 0,
    });
  });

  it("say nothing of a limit that is reached and not exceeded", async () => {
    expect(await linesOf(1_000, 10, { errorRate: 0.1, deadLetters: 100 })).toEqual([]);
    expect(await linesOf(1_000, 10, {})).toEqual([]);
  });

  it("say nothing of a share of few records before the end", async () => {
    const lines = await linesOf(20, 2, { errorRate: 0.4 });
    expect(lines).toMatchObject([{ alert: "errorRate", hasEnded: true, value: 0.5 }]);
  });

  it("hold for no failure at all", async () => {
    const lines = await linesOf(3, 1, { errorRate: 0, deadLetters: 0 });
    expect(lines.map(({ alert, hasEnded }) => [alert, hasEnded])).toEqual([
      ["deadLetters", false],
      ["errorRate", true],
      ["deadLetters", true],
    ]);
  });

  it.each([
    [{ errorRate: 5 }, "alerts.errorRate must be a number from 0 to 1"],
    [{ errorRate: Number.NaN }, "alerts.errorRate must be"],
    [{ errorRate: "0.1" }, "alerts.errorRate must be"],
    [{ deadLetters: -1 }, "alerts.deadLetters must be a whole number from 0"],
    [{ deadLetters: 0.5 }, "alerts.deadLetters must be"],
    [{ errors: 1 }, "errors must be one of errorRate, deadLetters"],
    [5, "must be an object"],
  ])("%j are refused", (alerts, message) => {
    const designed = flow(fromIterable([1]));
    expect(() => designed.start(toArray<number>([]), { alerts: alerts as FlowAlerts })).toThrow(message);
  });
});
