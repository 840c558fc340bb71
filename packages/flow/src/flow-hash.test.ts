import { defineAgent, pipeline, sleep } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { toArray } from "./to-array.ts";

const agent = (name: string, version?: string) =>
  defineAgent({
    name,
    version,
    description: "Doubles.",
    input: z.number(),
    output: z.number(),
    execute: (number) => number * 2,
  });
const source = fromIterable([1, 2]);

describe("stages", () => {
  it("are told with id, kind and agent, and which of them need all records", () => {
    const { stages } = flow(fromIterable([{ a: 1 }]))
      .map(({ a }) => a)
      .through(agent("double"), { id: "twice" })
      .filter((number) => number > 1)
      .split((number) => [number, number])
      .tee(toArray<number>([]))
      .map((b) => ({ b }), { id: "wrap" })
      .aggregate({ by: ["b"], calculate: { count: { count: true } } })
      .batch(2);
    expect(stages).toEqual([
      { id: "map", kind: "map", needsAll: false },
      { id: "twice", kind: "through", agent: "double", needsAll: false },
      { id: "filter", kind: "filter", needsAll: false },
      { id: "split", kind: "split", needsAll: false },
      { id: "tee", kind: "tee", needsAll: false },
      { id: "wrap", kind: "map", needsAll: false },
      { id: "aggregate", kind: "aggregate", needsAll: true },
      { id: "batch", kind: "batch", needsAll: false },
    ]);
  });
});

describe("the hash", () => {
  const base = flow(source).through(agent("double")).batch(2);

  it("is the same for flows that do the same, whatever they are called and however they run", () => {
    expect(base.hash).toMatch(/^[0-9a-f]{64}$/);
    const other = flow(fromIterable([3], { name: "others" }), { name: "other", onError: "stop" })
      .through(agent("double"), {
        concurrency: 3,
        ordered: false,
        timeoutMs: 5,
        retry: { attempts: 2 },
        onError: "drop",
      })
      .batch(2);
    expect(other.hash).toBe(base.hash);
  });

  const withPipeline = (...versions: readonly string[]) =>
    flow(source).through(pipeline("p").stage(agent("a", versions[0])).stage(agent("b", versions[1])));
  const others = {
    "another size": flow(source).through(agent("double")).batch(3),
    "another version of an agent": flow(source).through(agent("double", "2.0.0")).batch(2),
    "another agent": flow(source).through(agent("treble"), { id: "double" }).batch(2),
    "another id": flow(source).through(agent("double"), { id: "twice" }).batch(2),
    "another order": flow(source)
      .batch(2)
      .split((numbers) => numbers)
      .through(agent("double")),
    "one stage less": flow(source).through(agent("double")),
    "one stage more": base.tee(toArray<readonly number[]>([])),
    "another kind": flow(source)
      .map((number) => number, { id: "double" })
      .batch(2),
    "a design of its own": flow(source, { design: "record + 1" }).through(agent("double")).batch(2),
    "another design of its own": flow(source, { design: "record + 2" }).through(agent("double")).batch(2),
    "a pipeline": withPipeline("1.0.0", "1.0.0"),
    "a pipeline with another version of a part": withPipeline("1.0.0", "1.1.0"),
  };

  it.each(Object.keys(others))("differs with %s", (name) => {
    const hashes = [base, ...Object.values(others)].map(({ hash }) => hash);
    // The name is a key of what is looked at.
    const { hash } = others[name as keyof typeof others];
    expect(hashes.filter((one) => one === hash)).toHaveLength(1);
  });

  it("differs with keys and calculations of an aggregation", () => {
    const records = flow(fromIterable([{ a: 1, b: 2 }]));
    const hashes = [
      records.aggregate({ by: ["a"], calculate: { n: { count: true } } }),
      records.aggregate({ by: ["b"], calculate: { n: { count: true } } }),
      records.aggregate({ by: ["a"], calculate: { m: { count: true } } }),
      records.aggregate({ by: ["a"], calculate: { n: { sum: "b" } } }),
    ].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(4);
  });

  it("does not change when code is mended", () => {
    const mended = defineAgent({
      name: "double",
      description: "Doubles slowly.",
      input: z.number(),
      output: z.number(),
      execute: async (number, ctx) => {
        await sleep(1, ctx);
        return number + number;
      },
    });
    expect(flow(source).through(mended).batch(2).hash).toBe(base.hash);
  });

  it("takes no design but a text", () => {
    expect(() => flow(source, { design: 5 as unknown as string })).toThrow(
      "flow: design must be a text, got 5",
    );
  });
});
