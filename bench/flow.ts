/**
 * What a flow costs a record, in CPU time of the whole process, each contender in a process of its own, in turns:
 *
 *     node bench/flow.ts            # both figures
 *     node bench/flow.ts memory     # the peak memory of 100 k, 1 M and 10 M records
 *
 * "stages" sends 1,000,000 numbers through a stage that does nothing, beside a hand-written pool of 64 workers. "jsonl"
 * reads 1,000,000 records of JSON lines, checks seven fields with Zod, changes, filters, groups and writes them, beside
 * a loop written by hand that does the same, and compares what both wrote. "flow file" is a flow file that does it: with a
 * JSON Schema, CEL, a tee and an aggregate. Loading it counts, importing its packages does not. "join" brings 1,000,000 small
 * records in memory together with 10,000 others, three of five of which have one; a `Map` and a loop are written by hand.
 *
 * A record of the hand loop and of the flow is parsed by Zod once; of the flow with an agent twice, as what the agent
 * takes and as what it gives; of the flow file once, by a compiled JSON Schema. Of a number that goes through an agent
 * both sides are parsed, by the hand pool and `.map` nothing is.
 */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { defineAgent } from "@atomic-agents/core";
import { defineSink, flow, fromFile, fromIterable, lookup, tableOf, toFile } from "@atomic-agents/flow";
import * as z from "zod";
import { machineLine } from "./machine.ts";
import { median } from "./statistics.ts";

const recordCount = 1_000_000;

const Sale = z.object({
  id: z.int(),
  user: z.string().min(1),
  country: z.string().length(2),
  product: z.string(),
  quantity: z.int().min(1),
  price: z.number().nonnegative(),
  note: z.string(),
});
type Sale = z.output<typeof Sale>;

const invoiceOf = ({ id, user, country, product, quantity, price }: Sale) => ({
  id,
  user,
  country,
  product,
  total: Math.round(quantity * price * 100) / 100,
});
type Invoice = ReturnType<typeof invoiceOf>;
const isKept = ({ total }: Invoice): boolean => total > 50;

/** Sums by country and product, as a side effect of passing by. */
class Groups {
  readonly sums = new Map<string, { count: number; total: number }>();

  add({ country, product, total }: Invoice): void {
    const key = `${country}/${product}`;
    let group = this.sums.get(key);
    if (group === undefined) {
      group = { count: 0, total: 0 };
      this.sums.set(key, group);
    }
    group.count++;
    group.total += total;
  }

  /** As the flow file writes them. */
  get lines(): string {
    const lines = [...this.sums].map(([key, figures]) => {
      const [country, product] = key.split("/");
      return `${JSON.stringify({ country, product, ...figures })}\n`;
    });
    return lines.join("");
  }
}

