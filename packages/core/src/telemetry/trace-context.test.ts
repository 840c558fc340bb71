import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineAgent, parseTraceContext, type TraceContext, traceParentOf } from "../index.ts";
import * as z from "zod";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const good = `00-${traceId}-${spanId}-01`;

describe("traceparent", () => {
  test.each([
    ["of the first version", good, { traceId, spanId, flags: 1 }],
    ["not recorded", `00-${traceId}-${spanId}-00`, { traceId, spanId, flags: 0 }],
    ["with flags of later levels", `00-${traceId}-${spanId}-ff`, { traceId, spanId, flags: 255 }],
    ["of a later version", `cc-${traceId}-${spanId}-01`, { traceId, spanId, flags: 1 }],
    ["of a later version that says more", `cc-${traceId}-${spanId}-01-what`, { traceId, spanId, flags: 1 }],
  ])("is read: %s", (_what, text, trace) => {
    expect(parseTraceContext(text)).toEqual(trace);
  });

  test.each([
    ["nothing", ""],
    ["too short", good.slice(0, -1)],
    ["more in the first version", `${good}-more`],
    ["more without a dash", `cc-${traceId}-${spanId}-01more`],
    ["the version that is forbidden", `ff-${traceId}-${spanId}-01`],
    ["capitals", good.toUpperCase()],
    ["a trace of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
    ["a span of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["what is not hexadecimal", `00-${traceId.replace("0", "g")}-${spanId}-01`],
    ["a line break", `${good}\n`],
    ["a line break that says more", `cc-${traceId}-${spanId}-01-a\nb`],
    ["blanks around it", ` ${good}`],
    ["two of them", `${good}, ${good}`],
    ["what is too long", `cc-${traceId}-${spanId}-01-${"x".repeat(500)}`],
  ])("is as if it had not come: %s", (_what, text) => {
    expect(parseTraceContext(text, "a=1")).toBeUndefined();
  });

  test("is written as it is read", () => {
    const digits = (length: number) =>
      fc
        .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
        .map((all) => all.join(""))
        .filter((text) => !/^0*$/.test(text));
    fc.assert(
      fc.property(digits(32), digits(16), fc.constantFrom(0, 1), (someTrace, someSpan, flags) => {
        const trace: TraceContext = { traceId: someTrace, spanId: someSpan, flags };
        expect(parseTraceContext(traceParentOf(trace))).toEqual(trace);
      }),
    );
  });

  test("is read of nothing else, and never throws", () => {
    expect(() =>
      fc.assert(
        fc.property(
          fc.string({ maxLength: 80 }),
          fc.string(),
          (parent, state) => parseTraceContext(parent, state) === undefined || parent.includes("-"),
        ),
      ),
    ).not.toThrow();
  });
});

describe("tracestate", () => {
  const stateOf = (text: string) => parseTraceContext(good, text)?.state;

  test.each(["a=1", "vendor@system=x", "a=1,b=2", "a=1 , b=2", "a=1,,b=2", "a= 1", `a=${"v".repeat(256)}`])(
    "is kept as it came: %s",
    (text) => {
      expect(stateOf(text)).toBe(text);
    },
  );

  test.each([
    "",
    ",",
    "a",
    "=1",
    "A=1",
    "a=1,a=2",
    "a=b=c",
    "a=ä",
    "a=1\u0000",
    "a=1\nb=2",
    `a=${"v".repeat(257)}`,
    Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(","),
    `${"a=1,".repeat(200)}b=1`,
  ])("goes alone when it is malformed: %j", (text) => {
    expect(parseTraceContext(good, text)).toEqual({ traceId, spanId, flags: 1 });
  });
});

describe("a run", () => {
  const tell = defineAgent({
    name: "tell",
    description: "Tells where it stands in a trace.",
    input: z.unknown(),
    output: z.unknown(),
    execute: (_input, ctx) => ctx.trace,
  });

  test("hands on the trace that it was given, and has none otherwise", async () => {
    const trace = parseTraceContext(good, "a=1");
    expect(await tell.run(1, { trace })).toBe(trace);
    expect(await tell.run(1)).toBeUndefined();
  });

  test("hands it on where a tracer does not tell, or fails to", async () => {
    const trace = parseTraceContext(good);
    const silent = {
      startSpan: () => ({ end: () => {} }),
      within: <T>(_span: unknown, work: () => T) => work(),
    };
    expect(await tell.run(1, { trace, tracer: silent })).toBe(trace);
    const failing = {
      ...silent,
      startSpan: () => ({
        end: () => {},
        get trace(): TraceContext {
          throw new Error("no");
        },
      }),
    };
    const log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
    expect(await tell.run(1, { trace, tracer: failing, log })).toBe(trace);
  });

  test.each([
    {},
    { traceId, spanId },
    { traceId, spanId: "1", flags: 1 },
    { traceId, spanId, flags: 256 },
    "x",
  ])("refuses what is no trace: %j", async (trace) => {
    // A caller without types.
    await expect(tell.run(1, { trace: trace as never })).rejects.toMatchObject({
      code: "CONFIG",
      details: { path: "trace" },
    });
  });
});
