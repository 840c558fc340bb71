import type { AnySchema } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import {
  type Agent,
  defineAgent,
  mapItems,
  type Middleware,
  parallel,
  pipeline,
  withPolicy,
} from "../index.ts";

/** A schema, and how often it was asked. */
function countedSchema<TSchema extends AnySchema>(schema: TSchema) {
  return { schema, parses: vi.spyOn(schema["~standard"], "validate") };
}

const plain = () => countedSchema(z.object({ text: z.string() }));
const passOn: Middleware = (next) => (input, ctx) => next(input, ctx);

function copying<TSchema extends z.ZodType<{ text: string }, { text: string }>>(
  schema: TSchema,
  name: string,
) {
  return defineAgent({
    name,
    description: "Hands on.",
    input: schema,
    output: schema,
    execute: ({ text }) => ({ text }),
  });
}

describe("a boundary between two stages with the same schema", () => {
  test("is parsed once where the schema is plain", async () => {
    const { schema, parses } = plain();
    const chain = pipeline("p")
      .stage(copying(schema, "a"))
      .stage(copying(schema, "b"))
      .stage(copying(schema, "c"));
    await chain.run({ text: "x" });
    expect(parses).toHaveBeenCalledTimes(4);
    await chain.start({ text: "x" }).result;
    expect(parses).toHaveBeenCalledTimes(8);
  });

  test.each([
    ["the next stage retries", { retry: { attempts: 2 } }],
    ["the next stage passes on failure", { onError: "pass" }],
  ] as const)("is parsed twice where %s", async (_why, policy) => {
    const { schema, parses } = plain();
    const stage = pipeline("p").stage(copying(schema, "a")).stage as (
      ...given: readonly unknown[]
    ) => Agent<unknown, unknown>;
    await stage(copying(schema, "b"), policy).run({ text: "x" });
    expect(parses).toHaveBeenCalledTimes(4);
  });

  test("is parsed twice where the stage before may have passed on something else", async () => {
    const { schema, parses } = plain();
    const chain = pipeline("p").stage(copying(schema, "a"), { onError: "pass" }).stage(copying(schema, "b"));
    await chain.run({ text: "x" });
    expect(parses).toHaveBeenCalledTimes(4);
  });

  test("is parsed twice where a middleware may change what passes", async () => {
    const { schema, parses } = plain();
    const chain = pipeline("p").stage(copying(schema, "a")).stage(copying(schema, "b")).use(passOn);
    await chain.run({ text: "x" });
    expect(parses).toHaveBeenCalledTimes(4);
  });

  test.each([
    ["a check that only the schema can run", () => z.object({ text: z.string().refine(() => true) })],
    ["a transform", () => z.object({ text: z.string().transform((text) => text.trim()) })],
    ["an overwrite", () => z.object({ text: z.string().trim() })],
  ])("is parsed twice where the schema has %s", async (_why, make) => {
    const { schema, parses } = countedSchema<z.ZodType<{ text: string }, { text: string }>>(make());
    await pipeline("p").stage(copying(schema, "a")).stage(copying(schema, "b")).run({ text: "x" });
    expect(parses).toHaveBeenCalledTimes(4);
  });

  test("is parsed by both schemas where they are different objects", async () => {
    const [left, right] = [plain(), plain()];
    await pipeline("p").stage(copying(left.schema, "a")).stage(copying(right.schema, "b")).run({ text: "x" });
    expect([left.parses.mock.calls.length, right.parses.mock.calls.length]).toEqual([2, 2]);
  });
});

test("composed stages parse in their parts only", async () => {
  const { schema, parses } = plain();
  const one = copying(schema, "one");
  const cases: readonly (readonly [() => Promise<unknown>, number])[] = [
    [() => pipeline("outer").stage(pipeline("inner").stage(one)).run({ text: "x" }), 2],
    [() => withPolicy(one, { timeoutMs: 100 }).run({ text: "x" }), 2],
    [() => parallel({ a: one, b: one }).run({ text: "x" }), 4],
    [() => mapItems(one).run([{ text: "x" }, { text: "y" }, { text: "z" }]), 6],
  ];
  for (const [run, expected] of cases) {
    parses.mockClear();
    await run();
    expect(parses).toHaveBeenCalledTimes(expected);
  }
});

