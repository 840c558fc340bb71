import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import {
  type Agent,
  type Context,
  createLog,
  defineAgent,
  fallback,
  loop,
  mapItems,
  parallel,
  pipeline,
  recover,
  sleep,
  withPolicy,
  withUndo,
} from "../index.ts";

/** What travels: the numbers of what was done on the way. */
const Done = z.array(z.int());
type Step = Agent<number[], number[]>;
type StepPlan = {
  readonly kind: "step";
  readonly delayMs: number;
  readonly isDeaf: boolean;
  readonly undoMs: number;
  readonly undoFails: boolean;
};

/** An agent as it is drawn. */
type Plan =
  | StepPlan
  | { readonly kind: "flaky"; readonly delayMs: number; readonly failures: number }
  | { readonly kind: "pipeline" | "parallel" | "settled"; readonly parts: readonly Plan[] }
  | { readonly kind: "fallback"; readonly first: Plan; readonly others: readonly Plan[] }
  | { readonly kind: "items" | "settled-items"; readonly part: Plan; readonly concurrency: number }
  | { readonly kind: "recover" | "pass" | "loop" | "undo"; readonly part: Plan }
  | { readonly kind: "policy"; readonly part: Plan; readonly attempts: number; readonly timeoutMs: number };

/** A pipeline of what may be drawn, some levels deep. */
function plans(isDeaf: fc.Arbitrary<boolean>): fc.Arbitrary<Plan> {
  const step = fc.record({
    kind: fc.constant("step" as const),
    delayMs: fc.nat(20),
    isDeaf,
    undoMs: fc.nat(20),
    undoFails: fc.boolean(),
  });
  const flaky = fc.record({
    kind: fc.constant("flaky" as const),
    delayMs: fc.nat(20),
    failures: fc.nat(3),
  });
  // Steps and, somewhere among them, what makes them worth undoing.
  const saga = (inner: fc.Arbitrary<Plan>): fc.Arbitrary<Plan> =>
    fc
      .tuple(fc.array(inner, { minLength: 1, maxLength: 3 }), flaky, fc.array(inner, { maxLength: 2 }))
      .map(([before, between, after]) => ({ kind: "pipeline", parts: [...before, between, ...after] }));
  const level = (inner: fc.Arbitrary<Plan>): fc.Arbitrary<Plan> =>
    fc.oneof(
      { withCrossShrink: true },
      { weight: 6, arbitrary: step },
      { weight: 2, arbitrary: flaky },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constantFrom("pipeline" as const, "parallel" as const, "settled" as const),
          parts: fc.array(inner, { minLength: 1, maxLength: 4 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("fallback" as const),
          first: saga(inner),
          others: fc.array(inner, { minLength: 1, maxLength: 2 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom("items" as const, "settled-items" as const),
          part: inner,
          concurrency: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom("recover" as const, "pass" as const, "loop" as const, "undo" as const),
          part: saga(inner),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("policy" as const),
          part: saga(inner),
          attempts: fc.integer({ min: 1, max: 3 }),
          timeoutMs: fc.integer({ min: 10, max: 200 }),
        }),
      },
    );
  const parts = fc.array(level(level(level(fc.oneof(step, flaky)))), { minLength: 2, maxLength: 5 });
  return fc.record({ kind: fc.constant("pipeline" as const), parts });
}

/** What was done and undone. */
class Book {
  /** By its number, what was done before it as far as it knows. */
  readonly done = new Map<number, readonly number[]>();
  /** In the order in which undoing began. */
  readonly undone: number[] = [];
  undoing = 0;

  make(drawn: Plan): Step {
    switch (drawn.kind) {
      case "step":
        return this.step(drawn);
      case "flaky":
        return flaky(drawn.delayMs, drawn.failures);
      case "pipeline": {
        let chain = pipeline("pipeline").stage("first", same);
        for (const [index, part] of drawn.parts.entries())
          chain = chain.stage(String(index), this.make(part));
        return chain;
      }
      case "parallel":
        return pipeline("merged")
          .stage(parallel(this.slots(drawn.parts)))
          .map((slots) => merged(Object.values(slots)), Done);
      case "settled":
        return pipeline("merged")
          .stage(parallel({ input: same, slots: parallel(this.slots(drawn.parts), { settled: true }) }))
          .map(({ input, slots }) => merged([input, ...outputsOf(Object.values(slots))]), Done);
      case "fallback":
        return fallback([this.make(drawn.first), ...drawn.others.map((part) => this.make(part))]);
      case "items":
        return pipeline("merged")
          .stage(twice)
          .stage(mapItems(this.make(drawn.part), { concurrency: drawn.concurrency }))
          .map(merged, Done);
      case "settled-items": {
        const items = mapItems(this.make(drawn.part), { concurrency: drawn.concurrency, settled: true });
        return pipeline("merged")
          .stage(parallel({ input: same, items: pipeline("items").stage(twice).stage(items) }))
          .map(({ input, items: outcomes }) => merged([input, ...outputsOf(outcomes)]), Done);
      }
      case "recover":
        return recover(this.make(drawn.part), (_error, input) => input);
      case "pass":
        return pipeline("passing").stage("part", this.make(drawn.part), { onError: "pass" });
      case "loop":
        return loop(this.make(drawn.part), { until: (_output, round) => round === 2 });
      case "undo": {
        // A composed agent that is undone as a whole, after its own steps.
        const whole = pipeline("whole")
          .stage("part", this.make(drawn.part))
          .stage("number", this.numbering());
        return withUndo(whole, (output, _input, ctx) => this.undo(output, 5, false, ctx));
      }
      case "policy":
        return withPolicy(this.make(drawn.part), {
          timeoutMs: drawn.timeoutMs,
          retry: { attempts: drawn.attempts, baseDelayMs: 5, jitter: "none" },
        });
    }
  }

  private slots(parts: readonly Plan[]): Readonly<Record<string, Step>> {
    return Object.fromEntries(parts.map((part, index) => [`slot-${index}`, this.make(part)]));
  }

  private step({ delayMs, isDeaf, undoMs, undoFails }: StepPlan): Step {
    const work = defineAgent({
      name: "step",
      description: "Does something.",
      input: Done,
      output: Done,
      execute: (input, ctx) => {
        if (delayMs === 0) return this.note(input);
        const waiting = isDeaf
          ? new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, delayMs))
          : sleep(delayMs, ctx);
        return waiting.then(() => this.note(input));
      },
    });
    return withUndo(work, (output, _input, ctx) => this.undo(output, undoMs, undoFails, ctx));
  }

  private numbering(): Step {
    return defineAgent({
      name: "number",
      description: "Numbers what was done.",
      input: Done,
      output: Done,
      execute: (input) => this.note(input),
    });
  }

  private note(before: readonly number[]): number[] {
    const number = this.done.size;
    this.done.set(number, before);
    return [...before, number];
  }

  private async undo(output: readonly number[], undoMs: number, fails: boolean, ctx: Context): Promise<void> {
    this.undone.push(output.at(-1) ?? -1);
    this.undoing++;
    if (undoMs > 0) await sleep(undoMs, ctx);
    this.undoing--;
    if (fails) throw new Error("cannot be undone");
  }
}

