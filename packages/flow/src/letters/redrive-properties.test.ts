import { defineAgent, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "../dead-letter.ts";
import { type Flow, flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { defineOperator } from "../operator.ts";
import { defineSink, type Sink } from "../sink.ts";
import { sumOfRuns } from "../sum-of-runs.ts";
import type { FlowSummary } from "../summary.ts";
import { toArray } from "../to-array.ts";
import { letterFromJson, letterLine } from "./letter-line.ts";

/** What a random flow works on: which record it came of, and what has been done to it. */
type Traced = z.output<typeof Traced>;
const Traced = z.object({ origin: z.number(), salt: z.number() });

const kinds = [
  "through",
  "filter",
  "map",
  "split",
  "batch",
  "batch-batch",
  "batch-tee",
  "through-batch",
  "operator",
  "tee",
] as const;
const stageOf = fc.record({
  kind: fc.constantFrom(...kinds),
  size: fc.integer({ min: 1, max: 5 }),
  ordered: fc.boolean(),
  isSlow: fc.boolean(),
  /** One in so many records fails; in the first run, and half of those in the second, too. */
  failsEvery: fc.integer({ min: 2, max: 7 }),
});
type StageDraw = typeof stageOf extends fc.Arbitrary<infer TDraw> ? TDraw : never;

/** What of a flow is mended from run to run. */
interface Bench {
  /** 0 fails as drawn, 1 less, 2 never. */
  mended: 0 | 1 | 2;
  readonly teed: string[];
}

function failsAt(place: number, every: number, { origin, salt }: Traced, { mended }: Bench): boolean {
  if (mended === 2) return false;
  const draw = (origin * 31 + salt * 17 + place * 7) % every;
  return mended === 0 ? draw === 0 : draw === 0 && (origin + salt) % 2 === 0;
}

const textOf = ({ origin, salt }: Traced): string => `${origin}:${salt}`;

function sinkOf(place: number, every: number, bench: Bench, target: string[]): Sink<Traced> {
  return defineSink<Traced, string>({
    name: "written",
    maxRecords: 3,
    encode: (record) => {
      if (failsAt(place, every, record, bench)) throw new Error("cannot be written");
      return textOf(record);
    },
    open: () => ({ write: (texts) => void target.push(...texts) }),
  });
}

function withStage(begun: Flow<Traced>, draw: StageDraw, place: number, bench: Bench): Flow<Traced> {
  const { kind, size, ordered, failsEvery, isSlow } = draw;
  const onError = "dead-letter";
  const step = (record: Traced): Traced => {
    if (failsAt(place, failsEvery, record, bench)) throw new Error("as drawn");
    return { ...record, salt: record.salt + 1 };
  };
  if (kind === "filter") return begun.filter(({ salt }) => salt % (size + 1) !== 1);
  if (kind === "map") return begun.map(step, { onError });
  if (kind === "tee") return begun.tee(sinkOf(place, failsEvery, bench, bench.teed));
  if (kind === "split") {
    const parts = ({ origin, salt }: Traced) =>
      Array.from({ length: salt % (size + 1) }, (_, part) => ({ origin, salt: salt * 3 + part }));
    return begun.split(parts, { onError });
  }
  if (kind === "batch") {
    return begun
      .batch(size)
      .map((batch) => batch.map(step), { onError })
      .split((batch) => batch, { onError });
  }
  if (kind === "batch-tee") {
    const side = defineSink<readonly Traced[], string>({
      name: "side",
      encode: (batch) => {
        if (batch.some((record) => failsAt(place + 50, failsEvery, record, bench))) throw new Error("side");
        return batch.map(textOf).join();
      },
      open: () => ({ write: (texts) => void bench.teed.push(...texts.join().split(",")) }),
    });
    return begun
      .batch(size)
      .tee(side)
      .batch(2)
      .map((batches) => batches.map((batch) => batch.map(step)), { onError })
      .split((batches) => batches, { onError })
      .split((batch) => batch, { onError });
  }
  if (kind === "operator") {
    const pairs = defineOperator<Traced, Traced>({
      name: "pairs",
      needsAll: false,
      start: () => {
        let held: Traced[] = [];
        return {
          take: (record, { emit }) => {
            if (failsAt(place + 60, failsEvery, record, bench)) throw new Error("taken");
            held.push(record);
            if (held.length < 2) return;
            const [first, second] = held;
            held = [];
            // Each is made of both.
            if (first !== undefined && second !== undefined)
              emit(first, { from: [first, second], keep: true });
            if (second !== undefined) emit(second, { from: "all" });
          },
          end: ({ emit }) => {
            for (const record of held) emit(record);
          },
        };
      },
    });
    return begun.operator(pairs, { onError }).map(step, { onError });
  }
  if (kind === "through-batch") {
    const agent = defineAgent({
      name: "drawn-batch",
      description: "Fails as drawn, single ones or all of a batch.",
      input: z.array(Traced),
      output: z.array(
        z.union([
          z.object({ ok: z.literal(true), output: Traced }),
          z.object({ ok: z.literal(false), error: z.unknown() }),
        ]),
      ),
      execute: async (records, ctx) => {
        if (isSlow) await sleep(((records[0]?.salt ?? 0) % 3) * 10, ctx);
        if (records.some((record) => failsAt(place + 70, failsEvery * 3, record, bench)))
          throw new Error("all");
        return records.map((record) => {
          try {
            return { ok: true as const, output: step(record) };
          } catch (error) {
            return { ok: false as const, error };
          }
        });
      },
    });
    return begun.throughBatch(agent, { size, ordered, concurrency: 2, settled: true, onError });
  }
  if (kind === "batch-batch") {
    return begun
      .batch(size)
      .batch(2)
      .map((batches) => batches.map((batch) => batch.map(step)), { onError })
      .split((batches) => batches, { onError })
      .split((batch) => batch, { onError });
  }
  const agent = defineAgent({
    name: "drawn",
    description: "Waits as drawn, and fails as drawn.",
    input: Traced,
    output: Traced,
    execute: async (record, ctx) => {
      if (isSlow) await sleep((record.salt % 5) * 10, ctx);
      return step(record);
    },
  });
  return begun.through(agent, { concurrency: size, ordered, onError });
}

const drawn = fc.record({
  count: fc.integer({ min: 0, max: 30 }),
  stages: fc.array(stageOf, { maxLength: 5 }),
  sinkFailsEvery: fc.integer({ min: 2, max: 30 }),
  sourceFailsEvery: fc.integer({ min: 2, max: 30 }),
  /** Whether letters go over JSON. */
  isWritten: fc.boolean(),
});

const sorted = (texts: readonly string[]): readonly string[] => texts.toSorted();

it("a run and the re-drives of its letters do together what a run that never failed does", async () => {
  let redriven = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async ({ count, stages, sinkFailsEvery, sourceFailsEvery, isWritten }) => {
      const clock = createVirtualClock();
      const bench: Bench = { mended: 0, teed: [] };
      const Source = Traced.refine((record) => !failsAt(99, sourceFailsEvery, record, bench));
      const records = Array.from(
        { length: count },
        (_, index): Traced => ({ origin: index + 1, salt: index * 7 }),
      );
      let designed: Flow<Traced> = flow(fromIterable(records, { name: "records", schema: Source }));
      for (const [place, stage] of stages.entries()) designed = withStage(designed, stage, place, bench);
      const written: string[] = [];
      const run = async (chosen: Flow<Traced>, letters: DeadLetter[]): Promise<FlowSummary> => {
        const sink = sinkOf(98, sinkFailsEvery, bench, written);
        const summary = await clock.until(chosen.to(sink, { deadLetters: toArray(letters), run: { clock } }));
        expect(summary.error).toBeUndefined();
        expect(summary.unfinished).toBe(0);
        expect(summary.letterCount).toBe(letters.length);
        return summary;
      };
      const throughJson = (letters: readonly DeadLetter[]): readonly DeadLetter[] =>
        isWritten ? letters.map((letter) => letterFromJson(JSON.parse(letterLine(letter)))) : letters;

      const letters: DeadLetter[][] = [[], [], []];
      const first = await run(designed, letters[0] ?? []);
      bench.mended = 1;
      const second = await run(designed.redrive(throughJson(letters[0] ?? [])), letters[1] ?? []);
      bench.mended = 2;
      const third = await run(designed.redrive(throughJson(letters[1] ?? [])), letters[2] ?? []);
      const done = { written: written.splice(0), teed: bench.teed.splice(0) };
      const never = await run(designed, []);

      expect(sorted(done.written)).toEqual(sorted(written));
      expect(sorted(done.teed)).toEqual(sorted(bench.teed));
      expect(second.read).toBe(first.deadLettered);
      expect(third.read).toBe(second.deadLettered);
      expect(third.deadLettered).toBe(0);
      const sum = sumOfRuns(sumOfRuns(first, second), third);
      expect(sum).toMatchObject({ read: count, deadLettered: 0, unfinished: 0 });
      expect(sum.delivered + sum.filtered).toBe(count);
      // What was delivered of a part of a record in one run, and filtered of another in the next, is counted in the last.
      const isPlain = stages.every(
        ({ kind }) => !["split", "batch", "batch-batch", "batch-tee", "operator", "tee"].includes(kind),
      );
      if (isPlain) expect(sum.delivered).toBe(never.delivered);
      for (const [index, list] of letters.slice(1).entries()) {
        const before = [first, second][index];
        for (const letter of list) {
          expect(letter.redriveOf).toBe(before?.runId);
          expect(letter.source).toBe("records");
        }
      }
      if (second.read > 0) redriven++;
    }),
  );
  expect(redriven).toBeGreaterThan(10);
});

