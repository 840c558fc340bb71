import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  AtomicAgent,
  branch,
  branchOn,
  Budget,
  cacheKeyOf,
  CircuitBreaker,
  ConcurrencyLimit,
  createLog,
  createResources,
  defineAgent,
  fallback,
  FileCache,
  loop,
  mapItems,
  MemoryCache,
  MemoryRunStore,
  parallel,
  pipeline,
  pipelineOf,
  pool,
  RateLimit,
  recover,
  recordFromJson,
  resource,
  runAll,
  Secret,
  sleep,
  systemClock,
  withCache,
  withCircuitBreaker,
  withConcurrencyLimit,
  withPolicy,
  withRateLimit,
  withUndo,
  zip,
} from "./index.ts";

const Text = z.object({ text: z.string() });
const parts = {
  name: "ok",
  description: "Hands on.",
  input: Text,
  output: Text,
  execute: (input: { readonly text: string }) => ({ ...input }),
};
const ok = defineAgent(parts);

/** As a program in JavaScript would call it. */
const loose = (called: unknown) => called as (...given: readonly unknown[]) => unknown;
const on = (target: object, method: string) => loose((target as Readonly<Record<string, unknown>>)[method]);

const newBreaker = loose((options: never) => new CircuitBreaker(options));
const newConcurrencyLimit = loose((options: never) => new ConcurrencyLimit(options));
const newRateLimit = loose((options: never) => new RateLimit(options));

/** Values that are no number of milliseconds or no count. */
const notMs = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 1e300, "5", null, 5n];
const notCount = [...notMs, 1.5];

type Case = readonly [string, () => unknown];

