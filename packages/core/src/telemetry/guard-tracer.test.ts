import { anything } from "@atomic-agents/contracts";
import { describe, expect, test } from "vitest";
import {
  AtomicError,
  createLog,
  defineAgent,
  type Log,
  pipeline,
  type Span,
  type SpanStart,
  type Tracer,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown) => unknown) =>
  defineAgent({
    name,
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute,
  });

const noSpan: Span = { end: () => {} };

/** A tracer that does nothing, but for what is given. */
const tracerOf = (parts: Partial<Tracer>): Tracer => ({
  startSpan: () => noSpan,
  within: (_span, work) => work(),
  ...parts,
});

/** Runs a pipeline of a synchronous and an asynchronous stage under a tracer. */
async function traced(tracer: Tracer) {
  const lines: string[] = [];
  const calls: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const called = (name: string, execute: (input: unknown) => unknown) =>
    agent(name, (input) => {
      calls.push(name);
      return execute(input);
    });
  const both = pipeline("both")
    .stage(called("now", (input) => `${input as string}, now`))
    .stage(called("later", async (input) => `${input as string}, later`));
  const failing = called("fails", () => {
    throw new TypeError("the agent's own");
  });
  const rejecting = called("rejects", async () => {
    throw new TypeError("the agent's own");
  });
  const outcomes = {
    both: await both.tryRun("in", { tracer, log }),
    fails: await failing.tryRun("in", { tracer, log }),
    rejects: await rejecting.tryRun("in", { tracer, log }),
  };
  // What a tracer's own promises reject with would be unhandled by now.
  await new Promise((resolve) => void setImmediate(resolve));
  return { outcomes, calls, lines };
}

const unharmed = {
  outcomes: {
    both: { ok: true, output: "in, now, later" },
    fails: { ok: false, error: { code: "EXECUTION", cause: { message: "the agent's own" } } },
    rejects: { ok: false, error: { code: "EXECUTION", cause: { message: "the agent's own" } } },
  },
  calls: ["now", "later", "fails", "rejects"],
};

const fail = (): never => {
  throw new Error("the tracer's own");
};
const failLater = async (): Promise<never> => fail();

/** Contradicts the types, as a tracer written in JavaScript may. */
const wrong = (parts: { readonly [K in keyof Tracer]?: unknown }) => tracerOf(parts as Partial<Tracer>);

describe("a run is not harmed by a tracer", () => {
  test.for<[string, Tracer]>([
    ["whose startSpan throws", tracerOf({ startSpan: fail })],
    ["whose startSpan is async", wrong({ startSpan: async () => noSpan })],
    ["whose startSpan rejects", wrong({ startSpan: failLater })],
    ["whose startSpan gives nothing", wrong({ startSpan: () => undefined })],
    ["whose startSpan gives null", wrong({ startSpan: () => null })],
    ["whose startSpan gives what has no end", wrong({ startSpan: () => ({}) })],
    ["whose end throws", tracerOf({ startSpan: () => ({ end: fail }) })],
    ["whose end rejects", wrong({ startSpan: () => ({ end: failLater }) })],
    ["whose within throws before the work", tracerOf({ within: fail })],
    [
      "whose within throws after the work",
      tracerOf({
        within: (_span, work) => {
          work();
          return fail();
        },
      }),
    ],
    [
      "whose within turns a failure into its own",
      tracerOf({
        within: (_span, work) => {
          try {
            work();
          } catch {
            // As if it told of it.
          }
          return fail();
        },
      }),
    ],
    ["whose within does no work", wrong({ within: () => "instead" })],
    ["whose within rejects before the work", wrong({ within: failLater })],
    [
      "whose within does the work later",
      wrong({
        within: async (_span: Span, work: () => unknown) => {
          await Promise.resolve();
          return work();
        },
      }),
    ],
    [
      "that throws what cannot be asked",
      tracerOf({
        startSpan: () => {
          throw Object.create(null) as Error;
        },
      }),
    ],
  ])("%s, and the log says it once", async ([, tracer]) => {
    const { lines, ...rest } = await traced(tracer);
    expect(rest).toMatchObject(unharmed);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("A tracer failed");
  });

  test.for<[string, Tracer]>([
    [
      "whose within does the work twice",
      tracerOf({
        within: (_span, work) => {
          work();
          return work();
        },
      }),
    ],
    ["whose within is async", wrong({ within: async (_span: Span, work: () => unknown) => work() })],
    [
      "whose within gives something else",
      wrong({
        within: (_span: Span, work: () => unknown) => {
          work();
          return "instead";
        },
      }),
    ],
    [
      "whose within swallows a failure",
      wrong({
        within: (_span: Span, work: () => unknown) => {
          try {
            return work();
          } catch {
            return "instead";
          }
        },
      }),
    ],
  ])("%s, and there is nothing to say", async ([, tracer]) => {
    const { lines, ...rest } = await traced(tracer);
    expect(rest).toMatchObject(unharmed);
    expect(lines).toEqual([]);
  });

  test("together with a log that throws", async () => {
    const log: Log = { debug: fail, info: fail, warn: fail, error: fail, with: () => log };
    const result = await agent("keep", (input) => input).tryRun("in", {
      tracer: tracerOf({ startSpan: fail }),
      log,
    });
    expect(result).toEqual({ ok: true, output: "in" });
  });
});

test("a synchronous agent stays synchronous", () => {
  let value: unknown;
  const inner = agent("inner", () => 1);
  const outer = pipeline("outer")
    .stage(inner)
    .map((one) => {
      value = one;
      return "done";
    }, anything());
  void outer.run("in", { tracer: tracerOf({}) });
  expect(value).toBe(1);
});

describe("a span that could not be started", () => {
  /** A tracer that fails to start the spans of a name, and keeps the parents of the others. */
  const losing = (lost: string) => {
    const parents: Record<string, string | undefined> = {};
    const names = new Map<Span, string>();
    const tracer = tracerOf({
      startSpan: ({ name, parent }: SpanStart) => {
        if (name === lost) fail();
        const span: Span = { end: () => {} };
        names.set(span, name);
        parents[name] = parent === undefined ? undefined : names.get(parent);
        return span;
      },
    });
    return { tracer, parents };
  };

  test.for([
    ["stage keep", { "run keep": undefined, "attempt 1": "run keep" }],
    ["attempt 1", { "run keep": undefined, "stage keep": "run keep" }],
    ["run keep", { "stage keep": undefined, "attempt 1": "stage keep" }],
  ] as const)("leaves its children to the one around it: %s", async ([lost, expected]) => {
    const { tracer, parents } = losing(lost);
    await agent("keep", (input) => input).run("in", { tracer, log: createLog({ level: "silent" }) });
    expect(parents).toEqual(expected);
  });
});

test("what a tracer throws is not taken for the run's error", async () => {
  const tracer = tracerOf({
    startSpan: () => {
      throw new AtomicError("CONFIG", "the tracer's own", { details: { path: "", expected: "", got: "" } });
    },
  });
  const result = await agent("keep", (input) => input).tryRun("in", {
    tracer,
    log: createLog({ level: "silent" }),
  });
  expect(result).toEqual({ ok: true, output: "in" });
});
