import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { parallel } from "../compose/parallel.ts";
import { pipeline } from "../compose/pipeline.ts";
import { recover } from "../compose/recover.ts";
import { defineAgent } from "../define-agent.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { Secret } from "../secret.ts";
import { MemoryRunStore } from "./memory-run-store.ts";
import { recordFromJson, recordToJson } from "./record-json.ts";
import type { RunFlow } from "./run-flow.ts";
import type { RunRecord } from "./run-store.ts";

const throughText = (record: RunRecord): RunRecord =>
  recordFromJson(JSON.parse(JSON.stringify(recordToJson(record))));

const base: RunRecord = {
  report: {
    runId: "run-1",
    requestId: "r-1",
    agent: "a",
    status: "success",
    startedAtMs: 1_000.25,
    durationMs: 2,
    stages: [],
  },
  events: [],
  droppedEvents: 0,
};

const flow: RunFlow = {
  name: "tickets",
  hash: "0f",
  pid: 12,
  host: "h",
  updatedAtMs: 2_000,
  counts: { read: 5, delivered: 2, filtered: 1, deadLettered: 1, unfinished: 1 },
  emitted: 2,
  published: false,
  source: "in.jsonl",
  stages: [{ id: "clean", taken: 5, given: 3, filtered: 0, deadLettered: 1 }],
  sinks: [{ name: "out.jsonl", written: 2, published: false }],
  letters: 1,
  lettersTo: "letters.jsonl",
  redriveOf: "run-0",
  stoppedBy: { record: 3, source: "tickets.jsonl", file: "/data/tickets.jsonl", line: 4, column: 7 },
  origin: { file: "tickets.flow.yaml", args: ["--limit", "5"], limit: 5 },
};

/** A record with one event of an agent's own. */
const withData = (data: unknown): RunRecord => ({
  ...base,
  events: [{ type: "custom", runId: "run-1", atMs: 1, stage: "s", agent: "a", name: "n", data }],
});

const dataOf = (record: RunRecord): unknown => {
  const [event] = record.events;
  return event?.type === "custom" ? event.data : undefined;
};

/** What a run of agents in agents, with retries, failures and events, tells. */
async function realRecord(): Promise<RunRecord> {
  const clock = createVirtualClock({ timestampMs: Date.UTC(2030, 0, 1) });
  const store = new MemoryRunStore({ clock });
  const agent = (name: string, execute: (value: number) => number) =>
    defineAgent({
      name,
      description: "For a test.",
      input: z.number(),
      output: z.number(),
      execute: (value, ctx) => {
        ctx.emit("called", { name, value });
        return execute(value);
      },
    });
  const fails = agent("fails", () => {
    throw new TypeError("no", { cause: new Error("inner") });
  });
  const chain = pipeline("chain")
    .stage(
      "calm",
      recover(fails, () => 1),
    )
    .stage("passes", fails, { onError: "pass" })
    .stage("both", parallel({ a: agent("a", (value) => value), b: agent("b", (value) => value + 1) }))
    .map(({ a, b }) => a + b, z.number())
    .stage("last", fails, { retry: { attempts: 2, jitter: "none" } });
  const metadata = { tenant: "acme", tags: ["x"] };
  const options = { clock, store, userId: "ada", sessionId: "s", metadata, measureSizes: true };
  await clock.until(chain.tryRun(1, options));
  const [record] = store.list();
  if (record === undefined) throw new Error("expected a record");
  return record;
}

describe("a record of a real run", () => {
  test("survives being written and read, but for stacks and causes", async () => {
    const record = await realRecord();
    const read = throughText(record);
    expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(record)));
    expect(recordToJson(read)).toEqual(recordToJson(record));
    expect(read.events.map(({ type }) => type)).toEqual(record.events.map(({ type }) => type));
  });

  test("has errors that are errors", async () => {
    const { report, events } = throughText(await realRecord());
    const { error } = report;
    expect(error).toBeInstanceOf(AtomicError);
    expect(AtomicError.isInstance(error, "EXECUTION")).toBe(true);
    expect(error).toMatchObject({ agent: "fails", details: { thrown: "no" }, retryable: true });
    expect(error?.timestamp).toBeGreaterThanOrEqual(Date.UTC(2030, 0, 1));
    expect(error?.stack).toBe(`AtomicError: ${error?.message}`);
    expect(error?.cause).toBeUndefined();
    expect(report.stages.find(({ id }) => id === "passes")?.error).toBeInstanceOf(AtomicError);
    const failures = events.filter((event) => "error" in event);
    expect(failures.length).toBeGreaterThan(2);
    for (const event of failures) expect(event).toHaveProperty("error.code", "EXECUTION");
  });
});

