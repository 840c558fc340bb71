import { AssertionError } from "node:assert";
import {
  AtomicAgent,
  AtomicError,
  branch,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  recover,
  withPolicy,
} from "@atomic-agents/core";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { scriptedAgent } from "../scripted-agent.ts";
import { createVirtualClock } from "../virtual-clock.ts";
import { behaviours } from "./behaviours.ts";
import { conformance } from "./conformance.ts";
import { expectConforms } from "./expect-conforms.ts";

const Text = z.object({ text: z.string() });
const Words = z.object({ words: z.int() });

const clean = defineAgent({
  name: "clean",
  description: "Trims text.",
  input: Text,
  output: Text,
  execute: ({ text }) => ({ text: text.trim() }),
});
const countWords = defineAgent({
  name: "count-words",
  description: "Counts words.",
  input: Text,
  output: Words,
  execute: async ({ text }) => {
    await Promise.resolve();
    return { words: text.split(/\s+/).filter(Boolean).length };
  },
});

class Counter extends AtomicAgent<typeof Text, typeof Words> {
  readonly name = "counter";
  readonly description = "Counts its calls.";
  readonly input = Text;
  readonly output = Words;
  #calls = 0;

  protected execute(_input: z.output<typeof Text>): z.input<typeof Words> {
    this.#calls++;
    return { words: this.#calls };
  }
}

const valid = [{ text: " two words " }, { text: "" }, { text: "\ud83d\ude00 one" }];
const invalid = [{ text: 1 }, {}, "text", null, undefined];

describe("agents that do what they should", () => {
  test("the list is of sixty behaviours, numbered and named", () => {
    expect(behaviours.map((behaviour) => behaviour.number)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    expect(new Set(behaviours.map((behaviour) => behaviour.id)).size).toBe(60);
  });

  describe.each([
    ["an agent", clean],
    ["an agent that waits", countWords],
    ["a class", new Counter()],
    ["a pipeline", pipeline("tidy-count").stage(clean).stage(countWords, { timeoutMs: 1_000 })],
    [
      "a pipeline that maps",
      pipeline("mapped")
        .stage(clean)
        .map(({ text }) => text.length, z.int()),
    ],
    ["a parallel", parallel({ words: countWords, text: clean })],
    ["a branch", branch(({ text }) => (text === "" ? "none" : "some"), { none: clean, some: countWords })],
    ["a policy", withPolicy(countWords, { retry: { attempts: 2 }, timeoutMs: 500 })],
    ["an agent in an agent", pipeline("outer").stage(pipeline("inner").stage(parallel({ text: clean })))],
  ])("%s", (_, agent) => {
    test.each(behaviours)("$number $id: $title", async ({ id }) => {
      await expect(expectConforms(agent, { valid, invalid, only: [id] })).resolves.toHaveLength(1);
    });
  });

  test("mapItems conforms", async () => {
    const options = { valid: [valid, []], invalid: [[{ text: 1 }], "items", null, valid[0]] };
    await expect(expectConforms(mapItems(countWords, { concurrency: 2 }), options)).resolves.toHaveLength(
      behaviours.length,
    );
    await expect(
      expectConforms(mapItems(countWords, { settled: true }), { valid: [valid], invalid: ["items"] }),
    ).resolves.toHaveLength(behaviours.length);
  });

  test("what turns failures into outputs conforms where no invalid input is given", async () => {
    await expectConforms(
      recover(clean, () => ({ text: "" })),
      { valid },
    );
    await expect(
      expectConforms(parallel({ clean, countWords }, { settled: true }), { valid }),
    ).resolves.toHaveLength(behaviours.length);
    const broken = scriptedAgent({ name: "broken", input: Text, output: Text, script: [{ error: "no" }] });
    await expect(expectConforms(fallback([broken, clean]), { valid })).resolves.toHaveLength(
      behaviours.length,
    );
  });

  test("an agent whose waits are on its clock is driven without waiting", async () => {
    const clock = createVirtualClock();
    const slow = scriptedAgent({
      name: "slow",
      input: Text,
      output: Words,
      script: [{ delayMs: 30_000, output: { words: 1 } }],
    });
    const results = await expectConforms(pipeline("slow-pipeline").stage(clean).stage(slow), {
      valid,
      invalid,
      clock,
    });
    expect(results.filter((result) => result.status !== "passed")).toEqual([]);
    const alone = await expectConforms(slow, { valid, invalid, clock });
    expect(alone.filter((result) => result.status !== "passed")).toEqual([]);
    expect(slow.running).toBe(0);
  });

  test("schemas that transform, fill in and strip conform", async () => {
    const agent = defineAgent({
      name: "lengthen",
      description: "Gives a length by its schema.",
      input: z.object({ text: z.string().trim().default("none") }),
      output: z.object({ text: z.string().transform((text) => text.length), at: z.date().optional() }),
      execute: ({ text }) => ({ text }),
    });
    await expect(
      expectConforms(agent, { valid: [{}, { text: " a " }], invalid: [{ text: 1 }] }),
    ).resolves.toHaveLength(behaviours.length);
  });
});

describe("what cannot be seen is not applicable, and says why", () => {
  test("without invalid inputs", async () => {
    const results = await conformance(clean, { valid, runs: 0 });
    const statuses = Object.fromEntries(results.map(({ id, status }) => [id, status]));
    expect(statuses).toMatchObject({
      "refuses-invalid": "not-applicable",
      "says-what-is-wrong": "not-applicable",
    });
  });

  test("with inputs that are no objects, and code that does not wait", async () => {
    const agent = defineAgent({
      name: "shout",
      description: "Turns text into capitals.",
      input: z.string(),
      output: z.string(),
      execute: (text) => text.toUpperCase(),
    });
    const results = await expectConforms(agent, { valid: ["a"], invalid: [1] });
    expect(results.filter((result) => result.status === "not-applicable").map((result) => result.id)).toEqual(
      ["leaves-input-alone", "stops-when-aborted", "takes-frozen-input", "outputs-are-own"],
    );
  });
});

describe("expectConforms", () => {
  test("fails with a table that says which and why", async () => {
    const broken = scriptedAgent({
      name: "broken",
      input: Text,
      output: Words,
      script: [{ value: { words: "many" } }],
    });
    const failing = expectConforms(broken, {
      valid,
      only: ["accepts-valid", "refuses-invalid", "describes-itself"],
    });
    await expect(failing).rejects.toThrow(AssertionError);
    await expect(failing).rejects.toThrow(/Agent "broken" does not conform: 1 of 3 behaviours failed\n/);
    await expect(failing).rejects.toThrow(
      / 1 {2}FAILED {2}accepts-valid .*\n +valid\[0\] .* failed with VALIDATION_OUTPUT/,
    );
  });

  test.each([
    [{ valid: [] }],
    [{ valid: "text" }],
    [{ valid, only: ["no-such-behaviour"] }],
    [{ valid, only: [] }],
    [{ valid, patienceMs: Number.NaN }],
    [{ valid, invaild: [] }],
  ])("refuses the options %o", async (options) => {
    await expect(expectConforms(clean, options as never)).rejects.toSatisfy((error) =>
      AtomicError.isInstance(error, "CONFIG"),
    );
  });

  test("says so when an invalid sample is valid", async () => {
    await expect(expectConforms(clean, { valid, invalid: [{ text: "" }] })).rejects.toThrow(
      /accepted by the agent's own input schema/,
    );
  });
});
