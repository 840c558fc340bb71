import { type Agent, defineAgent, mapItems } from "@atomic-agents/core";
import { expectTypeOf } from "vitest";
import * as z from "zod";
import { type Flow, flow } from "../flow.ts";
import type { RawFlow } from "../raw-flow.ts";
import { fromIterable } from "../from-iterable.ts";

const double = defineAgent({
  name: "double",
  description: "Doubles a number.",
  input: z.number(),
  output: z.number(),
  execute: (number) => number * 2,
});
const lengths = defineAgent({
  name: "lengths",
  description: "Tells how long texts are.",
  input: z.array(z.string()),
  output: z.array(z.number()),
  execute: (texts) => texts.map((text) => text.length),
});
declare const texts: Flow<string>;
declare const raw: RawFlow;

expectTypeOf(texts.batch({ size: 3 })).toEqualTypeOf<Flow<readonly string[]>>();
expectTypeOf(texts.throughBatch(lengths, { size: 3 })).toEqualTypeOf<Flow<number>>();
expectTypeOf(texts.throughBatch(lengths, { size: 3, onError: "dead-letter" })).toEqualTypeOf<Flow<number>>();
expectTypeOf(texts.throughBatch(lengths, { size: 3, onError: "pass" })).toEqualTypeOf<
  Flow<number | string>
>();
expectTypeOf(raw.throughBatch(lengths, { maxWaitMs: 3 })).toEqualTypeOf<Flow<number>>();
// @ts-expect-error numbers are no texts
flow(fromIterable([1])).throughBatch(lengths, { size: 3 });
// @ts-expect-error it takes no lists
flow(fromIterable([1])).throughBatch(double, { size: 3 });

// What is given of each is an outcome only where it is said.
const settled = mapItems(double, { settled: true });
const numbers = flow(fromIterable([1]));
expectTypeOf(numbers.throughBatch(settled, { size: 3, settled: true })).toEqualTypeOf<Flow<number>>();
// @ts-expect-error these are no outcomes
numbers.throughBatch(mapItems(double), { size: 3, settled: true });

declare const ofIds: Agent<{ id: number }[], readonly number[]>;
expectTypeOf(
  texts.throughBatch(
    ofIds,
    { size: 3 },
    {
      toInput: (text) => ({ id: text.length }),
      toOutput: (text, given: number) => ({ text, given }),
    },
  ),
).toEqualTypeOf<Flow<{ text: string; given: number }>>();
