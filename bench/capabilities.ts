/**
 * What the capabilities that change or check single records cost, each as one stage of a flow, beside a loop written by hand that does
 * the same to the same 200,000 records in memory. CPU time of the whole process, each contender in processes of its own, in turns:
 *
 *     node bench/capabilities.ts
 *
 * The loops know the one kind of record that there is; their errors say nothing, and nothing counts what they leave out. That by
 * hand which redacts looks for addresses with one regular expression, and goes into the texts that it knows.
 */
import type { Agent } from "@atomic-agents/core";
import { flow, fromIterable, toArray } from "@atomic-agents/flow";
import { redactRecords, transformRecords, validateRecords } from "@atomic-agents/project";
import * as z from "zod";
import { compareInProcesses } from "./compare-in-processes.ts";

const recordCount = 200_000;
const batchSize = 100;

interface Order {
  readonly no: string;
  readonly qty: string;
  readonly price: number;
  readonly country: string;
  readonly note: string;
}

function makeOrders(): readonly Order[] {
  return Array.from({ length: recordCount }, (_, n) => ({
    no: `${n}`,
    qty: String(1 + (n % 9)),
    price: (n % 3_000) / 100,
    country: n % 150 === 0 ? "Freedonia" : "FR",
    note: n % 4 === 0 ? `Ask person-${n}@example.org before noon` : "an ordinary note of ordinary length",
  }));
}

const Order = z.object({
  no: z.string().min(1),
  qty: z.string(),
  price: z.number().nonnegative(),
  country: z.string().length(2),
  note: z.string(),
});

/** Enough of them to see that they are the same. */
function some(records: readonly unknown[]): readonly unknown[] {
  return [records.length, ...records.filter((_, index) => index % 1_000 === 0)];
}

async function through(
  orders: readonly Order[],
  agent: Agent<unknown, unknown>,
): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  await flow(fromIterable(orders)).through(agent, { onError: "drop" }).to(toArray(got));
  return some(got);
}

function validateByHand(orders: readonly Order[]): readonly unknown[] {
  const got: unknown[] = [];
  for (const order of orders) {
    const parsed = Order.safeParse(order);
    if (parsed.success) got.push(parsed.data);
  }
  return some(got);
}

function transformByHand(orders: readonly Order[]): readonly unknown[] {
  const got: unknown[] = [];
  for (const { no, qty, price, country } of orders) {
    const [id, count] = [Number(no), Number(qty)];
    if (!Number.isSafeInteger(id) || !Number.isSafeInteger(count)) continue;
    got.push({ id, count, price, country, total: Math.round(count * price * 100) / 100 });
  }
  return some(got);
}

const address = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;

function redactByHand(orders: readonly Order[]): readonly unknown[] {
  const got = orders.map((order) => ({
    ...order,
    no: "[redacted]",
    country: order.country.replace(address, "[email]"),
    note: order.note.replace(address, "[email]"),
  }));
  return some(got);
}

function batchByHand(orders: readonly Order[]): readonly unknown[] {
  const got: (readonly Order[])[] = [];
  let batch: Order[] = [];
  for (const order of orders) {
    batch.push(order);
    if (batch.length < batchSize) continue;
    got.push(batch);
    batch = [];
  }
  if (batch.length > 0) got.push(batch);
  return some(got);
}

async function batch(orders: readonly Order[]): Promise<readonly unknown[]> {
  const got: (readonly Order[])[] = [];
  await flow(fromIterable(orders)).batch(batchSize).to(toArray(got));
  return some(got);
}

type Contender = (orders: readonly Order[]) => readonly unknown[] | Promise<readonly unknown[]>;

const contenders: Readonly<Record<string, Contender>> = {
  "validate: by hand, Zod": validateByHand,
  "validate: validateRecords": (orders) => through(orders, validateRecords({ schema: Order })),
  "transform: by hand": transformByHand,
  "transform: transformRecords": (orders) =>
    through(
      orders,
      transformRecords({
        rename: { no: "id", qty: "count" },
        cast: { id: "integer", count: "integer" },
        derive: { total: "round(record.count * record.price, 2)" },
        drop: ["note"],
      }),
    ),
  "redact: by hand, one regular expression": redactByHand,
  "redact: redactRecords": (orders) => through(orders, redactRecords({ find: ["email"], keys: ["no"] })),
  "batch: by hand": batchByHand,
  "batch: .batch": batch,
};

const pairs = [
  ["validate: validateRecords", "validate: by hand, Zod"],
  ["transform: transformRecords", "transform: by hand"],
  ["redact: redactRecords", "redact: by hand, one regular expression"],
  ["batch: .batch", "batch: by hand"],
] as const;

await compareInProcesses({ script: import.meta.filename, prepare: makeOrders, contenders, pairs });
