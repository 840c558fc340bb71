import { AtomicError, createLog, defineAgent, pipeline, recover } from "@atomic-agents/core";
import { fromValibot } from "@atomic-agents/contracts/valibot";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { scriptedAgent } from "../scripted-agent.ts";
import { createVirtualClock } from "../virtual-clock.ts";
import { type BehaviourResult, conformance } from "./conformance.ts";
import { formatConformance } from "./format-conformance.ts";

const Order = z.object({ item: z.string().min(1), count: z.int().min(1).max(99) });

const price = (isFaulty: (order: z.output<typeof Order>) => boolean) =>
  defineAgent({
    name: "price",
    description: "Prices an order.",
    input: Order,
    output: z.object({ total: z.int() }),
    execute: (order) => {
      if (isFaulty(order)) throw new RangeError("out of stock");
      return { total: order.count * 5 };
    },
  });
const good = price(() => false);

/** A schema that hands on the very value it was given. */
const jsonOnly = (json: Readonly<Record<string, unknown>>) => {
  const validate = (value: unknown) => ({ value });
  const jsonSchema = { input: () => json, output: () => json };
  return { "~standard": { version: 1, vendor: "test", validate, jsonSchema } } as const;
};

const problems = (results: readonly BehaviourResult[]) =>
  results
    .filter((result) => result.status !== "passed")
    .map(({ id, status, detail }) => `${id} ${status}: ${detail}`);

describe("without inputs of its own, an agent gets those that are made of its schema", () => {
  test("and all behaviours can be seen, but for what it gives no occasion for", async () => {
    const results = await conformance(good);
    expect(problems(results)).toEqual([
      "stops-when-aborted not-applicable: it does not wait for anything, so there is nothing to stop",
    ]);
    const details = Object.fromEntries(results.map(({ id, detail }) => [id, detail]));
    expect(details).toMatchObject({
      "accepts-valid": "3 inputs",
      "takes-generated": "100 inputs",
      "refuses-near-misses": expect.stringMatching(/^1\d\d inputs, wrong in \d+ ways$/) as unknown,
    });
  });

  test("a composed agent too, and one that makes outputs of what its parts refuse", async () => {
    const composed = pipeline("shop")
      .stage(good)
      .map(({ total }) => ({ cents: total * 100 }), z.object({ cents: z.int() }));
    expect(problems(await conformance(composed))).toEqual([
      "refuses-invalid not-applicable: no invalid inputs were given, and none were made",
      "says-what-is-wrong not-applicable: no invalid inputs were given, and none were made",
      "stops-when-aborted not-applicable: it does not wait for anything, so there is nothing to stop",
      "refuses-alike not-applicable: no invalid input was given",
      "refuses-once not-applicable: no invalid input was given",
    ]);
    const safe = recover(good, () => ({ total: 0 }));
    expect(problems(await conformance(safe, { only: ["refuses-near-misses"] }))).toEqual([
      "refuses-near-misses not-applicable: what its schema refuses becomes an output, or is refused by one of its parts",
    ]);
  });

  test("as many as are asked for", async () => {
    const calls = scriptedAgent({
      name: "counted",
      input: Order,
      output: z.null(),
      script: [{ output: null }],
    });
    const only = ["takes-generated"] as const;
    await conformance(calls, { runs: 7, only });
    expect(calls.calls).toHaveLength(7);
    const [none] = await conformance(calls, { valid: [{ item: "a", count: 1 }], runs: 0, only });
    expect(none).toMatchObject({
      status: "not-applicable",
      detail: "no inputs were made: none were asked for",
    });
    expect(calls.calls).toHaveLength(7);
  });

  test("or is not run, where none can be made, and the rest is looked at all the same", async () => {
    const dated = defineAgent({
      name: "dated",
      description: "Takes a Date.",
      input: z.object({ at: z.date() }),
      output: z.number(),
      execute: ({ at }) => at.getTime(),
    });
    const results = await conformance(dated);
    const seen = results.filter((result) => result.status === "passed").map((result) => result.id);
    expect(seen).toEqual(["describes-itself", "survives-hostile", "well-named", "stays-described"]);
    expect(results[0]?.detail).toMatch(
      /^no valid input was given, and none can be made: its input has no JSON Schema: .*Date/,
    );
    // With an input of the caller's own it is looked at as any agent.
    const failed = (await conformance(dated, { valid: [{ at: new Date(0) }] })).filter(
      (result) => result.status === "failed",
    );
    expect(failed).toEqual([]);
  });

  test("without what need not be there and cannot be made, which is said", async () => {
    const partly = defineAgent({
      name: "partly",
      description: "Takes a word that is hard to find.",
      input: z.object({
        count: z.int(),
        code: z
          .string()
          .regex(/^(?=a{9}$)(?!b).*$/)
          .optional(),
      }),
      output: z.null(),
      execute: () => null,
    });
    const [result] = await conformance(partly, { only: ["takes-generated"] });
    expect(result?.detail).toMatch(
      /^100 inputs; left out: Cannot generate .* pattern at #\/properties\/code: no text was found/,
    );
  });

  test("unless its own checks refuse nearly all of them, which ends as well", async () => {
    const picky = defineAgent({
      name: "picky",
      description: "Takes one word.",
      input: z.object({ word: z.string().refine((word) => word === "xyzzy") }),
      output: z.null(),
      execute: () => null,
    });
    const results = await conformance(picky, { only: ["accepts-valid", "takes-generated"] });
    expect(problems(results)).toEqual([
      "accepts-valid not-applicable: no valid input was given, and none can be made: its input schema took none of those that were made",
      expect.stringMatching(
        /^takes-generated not-applicable: no inputs were made: given up after \d+ that say nothing$/,
      ),
    ]);
    const even = defineAgent({
      name: "even",
      description: "Takes even numbers.",
      input: z.int().refine((count) => count % 2 === 0),
      output: z.null(),
      execute: () => null,
    });
    const [passed] = await conformance(even, { only: ["takes-generated"] });
    expect(passed?.detail).toMatch(/^100 inputs, \d+ left out$/);
  });
});

