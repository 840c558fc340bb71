import { defineAgent } from "@atomic-agents/core";
import { expectTypeOf } from "vitest";
import * as z from "zod";
import { fromFile } from "./files/from-file.ts";
import { toFile } from "./files/to-file.ts";
import { type Flow, flow, type RawFlow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import type { TextLine } from "./text/read-text.ts";
import { toArray } from "./to-array.ts";

const count = defineAgent({
  name: "count",
  description: "Counts words.",
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  execute: ({ text }) => ({ words: text.split(" ").length }),
});

const texts = flow(fromIterable([{ text: "a", id: 1 }]));
expectTypeOf(texts).toEqualTypeOf<Flow<{ text: string; id: number }>>();
expectTypeOf(texts.through(count)).toEqualTypeOf<Flow<{ words: number }>>();
expectTypeOf(texts.through(count, { onError: "pass" })).toEqualTypeOf<
  Flow<{ words: number } | { text: string; id: number }>
>();
// @ts-expect-error numbers are no texts
flow(fromIterable([1])).through(count);
// @ts-expect-error the sink takes other records
void texts.to(toArray<number>([]));
void texts.through(count).to(toFile("out.jsonl"));

// What is in a file nobody knows: any agent may come first.
expectTypeOf(flow(fromFile("in.jsonl"))).toEqualTypeOf<RawFlow>();
expectTypeOf(flow(fromFile("in.jsonl")).through(count)).toEqualTypeOf<Flow<{ words: number }>>();
expectTypeOf(flow(fromFile("in.jsonl", { schema: z.object({ n: z.number() }) }))).toEqualTypeOf<
  Flow<{ n: number }>
>();
expectTypeOf(flow(fromFile("in.txt", { format: "text" }))).toEqualTypeOf<Flow<TextLine>>();

expectTypeOf(
  texts
    .aggregate({ by: ["text"], calculate: { most: { max: "id" } } })
    .map(({ text, most }) => `${text} ${most}`),
).toEqualTypeOf<Flow<string>>();

// Keys of texts, numbers and the like, or functions; nobody knows the keys of what nobody knows.
interface Order {
  readonly id: number;
  readonly note?: string;
  readonly lines: readonly string[];
  readonly extra: unknown;
}
declare const orders: Flow<Order>;
expectTypeOf(
  orders.sort({ by: ["note", { key: "extra", order: "desc" }, ({ lines }) => lines.length] }),
).toEqualTypeOf<Flow<Order>>();
// @ts-expect-error a list is no key
orders.sort({ by: ["lines"] });
// @ts-expect-error a record has no order
orders.deduplicate({ by: [(order) => order] });
expectTypeOf(flow(fromFile("in.jsonl")).sort({ by: ["any", "key"] })).toEqualTypeOf<Flow<unknown>>();
