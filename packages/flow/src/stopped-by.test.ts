import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineAgent, MemoryRunStore } from "@atomic-agents/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type FlowSummary, flow, fromFile, fromIterable, toArray } from "./index.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "stopped-by-"));
  await writeFile(join(directory, "numbers.jsonl"), '{"n":1}\n\n{"n":2}\n{"n":3}\n{"n":[4]}\n');
});
afterAll(() => rm(directory, { recursive: true }));

const Row = z.object({ n: z.unknown() });
type Row = z.infer<typeof Row>;
const numbers = () => fromFile("numbers.jsonl", { directory, schema: Row });
const refuseThree = ({ n }: Row): Row => {
  if (n === 3) throw new Error("three");
  return { n };
};

describe("the record that ended a flow", () => {
  const agent = defineAgent({
    name: "picky",
    description: "Refuses three.",
    input: Row,
    output: Row,
    execute: refuseThree,
  });
  const cases: Readonly<Record<string, () => Promise<FlowSummary>>> = {
    "an agent": () => flow(numbers()).through(agent, { concurrency: 1 }).to(toArray<unknown>([])),
    "a function": () => flow(numbers()).map(refuseThree).to(toArray<unknown>([])),
    "a filter": () =>
      flow(numbers())
        .filter((row) => refuseThree(row) === row || true)
        .to(toArray<unknown>([])),
    "a stage after a split": () =>
      flow(numbers())
        .split((row) => [row, row])
        .map(refuseThree)
        .to(toArray<unknown>([])),
  };

  it.each(Object.entries(cases))("is told with its place, of %s", async (_, run) => {
    const summary = await run();
    expect(summary).toMatchObject({ status: "failed", deadLettered: 0, deadLetters: [] });
    expect(summary.stoppedBy).toMatchObject({ record: 3, line: 4, byteOffset: 17, input: { n: 3 } });
    expect(summary.stoppedBy?.file).toMatch(/numbers\.jsonl$/);
    expect(summary.stoppedBy?.error).toBe(summary.error);
  });

  it("is told of a key that is none", async () => {
    const summary = await flow(numbers())
      .map(({ n }) => ({ n: n as number }))
      .aggregate({ by: ["n"], calculate: { count: { count: true } } })
      .to(toArray<unknown>([]));
    expect(summary.stoppedBy).toMatchObject({ record: 4, line: 5, stage: "aggregate", input: { n: [4] } });
  });

  it("is told of what cannot be read", async () => {
    const source = fromFile("numbers.jsonl", { directory, schema: z.object({ n: z.number() }) });
    const summary = await flow(source, { onError: "stop" }).to(toArray<unknown>([]));
    expect(summary.stoppedBy).toMatchObject({ record: 4, line: 5, entry: { kind: "source" } });
  });

  it("has its number among all letters, where nobody has seen those before", async () => {
    const summary = await flow(fromIterable(Array.from({ length: 100 }, (_, n) => ({ n: n < 99 ? 3 : 4 }))))
      .through(agent, { onError: "dead-letter" })
      .map(() => refuseThree({ n: 3 }))
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ status: "failed", deadLettered: 99, stoppedBy: { letter: 100 } });
    expect(summary.deadLetters.map(({ letter }) => letter)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("is kept with the run, without what was in it", async () => {
    const store = new MemoryRunStore();
    await flow(numbers()).map(refuseThree).to(toArray<unknown>([]), { run: { store } });
    expect(store.list()[0]?.flow?.stoppedBy).toEqual({
      record: 3,
      source: "numbers.jsonl",
      file: expect.stringMatching(/numbers\.jsonl$/),
      line: 4,
    });
  });

  it("is not there where it was no record that ended it", async () => {
    const grouped = await flow(fromIterable<{ n: number }>([]))
      .aggregate({ by: [], calculate: { sum: { sum: "n" } } })
      .map(() => {
        throw new Error("nothing");
      })
      .to(toArray<unknown>([]));
    expect(grouped).toMatchObject({ status: "failed" });
    expect(grouped).not.toHaveProperty("stoppedBy");
  });

  it("is told of the other side of a join", async () => {
    const summary = await flow(fromIterable([{ n: 1 }]))
      .join(numbers() as never, { on: "n", as: "other" } as never)
      .to(toArray<unknown>([]));
    expect(summary.error?.message).toMatch(/^1 record of the other side .* failed: .*numbers\.jsonl:5: /);
  });
});