describe("a generated input that fails", () => {
  const faulty = price(({ count }) => count >= 30);

  test("is made as small as it can be, and comes again with its seed", async () => {
    const look = (seed: number) => conformance(faulty, { seed, only: ["takes-generated"] });
    const [first] = await look(5);
    expect(first).toMatchObject({
      status: "failed",
      counterexample: {
        input: { count: 30, item: expect.stringMatching(/^.$/su) as unknown },
        expected: "an output",
        got: 'EXECUTION: Agent "price" threw: out of stock',
        seed: 5,
      },
    });
    expect(first?.detail).toContain("count: 30");
    expect((await look(5))[0]?.counterexample).toEqual(first?.counterexample);
    expect((await look(6))[0]?.counterexample).toMatchObject({ input: { count: 30 }, seed: 6 });
  });

  test("shows in the table", async () => {
    const results = await conformance(faulty, { only: ["takes-generated"] });
    expect(formatConformance(results)).toMatch(
      /21 {2}FAILED {2}takes-generated .*\n +\{ item: .*, count: 30 \}: expected an output, got EXECUTION/,
    );
  });

  test("in a near miss says what is wrong with it", async () => {
    const lenient = {
      ...good,
      tryRun: (input: never) =>
        good.tryRun("item" in Object(input) && !("count" in Object(input)) ? { item: "a", count: 1 } : input),
    };
    const [result] = await conformance(lenient, { only: ["refuses-near-misses"] });
    expect(result).toMatchObject({
      status: "failed",
      counterexample: {
        expected: "VALIDATION_INPUT with an issue at count (count: missing)",
        got: "the output { total: 5 }",
      },
    });
    expect(Object.keys(result?.counterexample?.input as object)).toEqual(["item"]);
  });

  test("in a near miss is one that the schema itself takes for wrong there", async () => {
    const nothing = { output: z.null(), execute: () => null, description: "Takes it." };
    // Takes an array for a record, and counts the length of a text in code units.
    const lax = fromValibot(
      v.object({ name: v.pipe(v.string(), v.maxLength(3)), all: v.record(v.string(), v.number()) }),
    );
    const only = ["refuses-near-misses"] as const;
    const passed = await conformance(defineAgent({ ...nothing, name: "lax", input: lax }), {
      only,
      runs: 500,
    });
    expect(problems(passed)).toEqual([]);
    // Says that something is wrong, and never where.
    const validate = (value: unknown) =>
      Order.safeParse(value).success ? { value } : { issues: [{ message: "no" }] };
    const vague = { "~standard": { ...Order["~standard"], validate } };
    const [failed] = await conformance(defineAgent({ ...nothing, name: "vague", input: vague }), { only });
    expect(failed?.counterexample).toMatchObject({
      expected: expect.stringMatching(/^VALIDATION_INPUT with an issue at (item|count) /) as unknown,
      got: expect.stringMatching(/\(at the input itself\)$/) as unknown,
    });
  });

  test("is shown as it was made, whatever the agent does to it", async () => {
    const grabber = defineAgent({
      name: "grabber",
      description: "Changes what it is given, and fails.",
      input: jsonOnly({ type: "array", items: { const: "mine" }, minItems: 2, maxItems: 2 }),
      output: z.null(),
      execute: (list): null => {
        (list as string[]).length = 0;
        throw new Error("grabbed");
      },
    });
    const [result] = await conformance(grabber, { only: ["takes-generated"] });
    expect(result?.counterexample?.input).toEqual(["mine", "mine"]);
  });
});

