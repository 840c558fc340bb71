import { defineAgent, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "./dead-letter.ts";
import { type Flow, flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { defineSink } from "./sink.ts";
import { toArray } from "./to-array.ts";

/** What a random flow knows of a record: the records of the source that it came of. */
type Traced = z.output<typeof Traced>;
const Traced = z.object({ origins: z.array(z.number()), salt: z.number() });

const stageKinds = ["through", "filter", "map", "split", "batch", "tee"] as const;
const stageOf = fc.record({
  kind: fc.constantFrom(...stageKinds),
  size: fc.integer({ min: 1, max: 5 }),
  ordered: fc.boolean(),
  isSlow: fc.boolean(),
  onError: fc.constantFrom("drop" as const, "dead-letter" as const, "stop" as const, "dead-letter" as const),
  failsEvery: fc.integer({ min: 3, max: 9 }),
});
type StageDraw = typeof stageOf extends fc.Arbitrary<infer TDraw> ? TDraw : never;

function withStage(begun: Flow<Traced>, draw: StageDraw, seen: Traced[]): Flow<Traced> {
  const { kind, size, ordered, onError, failsEvery, isSlow } = draw;
  const fails = ({ salt }: Traced): boolean => salt % failsEvery === failsEvery - 1;
  const mayFail = (record: Traced): Traced => {
    if (fails(record)) throw new Error("as drawn");
    return { ...record, salt: record.salt + 1 };
  };
  if (kind === "filter") return begun.filter(({ salt }) => salt % size !== 1);
  if (kind === "map") return begun.map(mayFail, { onError });
  if (kind === "tee") return begun.tee(toArray(seen));
  if (kind === "split") {
    return begun.split(({ origins, salt }) =>
      Array.from({ length: salt % size }, (_, part) => ({ origins, salt: salt + part })),
    );
  }
  if (kind === "batch") {
    return begun
      .batch(size)
      .map(
        (batch) => mayFail({ origins: batch.flatMap(({ origins }) => origins), salt: batch[0]?.salt ?? 0 }),
        { onError },
      );
  }
  const agent = defineAgent({
    name: "drawn",
    description: "Waits as drawn, and fails as drawn.",
    input: Traced,
    output: Traced,
    execute: async (record, ctx) => {
      if (isSlow) await sleep((record.salt % 5) * 10, ctx);
      return mayFail(record);
    },
  });
  return begun.through(agent, { concurrency: size, ordered, onError });
}

const drawn = fc.record({
  count: fc.integer({ min: 0, max: 40 }),
  stages: fc.array(stageOf, { maxLength: 5 }),
  cancelAtMs: fc.option(fc.integer({ min: 0, max: 200 })),
  sinkMs: fc.integer({ min: 0, max: 30 }),
  sinkFailsAt: fc.option(fc.integer({ min: 1, max: 4 })),
});

it("each record of a random flow ends exactly once, however the flow ends", async () => {
  const statuses = new Set<string>();
  await fc.assert(
    fc.asyncProperty(drawn, async ({ count, stages, cancelAtMs, sinkMs, sinkFailsAt }) => {
      const clock = createVirtualClock();
      const written: Traced[] = [];
      const teed: Traced[] = [];
      const letters: DeadLetter[] = [];
      let writes = 0;
      const sink = defineSink<Traced>({
        name: "drawn",
        maxRecords: 7,
        open: (ctx) => ({
          write: async (records) => {
            await sleep(sinkMs, ctx);
            writes++;
            if (writes === sinkFailsAt) throw new Error("full");
            written.push(...records);
          },
        }),
      });
      const records = Array.from(
        { length: count },
        (_, index): Traced => ({ origins: [index], salt: index * 7 }),
      );
      let begun: Flow<Traced> = flow(fromIterable(records));
      for (const stage of stages) begun = withStage(begun, stage, teed);
      const run = begun.start(sink, { deadLetters: toArray(letters), run: { clock } });
      if (cancelAtMs !== null) {
        await clock.advance(cancelAtMs);
        run.cancel();
      }
      const summary = await clock.until(run.summary);
      statuses.add(summary.status);
      const { read, delivered, filtered, deadLettered, unfinished, status } = summary;
      expect(Math.min(read, delivered, filtered, deadLettered, unfinished)).toBeGreaterThanOrEqual(0);
      expect(read).toBe(delivered + filtered + deadLettered + unfinished);
      if (status === "success" || status === "partial") {
        expect(read).toBe(count);
        expect(unfinished).toBe(0);
        expect(status === "partial").toBe(deadLettered > 0);
        // The books against what has arrived: by origins, a letter before a delivery before nothing.
        const lettered = new Set(letters.map(({ record }) => record - 1));
        expect(lettered.size).toBeLessThanOrEqual(deadLettered);
        const arrived = new Set([...written, ...teed].flatMap(({ origins }) => origins));
        expect(delivered + deadLettered).toBeGreaterThanOrEqual(arrived.size);
        expect(delivered).toBeLessThanOrEqual(arrived.size);
        if (deadLettered === 0) expect(delivered).toBe(arrived.size);
        if (!stages.some(({ kind }) => kind === "batch")) {
          expect(deadLettered).toBe(lettered.size);
          expect(delivered).toBe([...arrived].filter((origin) => !lettered.has(origin)).length);
        }
      } else expect(summary.published).toBe(false);
    }),
  );
  expect(statuses.size).toBeGreaterThan(2);
});
