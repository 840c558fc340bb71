import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent, type ScriptLine } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  type Result,
  untyped,
  withPolicy,
} from "./index.ts";

const Text = z.object({
  text: z
    .string()
    .max(10_000)
    .refine((text) => text.trim() !== "", "not blank"),
});
const keep = defineAgent({
  name: "keep",
  description: "Hands on.",
  input: Text,
  output: Text,
  execute: (input) => input,
});

/** Every way to put an agent somewhere, with what it needs around its input. */
const surfaces: readonly (readonly [string, (agent: AnyAgent) => AnyAgent, (input: unknown) => unknown])[] = [
  ["alone", (agent) => agent, (input) => input],
  ["in a pipeline", (agent) => pipeline("p").stage(untyped(agent)), (input) => input],
  ["in parallel", (agent) => parallel({ a: agent }), (input) => input],
  ["over items", (agent) => mapItems(untyped(agent)), (input) => [input]],
  ["with a policy", (agent) => withPolicy(untyped(agent), { timeoutMs: 1_000 }), (input) => input],
  [
    "behind middleware",
    (agent) =>
      pipeline("p")
        .stage(untyped(agent))
        .use((next) => next),
    (input) => input,
  ],
];

/** The agent itself, on every surface, by run, tryRun and start. */
async function outcomesOf(agent: AnyAgent, input: unknown): Promise<readonly Result<unknown>[]> {
  const outcomes: Result<unknown>[] = [];
  for (const [, wrap, around] of surfaces) {
    const clock = createVirtualClock();
    const wrapped = untyped(wrap(agent));
    outcomes.push(await clock.until(wrapped.tryRun(around(input), { clock })));
    outcomes.push(await clock.until(wrapped.start(around(input), { clock }).result));
    const thrown = wrapped.run(around(input), { clock }).then(
      (output) => ({ ok: true, output }) as const,
      (error: unknown) => ({ ok: false, error }) as Result<unknown>,
    );
    outcomes.push(await clock.until(thrown));
  }
  return outcomes;
}

describe("a text that the contract takes goes through unchanged", () => {
  test.each([
    ["of the greatest length", "x".repeat(10_000)],
    ["outside the first plane", "👩‍👩‍👧 𝒳"],
    ["with a lone surrogate", "a\ud800b"],
    ["from right to left", "שלום \u202etrap"],
    ["with marks of no width", "a\u200b\u200d\ufeffb"],
    ["with a null character", "a\0b"],
    ["that is a number", "007"],
  ])("%s", async (_name, text) => {
    for (const [, wrap, around] of surfaces) {
      const output = await untyped(wrap(keep)).run(around({ text }));
      expect(JSON.stringify(output)).toContain(JSON.stringify(text));
    }
  });
});

const circular: Record<string, unknown> = { text: 5 };
circular["self"] = circular;
let deep: unknown = "end";
for (let depth = 0; depth < 5_000; depth++) deep = [deep];

describe("an input that the contract does not take is refused, with agent, path, expected, got and hint", () => {
  test.each([
    ["nothing", undefined, ""],
    ["null", null, ""],
    ["a number", Number.NaN, ""],
    ["an array", [], ""],
    ["a function", () => {}, ""],
    ["an empty object", {}, "text"],
    ["a blank text", { text: " \t\n\u00a0" }, "text"],
    ["a text that is too long", { text: "x".repeat(10_001) }, "text"],
    ["a huge number", { text: 1e308 }, "text"],
    ["an object that contains itself", circular, "text"],
    ["an object of great depth", { text: deep }, "text"],
    ["a text by way of __proto__ in JSON", JSON.parse('{"__proto__":{"text":"a"}}'), "text"],
    ["an object without prototype", Object.create(null), "text"],
  ])("%s", async (_name, input, path) => {
    for (const outcome of await outcomesOf(keep, input)) {
      expect(outcome).toMatchObject({
        ok: false,
        error: {
          code: "VALIDATION_INPUT",
          agent: "keep",
          runId: expect.any(String) as unknown,
          retryable: false,
          hint: expect.stringMatching(/.+/) as unknown,
          details: {
            issues: [{ path, message: expect.any(String) as unknown, got: expect.any(String) as unknown }],
          },
        },
      });
      if (!outcome.ok) {
        expect(outcome.error.message.length).toBeLessThan(1_000);
        expect(() => JSON.stringify(outcome.error)).not.toThrow();
      }
    }
  });
});

