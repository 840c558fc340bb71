import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type Context,
  defineAgent,
  type Handler,
  type Middleware,
  parallel,
  pipeline,
  sleep,
  type StageInfo,
  untyped,
} from "../index.ts";

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

  test("change the output, which is checked, also around composed agents", async () => {
    const giving =
      (output: unknown): Middleware =>
      (next) =>
      async (input, ctx) => {
        await next(input, ctx);
        return output;
      };
    expect(
      await pipeline("p")
        .stage(shout)
        .use(giving({ text: "b", more: 1 }))
        .run({ text: "a" }),
    ).toEqual({
      text: "b",
    });
    const both = pipeline("p").stage(parallel({ shout, dot }));
    const slots = { shout: { text: "x" }, dot: { text: "y" } };
    expect(await both.use(giving({ ...slots, other: 1 })).run({ text: "a" })).toEqual(slots);
    for (const chain of [pipeline("p").stage(shout), both]) {
      const result = await untyped(chain).tryRun({ text: "a" });
      expect(result.ok).toBe(true);
      const broken = untyped(chain.use(giving({ text: 5 })));
      expect(await broken.tryRun({ text: "a" })).toMatchObject({ error: { code: "VALIDATION_OUTPUT" } });
    }
  });

  test("refuse by throwing, and turn a failure into an output", async () => {
    let calls = 0;
    const counted = agent("counted", (text) => {
      calls++;
      return text;
    });
    const refusing: Middleware = () => () => {
      throw new Error("not allowed");
    };
    expect(await pipeline("p").stage(counted).use(refusing).tryRun({ text: "a" })).toMatchObject({
      error: { code: "EXECUTION", stage: "counted", details: { thrown: "not allowed" } },
    });
    expect(calls).toBe(0);
    const failing = agent("failing", () => {
      throw new Error("busy");
    });
    const saving: Middleware = (next) => async (input, ctx) => {
      try {
        return await next(input, ctx);
      } catch (thrown) {
        return { text: (thrown as Error).message };
      }
    };
    expect(await pipeline("p").stage(failing).use(saving).run({ text: "a" })).toEqual({ text: "busy" });
  });

  test("change the input of a function of map, which is checked where a second parse changes nothing", async () => {
    const breaking: Middleware =
      (next, { id }) =>
      (input, ctx) =>
        next(id === "map" ? { text: 5 } : input, ctx);
    const mapped = pipeline("p")
      .stage(shout)
      .map(({ text }) => text.length, z.number());
    expect(await mapped.use(breaking).tryRun({ text: "a" })).toMatchObject({
      error: { code: "VALIDATION_INPUT", stage: "map" },
    });
    const counting = defineAgent({
      name: "counting",
      description: "Counts.",
      input: z.string(),
      output: z.string().transform((text) => text.length),
      execute: (text) => text,
    });
    const chain = pipeline("p")
      .stage(counting)
      .map((length) => length + 1, z.number());
    expect(await chain.use((next) => next).run("four")).toBe(5);
  });

  test("give a thenable of another make, which is asked once", async () => {
    let asked = 0;
    const odd: Middleware = (next) => (input, ctx) => {
      void next(input, ctx);
      return {
        // biome-ignore lint/suspicious/noThenProperty: what is tested
        then: (resolve: (value: unknown) => void) => {
          asked++;
          resolve({ text: "first" });
          resolve({ text: "second" });
        },
      };
    };
    expect(await pipeline("p").stage("s", shout).use(odd).stage(dot).run({ text: "a" })).toEqual({
      text: "first",
    });
    expect(asked).toBe(2);
  });

  test("lie around an agent that gives a thenable of another make, which is asked once", async () => {
    let asked = 0;
    const lazy = defineAgent({
      name: "lazy",
      description: "Begins when somebody asks.",
      input: Text,
      output: Text,
      execute: () => ({
        // biome-ignore lint/suspicious/noThenProperty: what is tested
        then: (resolve?: ((value: { text: string }) => never) | null) => {
          asked++;
          resolve?.({ text: "lazy" });
          return undefined as never;
        },
      }),
    });
    const awaiting: Middleware = (next) => async (input, ctx) => await next(input, ctx);
    expect(await pipeline("p").stage(lazy).use(awaiting).run({ text: "a" })).toEqual({ text: "lazy" });
    expect(asked).toBe(1);
  });
});

