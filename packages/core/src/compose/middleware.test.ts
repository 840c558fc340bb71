import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent, type Middleware, parallel, pipeline, type StageInfo, untyped } from "../index.ts";

const Text = z.object({ text: z.string() });
const agent = (name: string, execute: (text: string) => string) =>
  defineAgent({
    name,
    description: "Changes text.",
    input: Text,
    output: Text,
    execute: ({ text }) => ({ text: execute(text) }),
  });
const shout = agent("shout", (text) => text.toUpperCase());
const dot = agent("dot", (text) => `${text}.`);

test("the first that was given is the outermost, around every stage, those before it too", async () => {
  const steps: string[] = [];
  const noting =
    (name: string): Middleware =>
    (next, stage) =>
    async (input, ctx) => {
      steps.push(`${name}>${stage.id}`);
      const output = await next(input, ctx);
      steps.push(`${stage.id}>${name}`);
      return output;
    };
  const chain = pipeline("p").use(noting("outer")).stage(shout).use(noting("inner")).stage(dot);
  expect(await chain.run({ text: "a" })).toEqual({ text: "A." });
  expect(steps).toEqual(
    ["shout", "dot"].flatMap((id) => [`outer>${id}`, `inner>${id}`, `${id}>inner`, `${id}>outer`]),
  );
});

test("it is made once a stage, at the first run, and told where it stands", async () => {
  const stages: StageInfo[] = [];
  const looking: Middleware = (next, stage) => {
    stages.push(stage);
    return next;
  };
  const chain = pipeline("p").stage(shout).stage("end", dot).use(looking);
  expect(stages).toEqual([]);
  await chain.run({ text: "a" });
  await chain.run({ text: "b" });
  expect(stages).toEqual([
    { pipeline: "p", id: "shout", agent: shout },
    { pipeline: "p", id: "end", agent: dot },
  ]);
});

test("an attempt goes through middleware, input check, code, output check; each attempt anew", async () => {
  const clock = createVirtualClock();
  const steps: string[] = [];
  const note = (step: string) => () => {
    steps.push(step);
    return true;
  };
  let calls = 0;
  const noisy = defineAgent({
    name: "noisy",
    description: "Notes its steps.",
    input: z.string().refine(note("input")),
    output: z.string().refine(note("output")),
    execute: (text) => {
      note("execute")();
      if (++calls === 1) throw new Error("busy");
      return text;
    },
  });
  const around: Middleware = (next) => async (input, ctx) => {
    steps.push("before");
    try {
      return await next(input, ctx);
    } finally {
      steps.push("after");
    }
  };
  const chain = pipeline("p")
    .stage(noisy, { retry: { attempts: 2 } })
    .use(around);
  await clock.until(chain.run("a", { clock }));
  const first = ["before", "input", "execute", "after"];
  expect(steps).toEqual([...first, ...first, "output"]);
});