const same = defineAgent({
  name: "same",
  description: "Hands on.",
  input: Done,
  output: Done,
  execute: (input) => input,
});
const twice = defineAgent({
  name: "twice",
  description: "Makes two items of one.",
  input: Done,
  output: z.array(Done),
  execute: (input) => [input, input],
});

function flaky(delayMs: number, failures: number): Step {
  let calls = 0;
  return defineAgent({
    name: "flaky",
    description: "Fails at first.",
    input: Done,
    output: Done,
    execute: async (input, ctx) => {
      calls++;
      const fails = calls <= failures;
      if (delayMs > 0) await sleep(delayMs, ctx);
      if (fails) throw new Error("refused");
      return input;
    },
  });
}

function merged(lists: readonly (readonly number[])[]): number[] {
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}

function outputsOf(
  outcomes: readonly ({ readonly ok: true; readonly output: number[] } | { readonly ok: false })[],
): readonly number[][] {
  return outcomes.flatMap((outcome) => (outcome.ok ? [outcome.output] : []));
}

/** How the run is ended from outside, if it is. */
interface End {
  readonly cancelMs?: number;
  readonly timeoutMs?: number;
}
const ends: fc.Arbitrary<End> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ cancelMs: fc.nat(150) }) },
  { weight: 1, arbitrary: fc.record({ timeoutMs: fc.integer({ min: 1, max: 150 }) }) },
);

/** Runs what was drawn, and says what came of it. */
async function outcomeOf(drawn: Plan, { cancelMs, timeoutMs }: End) {
  const clock = createVirtualClock();
  const book = new Book();
  const run = book.make(drawn).start([], { clock, timeoutMs, log: createLog({ level: "silent" }) });
  if (cancelMs !== undefined) clock.setTimer(() => run.cancel(), cancelMs);
  const result = await clock.until(run.result);
  const atTheEnd = { done: book.done.size, undone: book.undone.length, undoing: book.undoing };
  const events = run.events.snapshot().slice();
  await clock.runAll();
  expect(clock.pendingTimers).toBe(0);
  expect(run.events.snapshot()).toEqual(events);
  expect(events.at(-1)).toMatchObject({ type: "run-end" });
  const times = events.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  return { book, result, atTheEnd, events };
}

/** All that was done and is not part of the output is undone, once. */
function expectUndone({ done, undone }: Book, output: readonly number[]): void {
  const live = new Set(output);
  const gone = [...done.keys()].filter((number) => !live.has(number));
  expect(undone.toSorted((a, b) => a - b)).toEqual(gone);
}

test("what was done and is not part of the output is undone once, before the outcome, and what came later first", async () => {
  await fc.assert(
    fc.asyncProperty(plans(fc.constant(false)), ends, async (drawn, end) => {
      const { book, result, atTheEnd, events } = await outcomeOf(drawn, end);
      expectUndone(book, result.ok ? result.output : []);
      expect(atTheEnd).toEqual({ done: book.done.size, undone: book.undone.length, undoing: 0 });
      const place = new Map(book.undone.map((number, index) => [number, index]));
      for (const [number, before] of book.done) {
        const own = place.get(number);
        if (own === undefined) continue;
        for (const earlier of before) expect(place.get(earlier) ?? own + 1).toBeGreaterThan(own);
      }
      // Of items, which are many, there are no events.
      const told = events.filter(({ type }) => type.startsWith("stage-undo")).length;
      if (JSON.stringify(drawn).includes("items")) expect(told).toBeLessThanOrEqual(book.undone.length);
      else expect(told).toBe(book.undone.length);
    }),
  );
});

test("what goes on regardless and is done after all is undone as well", async () => {
  await fc.assert(
    fc.asyncProperty(plans(fc.boolean()), ends, async (drawn, end) => {
      const { book, result } = await outcomeOf(drawn, end);
      expectUndone(book, result.ok ? result.output : []);
      expect(book.undoing).toBe(0);
    }),
  );
});
