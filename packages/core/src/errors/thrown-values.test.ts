import { anything } from "@atomic-agents/contracts";
import { describe, expect, test } from "vitest";
import { AtomicError, defineAgent, pipeline, toAtomicError } from "../index.ts";

const agent = (execute: () => unknown) =>
  defineAgent({ name: "odd", description: "Throws oddly.", input: anything(), output: anything(), execute });

const throwing = (): never => {
  throw new Error("not to be read");
};

/** What code can throw, and how the message shows it. */
const values: readonly (readonly [string, () => unknown, string])[] = [
  ["an error", () => new TypeError("broken"), "broken"],
  ["an error without a message", () => new RangeError(), "RangeError"],
  ["a text", () => "broken", "broken"],
  ["nothing", () => undefined, "nothing (undefined)"],
  ["null", () => null, "null"],
  ["a number", () => Number.NaN, "null"],
  ["an object", () => ({ status: 500 }), '{"status":500}'],
  ["a symbol", () => Symbol("x"), "a value of type symbol"],
  ["a bigint", () => 1n, "a value of type bigint"],
  ["a function", () => () => {}, "a value of type function"],
  ["an object that contains itself", circular, "a value of type object"],
  ["an object without a prototype", () => Object.create(null), "{}"],
  [
    "an object whose getter throws",
    () => Object.defineProperty({}, "a", { get: throwing, enumerable: true }),
    "a value of type object",
  ],
  [
    "an error whose message throws",
    () => Object.defineProperty(new Error(), "message", { get: throwing }),
    "a value that cannot be read",
  ],
  [
    "an error whose retryable throws",
    () => Object.defineProperty(new Error("x"), "retryable", { get: throwing }),
    "a value that cannot be read",
  ],
  ["an error whose message is no text", () => Object.assign(new Error(), { message: 5 }), "5"],
  ["a proxy that refuses `has`", () => new Proxy({}, { has: throwing }), "{}"],
  [
    "a proxy that refuses its prototype",
    () => new Proxy({}, { getPrototypeOf: throwing }),
    "a value that cannot be read",
  ],
  ["a revoked proxy", revoked, "a value that cannot be read"],
  [
    "one of ours that refuses to say its run",
    () => proxyOfOurs((key) => (key === "runId" ? throwing() : undefined)),
    "a value that cannot be read",
  ],
  [
    "one of ours that gives no copy of itself",
    () => proxyOfOurs((key) => (key === "with" ? () => undefined : undefined)),
    "a value that cannot be read",
  ],
];

/** A proxy of an error of ours; a trap that gives nothing has the property read. */
function proxyOfOurs(trap: (key: string | symbol) => unknown): AtomicError {
  return new Proxy(new AtomicError("TIMEOUT", "slow", { details: { scope: "attempt", timeoutMs: 1 } }), {
    get: (error, key): unknown => trap(key) ?? Reflect.get(error, key),
  });
}

function circular(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe.each(values)("%s", (_name, make, text) => {
  const raise = (): never => {
    throw make();
  };

  test.each([
    ["thrown", () => raise()],
    ["rejected", async () => raise()],
  ])("%s ends the run with EXECUTION", async (_how, execute) => {
    const result = await pipeline("p").stage(agent(execute)).tryRun("in", { requestId: "r" });
    expect(result).toMatchObject({
      ok: false,
      disposition: "stop",
      error: {
        code: "EXECUTION",
        agent: "odd",
        stage: "odd",
        requestId: "r",
        message: `Agent "odd" at stage "odd" threw: ${text}`,
        details: { thrown: text },
        report: { status: "failed" },
      },
    });
  });

  test("becomes an error at any border", () => {
    expect(toAtomicError(make())).toMatchObject({ code: "EXECUTION", message: `Execution threw: ${text}` });
  });
});

test("what only looks like one of ours is not", async () => {
  const marker = Symbol.for("atomic-agents.error");
  for (const forged of [
    { [marker]: true, code: "TIMEOUT" },
    { [marker]: true, code: "toString" },
    { [marker]: true },
    { [marker]: true, code: "TIMEOUT", stage: "first" },
    Object.defineProperty({ code: "TIMEOUT" }, marker, { get: throwing }),
  ]) {
    const result = await agent(() => {
      throw forged as unknown as Error;
    }).tryRun("in");
    expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", agent: "odd" } });
  }
  expect(AtomicError.isInstance({ [marker]: true, code: "toString" })).toBe(false);
  expect(AtomicError.isInstance(revoked())).toBe(false);
});

test("a stage that an agent's own error names is below the agent's, and above nothing", async () => {
  const make = (): AtomicError =>
    new AtomicError("EXECUTION", "no", { agent: "there", stage: "first/second", details: { thrown: "no" } });
  const failing = agent(() => {
    throw make();
  });
  const alone = await failing.tryRun("in");
  expect(alone).toMatchObject({ ok: false, error: { agent: "there", stage: "first/second" } });
  const outer = pipeline("outer").stage(pipeline("inner").stage("calls", failing));
  const within = await outer.tryRun("in");
  expect(within).toMatchObject({
    ok: false,
    error: { agent: "there", stage: "inner/calls/first/second" },
  });
});

test("a frozen error keeps its code, and the one that ends the run has the report", async () => {
  const frozen = Object.freeze(
    new AtomicError("TIMEOUT", "slow", { details: { scope: "attempt", timeoutMs: 1 } }),
  );
  const result = await agent(() => {
    throw frozen as Error;
  }).tryRun("in");
  expect(result).toMatchObject({ ok: false, error: { code: "TIMEOUT", report: { status: "failed" } } });
});

test("an error of the run itself, frozen and thrown again, still ends it", async () => {
  const inner = agent(() => {
    throw new Error("inner");
  });
  const outer = defineAgent({
    name: "outer",
    description: "Throws again.",
    input: anything(),
    output: anything(),
    execute: async (input, ctx) => {
      try {
        return await inner.run(input, ctx);
      } catch (error) {
        throw Object.freeze(error) as Error;
      }
    },
  });
  const result = await outer.tryRun("in");
  expect(result).toMatchObject({
    ok: false,
    error: { code: "EXECUTION", agent: "odd", report: { agent: "outer", status: "failed" } },
  });
});

test("a long message is cut, and the whole stays in the cause", async () => {
  const long = "x".repeat(1_000_000);
  const result = await agent(() => {
    throw new Error(long);
  }).tryRun("in");
  if (result.ok) throw new Error("expected a failure");
  expect(result.error.message.length).toBeLessThan(1_100);
  expect(result.error.cause).toMatchObject({ message: long });
});

test("the parts that go over a wire are JSON, without stack, cause and report", async () => {
  const result = await agent(() => {
    throw circular();
  }).tryRun("in", { requestId: "r" });
  if (result.ok) throw new Error("expected a failure");
  expect(Object.keys(JSON.parse(JSON.stringify(result.error)) as object).sort()).toEqual([
    "agent",
    "code",
    "details",
    "disposition",
    "hint",
    "message",
    "name",
    "requestId",
    "retryable",
    "runId",
    "timestamp",
  ]);
  const odd = result.error.with({ timestamp: Number.NaN });
  expect(JSON.parse(JSON.stringify(odd))).toMatchObject({ timestamp: null });
});
