import {
  type AnyAgent,
  AtomicError,
  Budget,
  type Context,
  createLog,
  defineAgent,
  fallback,
  mapItems,
  pipeline,
  type Result,
  sleep,
  withPolicy,
} from "@atomic-agents/core";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { serve } from "../server/serve.ts";
import type { ServeOptions } from "../server/options.ts";
import { callRecords, createClient, remoteAgent } from "./index.ts";

const silent = createLog({ level: "silent" });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function served(agents: AnyAgent | readonly AnyAgent[], options: ServeOptions = {}): Promise<string> {
  const service = await serve(agents, {
    port: 0,
    handleSignals: false,
    drainDelayMs: 0,
    log: silent,
    ...options,
  });
  closing.push(service.close);
  return service.url;
}

const In = z.object({ text: z.string().trim().min(1), times: z.int().default(1) });
const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  version: "1.2.0",
  capabilities: ["text"],
  input: In,
  output: z.object({ text: z.string() }),
  execute: ({ text, times }) => ({ text: text.toUpperCase().repeat(times) }),
});
const count = defineAgent({
  name: "count-words",
  description: "Counts words.",
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.int() }),
  execute: ({ text }) => ({ words: text.split(" ").length }),
});

/** Fails in each way that its input names. */
const failing = defineAgent({
  name: "failing",
  description: "Fails as it is told to.",
  input: z.object({ how: z.string() }),
  output: z.object({ text: z.string() }),
  execute: async ({ how }, ctx): Promise<{ text: string }> => {
    if (how === "throw") throw new Error("a detail of the service's own");
    // What it gives is what TypeScript would refuse.
    if (how === "output") return { text: 5 } as unknown as { text: string };
    if (how === "budget") ctx.budget.spend({ calls: 1_000 });
    if (how === "limit") {
      throw new AtomicError("RATE_LIMITED", "Too many.", { details: { retryAfterMs: 1_500 } });
    }
    if (how === "connection") {
      throw new AtomicError("CONNECTION", "Not there.", { details: { executed: "no", url: "http://inner" } });
    }
    if (how === "hang") await sleep(100_000, ctx);
    return { text: how };
  },
});

const again = withPolicy(failing, { timeoutMs: 1_000 });

function errorOf(result: Result<unknown>): AtomicError {
  if (result.ok) throw new Error(`it gave ${JSON.stringify(result.output)}`);
  return result.error;
}