describe("an agent that does not keep its word ends the run with an error of its own", () => {
  const odd = (line: ScriptLine<unknown, { text: string }>) =>
    withPolicy(scriptedAgent({ name: "odd", output: Text, script: [line] }), { timeoutMs: 100 });

  test.each([
    ["throws a text", { error: "broken" }, "EXECUTION"],
    ["throws nothing", { error: undefined }, "EXECUTION"],
    ["rejects later", { error: new Error("broken"), delayMs: 5 }, "EXECUTION"],
    ["gives the wrong shape", { value: { text: 5 } }, "VALIDATION_OUTPUT"],
    ["gives nothing", { value: undefined }, "VALIDATION_OUTPUT"],
    ["gives what contains itself", { value: circular }, "VALIDATION_OUTPUT"],
    ["gives a function", { value: () => {} }, "VALIDATION_OUTPUT"],
    ["gives the wrong shape later", { value: "late", delayMs: 5 }, "VALIDATION_OUTPUT"],
    ["never ends", { never: true }, "TIMEOUT"],
    ["never ends and ignores the abort", { never: true, ignoreAbort: true }, "TIMEOUT"],
    ["ends too late", { output: { text: "late" }, delayMs: 5_000, ignoreAbort: true }, "TIMEOUT"],
  ] as const)("it %s", async (_name, line, code) => {
    for (const outcome of await outcomesOf(odd(line), "in")) {
      expect(outcome).toMatchObject({
        ok: false,
        error: { code, agent: "odd", hint: expect.stringMatching(/.+/) as unknown },
      });
    }
  });
});

test("a thenable that lies is heard once", async () => {
  const liar = (then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void) =>
    defineAgent({
      name: "liar",
      description: "Gives a thenable.",
      input: anything(),
      output: anything(),
      execute: () => ({ then }),
    });
  const cases = [
    liar((resolve, reject) => {
      resolve("first");
      reject(new Error("second"));
      resolve("third");
    }),
    liar((resolve) => {
      resolve("first");
      throw new Error("after");
    }),
    liar((resolve) => resolve({ then: (again: (value: unknown) => void) => again("first") })),
  ];
  for (const agent of cases) {
    for (const outcome of await outcomesOf(agent, "in")) {
      expect(outcome.ok).toBe(true);
      expect(JSON.stringify(outcome)).toContain('"first"');
    }
  }
  const getter = defineAgent({
    name: "getter",
    description: "Gives what cannot be asked.",
    input: anything(),
    output: anything(),
    execute: () =>
      Object.defineProperty({}, "then", {
        get: () => {
          throw new Error("no");
        },
      }),
  });
  for (const outcome of await outcomesOf(getter, "in")) {
    expect(outcome).toMatchObject({ ok: false, error: { code: "EXECUTION" } });
  }
});

test("what the caller gave is not changed, frozen or not", async () => {
  const rude = defineAgent({
    name: "rude",
    description: "Changes its input.",
    input: z.object({ words: z.array(z.string()) }),
    output: z.object({ words: z.array(z.string()) }),
    execute: (input) => {
      input.words.push("changed");
      return input;
    },
  });
  for (const [, wrap, around] of surfaces) {
    const given = Object.freeze({ words: Object.freeze(["a"]) });
    await untyped(wrap(rude)).run(around(given));
    expect(given).toEqual({ words: ["a"] });
  }
});
