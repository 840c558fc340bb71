import type { AnySchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { fromValibot } from "@atomic-agents/contracts/valibot";
import { AtomicError, createLog, defineAgent, pipeline } from "@atomic-agents/core";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { remoteAgent } from "../client/remote-agent.ts";
import type { ServeOptions } from "../server/options.ts";
import { type RunningService, serve } from "../server/serve.ts";

const quiet = createLog({ level: "error", write: () => {} });
const settings: ServeOptions = { port: 0, handleSignals: false, drainDelayMs: 0, log: quiet };

async function started(
  agents: Parameters<typeof serve>[0],
  options: ServeOptions = {},
): Promise<RunningService> {
  const service = await serve(agents, { ...settings, ...options });
  onTestFinished(service.close);
  return service;
}

function agentOf(input: AnySchema, output: AnySchema, execute: (given: unknown) => unknown = () => null) {
  return defineAgent({ name: "odd", description: "For tests.", input, output, execute });
}

async function refusalOf(input: AnySchema, output: AnySchema): Promise<AtomicError<"CONFIG">> {
  const error: unknown = await started(agentOf(input, output)).then(
    () => "it is served",
    (thrown: unknown) => thrown,
  );
  if (!AtomicError.isInstance(error, "CONFIG")) throw new Error(`not refused: ${String(error)}`);
  return error;
}

const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});
const text = z.string();
class Point {}

const notJson: readonly (readonly [name: string, schema: AnySchema, path: string, what: string])[] = [
  ["a Date of Zod", z.object({ items: z.array(z.object({ at: z.date() })) }), "items[].at", "a Date"],
  ["a Map of Zod", z.map(text, text), "", "a Map"],
  ["a Set of Zod", z.object({ a: z.set(text).optional() }), "a", "a Set"],
  ["a bigint of Zod", z.tuple([text, z.bigint()]), "[1]", "a bigint"],
  ["a symbol of Zod", z.record(text, z.symbol()), "*", "a symbol"],
  ["undefined of Zod", z.undefined(), "", "undefined"],
  ["void of Zod", z.void(), "", "undefined"],
  ["NaN of Zod", z.union([z.number(), z.nan()]), "|1", "NaN"],
  ["a class of Zod", z.object({ point: z.instanceof(Point).nullable() }), "point", "a Point"],
  ["a Date by its class", z.instanceof(Date), "", "a Date"],
  ["a function of Zod", z.object({ run: z.function() as unknown as z.ZodType }), "run", "a function"],
  ["a Promise of Zod", z.promise(text), "", "a Promise"],
  ["a bigint literal of Zod", z.literal(1n), "", "a bigint"],
  ["a Date of ArkType", type({ items: type({ at: "Date" }).array() }), "items[].at", "a Date"],
  ["a Map of ArkType", type({ a: "Map" }), "a", "a Map"],
  ["a Set of ArkType", type("Set"), "", "a Set"],
  ["a bigint of ArkType", type({ "a?": "bigint" }), "a", "a bigint"],
  ["a symbol of ArkType", type("symbol"), "", "a symbol"],
  ["undefined of ArkType", type("undefined"), "", "undefined"],
  ["a class of ArkType", type({ point: type.instanceOf(Point) }), "point", "a Point"],
  ["a Date of Valibot", fromValibot(v.object({ a: v.array(v.date()) })), "a[]", "a Date"],
  ["a Map of Valibot", fromValibot(v.map(v.string(), v.string())), "", "a Map"],
  ["a Set of Valibot", fromValibot(v.object({ a: v.optional(v.set(v.string())) })), "a", "a Set"],
  ["a bigint of Valibot", fromValibot(v.nullable(v.bigint())), "", "a bigint"],
  ["a symbol of Valibot", fromValibot(v.symbol()), "", "a symbol"],
  ["undefined of Valibot", fromValibot(v.undefined()), "", "undefined"],
  ["NaN of Valibot", fromValibot(v.tuple([v.nan()])), "[0]", "NaN"],
  ["a class of Valibot", fromValibot(v.instance(Point)), "", "a Point"],
  ["a function of Valibot", fromValibot(v.object({ run: v.function() })), "run", "a function"],
  ["a Date of Valibot without a JSON Schema", v.object({ at: v.date() }), "at", "a Date"],
];

