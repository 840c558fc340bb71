import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, defineAgent } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "../dead-letter.ts";
import { fromFile } from "../files/from-file.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { defineOperator } from "../operator.ts";
import { defineSink } from "../sink.ts";
import type { FlowSummary } from "../summary.ts";
import { toArray } from "../to-array.ts";
import { planRedrive } from "./plan-redrive.ts";
import type { RedriveOptions } from "./redrive-scan.ts";
import { sumOfRuns } from "../sum-of-runs.ts";
import { toDeadLetters } from "./to-dead-letters.ts";

const folder = mkdtempSync(join(tmpdir(), "redrive-"));
afterAll(() => rmSync(folder, { recursive: true }));

const onError = "dead-letter";
const silent = createLog({ level: "silent" });

/** A flow whose stages fail for multiples of what they are told, until told otherwise. */
function bench(options: { readonly name?: string; readonly size?: number } = {}) {
  const { name = "bench", size = 2 } = options;
  const fails = { double: 3, half: 0, sum: 0 };
  const calls: (readonly [stage: string, input: unknown])[] = [];
  const check = (stage: keyof typeof fails, input: number): void => {
    calls.push([stage, input]);
    if (fails[stage] > 0 && input % fails[stage] === 0) throw new Error(`${input} at ${stage}`);
  };
  const double = defineAgent({
    name: "double",
    description: "Doubles.",
    input: z.number(),
    output: z.number(),
    execute: (number) => {
      check("double", number);
      return number * 2;
    },
  });
  const designed = flow(fromIterable([1, 2, 3, 4, 5, 6], { name: "numbers" }), { name })
    .through(double, { onError, retry: { attempts: 2, baseDelayMs: 1, jitter: "none" } })
    .map(
      (number) => {
        check("half", number);
        return number + 100;
      },
      { id: "half", onError },
    )
    .batch(size)
    .map(
      (batch) => {
        for (const number of batch) check("sum", number);
        return batch;
      },
      { id: "sum", onError },
    );
  return { designed, fails, calls };
}

type Bench = ReturnType<typeof bench>;

async function run(
  chosen: Bench["designed"],
  letters: DeadLetter[] = [],
  got: (readonly number[])[] = [],
): Promise<FlowSummary> {
  const clock = createVirtualClock({ timestampMs: 1_000_000 });
  return clock.until(chosen.to(toArray(got), { deadLetters: toArray(letters), run: { clock, log: silent } }));
}