function makeRecords(path: string, count: number): void {
  const file = openSync(path, "w");
  let lines: string[] = [];
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let id = 0; id < count; id++) {
    const quantity = random() < 0.007 ? 0 : 1 + Math.floor(random() * 9);
    const note =
      random() < 0.01
        ? "Grüße aus Köln — 谢谢"
        : "an ordinary note of ordinary length for a record like this";
    const country = String.fromCharCode(65 + Math.floor(random() * 6), 65 + Math.floor(random() * 5));
    const product = `product-${Math.floor(random() * 20)}`;
    const price = Math.round(random() * 3_000) / 100;
    lines.push(
      JSON.stringify({
        id,
        user: `user-${Math.floor(random() * 50_000)}`,
        country,
        product,
        quantity,
        price,
        note,
      }),
    );
    if (lines.length === 5_000) {
      writeSync(file, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  if (lines.length > 0) writeSync(file, `${lines.join("\n")}\n`);
  closeSync(file);
}

/** What a careful person writes: large reads, one decoder, large writes, a temporary name. */
function handLoop(from: string, to: string): number {
  const input = openSync(from, "r");
  const output = openSync(`${to}.tmp`, "w");
  const chunk = Buffer.alloc(262_144);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const groups = new Groups();
  let rest = "";
  let lines: string[] = [];
  let refused = 0;
  const take = (line: string): void => {
    if (line === "") return;
    const parsed = Sale.safeParse(JSON.parse(line));
    if (!parsed.success) {
      refused++;
      return;
    }
    const invoice = invoiceOf(parsed.data);
    if (!isKept(invoice)) return;
    groups.add(invoice);
    lines.push(JSON.stringify(invoice));
    if (lines.length === 512) {
      writeSync(output, `${lines.join("\n")}\n`);
      lines = [];
    }
  };
  for (;;) {
    const length = readSync(input, chunk, 0, chunk.length, null);
    if (length === 0) break;
    const pieces = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split("\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) take(piece);
  }
  take(rest);
  if (lines.length > 0) writeSync(output, `${lines.join("\n")}\n`);
  fsyncSync(output);
  closeSync(output);
  closeSync(input);
  renameSync(`${to}.tmp`, to);
  writeFileSync(groupsOf(to), groups.lines);
  return refused;
}

/** The file of the groups beside that of the records. */
function groupsOf(to: string): string {
  return to.replace(".jsonl", ".groups.jsonl");
}

async function flowOver(from: string, to: string): Promise<number> {
  const groups = new Groups();
  const summary = await flow(fromFile(from, { schema: Sale }))
    .map(invoiceOf)
    .filter((invoice) => {
      const keeps = isKept(invoice);
      if (keeps) groups.add(invoice);
      return keeps;
    })
    .to(toFile(to));
  if (summary.status !== "partial") throw summary.error ?? new Error(summary.status);
  return summary.deadLettered;
}

const invoice = defineAgent({
  name: "invoice",
  description: "Makes an invoice of a sale.",
  input: Sale,
  output: z.object({
    id: z.int(),
    user: z.string(),
    country: z.string(),
    product: z.string(),
    total: z.number(),
  }),
  execute: invoiceOf,
});

async function agentOver(from: string, to: string): Promise<number> {
  const groups = new Groups();
  const summary = await flow(fromFile(from))
    .through(invoice, { onError: "dead-letter" })
    .filter((made) => {
      const keeps = isKept(made);
      if (keeps) groups.add(made);
      return keeps;
    })
    .to(toFile(to));
  if (summary.status !== "partial") throw summary.error ?? new Error(summary.status);
  return summary.deadLettered;
}

const flowFile = (from: string, to: string): string => `
source:
  file: ${basename(from)}
  schema:
    type: object
    required: [id, user, country, product, quantity, price, note]
    properties:
      id: { type: integer }
      user: { type: string, minLength: 1 }
      country: { type: string, minLength: 2, maxLength: 2 }
      product: { type: string }
      quantity: { type: integer, minimum: 1 }
      price: { type: number, minimum: 0 }
      note: { type: string }
stages:
  - map:
      id: record.id
      user: record.user
      country: record.country
      product: record.product
      total: round(record.quantity * record.price * 100) / 100
  - filter: record.total > 50
  - tee: ${basename(to)}
  - aggregate:
      by: [country, product]
      calculate: { count: { count: true }, total: { sum: total } }
sink: ${basename(groupsOf(to))}
`;

async function fileOver(from: string, to: string): Promise<number> {
  const { loadFlow, openProject } = await import("@atomic-agents/project");
  const directory = dirname(to);
  writeFileSync(join(directory, "sales.flow.yaml"), flowFile(from, to));
  const loaded = await loadFlow(await openProject({ directory }), "sales");
  const summary = await loaded.start().summary;
  if (summary.status !== "partial") throw summary.error ?? new Error(summary.status);
  return summary.deadLettered;
}

function* numbers(count: number): Generator<number> {
  for (let number = 0; number < count; number++) yield number;
}

const nowhere = defineSink<number>({ name: "nowhere", open: () => ({ write: () => {} }) });
const agentOf = (execute: (number: number) => number | Promise<number>) =>
  defineAgent({
    name: "same",
    description: "Gives what it gets.",
    input: z.number(),
    output: z.number(),
    execute,
  });

async function through(agent: ReturnType<typeof agentOf>, count: number): Promise<number> {
  const summary = await flow(fromIterable(numbers(count)))
    .through(agent, { concurrency: 64, ordered: false })
    .to(nowhere);
  return summary.delivered;
}

async function handPool(count: number): Promise<number> {
  const iterator = numbers(count);
  let done = 0;
  const work = async (number: number): Promise<number> => number;
  const worker = async (): Promise<void> => {
    for (const number of iterator) {
      await work(number);
      done++;
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return done;
}

interface Order {
  readonly id: number;
  readonly customer: number;
}

function* orders(count: number): Generator<Order> {
  for (let id = 0; id < count; id++) yield { id, customer: Math.imul(id, 2_654_435_761) & 0x3fff };
}

/** Of the numbers that orders have, three of five. */
const customers = Array.from({ length: 10_000 }, (_, id) => ({ id, name: `customer ${id}`, rating: id % 7 }));
const anywhere = defineSink<unknown>({ name: "nowhere", open: () => ({ write: () => {} }) });

function handJoin(count: number): number {
  const byId = new Map(customers.map((customer) => [customer.id, customer]));
  let page: unknown[] = [];
  let joined = 0;
  for (const order of orders(count)) {
    const customer = byId.get(order.customer);
    if (customer === undefined) continue;
    joined++;
    page.push({ ...order, by: customer });
    if (page.length === 512) page = [];
  }
  return joined;
}

async function flowJoin(count: number, maxInMemory?: number): Promise<number> {
  const { delivered, error } = await flow(fromIterable(orders(count)))
    .join(fromIterable(customers), { on: { left: "customer", right: "id" }, as: "by", maxInMemory })
    .to(anywhere);
  if (error !== undefined) throw error;
  return delivered;
}

async function flowLookup(count: number): Promise<number> {
  const table = tableOf(fromIterable(customers), { key: "id" });
  const { delivered } = await flow(fromIterable(orders(count)))
    .through(lookup(table, { by: ({ customer }: Order) => customer, as: "by" }))
    .filter(({ by }) => by !== null)
    .to(anywhere);
  return delivered;
}

type Contender = (count: number, from: string, to: string) => number | Promise<number>;

const contenders: Readonly<Record<string, Contender>> = {
  "stages: hand pool of 64, a bare async function": handPool,
  "stages: .map": async (count) =>
    (
      await flow(fromIterable(numbers(count)))
        .map((number) => number)
        .to(nowhere)
    ).delivered,
  "stages: .through, a synchronous agent": (count) =>
    through(
      agentOf((number) => number),
      count,
    ),
  "stages: .through, an async agent": (count) =>
    through(
      agentOf(async (number) => number),
      count,
    ),
  "join: hand map of 10,000": handJoin,
  "join: .join": (count) => flowJoin(count),
  "join: .join through temporary files": (count) => flowJoin(count, 1_000),
  "join: .through, lookup": flowLookup,
  "jsonl: hand loop": (_, from, to) => handLoop(from, to),
  "jsonl: flow": (_, from, to) => flowOver(from, to),
  "jsonl: flow, an agent": (_, from, to) => agentOver(from, to),
  "jsonl: flow file": (_, from, to) => fileOver(from, to),
};

/** What one process tells of its contender. */
interface Told {
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly result: number;
}

function runChild(
  name: string,
  count: number,
  from: string,
  to: string,
  flags: readonly string[] = [],
): Told {
  const script = import.meta.filename;
  const child = [...flags, ...process.execArgv, script, "child", name, String(count), from, to];
  // A child prints what `Told` says.
  return JSON.parse(execFileSync(process.execPath, child, { encoding: "utf8" })) as Told;
}

async function beChild(name: string, count: number, from: string, to: string): Promise<void> {
  if (name === "jsonl: flow file") await import("@atomic-agents/project");
  const before = process.cpuUsage();
  const result = await contenders[name]?.(count, from, to);
  const { user, system } = process.cpuUsage(before);
  const told = { cpuMs: (user + system) / 1_000, peakMb: process.resourceUsage().maxRSS / 1_024, result };
  console.log(JSON.stringify(told));
}

function measureSpeed(folder: string): void {
  const from = join(folder, "sales.jsonl");
  makeRecords(from, recordCount);
  const names = Object.keys(contenders);
  const told = new Map<string, Told[]>(names.map((name) => [name, []]));
  const outOf = (name: string): string => join(folder, `${name.replaceAll(/\W+/g, "-")}.jsonl`);
  for (let round = 0; round < 5; round++) {
    // Forward, then backward: a machine that gets slower over time favours nobody.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      told.get(name)?.push(runChild(name, recordCount, from, outOf(name)));
    }
  }
  const perSecond = (name: string): number =>
    recordCount / (median((told.get(name) ?? []).map(({ cpuMs }) => cpuMs)) / 1_000);
  console.log(machineLine());
  for (const name of names) {
    const peakMb = Math.max(...(told.get(name) ?? []).map((each) => each.peakMb));
    console.log(
      `${name.padEnd(48)} ${(perSecond(name) / 1e6).toFixed(2)} M records/CPU s   ${peakMb.toFixed(0)} MB`,
    );
  }
  const results = names.filter((name) => name.startsWith("join")).map((name) => told.get(name)?.[0]?.result);
  console.log(`join: all joined the same number of records: ${new Set(results).size === 1}`);
  const hand = "jsonl: hand loop";
  for (const name of ["jsonl: flow", "jsonl: flow, an agent", "jsonl: flow file"]) {
    const isSame = readFileSync(outOf(hand)).equals(readFileSync(outOf(name)));
    const ratio = perSecond(name) / perSecond(hand);
    console.log(`${name} / hand loop ${ratio.toFixed(2)}, both wrote the same: ${isSame}`);
  }
  const [byHand, byFile] = [hand, "jsonl: flow file"].map((name) => groupsIn(groupsOf(outOf(name))));
  console.log(`jsonl: flow file and hand loop have the same groups: ${byHand === byFile}`);
}

/** The groups of a file as text; sums are added up in another way, and may differ in the last digit. */
function groupsIn(file: string): string {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines
    .map((line) => {
      // Written by `Groups`, or by a flow that computes the same.
      const { total, ...group } = JSON.parse(line) as { readonly total: number };
      return JSON.stringify({ ...group, total: total.toPrecision(12) });
    })
    .join("\n");
}

/**
 * With a small heap as it is, and with less room for what is short-lived, to which V8 otherwise gives up to 64 MiB whatever
 * the heap's limit is, and then collects all the time.
 */
const heaps = [["--max-old-space-size=96"], ["--max-old-space-size=96", "--max-semi-space-size=16"]] as const;

function measureMemory(folder: string): void {
  console.log(machineLine());
  for (const count of [100_000, 1_000_000, 10_000_000]) {
    const from = join(folder, `sales-${count}.jsonl`);
    makeRecords(from, count);
    for (const name of ["jsonl: flow", "jsonl: flow file", "stages: .through, an async agent"]) {
      for (const flags of heaps) {
        const { peakMb, cpuMs } = runChild(name, count, from, join(folder, "out.jsonl"), flags);
        const figures = `peak ${peakMb.toFixed(0)} MB, ${(cpuMs / 1_000).toFixed(1)} CPU s`;
        console.log(`${name}, ${count} records, ${flags.join(" ")}: ${figures}`);
      }
    }
    rmSync(from);
  }
}

const [, , task = "speed", name = "", count = "0", from = "", to = ""] = process.argv;
if (task === "child") await beChild(name, Number(count), from, to);
else {
  const folder = mkdtempSync(join(tmpdir(), "flow-bench-"));
  try {
    if (task === "memory") measureMemory(folder);
    else measureSpeed(folder);
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
}
