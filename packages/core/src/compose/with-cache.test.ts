import { anything, type Schema } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import {
  type Agent,
  type CacheEntry,
  type CacheKey,
  cacheKeyOf,
  type CacheStore,
  type Context,
  defineAgent,
  describe as describeAgent,
  type Log,
  MemoryCache,
  parallel,
  pipeline,
  sleep,
  untyped,
  withCache,
  withPolicy,
} from "../index.ts";

const Text = z.object({ text: z.string() });
const Words = z.object({ words: z.number() });

/** An agent that counts its calls. */
function counting(execute: (input: unknown, calls: number, ctx: Context) => unknown = (input) => input) {
  let calls = 0;
  const agent = defineAgent({
    name: "counting",
    description: "Does what the test says.",
    input: anything(),
    output: anything(),
    execute: (input, ctx) => execute(input, ++calls, ctx),
  });
  return {
    agent,
    get calls() {
      return calls;
    },
  };
}

function listening() {
  const lines: string[] = [];
  const note = (message: string, fields: unknown = {}) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: note, info: note, warn: note, error: note, with: () => log };
  return { lines, log };
}

describe("the same input", () => {
  test("is worked on once, whatever the order of its keys", async () => {
    const counted = counting((_input, calls) => calls);
    const cached = withCache(counted.agent);
    expect(await cached.run({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(1);
    expect(await cached.run({ b: [{ d: 3, c: 2 }], a: 1 })).toBe(1);
    expect(await cached.run({ b: [{ d: 3, c: 2 }], a: 2 })).toBe(2);
    expect(counted.calls).toBe(2);
  });

  test("is the input as the schema parses it", async () => {
    let calls = 0;
    const agent = defineAgent({
      name: "a",
      description: "Counts.",
      input: z.object({ text: z.string().trim(), mode: z.string().default("fast") }),
      output: z.number(),
      execute: () => ++calls,
    });
    const cached = withCache(agent);
    await cached.run({ text: " a " });
    await cached.run({ text: "a", mode: "fast" });
    expect(await untyped(cached).run({ text: "a", mode: "fast", unknown: 1 })).toBe(1);
    expect(await cached.run({ text: "a", mode: "slow" })).toBe(2);
  });

  test("which is no content, is worked on each time", async () => {
    class Point {
      readonly x = 1;
    }
    const counted = counting((_input, calls) => calls);
    const cached = withCache(counted.agent);
    const circle: unknown[] = [];
    circle.push(circle);
    for (const input of [new Point(), () => {}, circle, { a: Symbol("a") }]) {
      const before = counted.calls;
      await cached.run(input);
      await cached.run(input);
      expect(counted.calls).toBe(before + 2);
    }
  });

  test("which its schema refuses, is refused each time", async () => {
    const cached = withCache(
      defineAgent({
        name: "a",
        description: "Counts.",
        input: Text,
        output: Words,
        execute: () => ({ words: 1 }),
      }),
    );
    for (let round = 0; round < 2; round++) {
      expect(await untyped(cached).tryRun({ text: 5 })).toMatchObject({
        ok: false,
        error: { code: "VALIDATION_INPUT", agent: "a" },
      });
    }
  });
});

describe("what is delivered", () => {
  /** By hand: of an asynchronous check of Zod's that rejects, one promise is left unhandled. */
  const rejecting: Schema<{ n: unknown }, { n: unknown }> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: async (value) => {
        const { n } = value as { readonly n: unknown };
        if (typeof n !== "number") throw new Error("no number");
        return { value: { n } };
      },
    },
  };

  test("is a copy, also where the schema hands on what it was given", async () => {
    const counted = counting(() => ({ list: [1], on: new Date(0) }));
    const cached = withCache(counted.agent);
    for (let round = 0; round < 4; round++) {
      const output = (await cached.run("x")) as { list: number[]; on: Date };
      expect(output).toEqual({ list: [1], on: new Date(0) });
      output.list.push(2);
      output.on.setTime(5);
    }
    expect(counted.calls).toBe(1);
  });

  test("is parsed once a delivery, of what the agent gave", async () => {
    let calls = 0;
    const agent = defineAgent({
      name: "double",
      description: "Doubles by its schema.",
      input: z.number(),
      output: z.number().transform((n) => n * 2),
      execute: (n) => {
        calls++;
        return n;
      },
    });
    const steady = withPolicy(agent, { timeoutMs: 1_000, retry: { attempts: 2 } });
    for (const cached of [withCache(agent), withCache(steady), withCache(withCache(agent))]) {
      calls = 0;
      expect([await cached.run(3), await cached.run(3), await cached.run(3)]).toEqual([6, 6, 6]);
      expect(calls).toBe(1);
    }
  });

  test.each([
    ["refuses", z.object({ n: z.number() })],
    ["refuses later on", z.object({ n: z.number().refine(async () => true) })],
    [
      "throws at",
      z.object({ n: z.unknown() }).transform(({ n }) => {
        if (typeof n !== "number") throw new Error("no number");
        return { n };
      }),
    ],
    ["rejects at", rejecting],
  ])("is never what the schema %s, whatever the store gives", async (_what, output) => {
    let calls = 0;
    const agent = defineAgent({
      name: "a",
      description: "Counts.",
      input: z.string(),
      output,
      execute: () => ({ n: ++calls }),
    });
    for (const planted of [{ n: "one" }, () => {}, { n: Symbol("n") }]) {
      calls = 0;
      const store = new MemoryCache();
      const key = cacheKeyOf(agent, "x") as CacheKey;
      const nowMs = Date.now();
      store.set(key, { output: planted, storedAtMs: nowMs, expiresAtMs: nowMs + 60_000 });
      const cached = withCache(agent, { store });
      expect(await cached.run("x")).toEqual({ n: 1 });
      expect(await cached.run("x")).toEqual({ n: 1 });
      expect(store.get(key, nowMs)?.output).toEqual({ n: 1 });
    }
  });

  test("is not kept when it is no content, or a failure", async () => {
    const counted = counting((input, calls) => {
      if (input === "throws") throw new Error("busy");
      return input === "function" ? () => calls : { nested: new Map([[Symbol("x"), 1]]) };
    });
    const store = new MemoryCache();
    const cached = withCache(counted.agent, { store });
    for (const input of ["throws", "function", "symbol"]) {
      await cached.tryRun(input);
      await cached.tryRun(input);
    }
    expect([counted.calls, store.size]).toEqual([6, 0]);
  });

  test("is not kept when it breaks the contract", async () => {
    let calls = 0;
    const agent = defineAgent<typeof Text, typeof Words>({
      name: "wrong",
      description: "Gives the wrong thing.",
      input: Text,
      output: Words,
      // As a program in JavaScript would.
      execute: () => ({ words: `${++calls}` as unknown as number }),
    });
    const store = new MemoryCache();
    const cached = withCache(agent, { store });
    for (let round = 0; round < 2; round++) {
      expect(await cached.tryRun({ text: "a" })).toMatchObject({
        ok: false,
        error: { code: "VALIDATION_OUTPUT" },
      });
    }
    expect([calls, store.size]).toEqual([2, 0]);
  });
});

describe("the input that was worked on", () => {
  test("is the one it is kept under, though the agent changes it", async () => {
    const counted = counting((input) => {
      (input as { n: number }).n = 7;
      return "done";
    });
    const cached = withCache(counted.agent);
    await cached.run({ n: 1 });
    await cached.run({ n: 7 });
    expect(counted.calls).toBe(2);
    await cached.run({ n: 1 });
    expect(counted.calls).toBe(2);
  });

  test("when it was changed meanwhile from outside, nothing is kept", async () => {
    const clock = createVirtualClock();
    const counted = counting(async (input, _calls, ctx) => {
      await sleep(10, ctx);
      return (input as { n: number }).n;
    });
    const store = new MemoryCache();
    const cached = withCache(counted.agent, { store });
    const input = { n: 1 };
    const running = cached.run(input, { clock });
    await clock.settle();
    input.n = 2;
    expect(await clock.until(running)).toBe(2);
    expect(store.size).toBe(0);
    expect(await clock.until(cached.run({ n: 1 }, { clock }))).toBe(1);
  });
});

describe("parsing", () => {
  const spied = () => {
    const schema = z.object({ text: z.string() });
    return { schema, parses: vi.spyOn(schema["~standard"], "validate") };
  };

  test.each(["alone", "with a timeout", "with a retry", "in a pipeline", "around a pipeline"])(
    "happens once on each side, %s",
    async (how) => {
      const input = spied();
      const output = spied();
      const agent = defineAgent({
        name: "a",
        description: "Hands on.",
        input: input.schema,
        output: output.schema,
        execute: ({ text }) => ({ text }),
      });
      const cached = {
        alone: () => withCache(agent),
        "with a timeout": () => withCache(withPolicy(agent, { timeoutMs: 100 })),
        "with a retry": () => withCache(withPolicy(agent, { retry: { attempts: 2 } })),
        "in a pipeline": () => pipeline("p").stage(withCache(agent)),
        "around a pipeline": () => withCache(pipeline("p").stage(agent)),
      }[how];
      if (cached === undefined) throw new Error("unreachable");
      const made = cached();
      await made.run({ text: "x" });
      // What is composed parses once more, for the key.
      const first = how === "around a pipeline" ? 2 : 1;
      expect([input.parses.mock.calls.length, output.parses.mock.calls.length]).toEqual([first, 1]);
      await made.run({ text: "x" });
      expect([input.parses.mock.calls.length, output.parses.mock.calls.length]).toEqual([first + 1, 2]);
    },
  );

  test("happens anew for each attempt", async () => {
    const clock = createVirtualClock();
    const seen: unknown[] = [];
    const input = spied();
    const agent = defineAgent({
      name: "flaky",
      description: "Fails at first.",
      input: input.schema,
      output: z.object({ n: z.number() }),
      execute: (value) => {
        seen.push(value);
        if (seen.length === 1) throw new Error("busy");
        // What the schema refuses is tried again, too.
        return { n: seen.length === 2 ? Number.NaN : 5 };
      },
    });
    const cached = withCache(withPolicy(agent, { retry: { attempts: 3 } }));
    expect(await clock.until(cached.run({ text: "x" }, { clock }))).toEqual({ n: 5 });
    expect(await cached.run({ text: "x" }, { clock })).toEqual({ n: 5 });
    expect(seen).toEqual([{ text: "x" }, { text: "x" }, { text: "x" }]);
    expect(new Set(seen).size).toBe(3);
    expect(input.parses).toHaveBeenCalledTimes(4);
  });

  test("may be asynchronous on both sides", async () => {
    let calls = 0;
    const Late = z.object({ text: z.string().transform(async (text) => text.trim()) });
    const agent = defineAgent({
      name: "late",
      description: "Counts.",
      input: Late,
      output: z.object({ n: z.number().transform(async (n) => n * 10) }),
      execute: () => ({ n: ++calls }),
    });
    const steady = withPolicy(agent, { retry: { attempts: 2 } });
    for (const cached of [withCache(agent), withCache(steady)]) {
      calls = 0;
      const outputs = [await cached.run({ text: " a" }), await cached.run({ text: "a " })];
      expect(outputs).toEqual([{ n: 10 }, { n: 10 }]);
    }
  });
});

describe("what is composed", () => {
  const inner = (output: z.ZodType<unknown, string>) => {
    let calls = 0;
    const agent = defineAgent({
      name: "inner",
      description: "Gives a text, which its schema makes something of.",
      input: z.string().transform(Number),
      output,
      execute: (n) => {
        calls++;
        return ` ${n} `;
      },
    });
    return { cached: withCache(pipeline("p").stage(agent)), calls: () => calls };
  };

  test("is given the input as it came where parsing it twice would fail", async () => {
    const { cached, calls } = inner(z.string());
    expect([await cached.run("5"), await cached.run("5.0"), calls()]).toEqual([" 5 ", " 5 ", 1]);
  });

  test("is kept where parsing the output once more gives the same", async () => {
    const { cached, calls } = inner(z.string().trim());
    expect([await cached.run("5"), await cached.run("5"), calls()]).toEqual(["5", "5", 1]);
    const late = inner(z.string().refine(async () => true));
    expect([await late.cached.run("5"), await late.cached.run("5"), late.calls()]).toEqual([" 5 ", " 5 ", 1]);
  });

  test.each([
    ["is refused", z.string().transform((text) => Number(text))],
    ["is another", z.string().transform((text) => `${text}!`)],
    [
      "throws",
      z.string().transform((text) => {
        if (text.startsWith("!")) throw new Error("twice");
        return `!${text}`;
      }),
    ],
    ["is refused later on", z.string().transform(async (text) => Number(text))],
    ["is no content", z.string().transform((text) => new URL(`http://x/${text.trim()}`))],
  ])("is not kept where that %s", async (_what, schema) => {
    const { cached, calls } = inner(schema);
    const first = await cached.run("5");
    expect(await cached.run("5")).toEqual(first);
    expect(calls()).toBe(2);
  });

  test("counts as one agent, by its own name", async () => {
    const counted = counting();
    const store = new MemoryCache();
    const chain = pipeline("chain").stage(counted.agent).stage("again", counted.agent);
    const cached = withCache(chain, { store });
    await cached.run(1);
    await cached.run(1);
    expect([counted.calls, store.size]).toEqual([2, 1]);
    expect(store.get(cacheKeyOf(chain, 1) as CacheKey, 0)?.output).toBe(1);
  });
});

describe("the key", () => {
  test("keeps agents of one store apart by name, version and configuration", async () => {
    const store = new MemoryCache();
    const make = (name: string, version: string, config?: unknown) => {
      const agent = defineAgent({
        name,
        version,
        description: "Says who it is.",
        input: z.string(),
        output: z.string(),
        execute: () => `${name} ${version}`,
      });
      return withCache(agent, { store, config });
    };
    const cases = [
      make("a", "1.0.0"),
      make("b", "1.0.0"),
      make("a", "2.0.0"),
      make("a", "1.0.0", { model: "m" }),
    ];
    for (const cached of cases) await cached.run("x");
    expect(store.size).toBe(4);
    expect(await make("a", "1.0.0", { model: "m" }).run("x")).toBe("a 1.0.0");
    expect(store.size).toBe(4);
  });

  test("can be made by the caller, of the input as it was given and the context", async () => {
    const counted = counting((_input, calls) => calls);
    const seen: unknown[] = [];
    const cached = withCache(counted.agent, {
      key: (input, ctx) => {
        seen.push(input);
        return [(input as { id: number }).id, ctx.userId];
      },
    });
    const run = (id: number, note: string, userId: string) => cached.run({ id, note }, { userId });
    expect([
      await run(1, "a", "ann"),
      await run(1, "b", "ann"),
      await run(2, "a", "ann"),
      await run(1, "a", "bob"),
    ]).toEqual([1, 1, 2, 3]);
    expect(seen[1]).toEqual({ id: 1, note: "b" });
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no id");
      },
      "no id",
    ],
    ["gives no content", () => () => {}, "no content"],
    ["gives a promise", () => Promise.reject(new Error("unheard")), "no content"],
  ])("that %s has the call run uncached, which is said once", async (_what, key, said) => {
    const counted = counting((_input, calls) => calls);
    const { lines, log } = listening();
    const cached = withCache(counted.agent, { key });
    expect([await cached.run(1, { log }), await cached.run(1, { log })]).toEqual([1, 2]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(said);
  });

  test("of the caller's own never meets one made of an input", async () => {
    const store = new MemoryCache();
    const counted = counting((_input, calls) => calls);
    await withCache(counted.agent, { store }).run("x");
    await withCache(counted.agent, { store, key: () => "x" }).run("y");
    expect(counted.calls).toBe(2);
  });
});