function named(name: string, values: readonly unknown[], call: (value: unknown) => unknown): readonly Case[] {
  return values.map((value) => [`${name}: ${show(value)}`, () => call(value)]);
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** Fails with `CONFIG`, whether it throws, rejects or gives a failure. */
async function configErrorOf(call: () => unknown) {
  let failure: unknown;
  try {
    const result = await call();
    failure = (result as { readonly error?: unknown } | undefined)?.error;
  } catch (thrown) {
    failure = thrown;
  }
  expect(failure).toMatchObject({
    name: "AtomicError",
    code: "CONFIG",
    retryable: false,
    details: {
      path: expect.any(String) as unknown,
      expected: expect.any(String) as unknown,
      got: expect.any(String) as unknown,
    },
  });
  // The check above says that it is one.
  return failure as { readonly message: string; readonly hint: string };
}

describe.each<[string, readonly Case[]]>([
  [
    "defineAgent",
    [
      ...named("definition", [undefined, null, 5, "x", []], (value) => loose(defineAgent)(value)),
      ...named("name", [undefined, null, "", " ", "a/b", "a\nb", "a\u001b[31m", "x".repeat(201), 5], (name) =>
        loose(defineAgent)({ ...parts, name }),
      ),
      ...named("description", [undefined, null, "", " ", 5], (description) =>
        loose(defineAgent)({ ...parts, description }),
      ),
      ...named("version", [null, "", 1], (version) => loose(defineAgent)({ ...parts, version })),
      ...named("capabilities", [null, "x", [""], [5], {}], (capabilities) =>
        loose(defineAgent)({ ...parts, capabilities }),
      ),
      ...named("input", [undefined, null, {}, 5, { type: "object" }], (input) =>
        loose(defineAgent)({ ...parts, input }),
      ),
      ...named("output", [undefined, null, {}, "object"], (output) =>
        loose(defineAgent)({ ...parts, output }),
      ),
      ...named("execute", [undefined, null, "x", {}], (execute) => loose(defineAgent)({ ...parts, execute })),
      ["a misspelt key", () => loose(defineAgent)({ ...parts, excute: parts.execute })],
    ],
  ],
  [
    "pipeline",
    [
      ...named("name", [undefined, null, "", "a/b", 5], (name) => loose(pipeline)(name)),
      ...named("options", [null, 5, { descripton: "x" }], (options) => loose(pipeline)("p", options)),
      ...named("stage", [undefined, null, 5, "id", {}, () => {}], (value) =>
        on(pipeline("p"), "stage")(value),
      ),
      ...named("stage after an id", [undefined, null, {}], (value) =>
        on(pipeline("p"), "stage")("id", value),
      ),
      ...named("id", ["", " ", "a/b"], (id) => on(pipeline("p"), "stage")(id, ok)),
      ...named("policy", [null, 5, "stop", { timeout: 5 }], (policy) =>
        on(pipeline("p"), "stage")(ok, policy),
      ),
      ...named("timeoutMs", notMs, (timeoutMs) => on(pipeline("p"), "stage")(ok, { timeoutMs })),
      ...named("onError", [null, "skip", 5], (onError) => on(pipeline("p"), "stage")(ok, { onError })),
      ...named("retry", [null, 3, {}, { attempts: 2, delay: 5 }], (retry) =>
        on(pipeline("p"), "stage")(ok, { retry }),
      ),
      ...named("attempts", notCount, (attempts) => on(pipeline("p"), "stage")(ok, { retry: { attempts } })),
      ...["baseDelayMs", "maxDelayMs"].flatMap((key) =>
        named(key, [-1, Number.NaN, 2 ** 31, "5", null], (value) =>
          on(pipeline("p"), "stage")(ok, { retry: { attempts: 2, [key]: value } }),
        ),
      ),
      ...named("factor", [0, 0.5, Number.NaN, 1_001, "2", null], (factor) =>
        on(pipeline("p"), "stage")(ok, { retry: { attempts: 2, factor } }),
      ),
      ...named("jitter", [null, true, "half"], (jitter) =>
        on(pipeline("p"), "stage")(ok, { retry: { attempts: 2, jitter } }),
      ),
      ...named("when", [null, true, "always"], (when) =>
        on(pipeline("p"), "stage")(ok, { retry: { attempts: 2, when } }),
      ),
      ["an id twice", () => pipeline("p").stage(ok).stage(ok)],
      [
        "an id twice, by map",
        () =>
          pipeline("p")
            .stage("map", ok)
            .map((value) => value, Text, { id: "map" }),
      ],
      ...named("map", [undefined, null, {}], (value) => on(pipeline("p").stage(ok), "map")(value, Text)),
      ...named("map's schema", [undefined, null, {}], (schema) =>
        on(pipeline("p").stage(ok), "map")((value: unknown) => value, schema),
      ),
      ...named("map's options", [null, 5, { ids: "x" }, { id: "" }], (options) =>
        on(pipeline("p").stage(ok), "map")((value: unknown) => value, Text, options),
      ),
      ...named("use", [undefined, null, {}], (value) => on(pipeline("p"), "use")(value)),
    ],
  ],
  [
    "pipelineOf",
    [
      ...named("name", [undefined, "", 5], (name) => loose(pipelineOf)(name, [ok])),
      ...named("agents", [undefined, null, [], [null], [{}], 5], (agents) => loose(pipelineOf)("p", agents)),
      ...named("options", [null, { foo: 1 }], (options) => loose(pipelineOf)("p", [ok], options)),
    ],
  ],
  [
    "parallel",
    [
      ...named(
        "slots",
        [undefined, null, {}, { a: null }, { a: {} }, { "": ok }, { "a/b": ok }, [ok], ok],
        (slots) => loose(parallel)(slots),
      ),
      ["a slot with the name of the prototype", () => loose(parallel)(JSON.parse('{"__proto__":1}'))],
      ...named("options", [null, 5, { concurency: 1 }], (options) => loose(parallel)({ ok }, options)),
      ...named("name", [null, "", "a/b", 5], (name) => loose(parallel)({ ok }, { name })),
      ...named("concurrency", notCount, (concurrency) => loose(parallel)({ ok }, { concurrency })),
      ...named("settled", [null, 1, "yes"], (settled) => loose(parallel)({ ok }, { settled })),
    ],
  ],
  [
    "branch and branchOn",
    [
      ...named("choose", [undefined, null, "ok"], (choose) => loose(branch)(choose, { ok })),
      ...named("key", [undefined, null, "", 5], (key) => loose(branchOn)(key, { ok })),
      ...[loose(branch), loose(branchOn)].flatMap((called) => {
        const first = called === loose(branch) ? () => "ok" : "kind";
        return [
          ...named("cases", [undefined, null, {}, { a: null }, [ok], ok], (cases) => called(first, cases)),
          ...named("options", [null, { concurrency: 1 }], (options) => called(first, { ok }, options)),
          ...named("name", ["", 5], (name) => called(first, { ok }, { name })),
        ];
      }),
    ],
  ],
  [
    "fallback",
    [
      ...named("agents", [undefined, null, [], [null], [ok, 5], ok, { ok }], (agents) =>
        loose(fallback)(agents),
      ),
      ...named("options", [null, { settled: true }, { name: "" }], (options) =>
        loose(fallback)([ok], options),
      ),
    ],
  ],
  [
    "mapItems",
    [
      ...named("agent", [undefined, null, {}], (agent) => loose(mapItems)(agent)),
      ...named("options", [null, { limit: 1 }, { name: "" }], (options) => loose(mapItems)(ok, options)),
      ...named("concurrency", notCount, (concurrency) => loose(mapItems)(ok, { concurrency })),
      ...named("settled", [null, 1], (settled) => loose(mapItems)(ok, { settled })),
    ],
  ],
  [
    "zip",
    [
      ...named("agents", [undefined, null, 5, "ab", {}, { a: ok }, [], [null], [ok, {}]], (agents) =>
        loose(zip)(agents),
      ),
      ...named("options", [null, 5, { concurency: 1 }, { name: "" }], (options) => loose(zip)([ok], options)),
      ...named("concurrency", notCount, (concurrency) => loose(zip)([ok], { concurrency })),
      ...named("settled", [null, 1, "yes"], (settled) => loose(zip)([ok], { settled })),
    ],
  ],
  [
    "loop",
    [
      ...named("agent", [undefined, null, {}, [ok]], (agent) => loose(loop)(agent, { until: () => true })),
      ...named(
        "settings",
        [undefined, null, 5, () => true, {}, { until: () => true, rounds: 1 }],
        (settings) => loose(loop)(ok, settings),
      ),
      ...named("until", [undefined, null, true, "done"], (until) => loose(loop)(ok, { until })),
      ...named("maxRounds", notCount, (maxRounds) => loose(loop)(ok, { until: () => true, maxRounds })),
      ...named("options", [null, { maxRounds: 1 }, { name: "" }], (options) =>
        loose(loop)(ok, { until: () => true }, options),
      ),
    ],
  ],
  [
    "pool",
    [
      ...named(
        "replicas",
        [undefined, null, 5, "ab", {}, ok, [], [null], [ok, 5], [{}], [{ agent: {} }]],
        (replicas) => loose(pool)(replicas),
      ),
      ["a replica with a misspelt key", () => loose(pool)([{ agent: ok, capasity: 1 }])],
      ["a replica that is a hole", () => loose(pool)(Array.from({ length: 2 }))],
      ...named("capacity", notCount, (capacity) => loose(pool)([{ agent: ok, capacity }])),
      ...named("options", [null, 5, { concurrency: 1 }, { name: "" }], (options) =>
        loose(pool)([ok], options),
      ),
      ...named(
        "strategy",
        [null, 5, "", "random", "toString", () => 0, {}, { name: "x" }, { choose: () => 0 }],
        (strategy) => loose(pool)([ok], { strategy }),
      ),
      ...named("maxWaiting", [-1, 1.5, Number.NaN, 2 ** 31, "5", null], (maxWaiting) =>
        loose(pool)([ok], { maxWaiting }),
      ),
      ...named("maxWaitMs", notMs, (maxWaitMs) => loose(pool)([ok], { maxWaitMs })),
    ],
  ],
  [
    "recover and withPolicy",
    [
      ...named("recover's agent", [undefined, null, {}], (agent) => loose(recover)(agent, () => {})),
      ...named("toOutput", [undefined, null, {}], (toOutput) => loose(recover)(ok, toOutput)),
      ...named("recover's options", [{ concurrency: 1 }, { name: "" }], (options) =>
        loose(recover)(ok, () => {}, options),
      ),
      ...named("withPolicy's agent", [undefined, null, {}], (agent) => loose(withPolicy)(agent, {})),
      ...named("policy", [null, 5, { timeout: 1 }, { onError: "pass" }, { retry: null }], (policy) =>
        loose(withPolicy)(ok, policy),
      ),
      ...named("withPolicy's options", [{ concurrency: 1 }, { name: "" }], (options) =>
        loose(withPolicy)(ok, {}, options),
      ),
    ],
  ],
  [
    "withCache, MemoryCache and FileCache",
    [
      ...named("agent", [undefined, null, {}], (agent) => loose(withCache)(agent)),
      ...named("caching", [null, 5, { maxAge: 1 }, new MemoryCache()], (caching) =>
        loose(withCache)(ok, caching),
      ),
      ...named("store", [null, 5, {}, { get: () => {} }], (store) => loose(withCache)(ok, { store })),
      ...named("maxAgeMs", notMs, (maxAgeMs) => loose(withCache)(ok, { maxAgeMs })),
      ...named("config", [() => {}, Symbol("x"), new Secret("abcdef"), [new Error("x")]], (config) =>
        loose(withCache)(ok, { config }),
      ),
      ...named("key", [null, "id", {}], (key) => loose(withCache)(ok, { key })),
      ...named("options", [null, { concurrency: 1 }, { name: "" }], (options) =>
        loose(withCache)(ok, {}, options),
      ),
      ...named("memory options", [null, 5, { maxEntry: 1 }], (options) =>
        loose((value: never) => new MemoryCache(value))(options),
      ),
      ...["maxEntries", "maxBytes"].flatMap((key) =>
        named(key, notCount, (count) => loose((value: never) => new MemoryCache(value))({ [key]: count })),
      ),
      ...named("file options", [undefined, null, 5, {}, { folder: "x", max: 1 }], (options) =>
        loose((value: never) => new FileCache(value))(options),
      ),
      ...named("folder", [null, "", 5, "a\0b"], (folder) =>
        loose((value: never) => new FileCache(value))({ folder }),
      ),
      ...named("files", notCount, (maxEntries) =>
        loose((value: never) => new FileCache(value))({ folder: "x", maxEntries }),
      ),
      ...named("key's agent", [undefined, null, "ok", {}], (agent) => loose(cacheKeyOf)(agent, "x")),
      ...named("key's options", [null, 5, { of: "output" }, { config: () => {} }, { key: 1 }], (options) =>
        loose(cacheKeyOf)(ok, "x", options),
      ),
    ],
  ],
  [
    "runAll",
    [
      ...named("pairs", [undefined, null, 5, [null], [[null, 1]], [ok]], (pairs) => loose(runAll)(pairs)),
      ...named("options", [null, { concurency: 1 }], (options) => loose(runAll)([], options)),
      ...named("concurrency", notCount, (concurrency) => loose(runAll)([], { concurrency })),
    ],
  ],
  [
    "run options",
    (["run", "tryRun", "start"] as const).flatMap((way) => {
      const run = (options: unknown) => loose(ok[way])({ text: "" }, options);
      return [
        ...named(`${way} options`, [null, 5, "x", { timeout: 5 }, { onError: "stop" }], run),
        ...named(`${way} signal`, [null, {}, 5], (signal) => run({ signal })),
        ...named(`${way} timeoutMs`, notMs, (timeoutMs) => run({ timeoutMs })),
        ...named(`${way} maxRetries`, [-1, 1.5, Number.NaN, "5", null], (maxRetries) => run({ maxRetries })),
        ...named(
          `${way} budget`,
          [null, 5, { tokens: -1 }, { tokens: Number.NaN }, { tokenz: 1 }],
          (budget) => run({ budget }),
        ),
        ...named(`${way} clock`, [null, {}, 5, { now: () => 0 }, Date], (clock) => run({ clock })),
        ...named(`${way} random`, [null, 5], (random) => run({ random })),
        ...named(`${way} log`, [null, 5, {}], (log) => run({ log })),
        ...named(`${way} metadata`, [null, 5, "x", []], (metadata) => run({ metadata })),
        ...named(`${way} store`, [null, 5, {}, { save: true }], (store) => run({ store })),
        ...named(`${way} resources`, [null, 5, {}, [], { close: () => {} }], (resources) =>
          run({ resources }),
        ),
        ...named(`${way} measureSizes`, [null, 0, "yes", {}], (measureSizes) => run({ measureSizes })),
        ...named(`${way} tracer`, [null, 5, {}, { startSpan: () => {} }], (tracer) => run({ tracer })),
        ...named(`${way} metrics`, [null, 5, {}, { stage: () => {} }], (metrics) => run({ metrics })),
        ...["requestId", "userId", "sessionId"].flatMap((key) =>
          named(`${way} ${key}`, [null, 5, {}], (id) => run({ [key]: id })),
        ),
      ];
    }),
  ],
  [
    "resource, createResources and ctx.use",
    (() => {
      const create = () => "made";
      const made = (definition: unknown) => loose(resource)("db", definition);
      const using = (asked: unknown) =>
        defineAgent({ ...parts, execute: (_input, ctx) => loose(ctx.use)(asked) as never }).run({ text: "" });
      return [
        ...named("name", [undefined, null, "", " ", 5, {}], (name) => loose(resource)(name, { create })),
        ...named("definition", [undefined, null, 5, "x", () => {}], made),
        ...named("create", [undefined, null, "x", {}], (value) => made({ create: value })),
        ...named("dispose", [null, "x", {}], (dispose) => made({ create, dispose })),
        ...named("bind", [null, "x", {}], (bind) => made({ create, bind })),
        ...named("timeoutMs", notMs, (timeoutMs) => made({ create, timeoutMs })),
        ["a misspelt key", () => made({ create, timeout: 5 })],
        ...named("pool", [null, 5, {}, { sise: 2 }, { size: 2, maxWait: 1 }], (pool) =>
          made({ create, pool }),
        ),
        ...named("size", notCount, (size) => made({ create, pool: { size } })),
        ...named("maxWaitMs", notMs, (maxWaitMs) => made({ create, pool: { size: 1, maxWaitMs } })),
        ...named("maxWaiting", [-1, 1.5, Number.NaN, "5", null], (maxWaiting) =>
          made({ create, pool: { size: 1, maxWaiting } }),
        ),
        ...named("options", [null, 5, { override: [] }], loose(createResources)),
        ...named(
          "overrides",
          [null, 5, {}, [null], [[]], [["db", 1]], [[{}, 1]], [[resource("db", { create })]]],
          (overrides) => loose(createResources)({ overrides }),
        ),
        ...named("clock", [null, 5, {}], (clock) => loose(createResources)({ clock })),
        ...named("log", [null, 5, {}], (log) => loose(createResources)({ log })),
        ...named("what is used", [undefined, null, 5, "db", {}], using),
      ];
    })(),
  ],
  [
    "withUndo",
    [
      ...named("agent", [undefined, null, {}], (agent) => loose(withUndo)(agent, () => {})),
      ...named("undo", [undefined, null, {}, "x"], (undo) => loose(withUndo)(ok, undo)),
      ...named("options", [null, 5, { retry: { attempts: 2 } }], (options) =>
        loose(withUndo)(ok, () => {}, options),
      ),
      ...named("name", ["", " ", "a/b", 5], (name) => loose(withUndo)(ok, () => {}, { name })),
    ],
  ],
  [
    "CircuitBreaker and withCircuitBreaker",
    [
      ...named("options", [null, 5, "x", { failure: 1 }], (options) => newBreaker(options)),
      ...["failures", "trials"].flatMap((key) =>
        named(key, notCount, (value) => newBreaker({ [key]: value })),
      ),
      ...named("window", [...notCount, 10_001], (window) => newBreaker({ window })),
      ...named("ratio", [0, -0.5, 1.1, Number.NaN, "0.5", null], (ratio) => newBreaker({ ratio })),
      ...named("openMs", notMs, (openMs) => newBreaker({ openMs })),
      ...["counts", "onChange"].flatMap((key) =>
        named(key, [null, true, "all"], (value) => newBreaker({ [key]: value })),
      ),
      ...named("agent", [undefined, null, {}], (agent) => loose(withCircuitBreaker)(agent)),
      ...named("breaker", [null, 5, {}, { failures: 1 }], (breaker) =>
        loose(withCircuitBreaker)(ok, breaker),
      ),
      ...named("a breaker of another kind", [new ConcurrencyLimit({ max: 1 })], (breaker) =>
        loose(withCircuitBreaker)(ok, breaker),
      ),
      ...named("options of the agent", [null, { failures: 1 }, { name: "" }], (options) =>
        loose(withCircuitBreaker)(ok, undefined, options),
      ),
    ],
  ],
  [
    "ConcurrencyLimit and withConcurrencyLimit",
    [
      ...named("options", [undefined, null, 5, {}, { max: 1, maxWait: 1 }], (options) =>
        newConcurrencyLimit(options),
      ),
      ...named("max", [undefined, ...notCount], (max) => newConcurrencyLimit({ max })),
      ...named("maxWaiting", [-1, 1.5, Number.NaN, "5", null], (maxWaiting) =>
        newConcurrencyLimit({ max: 1, maxWaiting }),
      ),
      ...named("maxWaitMs", notMs, (maxWaitMs) => newConcurrencyLimit({ max: 1, maxWaitMs })),
      ...named("agent", [undefined, null, {}], (agent) =>
        loose(withConcurrencyLimit)(agent, new ConcurrencyLimit({ max: 1 })),
      ),
      ...named("limit", [undefined, null, 5, { max: 1 }, new CircuitBreaker()], (limit) =>
        loose(withConcurrencyLimit)(ok, limit),
      ),
      ...named("options of the agent", [null, { max: 1 }, { name: "" }], (options) =>
        loose(withConcurrencyLimit)(ok, new ConcurrencyLimit({ max: 1 }), options),
      ),
    ],
  ],
  [
    "RateLimit and withRateLimit",
    [
      ...named("options", [undefined, null, 5, {}, { limit: 1, perMs: 1, max: 1 }], (options) =>
        newRateLimit(options),
      ),
      ...named("limit", [undefined, ...notCount], (limit) => newRateLimit({ limit, perMs: 1_000 })),
      ...named("perMs", [undefined, ...notMs], (perMs) => newRateLimit({ limit: 1, perMs })),
      ...named("burst", notCount, (burst) => newRateLimit({ limit: 1, perMs: 1_000, burst })),
      ...named("maxWaiting", [-1, 1.5, Number.NaN, "5", null], (maxWaiting) =>
        newRateLimit({ limit: 1, perMs: 1_000, maxWaiting }),
      ),
      ...named("maxWaitMs", notMs, (maxWaitMs) => newRateLimit({ limit: 1, perMs: 1_000, maxWaitMs })),
      ...named("agent", [undefined, null, {}], (agent) =>
        loose(withRateLimit)(agent, new RateLimit({ limit: 1, perMs: 1_000 })),
      ),
      ...named("limit around an agent", [undefined, null, 5, new ConcurrencyLimit({ max: 1 })], (limit) =>
        loose(withRateLimit)(ok, limit),
      ),
      ...named("options of the agent", [null, { limit: 1 }, { name: "" }], (options) =>
        loose(withRateLimit)(ok, new RateLimit({ limit: 1, perMs: 1_000 }), options),
      ),
    ],
  ],
  [
    "Budget, sleep and createLog",
    [
      ...named(
        "limits",
        [null, 5, { tokenz: 1 }, { calls: -1 }, { money: Number.NaN }, { tokens: "5" }],
        (limits) => loose((value: never) => new Budget(value))(limits),
      ),
      ...named("amounts", [{ calls: -1 }, { money: Number.NaN }, { tokens: "5" }], (amounts) =>
        loose((value: never) => new Budget().spend(value))(amounts),
      ),
      ...named("delayMs", [-1, Number.NaN, 2 ** 31, "5", null], (delayMs) =>
        loose(sleep)(delayMs, { clock: systemClock, signal: new AbortController().signal }),
      ),
      ...named("level", ["loud", null, 5, "toString"], (level) => loose(createLog)({ level })),
    ],
  ],
  [
    "logs, secrets and run stores",
    [
      ...named("createLog's options", [null, 5, { lvel: "info" }], (options) => loose(createLog)(options)),
      ...named("write", [null, 5, {}], (write) => loose(createLog)({ write })),
      ...named("fields", [null, 5, "x", [1]], (fields) => loose(createLog)({ fields })),
      ...named("with's fields", [undefined, null, 5, "x", [1]], (fields) => on(createLog(), "with")(fields)),
      ...named("redactKeys", [null, "token", [5], [""], ["-_"], {}], (redactKeys) =>
        loose(createLog)({ redactKeys }),
      ),
      ...named("maxLineBytes", [...notCount, 1_023, 2 ** 24 + 1], (maxLineBytes) =>
        loose(createLog)({ maxLineBytes }),
      ),
      ...named("createLog's clock", [null, 5, {}], (clock) => loose(createLog)({ clock })),
      ...named("secret", [undefined, null], (value) => new Secret(value)),
      ...named("label", [null, "", " ", 5, "x".repeat(101), "my hunter2!"], (label) =>
        loose((given: never) => new Secret("hunter2", given))(label),
      ),
      ...named("MemoryRunStore's options", [null, 5, { maxRun: 1 }], (options) =>
        loose((given: never) => new MemoryRunStore(given))(options),
      ),
      ...named("maxRuns", notCount, (maxRuns) =>
        loose((given: never) => new MemoryRunStore(given))({ maxRuns }),
      ),
      ...named("retentionMs", notMs, (retentionMs) =>
        loose((given: never) => new MemoryRunStore(given))({ retentionMs }),
      ),
      ...named("MemoryRunStore's clock", [null, 5, {}], (clock) =>
        loose((given: never) => new MemoryRunStore(given))({ clock }),
      ),
      ...named("record", [undefined, null, 5, {}, { report: {} }, { report: { runId: "r" } }], (record) =>
        on(new MemoryRunStore(), "save")(record),
      ),
      ...named("query", [null, 5, { agents: "x" }, { agent: 5 }, { status: "done" }], (query) =>
        on(new MemoryRunStore(), "list")(query),
      ),
      ...named("beforeMs", [null, "5", Number.NaN, Number.POSITIVE_INFINITY, 5n], (beforeMs) =>
        on(new MemoryRunStore(), "list")({ beforeMs }),
      ),
      ...named("limit", notCount, (limit) => on(new MemoryRunStore(), "list")({ limit })),
      ...named("record of JSON", [undefined, null, 5, "x", {}, []], (json) => recordFromJson(json)),
      ...(["metrics", "store"] as const).flatMap((key) =>
        named(`a run's ${key}`, [null, 5, {}], (value) => ok.tryRun({ text: "" }, { [key]: value })),
      ),
    ],
  ],
])("%s", (_what, cases) => {
  test.each(cases)("%s", async (_name, call) => {
    const { message, hint } = await configErrorOf(call);
    expect(message).toMatch(/ must be | has two stages /);
    expect(hint).not.toBe("");
  });
});

test("what is left undefined is as if it was not given", async () => {
  const nothing = { name: undefined, description: undefined };
  const policy = { timeoutMs: undefined, retry: undefined, onError: undefined };
  const chain = pipeline("p", { description: undefined, version: undefined, capabilities: undefined })
    .stage(ok, policy)
    .stage("both", parallel({ a: ok }, { ...nothing, concurrency: undefined }))
    .map(({ a }) => a, Text, { id: undefined })
    .stage("steady", withPolicy(ok, policy, {}))
    .stage("once", loop(ok, { until: () => true, maxRounds: undefined }, nothing))
    .stage(
      pool([{ agent: ok, capacity: undefined }], {
        ...nothing,
        strategy: undefined,
        maxWaiting: undefined,
        maxWaitMs: undefined,
      }),
    )
    .stage("tried", fallback([ok], nothing));
  const options = {
    signal: undefined,
    timeoutMs: undefined,
    budget: undefined,
    maxRetries: undefined,
    requestId: undefined,
    clock: undefined,
    random: undefined,
    log: undefined,
    metadata: undefined,
    store: undefined,
    resources: undefined,
    measureSizes: undefined,
  };
  expect(await chain.run({ text: "a" }, options)).toEqual({ text: "a" });
});

test("a message names the place, what was expected and what came", () => {
  expect(() => on(pipeline("p"), "stage")("tidy", ok, { timeoutMs: -1 })).toThrow(
    'Pipeline "p", stage "tidy": timeoutMs must be a number of milliseconds from 1 to 2147483647, got -1',
  );
  expect(() => loose(parallel)({ ok, bad: 5 })).toThrow("parallel: bad must be an agent, got 5");
  expect(() => loose(parallel)([ok])).toThrow(
    "parallel: agents must be an object of agents by name, got an array",
  );
  const named = [
    () => loose(loop)(ok, { until: () => true, name: "again" }),
    () => loose(withCache)(ok, { name: "again" }),
    () => loose(withPolicy)(ok, { timeoutMs: 5, name: "again" }),
  ];
  for (const call of named) expect(call).toThrow('name must be in the argument after this one, got "again"');
  expect(() => loose(fallback)(ok, ok)).toThrow(
    "fallback: agents must be an array of agents, got a value of type object",
  );
  expect(() => loose(defineAgent)({ ...parts, inptu: Text })).toThrow(
    'Agent "ok": inptu must be one of name, description, version, capabilities, input, output, execute, got "inptu"',
  );
});

test("a class whose parts are wrong says so when it is first run, not when it is made", async () => {
  class Nameless extends AtomicAgent<typeof Text, typeof Text> {
    readonly name = "";
    readonly description = "Has no name.";
    readonly input = Text;
    readonly output = Text;
    protected execute(input: { text: string }) {
      return input;
    }
  }
  const agent = new Nameless();
  const result = await agent.tryRun({ text: "" });
  expect(result).toMatchObject({ ok: false, error: { code: "CONFIG", details: { path: "name" } } });
  if (!result.ok) expect(result.error.message).toContain("Agent class Nameless");
});