describe("it all comes to an end", () => {
  const never = scriptedAgent({
    name: "never",
    input: Order,
    output: z.null(),
    script: [{ never: true, ignoreAbort: true }],
  });

  test("a behaviour that takes too long fails", async () => {
    const [result] = await conformance(never, { limitMs: 800, only: ["takes-generated"] });
    expect(result).toMatchObject({ status: "failed" });
    expect(result?.detail).toBe("the first generated input had no outcome within 400 ms");
    const [hung] = await conformance(never, {
      patienceMs: 10,
      runs: 3,
      limitMs: 4_000,
      only: ["takes-generated"],
    });
    expect(hung?.counterexample).toMatchObject({
      expected: "an outcome",
      got: "tryRun: nothing came within 10 ms",
    });
    const [late] = await conformance(never, { limitMs: 20, only: ["accepts-valid"] });
    expect(late).toMatchObject({ status: "failed", detail: "it was not over within 20 ms" });
  });

  test("when the signal aborts: what runs is cancelled, and nothing more is begun", async () => {
    const controller = new AbortController();
    const ids: string[] = [];
    const aborting = scriptedAgent({
      name: "aborting",
      input: Order,
      output: z.null(),
      script: [
        () => {
          controller.abort(new Error("enough"));
          return new Promise<never>(() => {});
        },
      ],
    });
    const running = conformance(aborting, {
      only: ["describes-itself", "takes-generated", "well-named"],
      signal: controller.signal,
      onResult: ({ id }) => ids.push(id),
    });
    await expect(running).rejects.toSatisfy(
      (error) => AtomicError.isInstance(error, "CANCELLED") && /enough/.test(error.message),
    );
    expect(ids).toEqual(["describes-itself"]);
    expect(aborting.calls).toMatchObject([{ aborted: true }]);
    await expect(conformance(good, { signal: AbortSignal.abort("no") })).rejects.toThrow(/cancelled: no/);
  });

  test("each result is told as it comes, and logs go where they should", async () => {
    const lines: string[] = [];
    const talker = defineAgent({
      name: "talker",
      description: "Logs each run.",
      input: Order,
      output: z.null(),
      execute: (_input, ctx) => {
        ctx.log.warn("working");
        return null;
      },
    });
    const told: BehaviourResult[] = [];
    const begun: unknown[] = [];
    const given: unknown[] = [];
    const results = await conformance(talker, {
      valid: [
        { item: "a", count: 1 },
        { item: "b", count: 2 },
      ],
      onStart: ({ id }) => begun.push(id),
      onInput: (input) => given.push(input),
      clock: createVirtualClock(),
      only: ["accepts-valid", "well-named"],
      log: createLog({ write: (line) => lines.push(line) }),
      onResult: (result) => told.push(result),
    });
    expect(told).toEqual(results);
    expect(begun).toEqual(["accepts-valid", "well-named"]);
    expect(given).toEqual([
      { item: "a", count: 1 },
      { item: "b", count: 2 },
    ]);
    expect(lines).toHaveLength(2);
  });

  test.each([
    [{ runs: -1 }],
    [{ runs: 1.5 }],
    [{ seed: Number.NaN }],
    [{ seed: 2 ** 31 }],
    [{ limitMs: -1 }],
    [{ log: {} }],
    [{ signal: {} }],
    [{ onStart: 1 }],
    [{ onInput: {} }],
    [{ onResult: "tell" }],
  ])("refuses the options %o", async (options) => {
    await expect(conformance(good, options as never)).rejects.toSatisfy((error) =>
      AtomicError.isInstance(error, "CONFIG"),
    );
  });
});