describe("age", () => {
  test("an output is given until it is too old", async () => {
    const clock = createVirtualClock();
    const counted = counting((_input, calls) => calls);
    const cached = withCache(counted.agent, { maxAgeMs: 1_000 });
    await cached.run("x", { clock });
    await clock.advance(999);
    expect(await cached.run("x", { clock })).toBe(1);
    await clock.advance(1);
    expect(await cached.run("x", { clock })).toBe(2);
  });

  test("it counts from when the output was there", async () => {
    const clock = createVirtualClock();
    const counted = counting((_input, calls, ctx) => sleep(5_000, ctx).then(() => calls));
    const cached = withCache(counted.agent, { maxAgeMs: 1_000 });
    await clock.until(cached.run("x", { clock }));
    await clock.advance(999);
    expect(await cached.run("x", { clock })).toBe(1);
  });

  test("the younger of two limits holds where agents share a store", async () => {
    const clock = createVirtualClock();
    const store = new MemoryCache();
    const counted = counting((_input, calls) => calls);
    const long = withCache(counted.agent, { store, maxAgeMs: 10_000 });
    const short = withCache(counted.agent, { store, maxAgeMs: 1_000 });
    await long.run("x", { clock });
    await clock.advance(1_000);
    expect(await long.run("x", { clock })).toBe(1);
    expect(await short.run("x", { clock })).toBe(2);
  });

  test("so it does where the store does not look at it", async () => {
    const clock = createVirtualClock();
    const entries: CacheEntry[] = [];
    const store: CacheStore = {
      get: () => entries.at(-1),
      set: (_key, entry) => void entries.push(entry),
      delete: () => {},
    };
    const counted = counting((_input, calls) => calls);
    await withCache(counted.agent, { store, maxAgeMs: 1_000 }).run("x", { clock });
    const long = withCache(counted.agent, { store, maxAgeMs: 10_000 });
    await clock.advance(999);
    expect(await long.run("x", { clock })).toBe(1);
    await clock.advance(1);
    expect(await long.run("x", { clock })).toBe(2);
  });

  test("when the computer's clock is set back, what was made after that is not used", async () => {
    const clock = createVirtualClock({ timestampMs: 10_000_000 });
    const counted = counting((_input, calls) => calls);
    const cached = withCache(counted.agent);
    await cached.run("x", { clock });
    clock.setTimestamp(10_000_000 - 1_000);
    expect(await cached.run("x", { clock })).toBe(1);
    clock.setTimestamp(10_000_000 - 1_001);
    expect(await cached.run("x", { clock })).toBe(2);
    expect(await cached.run("x", { clock })).toBe(2);
  });
});

