import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import {
  type Agent,
  CircuitBreaker,
  ConcurrencyLimit,
  createLog,
  defineAgent,
  pipeline,
  RateLimit,
  withCircuitBreaker,
  withConcurrencyLimit,
  withPolicy,
  withRateLimit,
  withUndo,
} from "../index.ts";

const log = createLog({ write: () => {} });
const outputs = {
  plain: z.string(),
  "with an asynchronous check": z.string().refine(async () => true),
  "that is refused": z.string().max(0),
  "that is refused later": z.string().refine(async () => false),
} as const;
const isRefused = (output: keyof typeof outputs): boolean => output.startsWith("that is refused");

const scenarios = fc.record({
  order: fc.shuffledSubarray(["undo a", "undo b", "breaker", "limit", "rate"] as const, { minLength: 1 }),
  output: fc.constantFrom(...(Object.keys(outputs) as (keyof typeof outputs)[])),
  answer: fc.constantFrom("at once", "after 10 ms", "after 100 ms", "by failing"),
  /** What ends the runs, which else fail in the stage after. */
  end: fc.constantFrom("nothing", "cancelled after 50 ms", "an attempt of 50 ms", "a run of 50 ms"),
});

test("in whatever order they nest: what succeeds is undone once, the outer effect first, and nothing is kept", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ order, output, answer, end }) => {
      const clock = createVirtualClock();
      const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimer(resolve, ms));
      const breaker = new CircuitBreaker({ failures: 1_000 });
      const limit = new ConcurrencyLimit({ max: 1 });
      const rate = new RateLimit({ limit: 2, perMs: 20 });
      const undone: string[] = [];
      const done: string[] = [];
      const work = defineAgent({
        name: "work",
        description: "Does something that can be undone.",
        input: z.string(),
        output: outputs[output],
        execute: (text) => {
          const answered = (): string => {
            if (answer === "by failing") throw new Error("failed");
            done.push(text);
            return text;
          };
          if (answer === "at once") return answered();
          return sleep(answer === "after 100 ms" ? 100 : 10).then(answered);
        },
      });
      const around = {
        "undo a": (agent: Agent<string, string>) =>
          withUndo(agent, (_output, text) => void undone.push(`${text} a`)),
        "undo b": (agent: Agent<string, string>) =>
          withUndo(agent, (_output, text) => void undone.push(`${text} b`)),
        breaker: (agent: Agent<string, string>) => withCircuitBreaker(agent, breaker),
        limit: (agent: Agent<string, string>) => withConcurrencyLimit(agent, limit),
        rate: (agent: Agent<string, string>) => withRateLimit(agent, rate),
      };
      let agent: Agent<string, string> = work;
      for (const name of order) agent = around[name](agent);
      if (end === "an attempt of 50 ms") agent = withPolicy(agent, { timeoutMs: 50 });
      const fails = defineAgent({
        name: "fails",
        description: "Always fails.",
        input: z.string(),
        output: z.string(),
        execute: () => {
          throw new Error("too late");
        },
      });
      const run = pipeline("p").stage(agent).stage(fails);
      const stop = new AbortController();
      if (end === "cancelled after 50 ms") void sleep(50).then(() => stop.abort());
      const options = { clock, log, signal: stop.signal, timeoutMs: end === "a run of 50 ms" ? 50 : 5_000 };
      const results = await clock.until(
        Promise.all(["x", "y", "z"].map((text) => run.tryRun(text, options))).then(async (all) => {
          await sleep(1_000);
          return all;
        }),
      );

      expect(results.map(({ ok }) => ok)).toEqual([false, false, false]);
      expect([limit.active, limit.waiting, rate.waiting, breaker.tally.trialsRunning]).toEqual([0, 0, 0, 0]);
      expect(breaker.tally.callsInWindow).toBeLessThanOrEqual(order.includes("breaker") ? 3 : 0);
      const effects = order.filter((name) => name.startsWith("undo")).map((name) => name.slice(-1));
      const expected = isRefused(output)
        ? []
        : done.flatMap((text) => effects.map((effect) => `${text} ${effect}`));
      expect(undone.toSorted()).toEqual(expected.toSorted());
      if (end !== "nothing") return;
      for (const text of done) {
        const own = undone.filter((entry) => entry.startsWith(text)).map((entry) => entry.slice(-1));
        expect(own).toEqual(isRefused(output) ? [] : effects.toReversed());
      }
    }),
    { numRuns: 300 },
  );
});