describe("an agent whose contract is not JSON", () => {
  it.each(notJson)("is not served: %s", async (_, schema, path, what) => {
    const place = path === "" ? "" : ` at ${path}`;
    for (const side of ["input", "output"] as const) {
      const error = await refusalOf(side === "input" ? schema : text, side === "output" ? schema : text);
      expect(error).toMatchObject({
        message: `serve: the ${side} of agent "odd" is not JSON${place}, and cannot go over a wire: ${what} is not JSON`,
        details: { path: `${side}${place}`, expected: "JSON", got: what },
        hint: expect.stringMatching(/^(Use|Leave|Describe) /) as string,
      });
    }
  });

  it("is not served where a codec makes what is not JSON of what it gives", async () => {
    const error = await refusalOf(z.object({ day: date }), z.object({ day: date }));
    expect(error.message).toContain('the output of agent "odd" is not JSON at day');
    const parsed = fromValibot(v.object({ day: v.pipe(v.string(), v.toDate()) }));
    expect((await refusalOf(parsed, parsed)).details.path).toBe("output at day");
    const morph = type({ day: "string.date.parse" });
    expect((await refusalOf(morph, morph)).details.path).toBe("output at day");
  });

  it("is not served as one of several, nor as part of a pipeline that takes or gives it", async () => {
    const good = defineAgent({
      name: "good",
      description: "d",
      input: text,
      output: text,
      execute: () => "",
    });
    const dated = agentOf(z.string(), z.date(), () => new Date(0));
    await expect(started([good, dated])).rejects.toThrow('the output of agent "odd" is not JSON');
    const line = pipeline("line").stage(good).stage(dated);
    await expect(started(line)).rejects.toThrow('the output of agent "line" is not JSON');
  });

  it("tells how many more places there are", async () => {
    const schema = z.object({ at: z.date(), seen: z.set(text), any: z.custom<string>() });
    expect((await refusalOf(schema, text)).message).toMatch(/at at, .*: a Date is not JSON \(and 1 more\)$/);
  });

  it("is served where only what is inside of it is not", async () => {
    const parse = defineAgent({
      name: "parse",
      description: "Makes a Date.",
      input: text,
      output: z.date(),
      execute: (given) => new Date(given),
    });
    const year = defineAgent({
      name: "year",
      description: "Gives the year.",
      input: z.date(),
      output: z.int(),
      execute: (at) => at.getUTCFullYear(),
    });
    const { url } = await started(pipeline("year-of").stage(parse).stage(year));
    await using remote = await remoteAgent(url);
    expect(await remote.run("2024-05-06")).toBe(2024);
  });
});

describe("an input that becomes what is not JSON", () => {
  const inputs: readonly (readonly [string, AnySchema, unknown])[] = [
    ["by z.coerce", z.object({ at: z.coerce.date() }), { at: "2024-05-06T00:00:00Z" }],
    ["by z.coerce of a number", z.object({ at: z.coerce.date() }), { at: 1_714_953_600_000 }],
    ["by a codec", z.object({ at: date }), { at: "2024-05-06T00:00:00Z" }],
    [
      "by a transform",
      z.object({ at: text.transform((given) => new Date(given)) }),
      { at: "2024-05-06T00:00:00Z" },
    ],
    ["by a morph", type({ at: "string.date.parse" }), { at: "2024-05-06T00:00:00Z" }],
    [
      "by a pipe of Valibot",
      fromValibot(v.object({ at: v.pipe(v.string(), v.toDate()) })),
      { at: "2024-05-06T00:00:00Z" },
    ],
  ];
  it.each(inputs)("is called at a service like here: %s", async (_, input, given) => {
    const told: string[] = [];
    const log = createLog({ level: "warn", write: (line) => void told.push(line) });
    // Whatever the vendor, it is what the schema makes of it.
    const yearOf = (value: unknown): number => (value as { readonly at: Date }).at.getUTCFullYear();
    const { url } = await started(agentOf(input, z.int(), yearOf), { log });
    await using remote = await remoteAgent(url);
    expect(await remote.run(given)).toBe(2024);
    expect(told).toEqual([]);
  });
});