describe("what needs not wait does not", () => {
  test("a synchronous agent with a store that gives no promises", () => {
    const seen: string[] = [];
    const noting = (what: string) =>
      z.string().transform((text) => {
        seen.push(what);
        return text;
      });
    const agent = defineAgent({
      name: "sync",
      description: "Hands on.",
      input: noting("in"),
      output: noting("out"),
      execute: (text) => {
        seen.push("work");
        return text;
      },
    });
    const cached = withCache(agent);
    void cached.run("x");
    void cached.run("x");
    expect(seen).toEqual(["in", "work", "out", "in", "out"]);
  });

  test("nothing is set on the clock", async () => {
    const clock = createVirtualClock();
    const cached = withCache(counting().agent);
    await cached.run("x", { clock });
    await cached.run("x", { clock });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a store", () => {
  /** A store whose calls a test can make fail. */
  function brokenStore(broken: Partial<CacheStore>) {
    const inside = new MemoryCache();
    const store: CacheStore = {
      get: (key, nowMs) => inside.get(key, nowMs),
      set: (key, entry) => inside.set(key, entry),
      delete: (key) => inside.delete(key),
      ...broken,
    };
    return store;
  }
  const fail = (): never => {
    throw new Error("disk full");
  };
  const reject = () => Promise.reject(new Error("disk full"));
  const hang = () => new Promise<never>(() => {});

  test("may answer late", async () => {
    const clock = createVirtualClock();
    const kept = new Map<string, CacheEntry>();
    const store: CacheStore = {
      get: (key) => Promise.resolve(kept.get(key.text)),
      set: async (key, entry) => void kept.set(key.text, entry),
      delete: async (key) => void kept.delete(key.text),
    };
    const counted = counting((_input, calls) => calls);
    const cached = withCache(counted.agent, { store });
    expect([await cached.run({ a: 1 }, { clock }), await cached.run({ a: 1 }, { clock })]).toEqual([1, 1]);
    expect([...kept.keys()]).toEqual(['["counting","1.0.0",{"~":["undefined"]},"input"]{"a":1}']);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each<[string, Partial<CacheStore>, string]>([
    ["throws at get", { get: fail }, "get"],
    ["rejects at get", { get: reject }, "get"],
    ["hangs at get", { get: hang }, "get"],
    ["throws at set", { set: fail }, "set"],
    ["rejects at set", { set: reject }, "set"],
    ["hangs at set", { set: hang }, "set"],
    ["gives a thenable that throws", { get: () => ({ then: fail }) }, "get"],
    ["gives what is no entry", { get: () => ({ output: 1 }) as unknown as CacheEntry }, "get"],
    ["gives what is no entry later on", { get: () => Promise.resolve("x" as unknown as CacheEntry) }, "get"],
    [
      "gives what cannot be read",
      {
        get: () =>
          new Proxy({} as CacheEntry, {
            get: fail,
          }),
      },
      "get",
    ],
  ])("that %s fails no run, and is said once", async (_what, broken, call) => {
    const clock = createVirtualClock();
    const { lines, log } = listening();
    const store = brokenStore(broken);
    const counted = counting((_input, calls) => calls);
    const later = counting((_input, calls, ctx) => sleep(1, ctx).then(() => calls));
    for (const { agent } of [counted, later]) {
      const cached = withCache(agent, { store });
      for (const round of [1, 2]) {
        expect(await clock.until(cached.run(`${agent.id} ${round}`, { clock, log }))).toBe(round);
      }
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`"call":"${call}"`);
    expect(clock.pendingTimers).toBe(0);
  });

  test("that fails at delete is no matter either", async () => {
    for (const broken of [fail, reject]) {
      const { lines, log } = listening();
      const store = brokenStore({ delete: broken });
      const agent = defineAgent({
        name: "a",
        description: "One.",
        input: z.string(),
        output: z.number().max(1),
        execute: () => 1,
      });
      const nowMs = Date.now();
      await store.set(cacheKeyOf(agent, "x") as CacheKey, {
        output: 2,
        storedAtMs: nowMs,
        expiresAtMs: nowMs + 60_000,
      });
      const cached = withCache(agent, { store });
      expect([await cached.run("x", { log }), await cached.run("x", { log })]).toEqual([1, 1]);
      expect(lines).toHaveLength(1);
    }
  });

  test("that hangs is waited for five seconds", async () => {
    const clock = createVirtualClock();
    const cached = withCache(counting().agent, { store: brokenStore({ get: hang }) });
    const { log } = listening();
    const running = cached.run("x", { clock, log });
    let isDone = false;
    void running.then(() => {
      isDone = true;
    });
    await clock.advance(4_999);
    expect(isDone).toBe(false);
    await clock.advance(1);
    await clock.settle();
    expect(isDone).toBe(true);
  });

  test("that hangs leaves half of the time that the attempt has for the work", async () => {
    const clock = createVirtualClock();
    const { log } = listening();
    const counted = counting((_input, _calls, ctx) => sleep(400, ctx).then(() => clock.now()));
    const cached = withCache(counted.agent, { store: brokenStore({ get: hang, set: hang }) });
    const tight = withPolicy(cached, { timeoutMs: 1_000 });
    // Half of a second for get, 400 ms for the work, and half of the remaining 100 ms for set.
    expect(await clock.until(tight.run("x", { clock, log }))).toBe(900);
    expect(clock.now()).toBe(950);
    expect(clock.pendingTimers).toBe(0);
  });

  test("whose failure a broken log is told of fails no run", async () => {
    const log: Log = { debug: fail, info: fail, warn: fail, error: fail, with: () => log };
    const cached = withCache(counting().agent, { store: brokenStore({ get: fail }) });
    expect(await cached.run("x", { log })).toBe("x");
  });

  test.each([["get"], ["set"]] as const)(
    "that hangs at %s is left at once by a run that is given up on",
    async (call) => {
      const clock = createVirtualClock();
      const { lines, log } = listening();
      const ends: ((error: Error) => void)[] = [];
      const store = brokenStore({ [call]: () => new Promise((_resolve, end) => void ends.push(end)) });
      const controller = new AbortController();
      const cached = withCache(counting().agent, { store });
      const running = cached.tryRun("x", { clock, log, signal: controller.signal });
      await clock.settle();
      expect(ends).toHaveLength(1);
      controller.abort();
      expect(await running).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
      expect(clock.pendingTimers).toBe(0);
      for (const end of ends) end(new Error("too late to matter"));
      await clock.settle();
      expect(lines).toEqual([]);
    },
  );

  test("is asked for the input as it was, though it takes its time and the input changes", async () => {
    const clock = createVirtualClock();
    const asked: string[] = [];
    const set: string[] = [];
    const store = brokenStore({
      set: (key) => void set.push(key.text),
      get: async (key) => {
        await Promise.resolve();
        asked.push(key.text);
        return undefined;
      },
    });
    const counted = counting((input) => (input as { n: number }).n);
    const cached = withCache(counted.agent, { store, key: (input) => input });
    const input = { n: 1 };
    const running = cached.run(input, { clock });
    input.n = 2;
    expect(await running).toBe(2);
    expect(asked).toEqual([expect.stringMatching(/"key"\]\{"n":1\}$/)]);
    // What came out belongs to neither input.
    expect(set).toEqual([]);
  });

  test("that answers after it was given up on changes nothing", async () => {
    const clock = createVirtualClock();
    const { log } = listening();
    let answer = (_entry: CacheEntry): void => {};
    const store = brokenStore({
      get: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const counted = counting((_input, calls) => calls);
    const cached = withCache(counted.agent, { store });
    expect(await clock.until(cached.run("x", { clock, log }))).toBe(1);
    answer({ output: 99, storedAtMs: clock.timestamp(), expiresAtMs: clock.timestamp() + 1_000 });
    await clock.settle();
    expect(counted.calls).toBe(1);
  });
});

test.each([
  ["by itself", (agent: Agent<string, string>) => agent],
  ["with a policy", (agent: Agent<string, string>) => withPolicy(agent, { retry: { attempts: 2 } })],
])("an agent %s may give a thenable that is no promise", async (_how, wrap) => {
  let calls = 0;
  const odd = defineAgent({
    name: "odd",
    description: "Gives a thenable whose `then` gives nothing back, and calls back twice.",
    input: z.string(),
    output: z.string(),
    execute: (text) => {
      const settle = (resolve: (value: string) => void): void => {
        calls++;
        resolve(text);
        resolve("twice");
      };
      return { then: settle } as never;
    },
  });
  for (const caching of [{}, { key: () => () => {} }]) {
    const { log } = listening();
    const cached = withCache(wrap(odd), caching);
    expect([await cached.run("x", { log }), await cached.run("x", { log })]).toEqual(["x", "x"]);
  }
  expect(calls).toBe(3);
});

describe("as part of something", () => {
  test("it keeps the agent's card, and is described with it inside", () => {
    const agent = defineAgent({
      name: "count-words",
      version: "3.1.0",
      description: "Counts words.",
      capabilities: ["data-transformation"],
      input: Text,
      output: Words,
      execute: ({ text }) => ({ words: text.length }),
    });
    const described = describeAgent(withCache(agent));
    expect(described).toMatchObject({
      name: "count-words",
      version: "3.1.0",
      description: "Counts words.",
      capabilities: ["data-transformation"],
      kind: "cache",
      parts: [{ id: "count-words", name: "count-words" }],
    });
    expect(describeAgent(withCache(agent, {}, { name: "kept" })).name).toBe("kept");
  });

  test("what it did is among the events of a run that keeps some", async () => {
    const clock = createVirtualClock();
    const counted = counting((_input, calls, ctx) => sleep(5, ctx).then(() => calls));
    const cached = withCache(counted.agent);
    const both = pipeline("p").stage("both", parallel({ a: cached, b: cached }));
    const customs = async () => {
      const run = both.start("x", { clock });
      await clock.until(run.result);
      return run.events.snapshot().filter((event) => event.type === "custom");
    };
    expect(await customs()).toMatchObject([{ name: "cache-wait", stage: "both/b", agent: "counting" }]);
    expect(await customs()).toMatchObject([
      { name: "cache-hit", stage: "both/a" },
      { name: "cache-hit", stage: "both/b" },
    ]);
  });

  test("sizes are those of its input and output, also of the attempts inside", async () => {
    const agent = defineAgent({
      name: "a",
      description: "Counts.",
      input: Text,
      output: Words,
      execute: ({ text }) => ({ words: text.length }),
    });
    const chain = pipeline("p").stage(withCache(withPolicy(agent, { retry: { attempts: 2 } })));
    const run = chain.start({ text: "x" }, { measureSizes: true });
    await run.result;
    const sizes = { inputBytes: 12, outputBytes: 11 };
    expect(run.report().stages).toMatchObject([{ id: "a", ...sizes, stages: [{ id: "a", ...sizes }] }]);
  });

  test("the boundary after it is parsed as after any stage, and its output is the next one's own", async () => {
    const seen: unknown[] = [];
    const agent = defineAgent({
      name: "a",
      description: "Hands on.",
      input: Text,
      output: Text,
      execute: (i) => i,
    });
    const changing = defineAgent({
      name: "b",
      description: "Changes its input.",
      input: Text,
      output: Text,
      execute: (input) => {
        seen.push({ ...input });
        input.text += "!";
        return input;
      },
    });
    const chain = pipeline("p").stage(withCache(agent)).stage(changing);
    for (let round = 0; round < 3; round++) expect(await chain.run({ text: "x" })).toEqual({ text: "x!" });
    expect(seen).toEqual([{ text: "x" }, { text: "x" }, { text: "x" }]);
  });
});