test("every attempt parses the input anew, and only its own output", async () => {
  const clock = createVirtualClock();
  const input = plain();
  const output = plain();
  let calls = 0;
  const flaky = defineAgent({
    name: "flaky",
    description: "Fails at first.",
    input: input.schema,
    output: output.schema,
    execute: (value) => {
      if (++calls < 3) throw new Error("busy");
      return value;
    },
  });
  await clock.until(withPolicy(flaky, { retry: { attempts: 3 } }).run({ text: "x" }, { clock }));
  expect(input.parses).toHaveBeenCalledTimes(3);
  expect(output.parses).toHaveBeenCalledTimes(1);
});

describe("`.map` gets what the stage before gave, parsed once", () => {
  const Doubled = z.object({ n: z.number().transform((n) => n * 2) });
  const Length = z.object({ n: z.string().transform((text) => text.length) });
  const Out = z.object({ n: z.number() });
  const double = defineAgent({
    name: "double",
    description: "Gives one, which its schema doubles.",
    input: z.object({ text: z.string() }),
    output: Doubled,
    execute: () => ({ n: 1 }),
  });
  const measure = defineAgent({
    name: "measure",
    description: "Gives a text, which its schema measures.",
    input: z.object({ text: z.string() }),
    output: Length,
    execute: () => ({ n: "four" }),
  });

  test("after an agent, with and without middleware", async () => {
    const chain = pipeline("p")
      .stage(double)
      .map((value) => value, Out);
    expect(await chain.run({ text: "" })).toEqual({ n: 2 });
    expect(await chain.use(passOn).run({ text: "" })).toEqual({ n: 2 });
    const measured = pipeline("p")
      .stage(measure)
      .map((value) => value, Out);
    expect(await measured.run({ text: "" })).toEqual({ n: 4 });
    expect(await measured.use(passOn).use(passOn).run({ text: "" })).toEqual({ n: 4 });
  });

  test("after parallel agents and items", async () => {
    const slots = pipeline("p")
      .stage(parallel({ double, measure }))
      .map((value) => ({ n: value.double.n + value.measure.n }), Out);
    expect(await slots.run({ text: "" })).toEqual({ n: 6 });
    expect(await slots.use(passOn).run({ text: "" })).toEqual({ n: 6 });
    const items = pipeline("p")
      .stage(mapItems(measure))
      .map((values) => ({ n: values.length + (values[0]?.n ?? 0) }), Out);
    expect(await items.run([{ text: "" }])).toEqual({ n: 5 });
    expect(await items.use(passOn).run([{ text: "" }])).toEqual({ n: 5 });
  });

  test("after a stage that passes on failure, whether it passed or not", async () => {
    const chain = pipeline("p")
      .stage(measure, { onError: "pass" })
      .map((value) => ({ n: "n" in value ? value.n : -1 }), Out);
    expect(await chain.run({ text: "" })).toEqual({ n: 4 });
    const bad = defineAgent({
      name: "bad",
      description: "Gives what its schema refuses.",
      input: z.object({ text: z.string() }),
      output: Length,
      // A wrong output, as from a program in JavaScript.
      execute: () => ({ n: 4 as unknown as string }),
    });
    const passed = pipeline("p")
      .stage(bad, { onError: "pass" })
      .map((value) => ({ n: "n" in value ? 0 : -1 }), Out);
    expect(await passed.run({ text: "" })).toEqual({ n: -1 });
  });

  test("after another `.map`", async () => {
    const chain = pipeline("p")
      .stage(double)
      .map(({ n }) => ({ n: String(n) }), Length)
      .map(({ n }) => ({ n: n + 10 }), Out);
    expect(await chain.run({ text: "" })).toEqual({ n: 11 });
  });
});