test("an async function in place of the outer one is refused, and its rejection ends no process", async () => {
  const handler = async (_input: unknown, _ctx: unknown, next: () => unknown) => next();
  const chain = pipeline("p")
    .stage(shout)
    .use(handler as unknown as Middleware);
  await expect(chain.run({ text: "a" })).rejects.toMatchObject({
    code: "CONFIG",
    hint: "Write .use((next, stage) => (input, ctx) => next(input, ctx)): a function that gives the handler.",
  });
  // Vitest fails on a rejection that nobody handles.
  await createVirtualClock().settle();
});

/** How middleware may break the rule that it calls `next` once and gives its outcome. */
describe("next is called once an attempt", () => {
  const passOn: Middleware = (next) => (input, ctx) => next(input, ctx);
  const wait = (ctx: Context): Promise<void> => sleep(10, ctx);
  const breaches: Readonly<Record<string, readonly [Middleware, string]>> = {
    "never, at once": [() => () => ({ text: "mine" }), "next-never"],
    "never, later": [
      () => async (_input, ctx) => {
        await wait(ctx);
        return { text: "mine" };
      },
      "next-never",
    ],
    "twice, at once": [
      (next) => (input, ctx) => {
        void next(input, ctx);
        return next(input, ctx);
      },
      "next-twice",
    ],
    "twice, later": [
      (next) => async (input, ctx) => {
        await next(input, ctx);
        await wait(ctx);
        return next(input, ctx);
      },
      "next-twice",
    ],
    "twice at the same time": [
      (next) => async (input, ctx) => {
        const [output] = await Promise.all([next(input, ctx), next(input, ctx)]);
        return output;
      },
      "next-twice",
    ],
    "twice, the second swallowed": [
      (next) => async (input, ctx) => {
        const output = await next(input, ctx);
        try {
          await next(input, ctx);
        } catch {
          // What is tested: it counts all the same.
        }
        return output;
      },
      "next-twice",
    ],
    "twice, the second swallowed at once": [
      (next) => (input, ctx) => {
        const output = next(input, ctx);
        try {
          void next(input, ctx);
        } catch {
          // What is tested: it counts all the same.
        }
        return output;
      },
      "next-twice",
    ],
    "twice, and another error in its place": [
      (next) => async (input, ctx) => {
        await next(input, ctx);
        try {
          await next(input, ctx);
        } catch {
          throw new Error("something else");
        }
      },
      "next-twice",
    ],
    "twice, and another error in its place at once": [
      (next) => (input, ctx) => {
        void next(input, ctx);
        try {
          void next(input, ctx);
        } catch {
          throw new Error("something else");
        }
      },
      "next-twice",
    ],
  };
  const later = defineAgent({
    name: "later",
    description: "Takes its time.",
    input: Text,
    output: Text,
    execute: async (input, ctx) => {
      await wait(ctx);
      return input;
    },
  });
  const stages = {
    "an agent": shout,
    "an agent that waits": later,
    "a pipeline": pipeline("inner").stage(shout).stage(dot),
    "a pipeline that waits": pipeline("inner").stage(later).stage(dot),
  };
  const layers: Readonly<Record<string, readonly [around: number, inside: number]>> = {
    alone: [0, 0],
    "as the outermost": [0, 2],
    "in the middle": [1, 1],
    "as the innermost": [2, 0],
  };

  const cases = Object.entries(breaches).flatMap(([how, [middleware, problem]]) =>
    Object.entries(layers).map(([where, [around, inside]]) => {
      const all = [
        ...Array<Middleware>(around).fill(passOn),
        middleware,
        ...Array<Middleware>(inside).fill(passOn),
      ];
      return [how, where, all, problem, around + 1] as const;
    }),
  );
  test.each(cases)("%s, %s", async (_how, _where, middlewares, problem, position) => {
    for (const stage of Object.values(stages)) {
      const clock = createVirtualClock();
      let chain = pipeline("p").stage("s", stage);
      for (const middleware of middlewares) chain = chain.use(middleware);
      expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
        ok: false,
        error: {
          code: "MIDDLEWARE",
          stage: "s",
          retryable: false,
          details: { pipeline: "p", stage: "s", position, problem },
          message: expect.stringMatching(
            new RegExp(`^Middleware ${position} of pipeline "p", around stage "s", `),
          ) as unknown,
        },
      });
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test("an output before next has given its own is a breach, and what comes of next later ends no process", async () => {
    const clock = createVirtualClock();
    const failing = defineAgent({
      name: "failing",
      description: "Fails later, whoever listens.",
      input: Text,
      output: Text,
      execute: (_input, ctx) =>
        new Promise<never>((_resolve, reject) => {
          ctx.clock.setTimer(() => reject(new Error("busy")), 50);
        }),
    });
    const hasty: Middleware = (next) => (input, ctx) => {
      void next(input, ctx);
      return { text: "mine" };
    };
    for (const stage of [failing, pipeline("inner").stage(failing)]) {
      for (const [outer, inner, position] of [
        [hasty, passOn, 1],
        [passOn, hasty, 2],
      ] as const) {
        const chain = pipeline("p").stage("s", stage).use(outer).use(inner);
        expect(await chain.tryRun({ text: "a" }, { clock })).toMatchObject({
          error: { code: "MIDDLEWARE", details: { position, problem: "next-pending" } },
        });
      }
    }
    // Vitest fails on a rejection that nobody handles.
    await clock.runAll();
  });

  test.each(Object.entries(layers))(
    "a missing return is told of the middleware %s",
    async (_where, [around, inside]) => {
      const waiting: Middleware = (next) => async (input, ctx) => {
        await next(input, ctx);
      };
      const hasty: Middleware = (next) => (input, ctx) => void next(input, ctx);
      const position = around + 1;
      for (const [what, stage] of Object.entries(stages)) {
        const clock = createVirtualClock();
        const forgetful = what.endsWith("waits") ? waiting : hasty;
        let chain = pipeline("p").stage("s", stage, { retry: { attempts: 2 } });
        for (const each of [...Array<Middleware>(around).fill(passOn), forgetful]) chain = chain.use(each);
        for (let count = 0; count < inside; count++) chain = chain.use(passOn);
        expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
          error: {
            code: "VALIDATION_OUTPUT",
            stage: "s",
            retryable: false,
            message: `Middleware ${position} of pipeline "p", around stage "s", gave nothing, though next gave it an output`,
            hint: "Is a return missing? Return what next gives.",
          },
        });
        expect(clock.now()).toBeLessThan(100);
      }
    },
  );

  test("a middleware may give nothing where the schema takes nothing", async () => {
    const Maybe = z.string().optional();
    const told = defineAgent({
      name: "told",
      description: "Says something.",
      input: z.string(),
      output: Maybe,
      execute: (text) => text,
    });
    const hushing: Middleware = (next) => async (input, ctx) => {
      await next(input, ctx);
    };
    for (const stage of [told, pipeline("inner").stage(told)]) {
      expect(await pipeline("p").stage(stage).use(hushing).run("a")).toBeUndefined();
    }
  });

  test("each attempt counts anew", async () => {
    const clock = createVirtualClock();
    let attempts = 0;
    const sometimes: Middleware = (next) => async (input, ctx) => {
      attempts++;
      if (attempts === 1) {
        await next(input, ctx);
        return next(input, ctx);
      }
      if (attempts === 2) return { text: "mine" };
      return next(input, ctx);
    };
    for (const stage of [shout, pipeline("inner").stage(shout)]) {
      attempts = 0;
      const problems: unknown[] = [];
      const chain = pipeline("p")
        .stage("s", stage, {
          retry: {
            attempts: 5,
            when: ({ details }) => problems.push((details as { problem: string }).problem) > 0,
          },
        })
        .use(sometimes);
      expect(await clock.until(chain.run({ text: "a" }, { clock }))).toEqual({ text: "A" });
      expect([attempts, problems]).toEqual([3, ["next-twice", "next-never"]]);
    }
    // Without being asked for, a breach is not tried again.
    attempts = 0;
    const chain = pipeline("p")
      .stage(shout, { retry: { attempts: 5 } })
      .use(sometimes);
    expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({ ok: false });
    expect(attempts).toBe(1);
  });

  test("an inner one that refuses leaves the outer one no second call", async () => {
    const again: Middleware = (next) => async (input, ctx) => {
      try {
        return await next(input, ctx);
      } catch {
        return next(input, ctx);
      }
    };
    const refusing: Middleware = () => () => Promise.reject(new Error("not allowed"));
    expect(await pipeline("p").stage(shout).use(again).use(refusing).tryRun({ text: "a" })).toMatchObject({
      error: { code: "MIDDLEWARE", details: { position: 1, problem: "next-twice" } },
    });
  });

  test("after the stage is over, next starts nothing", async () => {
    const calls: string[] = [];
    let late: (() => unknown) | undefined;
    const keeping: Middleware =
      (next, { id }) =>
      (input, ctx) => {
        late ??= () => next(input, ctx);
        calls.push(id);
        return next(input, ctx);
      };
    const noted = agent("noted", (text) => {
      calls.push("call");
      try {
        if (calls.filter((call) => call === "call").length > 1) late?.();
      } catch (thrown) {
        calls.push((thrown as { readonly code: string }).code);
      }
      return text;
    });
    const chain = pipeline("p").stage("one", noted).stage("two", noted).use(keeping);
    expect(await chain.run({ text: "a" })).toEqual({ text: "a" });
    expect(calls).toEqual(["one", "call", "two", "call", "CANCELLED"]);
    expect(late).toThrow(expect.objectContaining({ code: "CANCELLED" }));
    expect(calls).toHaveLength(5);
  });

  test("the next of an attempt that was given up on starts nothing in the attempt after it", async () => {
    const clock = createVirtualClock();
    let calls = 0;
    const counted = agent("counted", (text) => {
      calls++;
      return text;
    });
    let attempts = 0;
    const outcomes: unknown[] = [];
    const slow: Middleware = (next) => async (input, ctx) => {
      attempts++;
      if (attempts > 1) {
        await new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, 200));
        return next(input, ctx);
      }
      await new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, 150));
      try {
        return await next(input, ctx);
      } catch (thrown) {
        outcomes.push((thrown as { readonly code: string }).code);
        throw thrown;
      }
    };
    const chain = pipeline("p")
      .stage(counted, { timeoutMs: 100, retry: { attempts: 2, baseDelayMs: 0 } })
      .use(slow);
    expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
      error: { code: "TIMEOUT" },
    });
    await clock.runAll();
    expect([calls, attempts, outcomes]).toEqual([0, 2, ["CANCELLED"]]);
  });

  test("it hands on the context that it was given, and no other", async () => {
    const wrong = (pass: (ctx: Context) => unknown): Middleware => {
      return (next) => (input, ctx) => next(input, pass(ctx) as Context);
    };
    let foreign: Context | undefined;
    const other = defineAgent({
      name: "other",
      description: "Shows its context, and goes on until it is cancelled.",
      input: z.string(),
      output: z.string(),
      execute: async (_text, ctx) => {
        foreign = ctx;
        await sleep(1_000, ctx);
        return "";
      },
    });
    const run = pipeline("others")
      .stage("other", other)
      .use((next) => next)
      .start("go");
    await Promise.resolve();
    const config = { ok: false, error: { code: "CONFIG", details: { path: "the second argument of next" } } };
    for (const pass of [() => undefined, (ctx: Context) => ({ ...ctx }), () => foreign]) {
      expect(await pipeline("p").stage(shout).use(wrong(pass)).tryRun({ text: "a" })).toMatchObject(config);
    }
    // The run whose context it was goes on as if nothing had happened.
    run.cancel("enough");
    expect(await run.result).toMatchObject({ error: { code: "CANCELLED" } });
    let kept: Context | undefined;
    const keeping: Middleware = (next) => (input, ctx) => {
      kept ??= ctx;
      return next(input, kept);
    };
    expect(await pipeline("p").stage(shout).stage(dot).use(keeping).tryRun({ text: "a" })).toMatchObject({
      error: { code: "CANCELLED", stage: "dot" },
    });
  });
});

