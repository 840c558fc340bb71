import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { withUndo } from "../compose/with-undo.ts";
import { defineAgent } from "../define-agent.ts";
import type { AtomicError } from "../errors/atomic-error.ts";
import { sleep } from "../time/sleep.ts";
import { bindStage, type BoundStage } from "./bound-stage.ts";
import { startWork } from "./start-work.ts";
import type { Context } from "../context.ts";

type Told = readonly ["resolve", unknown] | readonly ["reject", string, string | undefined, number];

function use<TInput>(stage: BoundStage<TInput, unknown>, input: TInput, ctx: Context): Promise<Told> {
  return new Promise((resolve) => {
    stage.run(input, ctx, {
      resolve: (output) => resolve(["resolve", output]),
      reject: (error: AtomicError, attempts) => resolve(["reject", error.code, error.stage, attempts]),
    });
  });
}

const fails = defineAgent({
  name: "fails",
  description: "Fails from 10 on.",
  input: z.number(),
  output: z.number(),
  execute: async (number, ctx) => {
    await sleep(10, ctx);
    if (number >= 10) throw new Error("too much");
    return number + 1;
  },
});

describe("bindStage", () => {
  it("tells outputs and failures with their stage and attempts, within the run", async () => {
    const clock = createVirtualClock();
    const stage = bindStage(fails, "plus", { retry: { attempts: 3 } });
    const run = startWork(
      "work",
      async (ctx) => [
        await use(stage, 1, ctx),
        await use(stage, 10, ctx),
        await use(stage, "x" as never, ctx),
      ],
      { clock },
    );
    expect(await clock.until(run.result)).toEqual({
      ok: true,
      output: [
        ["resolve", 2],
        ["reject", "EXECUTION", "plus", 3],
        ["reject", "VALIDATION_INPUT", "plus", 1],
      ],
    });
  });

  it("makes errors of wrong records without a stack, and leaves that of what an agent throws", async () => {
    const thrower = defineAgent({
      name: "thrower",
      description: "Throws.",
      input: z.number(),
      output: z.number(),
      execute: () => {
        throw new RangeError("too much");
      },
    });
    const stage = bindStage(thrower, "throws");
    const errors: AtomicError[] = [];
    const run = startWork("work", async (ctx) => {
      const listener = { resolve: () => {}, reject: (error: AtomicError) => errors.push(error) };
      stage.run("x" as never, ctx, listener);
      stage.run(1, ctx, listener);
    });
    await run.result;
    const [wrong, thrown] = errors;
    expect(wrong).toMatchObject({ code: "VALIDATION_INPUT", stage: "throws" });
    expect(wrong?.stack).not.toMatch(/^ +at /m);
    expect(thrown?.cause).toMatchObject({ stack: expect.stringMatching(/bound-stage\.test/) });
    expect(Error.stackTraceLimit).toBeGreaterThan(0);
  });

  it("aborts what is at work when the run is cancelled, and begins nothing more", async () => {
    const clock = createVirtualClock();
    const stage = bindStage(fails, "plus");
    const told: Told[] = [];
    const run = startWork(
      "work",
      async (ctx) => {
        told.push(...(await Promise.all([use(stage, 1, ctx), use(stage, 2, ctx)])));
        told.push(await use(stage, 3, ctx));
      },
      { clock },
    );
    await clock.advance(5);
    run.cancel("enough");
    expect(await clock.until(run.result)).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
    await clock.settle();
    expect(told.map((each) => each.slice(0, 2))).toEqual([
      ["reject", "CANCELLED"],
      ["reject", "CANCELLED"],
      ["reject", "CANCELLED"],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("gives each use its own outcome, whatever the ones before it and around it came to", async () => {
    let again: ((number: number) => void) | undefined;
    const mixed = defineAgent({
      name: "mixed",
      description: "Answers at once, later, or not at all.",
      input: z.number(),
      output: z.number(),
      execute: (number) => {
        if (number % 5 === 3) throw new Error("three");
        if (number % 5 === 4) return Promise.resolve(number * 2);
        if (number % 5 === 2) return "two" as never;
        if (number % 5 === 1) again?.(number + 100_000);
        return number * 2;
      },
    });
    const stage = bindStage(mixed, "mixed", { onError: "dead-letter" });
    const told: (readonly [number, unknown])[] = [];
    const run = startWork("work", async (ctx) => {
      const one = (number: number): void =>
        stage.run(number, ctx, {
          resolve: (output) => told.push([number, output]),
          reject: ({ code, disposition, stage: id }) => told.push([number, `${code} ${disposition} ${id}`]),
        });
      again = (number) => {
        if (number < 200_000) one(number + 4);
      };
      for (let number = 0; number < 50; number++) one(number % 7 === 6 ? (String(number) as never) : number);
    });
    await run.result;
    const expectedOf = (number: number): unknown => {
      if (typeof number === "string") return "VALIDATION_INPUT dead-letter mixed";
      if (number % 5 === 2) return "VALIDATION_OUTPUT dead-letter mixed";
      return number % 5 === 3 ? "EXECUTION dead-letter mixed" : number * 2;
    };
    expect(told.map(([number]) => String(number)).toSorted()).toEqual(
      [...new Set(told.map(([number]) => String(number)))].toSorted(),
    );
    expect(told.length).toBeGreaterThan(50);
    for (const [number, outcome] of told) expect([number, outcome]).toEqual([number, expectedOf(number)]);
  });

  const contexts: Context[] = [];
  it.each<readonly [string, (...args: [number, Context]) => number]>([
    ["a parameter", (number, ctx) => contexts.push(ctx) && number],
    ["rest parameters", (...args) => contexts.push(args[1]) && args[0]],
  ])(
    "gives each use a context of its own, which begins nothing once that has ended: %s",
    async (_, execute) => {
      contexts.length = 0;
      const keeps = defineAgent({
        name: "keeps",
        description: "Keeps its context.",
        input: z.number(),
        output: z.number(),
        execute,
      });
      const stage = bindStage(keeps, "keeps");
      const run = startWork("work", async (ctx) => {
        for (let number = 0; number < 3; number++) await use(stage, number, ctx);
        return Promise.all(contexts.map(async (kept) => (await use(stage, 7, kept)).slice(0, 2)));
      });
      const cancelled = ["reject", "CANCELLED"];
      expect(await run.result).toEqual({ ok: true, output: [cancelled, cancelled, cancelled] });
      expect(new Set(contexts).size).toBe(3);
    },
  );

  it("earns the run a retry for every five uses", async () => {
    const clock = createVirtualClock();
    const stage = bindStage(fails, "plus", { retry: { attempts: 2 } });
    const attemptsOf = async (uses: number): Promise<number> => {
      const run = startWork(
        "work",
        async (ctx) => {
          let attempts = 0;
          for (let index = 0; index < uses; index++) {
            const told = await use(stage, 10, ctx);
            if (told[0] === "reject") attempts += told[3];
          }
          return attempts;
        },
        { clock },
      );
      const result = await clock.until(run.result);
      return result.ok ? result.output : Number.NaN;
    };
    expect(await attemptsOf(40)).toBe(50);
    // The stage has been used 40 times before: ten more are free.
    expect(await attemptsOf(110)).toBe(110 + 10 + 20);
  });

  it("keeps nothing to be undone of uses that succeeded", async () => {
    const undone: number[] = [];
    const doing = withUndo(fails, (output) => void undone.push(output));
    const clock = createVirtualClock();
    const stage = bindStage(doing, "plus");
    const run = startWork(
      "work",
      async (ctx) => {
        for (let number = 0; number < 5; number++) await use(stage, number, ctx);
        throw new Error("after all");
      },
      { clock },
    );
    expect((await clock.until(run.result)).ok).toBe(false);
    expect(undone.length).toBeLessThanOrEqual(1);
  });

  it("serves runs at a time, each by its own context, and keeps each one's deadline", async () => {
    const clock = createVirtualClock();
    const seen: (readonly [string, number, number | undefined])[] = [];
    const watched = defineAgent({
      name: "watched",
      description: "Looks at its context, and waits for so long.",
      input: z.number(),
      output: z.number(),
      execute: async (ms, ctx) => {
        seen.push([ctx.runId, ms, ctx.deadline]);
        await sleep(ms, ctx);
        return ms;
      },
    });
    const stage = bindStage(watched, "watched", { timeoutMs: 100 });
    const begin = () =>
      startWork("work", async (ctx) => [await use(stage, 90, ctx), await use(stage, 110, ctx)], { clock });
    const first = begin();
    await clock.advance(50);
    const second = begin();
    const results = await clock.until(Promise.all([first.result, second.result]));
    expect(results.map((result) => result.ok && result.output)).toEqual(
      [0, 1].map(() => [
        ["resolve", 90],
        ["reject", "TIMEOUT", "watched", 1],
      ]),
    );
    expect(seen).toEqual([
      [first.id, 90, 100],
      [second.id, 90, 150],
      [first.id, 110, 190],
      [second.id, 110, 240],
    ]);
  });

  it("ends what takes too long on the system's clock, too", async () => {
    const stuck = defineAgent({
      name: "stuck",
      description: "Never answers.",
      input: z.number(),
      output: z.number(),
      execute: () => new Promise<number>(() => {}),
    });
    const stage = bindStage(stuck, "stuck", { timeoutMs: 1_000 });
    const shorter = bindStage(stuck, "shorter", { timeoutMs: 20, retry: { attempts: 2, baseDelayMs: 1 } });
    const run = startWork("work", (ctx) => Promise.all([use(stage, 1, ctx), use(shorter, 2, ctx)]));
    expect(await run.result).toEqual({
      ok: true,
      output: [
        ["reject", "TIMEOUT", "stuck", 1],
        ["reject", "TIMEOUT", "shorter", 2],
      ],
    });
  });

  it("refuses what is no agent and a wrong policy", () => {
    expect(() => bindStage({} as typeof fails, "x")).toThrow(expect.objectContaining({ code: "CONFIG" }));
    expect(() => bindStage(fails, "x", { timeoutMs: -1 })).toThrow(
      expect.objectContaining({ code: "CONFIG" }),
    );
  });
});