describe("a re-drive", () => {
  it("has each record go in where it failed, with what it was there", async () => {
    const { designed, fails, calls } = bench();
    fails.half = 8;
    const letters: DeadLetter[] = [];
    const got: (readonly number[])[] = [];
    const first = await run(designed, letters, got);
    expect(first).toMatchObject({ read: 6, delivered: 3, deadLettered: 3, letterCount: 3 });
    expect(first.redriveOf).toBeUndefined();
    expect(letters.map(({ record, stage, input, attempts }) => [record, stage, input, attempts])).toEqual([
      [3, "double", 3, 2],
      [4, "half", 8, 1],
      [6, "double", 6, 2],
    ]);
    fails.double = 0;
    fails.half = 0;
    calls.length = 0;
    const again = await run(designed.redrive(letters), [], got);
    expect(again).toMatchObject({
      status: "success",
      read: 3,
      delivered: 3,
      redriveOf: first.runId,
      stages: [
        { id: "double", taken: 2 },
        { id: "half", taken: 3 },
        { id: "batch", taken: 3 },
        { id: "sum", taken: 2 },
      ],
    });
    expect(calls.filter(([stage]) => stage !== "sum")).toEqual([
      ["double", 3],
      ["half", 6],
      ["half", 8],
      ["double", 6],
      ["half", 12],
    ]);
    expect(got.flat().toSorted((a, b) => a - b)).toEqual([102, 104, 106, 108, 110, 112]);
  });

  it("has a letter that stands in the file twice go in once, and parts that failed alike each", async () => {
    const path = join(folder, "copied.jsonl");
    let isMended = false;
    const parts = flow(fromIterable([["a", "a"], ["b"]]), { name: "parts" })
      .split((texts) => texts)
      .map(
        (text) => {
          if (!isMended) throw new Error("not yet");
          return text;
        },
        { onError },
      );
    const letters: DeadLetter[] = [];
    const first = await parts.to(toArray<string>([]), { deadLetters: toDeadLetters(path) });
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    writeFileSync(path, `${[...lines, lines[0], lines[2], lines[2]].join("\n")}\n`);
    isMended = true;
    expect(await planRedrive(parts, path)).toMatchObject({
      letters: 3,
      copies: 3,
      records: 2,
      stages: [{ stage: "map", letters: 3 }],
      notes: ["3 letters are copies of ones that stand before, and are left out."],
    });
    const got: string[] = [];
    const second = await parts
      .redrive(path)
      .to(toArray(got), { deadLetters: toArray(letters), run: { log: silent } });
    expect(got.toSorted()).toEqual(["a", "a", "b"]);
    expect(second).toMatchObject({ status: "success", read: 2, delivered: 2, letterCount: 0 });
    expect(sumOfRuns(first, second)).toMatchObject({ read: 2, delivered: 2, deadLettered: 0 });
  });

  it("tells of letters of several runs although their numbers are the same", async () => {
    const { designed } = bench();
    const letters: DeadLetter[] = [];
    await run(designed, letters);
    await run(designed, letters);
    await expect(planRedrive(designed, letters)).rejects.toThrow(/of several runs/);
  });

  it("writes letters that keep number, place and attempts, and say which run they come from", async () => {
    const source = join(folder, "in.jsonl");
    const path = join(folder, "letters.jsonl");
    const againPath = join(folder, "again.jsonl");
    writeFileSync(source, '{"n":1}\n\n{"n":2}\n{"n":"x"}\n');
    let failing: readonly number[] = [1, 2];
    const Records = z.object({ n: z.number() });
    const odd = flow(fromFile(source, { schema: Records }), { name: "odd" }).map(
      ({ n }) => {
        if (failing.includes(n)) throw new Error("not yet");
        return n;
      },
      { onError },
    );
    const first = await odd.to(toArray<number>([]), { deadLetters: toDeadLetters(path) });
    failing = [2];
    const letters: DeadLetter[] = [];
    const second = await odd.redrive(path).to(toArray<number>([]), { deadLetters: toArray(letters) });
    expect(second).toMatchObject({ read: 3, delivered: 1, deadLettered: 2, redriveOf: first.runId });
    expect(letters).toMatchObject([
      {
        record: 2,
        source,
        file: source,
        line: 3,
        byteOffset: 9,
        stage: "map",
        attempts: 2,
        runId: second.runId,
        redriveOf: first.runId,
      },
      {
        record: 3,
        source,
        line: 4,
        stage: source,
        entry: { kind: "source" },
        input: { n: "x" },
        attempts: 0,
        redriveOf: first.runId,
      },
    ]);
    failing = [];
    const third = await odd
      .redrive(letters)
      .to(toArray<number>([]), { deadLetters: toDeadLetters(againPath) });
    expect(third).toMatchObject({ read: 2, delivered: 1, deadLettered: 1, redriveOf: second.runId });
  });

  it("takes letters of sinks to those sinks alone", async () => {
    let isMended = false;
    const written: Record<"side" | "main", string[]> = { side: [], main: [] };
    const sinkOf = (name: "side" | "main", bad: number) =>
      defineSink<number, string>({
        name: "sink",
        encode: (number) => {
          if (number === bad && !isMended) throw new Error("cannot be written");
          return `${number}`;
        },
        open: () => ({ write: (texts) => void written[name].push(...texts) }),
      });
    const letters: DeadLetter[] = [];
    const designed = flow(fromIterable([1, 2, 3]))
      .tee(sinkOf("side", 1))
      .map((number) => number * 10);
    const first = await designed.to(sinkOf("main", 20), { deadLetters: toArray(letters) });
    expect(first).toMatchObject({ delivered: 1, deadLettered: 2 });
    expect(letters).toMatchObject([
      { record: 1, stage: "sink", entry: { kind: "tee", id: "tee" }, input: 1 },
      { record: 2, stage: "sink", entry: { kind: "sink", id: "sink" }, input: 20 },
    ]);
    isMended = true;
    const second = await designed.redrive(letters).to(sinkOf("main", 20));
    expect(second).toMatchObject({ read: 2, delivered: 2 });
    expect(written).toEqual({ side: ["2", "3", "1"], main: ["10", "30", "20"] });
  });

  it("puts members of a failed batch into batches again, also those that came of one record", async () => {
    const { designed, fails } = bench({ size: 3 });
    fails.double = 0;
    fails.sum = 104;
    const letters: DeadLetter[] = [];
    const got: (readonly number[])[] = [];
    await run(designed, letters, got);
    expect(letters.map(({ stage, entry, input }) => [stage, entry.id, input])).toEqual([
      ["sum", "batch", 102],
      ["sum", "batch", 104],
      ["sum", "batch", 106],
    ]);
    fails.sum = 0;
    const second = await run(designed.redrive(letters), [], got);
    expect(second).toMatchObject({ read: 3, delivered: 3, stages: [{}, {}, { taken: 3 }, { taken: 1 }] });
    expect(got).toEqual([
      [108, 110, 112],
      [102, 104, 106],
    ]);
  });

  it("takes a batch as it was where its members would be given to a tee twice", async () => {
    const letters: DeadLetter[] = [];
    const teed: (readonly number[])[] = [];
    const got: (readonly number[])[] = [];
    let isMended = false;
    const designed = flow(fromIterable([1, 2, 3, 4, 5]))
      .batch(2)
      .tee(toArray(teed))
      .map(
        (batch) => {
          if (batch.includes(3) && !isMended) throw new Error("a three");
          return batch;
        },
        { onError },
      );
    const first = await designed.to(toArray(got), { deadLetters: toArray(letters) });
    expect(first).toMatchObject({ delivered: 3, deadLettered: 2, letterCount: 1 });
    expect(letters).toMatchObject([
      { record: 3, records: [[3, 4]], entry: { kind: "stage", id: "map" }, input: [3, 4] },
    ]);
    isMended = true;
    const second = await designed.redrive(letters).to(toArray(got));
    expect(second).toMatchObject({ read: 2, delivered: 2, emitted: 1 });
    expect(got).toEqual([[1, 2], [5], [3, 4]]);
    expect(teed).toEqual([[1, 2], [3, 4], [5]]);
  });

  it("takes letters of chosen stages alone", async () => {
    const { designed, fails } = bench();
    fails.half = 8;
    const letters: DeadLetter[] = [];
    await run(designed, letters);
    fails.double = 0;
    fails.half = 0;
    for (const stage of ["double", ["double"]] as const) {
      expect(await planRedrive(designed, letters, { stage })).toMatchObject({
        letters: 2,
        records: 2,
        stages: [{ stage: "double", letters: 2 }],
        notes: [],
      });
      expect(await run(designed.redrive(letters, { stage }))).toMatchObject({ read: 2, delivered: 2 });
    }
    expect(await run(designed.redrive(letters, { stage: ["half", "double"] }))).toMatchObject({ read: 3 });
  });

  it("of no letters does nothing, and is a success", async () => {
    const { designed } = bench();
    expect(await planRedrive(designed, [])).toEqual({
      letters: 0,
      copies: 0,
      records: 0,
      stages: [],
      notes: [],
    });
    expect(await run(designed.redrive([]))).toMatchObject({ status: "success", read: 0 });
  });

  it("says that stages which need all records see only some", async () => {
    const fails = { isMended: false };
    const letters: DeadLetter[] = [];
    const designed = flow(fromIterable([{ a: 1 }, { a: 2 }, { a: 2 }]))
      .map(
        (record) => {
          if (record.a === 2 && !fails.isMended) throw new Error("two");
          return record;
        },
        { onError },
      )
      .aggregate({ by: ["a"], calculate: { count: { count: true } } });
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    await designed.to(toArray<object>([]), { deadLetters: toArray(letters) });
    fails.isMended = true;
    const got: object[] = [];
    expect(await designed.redrive(letters).to(toArray(got), { run: { log } })).toMatchObject({ read: 2 });
    expect(got).toEqual([{ a: 2, count: 2 }]);
    expect(lines.join()).toContain(
      '\\"aggregate\\" needs all records, and sees only those that are done again.',
    );
  });
});