describe("a contract that does not say what is there", () => {
  async function warnings(...agents: ReturnType<typeof agentOf>[]): Promise<readonly unknown[]> {
    const told: unknown[] = [];
    const log = createLog({ level: "warn", write: (line) => void told.push(JSON.parse(line)) });
    await started(agents, { log });
    return told;
  }

  it("is served, and the log says so once", async () => {
    const named = (name: string, input: AnySchema, output: AnySchema) =>
      defineAgent({ name, description: "For tests.", input, output, execute: () => null });
    const told = await warnings(
      named("plain", z.unknown(), z.object({ a: text.optional() })),
      named("open", z.any(), z.object({ a: z.array(z.unknown()), b: z.looseObject({}) })),
      named("made", z.custom<string>(), text.transform(Number)),
      named("bare", v.string(), fromValibot(v.any())),
      named("ark", type("unknown"), type("unknown")),
      named("schema", text, fromJsonSchema({ prefixItems: [{}], items: false, contains: {} })),
    );
    const custom = "what z.custom takes is not known to be JSON";
    const anything = "anything may be there";
    expect(told).toEqual([
      expect.objectContaining({
        message: expect.stringContaining("do not say that all is JSON") as string,
        count: 8,
        places: [
          { agent: "open", side: "output", path: "a[]", reason: anything },
          { agent: "open", side: "output", path: "b.*", reason: anything },
          { agent: "made", side: "input", path: "", reason: custom },
          {
            agent: "made",
            side: "output",
            path: "",
            reason: "the result of a transform is not known to be JSON",
          },
          { agent: "bare", side: "input", path: "", reason: expect.stringContaining("valibot") as string },
          { agent: "bare", side: "output", path: "", reason: anything },
          { agent: "ark", side: "output", path: "", reason: anything },
          { agent: "schema", side: "output", path: "[0]", reason: anything },
        ],
      }),
    ]);
  });

  it("says nothing where all is said", async () => {
    const output = z.object({ a: text.optional(), b: z.record(text, z.json()), c: z.literal([1, null]) });
    expect(await warnings(agentOf(z.unknown(), output))).toEqual([]);
  });

  class Private {
    readonly #secret = 1;
    get secret(): number {
      return this.#secret;
    }
  }
  const circle: { a?: unknown } = {};
  circle.a = circle;
  const lost: readonly (readonly [string, unknown, string, string])[] = [
    ["NaN", { a: [1, Number.NaN] }, "a[1]", "NaN"],
    ["an infinite number", Number.POSITIVE_INFINITY, "", "Infinity"],
    ["a Map", { a: new Map([["b", 1]]) }, "a", "a Map"],
    ["a Set", new Set([1]), "", "a Set"],
    ["a bigint", [1n], "[0]", "a bigint"],
    ["undefined in a list", [undefined], "[0]", "undefined"],
    ["a function", { run: () => 1 }, "run", "a function"],
    ["a symbol", Symbol("s"), "", "a symbol"],
    ["an Error", { error: new TypeError("canary") }, "error", "a TypeError"],
    ["a RegExp", /a/, "", "a RegExp"],
    ["bytes", new Uint8Array(2), "", "a Uint8Array"],
    ["a Promise", { a: Promise.resolve(1) }, "a", "a Promise"],
    ["a Date of no time", new Date(Number.NaN), "", "a Date of no time"],
    ["what a class keeps to itself", new Private(), "", "a Private"],
    ["what contains itself", circle, "", "a value of more than 1000 levels"],
  ];
  it.each(lost)("answers %s with an error rather than without it", async (_, output, path, got) => {
    const agent = agentOf(z.unknown(), z.unknown(), () => output);
    const { url } = await started(agent, { exposeErrors: true });
    const headers = { "content-type": "application/json" };
    const message = path === "" ? "must be JSON" : `must be JSON at ${path}`;
    const issues = [{ path: "", message, expected: "JSON", got }];
    const problem = { code: "VALIDATION_OUTPUT", details: { issues } };
    const whole = await fetch(`${url}/execute`, { method: "POST", headers, body: '{"input":1}' });
    expect([whole.status, await whole.json()]).toEqual([502, expect.objectContaining(problem)]);
    const stream = await fetch(`${url}/stream`, { method: "POST", headers, body: '{"input":1}' });
    const last = (await stream.text()).trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last.replace("data: ", ""))).toMatchObject(problem);
    const records = await fetch(`${url}/records`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: "1\n",
    });
    expect(await records.json()).toMatchObject({ index: 0, error: problem });
    const later = await fetch(`${url}/execute`, {
      method: "POST",
      headers: { ...headers, prefer: "respond-async" },
      body: '{"input":1}',
    });
    const run = await fetch(new URL(later.headers.get("location") ?? "", url));
    expect([run.status, await run.json()]).toEqual([502, expect.objectContaining(problem)]);
    await using remote = await remoteAgent(url);
    expect(await remote.tryRun(1)).toMatchObject({ ok: false, error: problem });
  });

  it("does not tell what or where it is, unless errors are shown", async () => {
    const { url } = await started(agentOf(z.unknown(), z.unknown(), () => ({ canary: new Map() })));
    await using remote = await remoteAgent(url);
    expect(await remote.tryRun(1)).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_OUTPUT", details: { issues: [{ path: "", got: "not shown" }] } },
    });
  });

  it("gives what JSON has another form for in that form", async () => {
    class Row {
      static {
        Object.assign(this.prototype, { run: () => 1 });
      }
      readonly a = 1;
      readonly none = undefined;
    }
    const given = {
      at: new Date(0),
      row: new Row(),
      bare: Object.create(null) as object,
      url: new URL("a:b"),
      own: { toJSON: () => "own" },
    };
    const { url } = await started(agentOf(z.unknown(), z.unknown(), () => given));
    await using remote = await remoteAgent(url);
    expect(await remote.run(1)).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      row: { a: 1 },
      bare: {},
      url: "a:b",
      own: "own",
    });
  });
});
