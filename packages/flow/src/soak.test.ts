import { closeSync, createReadStream, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { defineAgent, sleep } from "@atomic-agents/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { fromFile } from "./files/from-file.ts";
import { toFile } from "./files/to-file.ts";
import { flow } from "./flow.ts";
import { toDeadLetters } from "./letters/to-dead-letters.ts";

const count = process.env["FULL"] === "1" ? 1_000_000 : 20_000;
const hundredth = count / 100;

const Order = z.object({ id: z.int(), customer: z.string().min(1), amount: z.number() });

/** One line of a hundred is broken, each in its way. */
const broken: readonly ((id: number) => string | Uint8Array)[] = [
  (id) => `{"id":${id},"customer":"cut`,
  (id) => `{"id":${id},"customer":"","amount":1}`,
  (id) => `{"id":${id},"customer":"c",,"amount":1}`,
  (id) => Buffer.concat([Buffer.from(`{"id":${id},"customer":"`), Buffer.from([0xff]), Buffer.from('"}')]),
  (id) => `{"id":${id},"customer":"${"c".repeat(2_000)}","amount":1}`,
  (id) => `{"__proto__":{"id":${id}},"customer":"c","amount":1}`,
];
const isBroken = (id: number) => id % 100 === 7;
const isPoison = (id: number) => id % 100 === 33;
const isSlow = (id: number) => id % 100 === 66;

const price = defineAgent({
  name: "price",
  description: "Adds the tax; is slow for one order of a hundred, and fails for another.",
  input: Order,
  output: z.object({ id: z.int(), total: z.number() }),
  execute: async ({ id, amount }, ctx) => {
    if (isSlow(id)) await sleep(5, ctx);
    if (isPoison(id)) throw new Error(`order ${id} is poison`);
    return { id, total: amount * 1.2 };
  },
});

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "soak-"));
  const file = openSync(join(folder, "in.jsonl"), "w");
  let lines: Uint8Array[] = [];
  for (let id = 0; id < count; id++) {
    const line = isBroken(id)
      ? broken[Math.floor(id / 100) % broken.length]?.(id)
      : JSON.stringify({ id, customer: `customer ${id % 977}`, amount: id / 4 });
    lines.push(typeof line === "string" ? Buffer.from(line) : (line ?? Buffer.alloc(0)), Buffer.from("\n"));
    if (lines.length < 10_000) continue;
    writeSync(file, Buffer.concat(lines));
    lines = [];
  }
  writeSync(file, Buffer.concat(lines));
  closeSync(file);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function* linesOf(name: string): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
    yield JSON.parse(line);
  }
}

it.each([true, false])(
  "counts each of many records, of which some are broken, poison or slow (in order: %s)",
  async (ordered) => {
    const summary = await flow(fromFile(join(folder, "in.jsonl"), { schema: Order, maxRecordBytes: 1_000 }))
      .through(price, { concurrency: 64, ordered, onError: "dead-letter" })
      .filter(({ id }) => id % 10 !== 1)
      .to(toFile(join(folder, "out.jsonl")), {
        deadLetters: toDeadLetters(join(folder, "letters.jsonl")),
      });
    expect(summary).toMatchObject({
      status: "partial",
      published: true,
      read: count,
      delivered: count - 12 * hundredth,
      filtered: 10 * hundredth,
      deadLettered: 2 * hundredth,
      unfinished: 0,
      emitted: count - 12 * hundredth,
    });
    const seen = new Uint8Array(count);
    let before = -1;
    for await (const line of linesOf("out.jsonl")) {
      // What the agent gives.
      const { id, total } = line as { readonly id: number; readonly total: number };
      seen[id] = (seen[id] ?? 0) + 1;
      if (total !== (id / 4) * 1.2) throw new Error(`order ${id} costs ${total}`);
      if (ordered && id <= before) throw new Error(`order ${id} comes after ${before}`);
      before = id;
    }
    const stages = new Map<string, number>();
    for await (const line of linesOf("letters.jsonl")) {
      // What a letter is.
      const {
        record,
        stage,
        line: place,
      } = line as {
        readonly record: number;
        readonly stage: string;
        readonly line: number;
      };
      if (place !== record) throw new Error(`record ${record} is said to be in line ${place}`);
      seen[record - 1] = (seen[record - 1] ?? 0) + 100;
      stages.set(stage, (stages.get(stage) ?? 0) + 1);
    }
    expect(stages).toEqual(
      new Map([
        [join(folder, "in.jsonl"), hundredth],
        ["price", hundredth],
      ]),
    );
    const wrong = seen.findIndex((times, id) => {
      const expected = isBroken(id) || isPoison(id) ? 100 : id % 10 === 1 ? 0 : 1;
      return times !== expected;
    });
    expect(wrong).toBe(-1);
    expect(readdirSync(folder).toSorted()).toEqual(["in.jsonl", "letters.jsonl", "out.jsonl"]);
  },
  600_000,
);