test("what is kept of a flow survives, also with more stages than one value has room for, and without secrets", () => {
  const secret = new Secret("opal-heron-1187", "vault");
  const stages = Array.from({ length: 2_000 }, (_, index) => ({ ...flow.stages[0], id: `stage ${index}` }));
  const args = ["--header", `x: ${secret.reveal()}`];
  const big = { ...flow, stages, origin: { ...flow.origin, args } } as RunFlow;
  const read = throughText({ ...base, flow: big });
  expect(read.flow).toEqual({
    ...big,
    origin: { ...flow.origin, args: ["--header", "x: [secret vault]"] },
  });
  const {
    redriveOf: _redriveOf,
    lettersTo: _lettersTo,
    stoppedBy: _stoppedBy,
    origin: _origin,
    ...least
  } = flow;
  expect(throughText({ ...base, flow: least }).flow).toEqual(least);
});

test("neither the user's id nor the session's tells a secret", () => {
  const secret = new Secret("opal-heron-2291", "session");
  const read = throughText({ ...base, userId: `ada ${secret.reveal()}`, sessionId: secret.reveal() });
  expect(read).toMatchObject({ userId: "ada [secret session]", sessionId: "[secret session]" });
});

test("values of agents and callers survive as far as they are JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (data) => {
      // JSON has no negative zero.
      const expected = JSON.parse(JSON.stringify(data)) as unknown;
      expect(dataOf(throughText(withData(data)))).toEqual(expected);
    }),
  );
});

test("whatever the values are, writing does not fail, and what is read is written the same", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  });
  const large = fc.string({
    minLength: 5_000,
    maxLength: 20_000,
    unit: fc.constantFrom("a", "é", "\n", "\\"),
  });
  fc.assert(
    fc.property(fc.oneof(anything, large, fc.array(large)), (data) => {
      const json = recordToJson({ ...withData(data), metadata: { data } });
      const text = JSON.stringify(json);
      expect(recordToJson(recordFromJson(JSON.parse(text)))).toEqual(JSON.parse(text));
    }),
  );
});

test("what is no JSON has a mark in its place", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const throwing = {
    get bad(): never {
      throw new Error("not to be read");
    },
  };
  const read = dataOf(
    throughText(
      withData({ circular, big: 5n, throwing, error: new TypeError("x"), map: new Map([["a", 1]]) }),
    ),
  );
  expect(read).toMatchObject({
    circular: { self: "[circular]" },
    big: "[bigint 5]",
    throwing: { bad: "[could not be read]" },
    error: { name: "TypeError", message: "x" },
    map: { a: 1 },
  });
  const huge = Array.from({ length: 100_000 }, (_, index) => index);
  const list = dataOf(throughText(withData(huge)));
  expect(list).toContain("[cut]");
  expect(JSON.stringify(list).length).toBeLessThanOrEqual(16_384);
  expect(dataOf(throughText(withData("x".repeat(50_000))))).toMatch(/^x{10000,}… \[cut, 50000 characters\]$/);
});

test("names are kept to the letter, and a name of the prototype is a name", () => {
  const long = "é".repeat(20_000);
  const record: RunRecord = {
    ...base,
    report: { ...base.report, runId: long },
    metadata: JSON.parse('{"__proto__":{"a":1}}') as object as RunRecord["metadata"],
  };
  const read = throughText(record);
  expect(read.report.runId).toBe(long);
  expect(Object.keys(read.metadata ?? {})).toEqual(["__proto__"]);
  expect(read.metadata).not.toHaveProperty("a");
});

test("secrets do not get into it, neither as they are nor by their text", () => {
  const secret = new Secret("opal-heron-1187", "vault");
  const error = new AtomicError("EXECUTION", `refused ${secret.reveal()}`, {
    details: { thrown: secret.reveal() },
  });
  const record: RunRecord = {
    ...withData({ secret, [secret.reveal()]: `https://a.example/${secret.reveal()}` }),
    report: { ...base.report, status: "failed", error },
    metadata: { key: secret.reveal() },
  };
  const text = JSON.stringify(recordToJson(record));
  expect(text).not.toContain("heron");
  expect(text.match(/\[secret vault\]/g)).toHaveLength(6);
});