describe("an agent and the same one at a service", () => {
  test.each<[string, AnyAgent, unknown]>([
    ["a plain input", shout, { text: "hello" }],
    ["an input that the agent's schema changes", shout, { text: "  hello ", times: 2, more: true }],
    ["texts of all kinds", shout, { text: "\u0000 é 漢 👍 \ud800 \u2028 </script>" }],
    ["another agent", count, { text: "a b c" }],
  ])("give the same for %s", async (_, agent, input) => {
    await using remote = await remoteAgent(await served(agent));
    const run = agent as typeof remote;
    expect(await remote.tryRun(input)).toEqual(await run.tryRun(input));
  });

  test.each<[string, AnyAgent, unknown]>([
    ["an input of another shape", shout, { text: 5 }],
    ["an input that only the agent's schema refuses", shout, { text: "   " }],
    ["no input", shout, undefined],
    ["an output that breaks the contract", failing, { how: "output" }],
    ["an error of the agent's own", failing, { how: "throw" }],
    ["a budget that is spent", failing, { how: "budget" }],
    ["a limit of a dependency", failing, { how: "limit" }],
    ["all of several that fail", fallback([failing, again]), { how: "throw" }],
    ["a connection that could not be made", failing, { how: "connection" }],
  ])("fail with the same code for %s", async (_, agent, input) => {
    await using remote = await remoteAgent(await served(agent));
    const options = { budget: { calls: 10 } };
    const there = errorOf(await remote.tryRun(input, options));
    // One that takes anything, as the remote one.
    const here = errorOf(await (agent as typeof remote).tryRun(input, options));
    expect(there).toMatchObject({
      code: here.code,
      agent: here.agent,
      stage: here.stage,
      retryable: here.retryable,
      disposition: here.disposition,
    });
    expect(Object.keys(there.details)).toEqual(expect.arrayContaining(Object.keys(here.details).slice(0, 1)));
    for (const key of ["retryAfterMs", "executed", "kind", "limit"]) {
      if (key in here.details) expect(there.details).toMatchObject({ [key]: Reflect.get(here.details, key) });
    }
    const codes = ({ details }: AtomicError): unknown =>
      "failures" in details ? details.failures.map(({ agent: name, code }) => [name, code]) : [];
    expect(codes(there)).toEqual(codes(here));
  });

  test("say the same of an input that only the agent's own schema refuses", async () => {
    await using remote = await remoteAgent(await served(shout));
    const there = errorOf(await remote.tryRun({ text: "   " }));
    const here = errorOf(await shout.tryRun({ text: "   " }));
    expect(there.message).toBe(here.message);
    expect(there.details).toEqual(here.details);
    expect(there.hint).toBe(here.hint);
  });

  test("have the same card", async () => {
    const url = await served(shout);
    await using remote = await remoteAgent(url);
    const { name, version, description, capabilities } = shout;
    expect(remote).toMatchObject({ name, version, description, capabilities, url });
  });

  test("fail at the same stage, with what shall become of the record", async () => {
    const chain = pipeline("chain").stage("fails", failing, { onError: "drop" });
    await using remote = await remoteAgent(await served(chain));
    const there = errorOf(await remote.tryRun({ how: "throw" }));
    const here = errorOf(await chain.tryRun({ how: "throw" }));
    expect(here).toMatchObject({ stage: "fails", disposition: "drop", agent: "failing" });
    expect(there).toMatchObject({ code: "EXECUTION", stage: "fails", disposition: "drop", agent: "failing" });
    expect(JSON.stringify(there)).not.toContain("detail of the service");
    // What it is called over there is kept.
    expect(there.cause).toMatchObject({ code: "EXECUTION", runId: expect.any(String) });
    expect((there.cause as AtomicError).runId).not.toBe(there.runId);
  });

  test("stand in a pipeline alike", async () => {
    await using remote = await remoteAgent(await served(shout), { expect: shout });
    const chain = pipeline("chain").stage(remote).stage(count);
    expect(await chain.run({ text: "a b" })).toEqual(
      await pipeline("chain").stage(shout).stage(count).run({ text: "a b" }),
    );
  });
});

