import { createVirtualClock } from "@atomic-agents/testing";
import { expectOperatorConforms, operatorBehaviours } from "@atomic-agents/testing/flow";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import type { DeduplicateOptions } from "./deduplicate-options.ts";

interface Note {
  readonly id: number;
  readonly at: number;
}

async function kept<TRecord>(
  records: readonly TRecord[],
  options: DeduplicateOptions<TRecord, string>,
): Promise<{ readonly got: readonly TRecord[]; readonly summary: object }> {
  const got: TRecord[] = [];
  const clock = createVirtualClock({ timestampMs: 1_000 });
  const begun = flow(fromIterable(records as readonly unknown[]));
  const summary = await begun
    .deduplicate(options as DeduplicateOptions<unknown, string>)
    .to(toArray(got as unknown[]), { run: { clock } });
  return { got, summary };
}

describe("deduplicate within a horizon", () => {
  const drawn = fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 5 }), at: fc.integer({ min: 0, max: 100 }) }),
    { maxLength: 60, size: "max" },
  );

  it("of records leaves out what was kept no more records before", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 1, max: 12 }), async (notes, records) => {
        const expected: number[] = [];
        for (const [index, { id }] of notes.entries()) {
          const before = expected.findLast((at) => notes[at]?.id === id);
          if (before === undefined || index - before > records) expected.push(index);
        }
        const { got, summary } = await kept<Note>(notes, {
          by: ["id"],
          within: { records },
          // No more than that are remembered.
          maxKeys: Math.min(6, records + 1),
        });
        expect(got).toEqual(expected.map((index) => notes[index]));
        expect(summary).toMatchObject({
          status: "success",
          delivered: expected.length,
          filtered: notes.length - expected.length,
        });
      }),
    );
  });

  it("of time leaves out what was kept when the time of records was no more before", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 1, max: 60 }), async (notes, ms) => {
        const expected: Note[] = [];
        const remembered: { id: number; streamMs: number }[] = [];
        let streamMs = Number.NEGATIVE_INFINITY;
        for (const note of notes) {
          streamMs = Math.max(streamMs, note.at);
          if (remembered.some((one) => one.id === note.id && streamMs - one.streamMs <= ms)) continue;
          remembered.push({ id: note.id, streamMs });
          expected.push(note);
        }
        const { got } = await kept<Note>(notes, { by: ["id"], within: { ms, time: "at" } });
        expect(got).toEqual(expected);
      }),
    );
  });

  it("holds no more than what is within it", async () => {
    const notes = Array.from({ length: 100_000 }, (_, id) => ({ id, at: id }));
    const run = async (maxKeys: number, within: object) =>
      (await kept<Note>(notes, { by: ["id"], within, maxKeys } as never)).summary;
    expect(await run(101, { records: 100 })).toMatchObject({ status: "success", delivered: 100_000 });
    expect(await run(100, { records: 100 })).toMatchObject({ status: "failed" });
    const time = { time: "at", maxAheadMs: 1e9 };
    expect(await run(101, { ms: 100, ...time })).toMatchObject({ status: "success", delivered: 100_000 });
    expect(await run(100, { ms: 100, ...time })).toMatchObject({ status: "failed" });
  });

  it("is not moved by a record from the future", async () => {
    const notes = [
      { id: 1, at: 10 },
      { id: 2, at: 99_999_999 },
      { id: 1, at: 20 },
      { id: 2, at: 99_999_999 },
      { id: 3, at: 200 },
      { id: 1, at: 200 },
    ];
    const within = { ms: 100, time: "at", maxAheadMs: 0 } as const;
    const { got, summary } = await kept<Note>(notes, { by: ["id"], within });
    expect(got.map(({ id }) => id)).toEqual([1, 2, 3, 1]);
    expect(summary).toMatchObject({ status: "success", filtered: 2 });
    // Nothing is known of the time so far.
    const first = await kept<Note>([notes[1], notes[1], notes[0]] as Note[], { by: ["id"], within });
    expect(first.got.map(({ id }) => id)).toEqual([2, 1]);
  });

  it("forgets records without the key as any others", async () => {
    const notes = [{ at: 1 }, { at: 2, id: 1 }, { at: 9 }, { at: 10, id: 1 }, { at: 11 }] as Note[];
    for (const within of [{ records: 1 }, { ms: 5, time: "at" }] as const) {
      const { got } = await kept<Note>(notes, { by: ["id"], within });
      expect(got.map(({ at }) => at)).toEqual("ms" in within ? [1, 2, 9, 10] : [1, 2, 9, 10, 11]);
    }
  });

  it("fails what has no time, and forgets nothing of it", async () => {
    const notes = [{ id: 1, at: 10 }, { id: 1 }, { id: 1, at: 11 }] as unknown as Note[];
    const { got, summary } = await kept<Note>(notes, {
      by: ["id"],
      within: { ms: 5, time: "at" },
      onError: "dead-letter",
    });
    expect(got).toHaveLength(1);
    expect(summary).toMatchObject({ delivered: 1, filtered: 1, deadLettered: 1 });
  });

  it("conforms", async () => {
    const records = [3, 1, 3, 3, 1].map((id, at) => ({ id, at }));
    for (const within of [{ records: 2 }, { ms: 2, time: "at" }] as const) {
      const seen = await expectOperatorConforms<Note, number>(
        (begun) => begun.deduplicate({ by: ["id"], within }).map(({ at }) => at),
        { records, outputs: [0, 1, 3, 4], madeOf: (at) => [at] },
      );
      expect(seen).toEqual(operatorBehaviours);
    }
  });

  it("has a design of its own, and refuses wrong options", () => {
    const begun = flow(fromIterable<Note>([]));
    const hashes = [
      {},
      { within: { records: 5 } },
      { within: { records: 6 } },
      { within: { ms: 5, time: "at" } },
      { near: { text: (note: Note) => String(note.id), similarity: 0.5 } },
    ].map((more) => begun.deduplicate({ by: ["id"], ...more } as never).hash);
    expect(new Set(hashes).size).toBe(5);
    expect(begun.deduplicate({ by: ["id"] }).hash).toBe(hashes[0]);
    const near = { text: "id", similarity: 0.5 };
    for (const [wrong, message] of [
      [{}, "by must be an array of at least one key"],
      [{ by: [], near }, "by must be an array of at least one key"],
      [{ by: ["id"], within: { records: 0 } }, "within.records must be a whole number from 1"],
      [{ by: ["id"], within: { records: 5, ms: 5 } }, "ms must be one of records"],
      [{ by: ["id"], within: {} }, "within must be { records } or { ms, time }"],
      [{ by: ["id"], within: { ms: 5 } }, "within.time must be a key or a function"],
      [
        { by: ["id"], within: { ms: 0, time: "at" } },
        "within.ms must be a whole number of milliseconds from 1",
      ],
      [{ near: { ...near, similarity: 0 } }, "near.similarity must be a number above 0, up to 1, got 0"],
      [{ near: { ...near, similarity: 1.1 } }, "near.similarity"],
      [{ near: { ...near, text: 5 } }, "near.text must be a key or a function, got 5"],
      [{ near: { ...near, shingleSize: 0 } }, "near.shingleSize"],
      [{ near: { ...near, permutations: 15 } }, "near.permutations must be a whole number from 16 to 1024"],
      [{ near: { ...near, shingles: 3 } }, "shingles must be one of text, similarity"],
    ] as const) {
      expect(() => begun.deduplicate(wrong as never)).toThrow(message);
    }
  });
});