describe("a re-drive is refused before anything is opened or run", () => {
  async function failed(): Promise<Bench & { readonly letters: readonly DeadLetter[] }> {
    const made = bench();
    const letters: DeadLetter[] = [];
    await run(made.designed, letters);
    made.fails.double = 0;
    made.calls.length = 0;
    return { ...made, letters };
  }

  async function refusal(
    chosen: Bench["designed"],
    letters: readonly DeadLetter[],
    options?: RedriveOptions,
  ): Promise<{ readonly message: string; readonly hint: string }> {
    let opened = 0;
    const sink = defineSink<readonly number[]>({
      name: "watched",
      open: () => {
        opened++;
        return { write: () => {} };
      },
    });
    const summary = await chosen.redrive(letters, options).to(sink);
    expect(summary).toMatchObject({ status: "failed", read: 0, published: false, error: { code: "CONFIG" } });
    expect(opened).toBe(0);
    await expect(planRedrive(chosen, letters, options)).rejects.toThrow(summary.error?.message);
    return { message: summary.error?.message ?? "", hint: summary.error?.hint ?? "" };
  }

  it("for another flow, unless it is forced", async () => {
    const { letters, calls } = await failed();
    const { designed, fails } = bench({ name: "other" });
    fails.double = 0;
    const { message, hint } = await refusal(designed, letters);
    expect(message).toBe(
      'Flow "other" cannot do these dead letters again: 2 of 2 (the first is letter 1): of the flow "bench"',
    );
    expect(hint).toContain("force it");
    expect(calls).toEqual([]);
    expect((await planRedrive(designed, letters, { force: true })).notes).toEqual([
      "The flow has changed since these records failed.",
    ]);
    expect(await run(designed.redrive(letters, { force: true }))).toMatchObject({ delivered: 2 });
  });

  it("for a flow that has changed, unless it is forced and the stages are still there", async () => {
    const { letters, designed } = await failed();
    const { designed: changed, fails } = bench({ size: 3 });
    fails.double = 0;
    expect((await refusal(changed, letters)).message).toContain(
      `the flow has changed since: ${designed.hash.slice(0, 12)} then, ${changed.hash.slice(0, 12)} now`,
    );
    expect(await run(changed.redrive(letters, { force: true }))).toMatchObject({ delivered: 2 });
    const without = flow(fromIterable([1]), { name: "bench" }).batch(2);
    expect((await refusal(without, letters, { force: true })).message).toContain(
      'there is no stage "double" in the flow',
    );
    // A stage that is added to a re-drive changes the flow, too.
    expect(
      (
        await refusal(
          designed.filter(() => true),
          letters,
        )
      ).message,
    ).toContain("has changed");
  });

  it("for letters of several runs", async () => {
    const { letters, designed } = await failed();
    const [first] = letters;
    const other = { ...first, runId: "another" } as DeadLetter;
    expect((await refusal(designed, [...letters, other], { force: true })).message).toContain(
      `of several runs (${first?.runId}, another)`,
    );
  });

  it("for stages that need all records, and those after them", async () => {
    const letters: DeadLetter[] = [];
    let isFailing = true;
    const throwing = (at: number) => (record: { a: number }) => {
      if (record.a === at && isFailing) throw new Error("fails");
      return record;
    };
    const designed = flow(fromIterable([{ a: 1 }, { a: 2 }, { a: 3 }, { a: Number.NaN }]))
      .map(throwing(1), { id: "before", onError })
      .aggregate({ by: ["a"], calculate: { sum: { sum: "a" } }, onError })
      .map(throwing(2), { id: "after", onError });
    const sink = defineSink<{ a: number }>({
      name: "sink",
      encode: throwing(3),
      open: () => ({ write: () => {} }),
    });
    await designed.to(sink, { deadLetters: toArray(letters) });
    isFailing = false;
    expect(letters.map(({ stage }) => stage)).toEqual(["before", "aggregate", "after", "sink"]);
    const summary = await designed.redrive(letters, { force: true }).to(sink);
    expect(summary.error?.message).toContain('1 of 4 (letter 2): "aggregate" needs all records');
    expect(summary.error?.message).toContain(
      '1 of 4 (letter 3): "after" stands after "aggregate", which needs all records',
    );
    expect(summary.error?.message).toContain('(letter 4): "sink" stands after "aggregate"');
    expect(summary.error?.hint).toBe("Choose the others by their stage.");
    expect(
      await designed.redrive(letters, { stage: "before" }).to(sink, { run: { log: silent } }),
    ).toMatchObject({ delivered: 1 });
  });

  it("for what the source could not read, and inputs that were not kept", async () => {
    const source = join(folder, "broken.jsonl");
    const path = join(folder, "broken-letters.jsonl");
    writeFileSync(source, '{"a":1\n{"a":2}\n');
    const dated = flow(fromFile(source), { name: "dated" })
      .map(() => ({ at: new Date(0) }))
      .map(
        () => {
          throw new Error("fails");
        },
        { id: "last", onError },
      );
    await dated.to(toArray<never>([]), { deadLetters: toDeadLetters(path) });
    const summary = await dated.redrive(path).to(toArray<never>([]));
    expect(summary.error?.message).toContain(
      `1 of 2 (${path}:1): what was given to "${source}" cannot go in again: the source could not read it`,
    );
    expect(summary.error?.message).toContain(
      `1 of 2 (${path}:2): what was given to "last" cannot go in again: at: an object of class Date is no JSON`,
    );
    expect(summary.error?.hint).toContain("Mend such records where they are from");
  });

  it("for records of which parts have gone on", async () => {
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    const designed = flow(fromIterable([3, 0])).split(
      function* (number) {
        for (let part = 1; part <= number; part++) yield part;
        throw new Error("no end");
      },
      { onError },
    );
    expect(await designed.to(toArray(got), { deadLetters: toArray(letters) })).toMatchObject({
      deadLettered: 2,
    });
    expect(got).toEqual([1, 2, 3]);
    expect(letters.map(({ input, inputProblem }) => [input, inputProblem])).toEqual([
      [3, "parts of it have gone on"],
      [0, undefined],
    ]);
    const { error } = await designed.redrive(letters).to(toArray(got));
    expect(error?.message).toContain(
      '1 of 2 (letter 1): what was given to "split" cannot go in again: parts of it have gone on',
    );
  });

  it("for records of which an operator may have made something", async () => {
    const letters: DeadLetter[] = [];
    const twice = defineOperator<number, number>({
      name: "twice",
      needsAll: false,
      start: () => ({
        take: (number, { emit }) => {
          if (number === 4) return;
          if (number === 1) throw new Error("before");
          emit(number, { keep: true });
          if (number === 2) throw new Error("after");
          emit(number);
        },
        end: () => {
          throw new Error("at the end");
        },
      }),
    });
    const designed = flow(fromIterable([1, 2, 3, 4])).operator(twice, { onError });
    await designed.to(toArray<number>([]), { deadLetters: toArray(letters) });
    expect(letters.map(({ record, inputProblem }) => [record, inputProblem !== undefined])).toEqual([
      [1, false],
      [2, true],
      [4, true],
    ]);
  });

  it("for files with damaged lines", async () => {
    const path = join(folder, "damaged.jsonl");
    const { designed, fails } = bench();
    await designed.to(toArray<readonly number[]>([]), { deadLetters: toDeadLetters(path) });
    fails.double = 0;
    writeFileSync(path, '{"version":1,"record"', { flag: "a" });
    const summary = await designed.redrive(path).to(toArray<readonly number[]>([]));
    expect(summary.error?.message).toContain(`1 of 3 (${path}:3): damaged (not JSON: ends too early`);
  });

  it("for stages of which there are no letters", async () => {
    const { letters, designed } = await failed();
    const { message, hint } = await refusal(designed, letters, { stage: ["double", "dubble"] });
    expect(message).toContain('none of them failed at "dubble"');
    expect(hint).toBe('There are letters of "double".');
  });

  it("when the letters are others the second time they are read", async () => {
    const { letters, designed } = await failed();
    const once = letters.values();
    const summary = await designed.redrive(fromIterable(once)).to(toArray<readonly number[]>([]));
    expect(summary).toMatchObject({ status: "failed", error: { code: "CONFIG" } });
    expect(summary.error?.message).toContain("changed while its letters were done again");
  });
});