describe("a middleware that takes time", () => {
  const delaying =
    (beforeMs: number, afterMs: number): Middleware =>
    (next) =>
    async (input, ctx) => {
      await sleep(beforeMs, ctx);
      const output = await next(input, ctx);
      await sleep(afterMs, ctx);
      return output;
    };
  const hanging =
    (when: "before" | "after"): Middleware =>
    (next) =>
    async (input, ctx) => {
      if (when === "before") await new Promise(() => {});
      await next(input, ctx);
      return new Promise(() => {});
    };
  const inner = pipeline("inner").stage(shout).stage(dot);
  const slowly = (delayMs: number) =>
    defineAgent({
      name: "slowly",
      description: "Takes its time.",
      input: Text,
      output: Text,
      execute: async (input, ctx) => {
        await sleep(delayMs, ctx);
        return input;
      },
    });

  test.each([
    ["an agent", shout],
    ["a composed agent", inner],
  ])("is within the timeout of its stage, around %s", async (_what, stage) => {
    for (const middleware of [delaying(200, 0), delaying(0, 200), hanging("before"), hanging("after")]) {
      const clock = createVirtualClock();
      const chain = pipeline("p").stage("s", stage, { timeoutMs: 100 }).use(middleware);
      expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
        error: { code: "TIMEOUT", stage: "s", details: { scope: "attempt", timeoutMs: 100 } },
      });
      expect([clock.now(), clock.pendingTimers]).toEqual([100, 0]);
    }
  });

  const bad = agent("bad", () => {
    throw new Error("busy");
  });
  test.each([
    ["before", inner],
    ["after", inner],
    ["after", pipeline("inner").stage(slowly(50)).stage(dot)],
    ["after", pipeline("inner").stage(bad)],
    ["after", pipeline("inner").stage(slowly(50)).stage(bad)],
  ] as const)("has 120 seconds by itself %s a composed stage, which has no timeout", async (when, stage) => {
    const clock = createVirtualClock();
    const hangingAnyway: Middleware = (next, info) => (input, ctx) =>
      (hanging(when)(next, info)(input, ctx) as Promise<unknown>).catch(() => new Promise(() => {}));
    const chain = pipeline("p").stage("s", stage).use(hangingAnyway);
    expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
      error: {
        code: "TIMEOUT",
        stage: "s",
        retryable: true,
        details: { scope: "attempt", timeoutMs: 120_000 },
        message: 'Middleware of pipeline "p" took longer than 120000 ms by itself around stage "s"',
      },
    });
    const insideMs = stage.description.includes("slowly") ? 50 : 0;
    expect([clock.now(), clock.pendingTimers]).toEqual([120_000 + insideMs, 0]);
  });

  test("that time does not run while the stage does, and is had before and after it", async () => {
    const clock = createVirtualClock();
    const long = pipeline("inner").stage("a", slowly(119_000)).stage("b", slowly(119_000));
    const chain = pipeline("p")
      .stage("s", long)
      .use(delaying(119_000, 119_000))
      .use((next) => next);
    expect(await clock.until(chain.run({ text: "a" }, { clock }))).toEqual({ text: "a" });
    expect([clock.now(), clock.pendingTimers]).toEqual([4 * 119_000, 0]);
  });

  test("a retry has it anew, and a cancellation leaves no timer", async () => {
    const clock = createVirtualClock();
    const chain = pipeline("p")
      .stage("s", inner, { retry: { attempts: 2, baseDelayMs: 0 } })
      .use(hanging("before"));
    expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
      error: { code: "TIMEOUT" },
    });
    expect(clock.now()).toBe(240_000);
    for (const when of ["before", "after"] as const) {
      const run = pipeline("p").stage("s", inner).use(hanging(when)).start({ text: "a" }, { clock });
      await clock.settle();
      expect(clock.pendingTimers).toBe(1);
      run.cancel();
      expect(await run.result).toMatchObject({ error: { code: "CANCELLED" } });
      expect(clock.pendingTimers).toBe(0);
    }
  });

  test("a composed stage that fails leaves it time to clean up, and no timer", async () => {
    const clock = createVirtualClock();
    const steps: unknown[] = [];
    const cleaning: Middleware = (next) => async (input, ctx) => {
      try {
        return await next(input, ctx);
      } finally {
        await sleep(60_000, ctx);
        steps.push(clock.now());
      }
    };
    for (const stage of [pipeline("i").stage(bad), pipeline("i").stage(slowly(100_000)).stage(bad)]) {
      const chain = pipeline("p").stage("s", stage).use(cleaning);
      expect(await clock.until(chain.tryRun({ text: "a" }, { clock }))).toMatchObject({
        error: { code: "EXECUTION", stage: "s/bad" },
      });
      expect(clock.pendingTimers).toBe(0);
    }
    expect(steps).toEqual([60_000, 220_000]);
  });
});