it("the books of a re-drive balance, also when it is cancelled or a sink fails", async () => {
  const statuses = new Set<string>();
  const broken = fc.record({
    cancelAtMs: fc.option(fc.integer({ min: 0, max: 60 })),
    sinkFailsAt: fc.option(fc.integer({ min: 1, max: 4 })),
  });
  await fc.assert(
    fc.asyncProperty(drawn, broken, async ({ count, stages }, { cancelAtMs, sinkFailsAt }) => {
      const clock = createVirtualClock();
      const bench: Bench = { mended: 0, teed: [] };
      const records = Array.from(
        { length: count },
        (_, index): Traced => ({ origin: index + 1, salt: index }),
      );
      let designed: Flow<Traced> = flow(fromIterable(records));
      for (const [place, stage] of stages.entries()) designed = withStage(designed, stage, place, bench);
      const letters: DeadLetter[] = [];
      const first = await clock.until(
        designed.to(toArray<Traced>([]), { deadLetters: toArray(letters), run: { clock } }),
      );
      bench.mended = 1;
      let writes = 0;
      const sink = defineSink<Traced>({
        name: "drawn",
        maxRecords: 2,
        open: (ctx) => ({
          write: async () => {
            await sleep(7, ctx);
            writes++;
            if (writes === sinkFailsAt) throw new Error("full");
          },
        }),
      });
      const run = designed
        .redrive(letters)
        .start(sink, { deadLetters: toArray<DeadLetter>([]), run: { clock } });
      if (cancelAtMs !== null) {
        await clock.advance(cancelAtMs);
        run.cancel();
      }
      const { read, delivered, filtered, deadLettered, unfinished, status } = await clock.until(run.summary);
      statuses.add(status);
      expect(Math.min(delivered, filtered, deadLettered, unfinished)).toBeGreaterThanOrEqual(0);
      expect(read).toBe(delivered + filtered + deadLettered + unfinished);
      expect(read).toBeLessThanOrEqual(first.deadLettered);
      expect(clock.pendingTimers).toBe(0);
    }),
  );
  expect([...statuses].toSorted()).toEqual(["cancelled", "failed", "partial", "success"]);
});
