import { createVirtualClock } from "@atomic-agents/testing";
import { expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "../define-agent.ts";

const agentOf = (execute: (number: number) => Promise<number>) =>
  defineAgent({
    name: "waits",
    description: "Gives what it is told to, later.",
    input: z.number(),
    output: z.number(),
    execute,
  });

/** Calls back twice, as no promise should. */
class Twice<TValue> extends Promise<TValue> {
  override then<TFirst = TValue, TSecond = never>(
    onValue?: ((value: TValue) => TFirst | PromiseLike<TFirst>) | null,
    onThrown?: ((reason: unknown) => TSecond | PromiseLike<TSecond>) | null,
  ): Promise<TFirst | TSecond> {
    void super.then(onValue, onThrown);
    return super.then(onValue, onThrown);
  }
}

it("is not disturbed by promises that call back twice", async () => {
  const twice = agentOf((number) => Twice.resolve(number));
  const once = agentOf(async (number) => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return number;
  });
  const outputs = await Promise.all(
    Array.from({ length: 200 }, (_, number) => (number % 2 === 0 ? twice : once).run(number)),
  );
  expect(outputs).toEqual(Array.from({ length: 200 }, (_, number) => number));
});

it("lets what comes late land nowhere, whoever waits by then", async () => {
  const clock = createVirtualClock();
  const given = new Map<number, (value: number) => void>();
  const slow = agentOf((number) => new Promise((resolve) => given.set(number, resolve)));
  const late = slow.tryRun(1, { clock, timeoutMs: 10 });
  await clock.advance(10);
  expect(await late).toMatchObject({ ok: false, error: { code: "TIMEOUT" } });
  const others = [2, 3, 4].map((number) => slow.run(number, { clock }));
  await clock.settle();
  given.get(1)?.(1);
  await clock.settle();
  const more = [5, 6].map((number) => slow.run(number, { clock }));
  for (const number of [6, 2, 5, 4, 3]) given.get(number)?.(number * 10);
  expect(await Promise.all([...others, ...more])).toEqual([20, 30, 40, 50, 60]);
});