describe("it may", () => {
  test("change the input, which the stage then checks", async () => {
    const changing: Middleware = (next) => (input, ctx) =>
      next({ ...(input as object), text: "changed" }, ctx);
    expect(await pipeline("p").stage(shout).use(changing).run({ text: "a" })).toEqual({ text: "CHANGED" });
    const breaking: Middleware = (next) => (_input, ctx) => next({ text: 5 }, ctx);
    expect(await pipeline("p").stage(shout).use(breaking).tryRun({ text: "a" })).toMatchObject({
      error: {
        code: "VALIDATION_INPUT",
        stage: "shout",
        details: { issues: [{ path: "text", got: "number 5" }] },
      },
    });
  });

  test("answer in the stage's place, and what it gives is checked, also around composed agents", async () => {
    const answering =
      (answer: unknown): Middleware =>
      () =>
      () =>
        answer;
    expect(
      await pipeline("p")
        .stage(shout)
        .use(answering({ text: "b", more: 1 }))
        .run({ text: "a" }),
    ).toEqual({
      text: "b",
    });
    const both = pipeline("p").stage(parallel({ shout, dot }));
    const slots = { shout: { text: "x" }, dot: { text: "y" } };
    expect(await both.use(answering({ ...slots, other: 1 })).run({ text: "a" })).toEqual(slots);
    for (const chain of [pipeline("p").stage(shout), both]) {
      const result = await untyped(chain).tryRun({ text: "a" });
      expect(result.ok).toBe(true);
      const broken = untyped(chain.use(answering({ text: 5 })));
      expect(await broken.tryRun({ text: "a" })).toMatchObject({ error: { code: "VALIDATION_OUTPUT" } });
    }
  });

  test("refuse by throwing, and try again by calling next twice", async () => {
    const refusing: Middleware = () => () => {
      throw new Error("not allowed");
    };
    expect(await pipeline("p").stage(shout).use(refusing).tryRun({ text: "a" })).toMatchObject({
      error: { code: "EXECUTION", stage: "shout", details: { thrown: "not allowed" } },
    });
    let calls = 0;
    const flaky = agent("flaky", (text) => {
      if (++calls === 1) throw new Error("busy");
      return text;
    });
    const again: Middleware = (next) => async (input, ctx) => {
      try {
        return await next(input, ctx);
      } catch {
        return next(input, ctx);
      }
    };
    expect(await pipeline("p").stage(flaky).use(again).run({ text: "a" })).toEqual({ text: "a" });
  });

  test("give a thenable of another make", async () => {
    const odd: Middleware = () => () => ({
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then: (resolve: (value: unknown) => void) => {
        resolve({ text: "first" });
        resolve({ text: "second" });
      },
    });
    expect(await pipeline("p").stage(shout).use(odd).stage(dot).run({ text: "a" })).toEqual({
      text: "first",
    });
  });
});

describe("a check in a schema that throws is a broken contract, with and without middleware", () => {
  const passOn: Middleware = (next) => next;
  const broken = (): boolean => {
    throw new Error("broken check");
  };
  const brokenLater = (): Promise<boolean> => Promise.resolve().then(broken);
  const custom = (validate: () => never) =>
    ({
      "~standard": { version: 1, vendor: "custom", validate: validate as () => { value: string } },
    }) as const;
  const schemas = {
    "at once": z.string().refine(broken),
    "from a schema of another make": custom(() => {
      throw new Error("broken check");
    }),
    "later, from a schema of another make": custom((() => brokenLater()) as unknown as () => never),
  };

  test.each(Object.entries(schemas))("%s", async (_how, schema) => {
    const onInput = defineAgent({
      name: "a",
      description: "Hands on.",
      input: schema,
      output: z.any(),
      execute: (x) => x,
    });
    const onOutput = defineAgent({
      name: "a",
      description: "Hands on.",
      input: z.any(),
      output: schema,
      execute: () => "x",
    });
    for (const [each, code] of [
      [onInput, "VALIDATION_INPUT"],
      [onOutput, "VALIDATION_OUTPUT"],
    ] as const) {
      const chain = pipeline("p").stage(untyped(each));
      for (const tried of [chain, chain.use(passOn)]) {
        expect(await tried.tryRun("x")).toMatchObject({
          ok: false,
          error: { code, stage: "a", cause: { message: "broken check" } },
        });
      }
    }
  });
});

const broken: readonly (readonly [string, Middleware, string])[] = [
  [
    "throws when it is made",
    () => {
      throw new Error("factory");
    },
    "factory",
  ],
  // What a program in JavaScript may give.
  ["gives no function", (() => undefined) as unknown as Middleware, "a middleware that gives a function"],
];

test.each(broken)("a middleware that %s is CONFIG", async (_how, middleware, text) => {
  const chain = pipeline("p").stage(shout).use(middleware);
  const config = {
    code: "CONFIG",
    details: { path: "use" },
    message: expect.stringContaining(text) as string,
  };
  expect(await chain.tryRun({ text: "a" })).toMatchObject({ ok: false, error: config });
  expect(() => chain.start({ text: "a" })).toThrow(expect.objectContaining({ code: "CONFIG" }));
});
