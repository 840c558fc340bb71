import { defineAgent } from "@atomic-agents/core";
import { expectTypeOf } from "vitest";
import * as z from "zod";
import { fromFile } from "./files/from-file.ts";
import { toFile } from "./files/to-file.ts";
import { type Flow, flow } from "./flow.ts";
import type { RawFlow } from "./raw-flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { lookup } from "./lookup/lookup.ts";
import { tableOf } from "./lookup/table-of.ts";
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

// What is found is under its name; null where there may be nothing.
const customers = fromIterable([{ id: 1, name: "Ada" }]);
expectTypeOf(orders.join(customers, { on: "id", as: "by" }).map(({ by }) => by)).toEqualTypeOf<
  Flow<{ id: number; name: string }>
>();
expectTypeOf(
  orders
    .join(customers, { on: ["id", { left: "note", right: "name" }], as: "by", type: "left" })
    .map(({ lines, by }) => [lines, by?.name] as const),
).toEqualTypeOf<Flow<readonly [readonly string[], string | undefined]>>();
expectTypeOf(orders.join(texts, { on: "id", type: "anti" })).toEqualTypeOf<Flow<Order>>();
expectTypeOf(
  flow(fromFile("in.jsonl"))
    .join(fromFile("other.jsonl"), { on: "id", as: "by" })
    .map(({ by }) => by),
).toEqualTypeOf<Flow<unknown>>();
// @ts-expect-error only one side has such a key
orders.join(customers, { on: "name", as: "by" });
// @ts-expect-error a list is no key
orders.join(customers, { on: { left: "lines", right: "id" }, as: "by" });
// @ts-expect-error what is found has to go somewhere
orders.join(customers, { on: "id" });

// A lookup is an agent, of the records that its key is read from.
const names = tableOf(customers, { key: "id" });
const byId = ({ id }: Order) => id;
expectTypeOf(orders.through(lookup(names, { by: byId, as: "by" })).map(({ by }) => by)).toEqualTypeOf<
  Flow<{ id: number; name: string } | null>
>();
expectTypeOf(
  orders
    .through(lookup(names, { by: byId, as: "by", fields: { name: "name" }, onMissing: "error" }))
    .map(({ by, lines }) => [by.name, lines] as const),
).toEqualTypeOf<Flow<readonly [string, readonly string[]]>>();
// @ts-expect-error there is no such key
lookup(names, { by: byId, fields: { a: "nmae" } });
// @ts-expect-error it is asked for by a value
lookup(names, { by: (order: Order) => order, as: "by" });
