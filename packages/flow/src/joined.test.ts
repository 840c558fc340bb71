import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "./dead-letter.ts";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { defineSink, type Sink } from "./sink.ts";
import { toArray } from "./to-array.ts";

interface Entry {
  readonly group: string;
  readonly isSound: boolean;
}

/** Takes some records, a few at a time, at once or later; the others become dead letters. */
function pickySink(isLate: boolean, maxRecords: number, got: Entry[]): Sink<Entry> {
  return defineSink<Entry>({
    name: "picky",
    maxRecords,
    encode: (entry) => {
      if (!entry.isSound) throw new TypeError("not this one");
      return entry;
    },
    open: () => ({
      write: (entries) => {
        got.push(...entries);
        return isLate ? new Promise((resolve) => setImmediate(resolve)) : undefined;
      },
    }),
  });
}

describe("records that a tee has, and that are part of a group", () => {
  const entries = fc.array(
    fc.record({ group: fc.constantFrom("kept", "left", "refused"), isSound: fc.boolean() }),
    { maxLength: 40 },
  );

  it("end as the worse of both, once, whichever ends first", async () => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (given, isLate, isLastLate, maxRecords) => {
          const teed: Entry[] = [];
          const letters: DeadLetter[] = [];
          const last = defineSink<{ readonly group: string }>({
            name: "last",
            encode: (entry) => {
              if (entry.group === "refused") throw new TypeError("no such group");
              return entry;
            },
            open: () => ({
              write: () => (isLastLate ? new Promise((resolve) => setImmediate(resolve)) : undefined),
            }),
          });
          const summary = await flow(fromIterable(given))
            .tee(pickySink(isLate, maxRecords, teed))
            .aggregate({ by: ["group"], calculate: { count: { count: true } } })
            .filter(({ group }) => group !== "left")
            .to(last, { deadLetters: toArray(letters) });
          // What either way refuses is dead; what the tee has is delivered, whether its group is kept or left out.
          const dead = given.filter(({ group, isSound }) => !isSound || group === "refused").length;
          expect(summary).toMatchObject({
            read: given.length,
            delivered: given.length - dead,
            filtered: 0,
            deadLettered: dead,
            unfinished: 0,
          });
          expect(teed).toEqual(given.filter(({ isSound }) => isSound));
          const unsound = given.filter(({ isSound }) => !isSound).length;
          const isRefused = given.some(({ group }) => group === "refused");
          expect(letters).toHaveLength(unsound + (isRefused ? 1 : 0));
        },
      ),
    );
  });
});