test("a middleware that swallows a cancellation or a timeout changes nothing", async () => {
  const clock = createVirtualClock();
  const swallowed: unknown[] = [];
  const swallowing: Middleware = (next) => async (input, ctx) => {
    try {
      return await next(input, ctx);
    } catch (thrown) {
      swallowed.push((thrown as { readonly code?: string }).code ?? "none");
      return { text: "saved" };
    }
  };
  const hangs = defineAgent({
    name: "hangs",
    description: "Waits for ever.",
    input: Text,
    output: Text,
    execute: async (input, ctx) => {
      await sleep(1_000_000, ctx);
      return input;
    },
  });
  for (const stage of [hangs, pipeline("inner").stage(hangs)]) {
    const chain = pipeline("p").stage("s", stage, { timeoutMs: 500 }).use(swallowing).stage(dot);
    const run = chain.start({ text: "a" }, { clock });
    await clock.advance(10);
    run.cancel("enough");
    expect(await run.result).toMatchObject({ error: { code: "CANCELLED" } });
    expect(run.status).toBe("cancelled");
    const late = await clock.until(chain.tryRun({ text: "a" }, { clock }));
    expect(late).toMatchObject({ error: { code: "TIMEOUT", stage: "s" } });
    await clock.settle();
    expect(clock.pendingTimers).toBe(0);
  }
  expect(swallowed).toHaveLength(4);
});

test("handlers that differ a stage see the same onion from outside and inside", async () => {
  const seen: (readonly [string, unknown])[] = [];
  const watching: Middleware = (next, stage): Handler => {
    // Only around one of them: the others get their `next` as it is.
    if (stage.id !== "dot") return next;
    return (input, ctx) => {
      const output = next(input, ctx);
      seen.push([stage.id, output]);
      return output;
    };
  };
  const chain = pipeline("p").stage(shout).stage(dot).use(watching);
  expect(await chain.run({ text: "a" })).toEqual({ text: "A." });
  expect(seen).toEqual([["dot", { text: "A." }]]);
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