describe("what goes along", () => {
  interface Seen {
    readonly requestId: string;
    readonly userId: string | undefined;
    readonly sessionId: string | undefined;
    readonly metadata: unknown;
    readonly leftMs: number;
    readonly calls: number;
    readonly trace: unknown;
  }
  const see = (seen: Seen[]) =>
    defineAgent({
      name: "see",
      description: "Looks at its context.",
      input: z.null(),
      output: z.string(),
      execute: (_, ctx: Context) => {
        const { requestId, userId, sessionId, metadata, trace } = ctx;
        const leftMs = (ctx.deadline ?? Number.POSITIVE_INFINITY) - ctx.clock.now();
        const calls = ctx.budget.remaining("calls");
        seen.push({ requestId, userId, sessionId, metadata, leftMs, calls, trace });
        ctx.budget.spend({ calls: 2, tokens: 30, money: 0.000_000_25 });
        return "seen";
      },
    });

  test("the ids, the metadata, the deadline, the budget, and back what was spent", async () => {
    const seen: Seen[] = [];
    await using remote = await remoteAgent(await served(see(seen)));
    const budget = new Budget({ calls: 5, money: 1 });
    const metadata = { tenant: "é", nested: [1, { a: null }] };
    const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", flags: 1 };
    const options = { requestId: "req-7", userId: "ada", sessionId: "s 1", metadata, budget, trace };
    expect(await remote.run(null, { ...options, timeoutMs: 5_000 })).toBe("seen");
    expect(seen[0]).toMatchObject({
      requestId: "req-7",
      userId: "ada",
      sessionId: "s 1",
      metadata,
      calls: 5,
    });
    expect(seen[0]?.trace).toMatchObject({ traceId: trace.traceId });
    expect(seen[0]?.leftMs).toBeLessThanOrEqual(5_000);
    expect(budget.spent).toEqual({ calls: 2, tokens: 30, money: 0.000_000_25 });
  });

  test.each([
    ["an answer", {}],
    ["a repeatable answer", { idempotencyKey: true }],
    ["a stream", { stream: true }],
  ])("what was spent although it failed, by %s", async (_, options) => {
    const wasting = defineAgent({
      name: "wasting",
      description: "Spends, and fails.",
      input: z.null(),
      output: z.null(),
      execute: (_input, ctx) => {
        ctx.budget.spend({ calls: 2 });
        throw new Error("broken");
      },
    });
    const remote = await remoteAgent(await served(wasting), { expect: wasting, ...options });
    closing.push(remote.close);
    const budget = new Budget({ calls: 5 });
    for (const left of [3, 1]) {
      await remote.tryRun(null, { budget });
      expect(budget.remaining("calls")).toBe(left);
    }
    expect(await remote.tryRun(null, { budget })).toMatchObject({ error: { code: "BUDGET_EXCEEDED" } });
  });

  const broken = defineAgent({
    name: "broken",
    description: "Fails on 13.",
    input: z.int(),
    output: z.int(),
    execute: (given) => {
      if (given === 13) throw new Error("no");
      return given;
    },
  });
  const partly = mapItems(broken, { name: "partly", settled: true });

  test.each([{}, { stream: true }, { idempotencyKey: true }])(
    "that a part of the work failed: %j",
    async (options) => {
      const first = await remoteAgent(await served(partly), { expect: partly, ...options });
      closing.push(first.close);
      // Over two services, and as a stage.
      const second = await remoteAgent(await served(first), { expect: partly, ...options });
      closing.push(second.close);
      for (const agent of [partly, first, second, pipeline("line").stage("away", second)]) {
        for (const [input, status] of [[[1, 13], "partial"] as const, [[1, 2], "success"] as const]) {
          const run = agent.start(input);
          expect(await run.result).toMatchObject({ ok: true, output: { length: 2 } });
          expect([run.status, run.report().status]).toEqual([status, status]);
          expect(run.events.snapshot().at(-1)).toMatchObject({ type: "run-end", status });
        }
      }
    },
  );

  test("in an answer, that a part of the work failed, and only then", async () => {
    const url = await served(partly);
    const call = async (input: unknown) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/execute`, {
        method: "POST",
        headers,
        body: JSON.stringify({ input }),
      });
      return Object.keys((await answer.json()) as object);
    };
    expect(await call([1, 13])).toEqual(["output", "runId", "durationMs", "status"]);
    expect(await call([1])).toEqual(["output", "runId", "durationMs"]);
  });

  test.each([{}, { stream: true }])("null, where it gives nothing: %j", async (options) => {
    const part = { description: "Gives nothing.", input: z.unknown(), output: z.unknown() };
    const nothing = defineAgent({ ...part, name: "nothing", execute: () => undefined });
    const url = await served(nothing);
    const remote = await remoteAgent(url, options);
    closing.push(remote.close);
    expect(await remote.run(1)).toBeNull();
    for await (const result of callRecords(url, [1])) expect(result).toEqual({ ok: true, output: null });
  });

  test("what was spent is the stage's in the report, past its limit too", async () => {
    await using remote = await remoteAgent(await served(see([])));
    const run = remote.start(null, { budget: { tokens: 50 } });
    await run.result;
    expect(run.report().spent).toMatchObject({ calls: 2, tokens: 30 });
  });

  test("nothing that is not JSON", async () => {
    const anything = defineAgent({
      name: "anything",
      description: "Takes anything.",
      input: z.unknown(),
      output: z.unknown(),
      execute: (value) => value,
    });
    await using remote = await remoteAgent(await served(anything));
    const circle: { a?: unknown } = {};
    circle.a = circle;
    for (const value of [Number.NaN, 1n, () => 1, new Map(), { a: [Symbol("s")] }, circle]) {
      expect(errorOf(await remote.tryRun(value))).toMatchObject({ code: "VALIDATION_INPUT" });
    }
    expect(errorOf(await remote.tryRun({ a: [1, 2n] }))).toMatchObject({
      details: { issues: [{ path: "a[1]" }] },
    });
    expect(errorOf(await remote.tryRun(1, { metadata: { at: 1n } }))).toMatchObject({ code: "CONFIG" });
    expect(await remote.run({ a: undefined, b: [null, -0, 1e21] })).toEqual({ b: [null, 0, 1e21] });
  });
});

describe("giving up", () => {
  /** Says when it began and when it was given up on. */
  const hanging = (told: string[]) =>
    defineAgent({
      name: "hanging",
      description: "Never ends.",
      input: z.null(),
      output: z.null(),
      execute: async (_, ctx) => {
        told.push("began");
        ctx.signal.addEventListener("abort", () => told.push("given up"));
        await sleep(100_000, ctx);
        return null;
      },
    });

  test.each([false, true])("cancels the remote run when the caller cancels (stream: %s)", async (stream) => {
    const told: string[] = [];
    await using remote = await remoteAgent(await served(hanging(told)), { stream });
    const run = remote.start(null);
    await expect.poll(() => told).toEqual(["began"]);
    run.cancel("enough");
    expect(errorOf(await run.result)).toMatchObject({ code: "CANCELLED" });
    await expect.poll(() => told).toEqual(["began", "given up"]);
  });

  test("ends the remote run when the caller is out of time, which the caller's error says", async () => {
    const told: string[] = [];
    await using remote = await remoteAgent(await served(hanging(told)));
    const error = errorOf(await withPolicy(remote, { timeoutMs: 100 }).tryRun(null));
    expect(error).toMatchObject({
      code: "TIMEOUT",
      retryable: true,
      details: { scope: "attempt", timeoutMs: 100 },
    });
    await expect.poll(() => told).toEqual(["began", "given up"]);
  });

  test("is the service's right as well", async () => {
    await using remote = await remoteAgent(await served(failing, { timeoutMs: 50 }));
    expect(errorOf(await remote.tryRun({ how: "hang" }))).toMatchObject({ code: "TIMEOUT" });
  });
});

describe("what is expected", () => {
  test("gives the types, and takes away what is not expected", async () => {
    const wider = defineAgent({
      name: "shout",
      description: "Turns text into capitals, and counts.",
      input: z.object({ text: z.string(), language: z.string().optional() }),
      output: z.object({ text: z.string(), length: z.int() }),
      execute: ({ text }) => ({ text: text.toUpperCase(), length: text.length }),
    });
    await using remote = await remoteAgent(await served(wider), { expect: shout });
    const output: { text: string } = await remote.run({ text: "hello" });
    expect(output).toEqual({ text: "HELLO" });
  });

  test.each<["input" | "output", z.ZodType, z.ZodType]>([
    ["input", z.object({ text: z.number() }), z.object({ text: z.string() })],
    ["output", z.object({ text: z.string() }), z.object({ text: z.number() })],
  ])("refuses what never fits in its %s", async (side, input, output) => {
    const url = await served(shout);
    const error: unknown = await remoteAgent(url, { expect: { input, output } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "INCOMPATIBLE",
      retryable: false,
      details: { side, verdict: "never" },
    });
  });

  test("refuses what sometimes fits only when it is to be strict", async () => {
    const url = await served(shout);
    // The service takes no empty text.
    const expected = { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) };
    await using remote = await remoteAgent(url, { expect: expected });
    expect(await remote.run({ text: "a" })).toEqual({ text: "A" });
    await expect(remoteAgent(url, { expect: expected, strict: true })).rejects.toMatchObject({
      code: "INCOMPATIBLE",
      details: { side: "input" },
    });
  });

  test("holds for each output, too", async () => {
    const url = await served(shout);
    const output = z.object({ text: z.string().max(3) });
    await using remote = await remoteAgent(url, {
      expect: { input: z.object({ text: z.string() }), output },
    });
    expect(await remote.run({ text: "abc" })).toEqual({ text: "ABC" });
    expect(errorOf(await remote.tryRun({ text: "abcd" }))).toMatchObject({ code: "VALIDATION_OUTPUT" });
  });

  test("is not made of an output once more that its schema has made already", async () => {
    const loud = defineAgent({
      name: "loud",
      description: "Says it loudly.",
      input: z.string(),
      output: z.object({ text: z.string().overwrite((text) => `${text}!`) }),
      execute: (text) => ({ text }),
    });
    await using remote = await remoteAgent(await served(loud), { expect: loud });
    expect(await remote.run("a")).toEqual({ text: "a!" });
  });

  test("is an agent or schemas", async () => {
    // What a program without types may give.
    const wrong = { expect: 5 } as unknown as { expect: typeof shout };
    await expect(remoteAgent("http://127.0.0.1:1", wrong)).rejects.toMatchObject({ code: "CONFIG" });
  });
});

describe("a stream", () => {
  const write = defineAgent({
    name: "write",
    description: "Writes a text bit by bit.",
    input: z.string(),
    output: z.object({ text: z.string() }),
    execute: async (text, ctx) => {
      ctx.emit("begun", { length: text.length });
      for (let end = 1; end < text.length; end++) {
        ctx.partial({ text: text.slice(0, end) });
        await sleep(5, ctx);
      }
      ctx.budget.spend({ tokens: text.length });
      if (text === "bad") throw new Error("no");
      return { text };
    },
  });

  test("shows drafts and what happens over there, and ends with the output", async () => {
    await using remote = await remoteAgent(await served(write), { expect: write, stream: true });
    const run = remote.start("hello");
    const drafts: unknown[] = [];
    for await (const draft of run.partials) drafts.push(draft);
    expect(await run.result).toEqual({ ok: true, output: { text: "hello" } });
    expect(drafts).toContainEqual({ text: "hell" });
    const remoteEvents = run.events
      .snapshot()
      .filter((event) => event.type === "custom" && event.name === "remote-run");
    expect(remoteEvents.map((event) => (event as { data?: unknown }).data)).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ type: "run-start" }),
        expect.objectContaining({ type: "custom", name: "begun" }),
        expect.objectContaining({ type: "run-end", status: "success" }),
      ]),
    );
    expect(run.report().spent).toMatchObject({ tokens: 5 });
  });

  test("ends with the error", async () => {
    await using remote = await remoteAgent(await served(write), { stream: true });
    expect(errorOf(await remote.tryRun("bad"))).toMatchObject({ code: "EXECUTION", agent: "write" });
    expect(errorOf(await remote.tryRun(5))).toMatchObject({ code: "VALIDATION_INPUT" });
  });

  test("may be refused before it begins", async () => {
    const url = await served(write);
    await using remote = await remoteAgent(url, { stream: true });
    const error = errorOf(await remote.tryRun("a".repeat(1_100_000)));
    expect(error).toMatchObject({ code: "BAD_REQUEST", details: { status: 413 } });
  });
});

describe("a service of several agents", () => {
  const agents = { shout, countWords: count, failing };

  test("is asked for one of them by its name", async () => {
    const url = await served(Object.values(agents));
    await using remote = await remoteAgent(url, { agent: "count-words", expect: count });
    expect(await remote.run({ text: "a b" })).toEqual({ words: 2 });
    expect(remote.url).toBe(`${url}/agents/count-words`);
    await using same = await remoteAgent(`${url}/agents/count-words/`);
    expect(same.name).toBe("count-words");
    await expect(remoteAgent(url)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("count-words"),
    });
    await expect(remoteAgent(url, { agent: "other" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("is a client with an agent for each", async () => {
    const url = await served(Object.values(agents));
    await using client = await createClient<typeof agents>(url);
    expect(await client.agents.shout.run({ text: "a" })).toEqual({ text: "A" });
    const { words }: { words: number } = await client.agents.countWords.run({ text: "a b" });
    expect(words).toBe(2);
    expect(client.agents.shout).toBe(client.agents.shout);
    expect(client.names).toEqual(["shout", "count-words", "failing"]);
    expect(Object.keys(client.agents)).toEqual(["shout", "count-words", "failing"]);
  });

  test("is checked against the agents that are expected", async () => {
    const url = await served([shout, count]);
    await using client = await createClient(url, { expect: { shout, words: count } });
    expect(await client.agents.words.run({ text: "a b" })).toEqual({ words: 2 });
    await expect(createClient(url, { expect: agents })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const other = { ...shout, output: z.object({ text: z.number() }) };
    await expect(createClient(url, { expect: { shout: other } })).rejects.toMatchObject({
      code: "INCOMPATIBLE",
    });
  });

  test("has no agent that it does not serve", async () => {
    const url = await served(shout);
    await using client = await createClient<typeof agents>(url);
    expect(await client.agents.shout.run({ text: "a" })).toEqual({ text: "A" });
    expect(() => client.agents.failing).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });
});
