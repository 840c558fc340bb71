import { createServer } from "node:http";
import { createLog, defineAgent, markPartial, type Result, sleep } from "@atomic-agents/core";
import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import { serve } from "../server/serve.ts";
import { callRecords, type RecordResult } from "./index.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

let working = 0;
let most = 0;
const double = defineAgent({
  name: "double",
  description: "Doubles a number.",
  input: z.object({ n: z.int() }),
  output: z.object({ n: z.int() }),
  execute: async ({ n }, ctx) => {
    working++;
    most = Math.max(most, working);
    try {
      if (n === -2) await sleep(60_000, ctx);
      await sleep(n % 3, ctx);
      if (n === 13) throw new Error("unlucky");
      return { n: n * 2 };
    } finally {
      working--;
    }
  },
});

async function served(): Promise<string> {
  const log = createLog({ level: "silent" });
  const service = await serve(double, { port: 0, handleSignals: false, drainDelayMs: 0, log });
  closing.push(service.close);
  return service.url;
}

async function all<TOutput>(results: AsyncIterable<Result<TOutput>>): Promise<readonly Result<TOutput>[]> {
  const gathered: Result<TOutput>[] = [];
  for await (const result of results) gathered.push(result);
  return gathered;
}

test("gives an outcome for each record, in their order", async () => {
  const records = Array.from({ length: 500 }, (_, n) => ({ n }));
  most = 0;
  const results = await all(callRecords(await served(), records, { expect: double, concurrency: 8 }));
  expect(results).toHaveLength(500);
  for (const [n, result] of results.entries()) {
    if (n === 13) expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", agent: "double" } });
    else expect(result).toEqual({ ok: true, output: { n: n * 2 } });
  }
  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(1);
});

test("says of which records parts have failed", async () => {
  const halves = defineAgent({
    name: "halves",
    description: "Halves what it can.",
    input: z.array(z.int()),
    output: z.array(z.int()),
    execute: (numbers, ctx) => {
      const even = numbers.filter((n) => n % 2 === 0);
      if (even.length < numbers.length) markPartial(ctx);
      return even.map((n) => n / 2);
    },
  });
  const log = createLog({ level: "silent" });
  const service = await serve(halves, { port: 0, handleSignals: false, drainDelayMs: 0, log });
  closing.push(service.close);
  const records = [[2, 4], [2, 3], ["x"], [3]];
  expect(await all(callRecords(service.url, records))).toEqual([
    { ok: true, output: [1, 2] },
    { ok: true, output: [1], status: "partial" },
    expect.objectContaining({ ok: false }),
    { ok: true, output: [], status: "partial" },
  ]);
  const typed: RecordResult<number[]>[] = [];
  for await (const result of callRecords(service.url, [[1]], { expect: halves })) typed.push(result);
  expect(typed.map(({ status }) => status)).toEqual(["partial"]);
});

test("takes no more records than the service does", async () => {
  let taken = 0;
  const endless = function* (): Generator<{ n: number }> {
    for (;;) yield { n: taken++ };
  };
  let read = 0;
  for await (const result of callRecords(await served(), endless(), { expect: double })) {
    expect(result.ok || read === 13).toBe(true);
    if (++read === 50) break;
  }
  // The buffers of sockets hold many small records; not all there will ever be.
  expect(taken).toBeLessThan(1_000_000);
  await expect.poll(() => working).toBe(0);
});

test("cancels the work when nobody waits for it", async () => {
  const controller = new AbortController();
  const results = callRecords(await served(), [{ n: 1 }, { n: -2 }], { signal: controller.signal });
  expect(await results.next()).toMatchObject({ value: { ok: true, output: { n: 2 } } });
  await expect.poll(() => working).toBe(1);
  const next = results.next();
  controller.abort(new Error("enough"));
  await expect(next).rejects.toMatchObject({ code: "CANCELLED", details: { reason: "enough" } });
  await expect.poll(() => working).toBe(0);
});

test("fails as the records fail, after what came before them", async () => {
  const records = async function* (): AsyncGenerator<{ n: number }> {
    yield { n: 1 };
    await Promise.resolve();
    throw new Error("the file is gone");
  };
  await expect(all(callRecords(await served(), records(), { expect: double }))).rejects.toThrow(
    "the file is gone",
  );
  await expect(all(callRecords(await served(), [{ n: 1 }, 1n]))).rejects.toMatchObject({
    code: "VALIDATION_INPUT",
  });
});

test("gives a wrong record its error, and none for none", async () => {
  const url = await served();
  expect(await all(callRecords(url, [{ n: "x" }, { n: 1 }]))).toMatchObject([
    { ok: false, error: { code: "VALIDATION_INPUT" } },
    { ok: true, output: { n: 2 } },
  ]);
  expect(await all(callRecords(url, []))).toEqual([]);
  await expect(all(callRecords(url, [], { agent: "other" }))).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test.each<[string, string, string]>([
  ["ends too soon", '{"index":0,"output":{"n":2}}\n', "after 1 of 2"],
  ["is cut within a line", '{"index":0,"output":{"n":2}}\n{"index":1,"out', "within a line"],
  ["is out of order", '{"index":1,"output":{"n":2}}\n', "no answer"],
  ["is no JSON", "<p>\n", "no answer"],
  ["has an error that is none", '{"index":0,"error":{}}\n', "no answer"],
  ["has an endless line", "x".repeat(50_000), "longer than 10000"],
])("an answer that %s is none", async (_, body, said) => {
  const description = { name: "double", description: "Doubles.", input: {}, output: {} };
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const isInterface = incoming.url === "/interface";
    outgoing.setHeader("content-type", isInterface ? "application/json" : "application/x-ndjson");
    incoming.on("end", () => outgoing.end(isInterface ? JSON.stringify(description) : body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const results = all(callRecords(url, [{ n: 1 }, { n: 2 }], { maxResponseBytes: 10_000 }));
  await expect(results).rejects.toMatchObject({
    code: "CONNECTION",
    message: expect.stringContaining(said),
    details: { executed: "perhaps" },
  });
});