it.each<[unknown, object, string]>([
  [5, {}, "source"],
  ["", {}, "path"],
  [[], { stage: 5 }, "stage"],
  [[], { stage: [] }, "stage"],
  [[], { stage: ["a", 1] }, "stage"],
  [[], { force: "yes" }, "force"],
  [[], { stages: "a" }, "stages"],
])("letters %j with %j are refused at once", async (letters, options, path) => {
  const { designed } = bench();
  const config = expect.objectContaining({
    code: "CONFIG",
    details: expect.objectContaining({ path }) as unknown,
  }) as Error;
  expect(() => designed.redrive(letters as string, options)).toThrow(config);
  await expect(planRedrive(designed, letters as string, options)).rejects.toEqual(config);
});

it("has as many letters as records fail of, and reads no further than there is room", async () => {
  const many = Array.from({ length: 5_000 }, (_, index) => index);
  let isMended = false;
  const letters: DeadLetter[] = [];
  const designed = flow(fromIterable(many))
    .split((number) => [number, -number])
    .map(
      (number) => {
        if (!isMended) throw new Error("fails");
        return number;
      },
      { onError },
    );
  const first = await designed.to(toArray<number>([]), { deadLetters: toArray(letters) });
  expect(first).toMatchObject({ deadLettered: 5_000, letterCount: 10_000 });
  isMended = true;
  const got: number[] = [];
  const second = await designed.redrive(letters).to(toArray(got));
  expect(second).toMatchObject({ read: 5_000, delivered: 5_000, emitted: 10_000 });
  expect(got.length).toBe(10_000);
});