test("a clock that gives no number does not keep a record from being read", () => {
  const report = { ...base.report, startedAtMs: Number.NaN, durationMs: Number.POSITIVE_INFINITY };
  expect(throughText({ ...base, report }).report).toMatchObject({ startedAtMs: 0, durationMs: 0 });
});

test("an error of a code that is not known is read as EXECUTION", () => {
  const error = {
    name: "AtomicError",
    code: "MELTED",
    message: "too hot",
    hint: "Cool it.",
    retryable: true,
  };
  const json = { ...recordToJson(base), report: { ...base.report, status: "failed", error } };
  expect(recordFromJson(json).report.error).toMatchObject({
    code: "EXECUTION",
    message: "MELTED: too hot",
    details: { thrown: "too hot" },
    hint: "Cool it.",
    retryable: true,
  });
});

describe("what is no record is refused, with the place", () => {
  const good = recordToJson({
    ...base,
    events: [{ type: "run-start", runId: "run-1", atMs: 0, agent: "a" }],
  });
  // It is the report of the record above.
  const report = good["report"] as object;
  const stage = { id: "s", agent: "a", status: "success" };
  let nested: object = stage;
  for (let level = 0; level < 5_000; level++) nested = { ...stage, stages: [nested] };
  const cases: readonly (readonly [string, unknown])[] = [
    ["record", null],
    ["record", "text"],
    ["record", [good]],
    ["version", { ...good, version: 2 }],
    ["report", { ...good, report: undefined }],
    ["report.runId", { ...good, report: { ...report, runId: 5 } }],
    ["report.status", { ...good, report: { ...report, status: "toString" } }],
    ["report.startedAtMs", { ...good, report: { ...report, startedAtMs: null } }],
    ["report.stages", { ...good, report: { ...report, stages: {} } }],
    ["report.stages[0].id", { ...good, report: { ...report, stages: [{}] } }],
    ["report.stages[0].stages[0]", { ...good, report: { ...report, stages: [{ ...stage, stages: [1] }] } }],
    [
      "report.stages[0].undoError.code",
      { ...good, report: { ...report, stages: [{ ...stage, undoError: {} }] } },
    ],
    ["report.stages", { ...good, report: { ...report, stages: [nested] } }],
    ["report.error", { ...good, report: { ...report, error: "TIMEOUT" } }],
    ["events", { ...good, events: "none" }],
    ["events[0]", { ...good, events: [null] }],
    ["events[0].atMs", { ...good, events: [{ type: "run-start", runId: "r" }] }],
    ["droppedEvents", { ...good, droppedEvents: "0" }],
    ["userId", { ...good, userId: 5 }],
    ["metadata", { ...good, metadata: [] }],
    ["flow", { ...good, flow: 5 }],
    ["flow.hash", { ...good, flow: { ...flow, hash: undefined } }],
    ["flow.pid", { ...good, flow: { ...flow, pid: "1" } }],
    ["flow.counts", { ...good, flow: { ...flow, counts: [] } }],
    ["flow.counts.unfinished", { ...good, flow: { ...flow, counts: { ...flow.counts, unfinished: null } } }],
    ["flow.published", { ...good, flow: { ...flow, published: 1 } }],
    ["flow.stages[0].id", { ...good, flow: { ...flow, stages: [{}] } }],
    ["flow.sinks[0]", { ...good, flow: { ...flow, sinks: ["a"] } }],
    ["flow.sinks[0].name", { ...good, flow: { ...flow, sinks: [{}] } }],
    ["flow.redriveOf", { ...good, flow: { ...flow, redriveOf: 1 } }],
    ["flow.stoppedBy", { ...good, flow: { ...flow, stoppedBy: 3 } }],
    ["flow.stoppedBy.source", { ...good, flow: { ...flow, stoppedBy: { record: 3 } } }],
    ["flow.origin", { ...good, flow: { ...flow, origin: "a.yaml" } }],
  ];

  test("a good one is not", () => {
    expect(recordFromJson(good).report).toEqual(base.report);
  });

  test.each(cases)("%s", (path, json) => {
    expect(() => recordFromJson(json)).toThrow(
      expect.objectContaining({ code: "CONFIG", details: expect.objectContaining({ path }) as unknown }),
    );
  });
});
