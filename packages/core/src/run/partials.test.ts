import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type AnyAgent,
  branch,
  type Context,
  defineAgent,
  fallback,
  loop,
  mapItems,
  parallel,
  pipeline,
  pool,
  recover,
  type RunOptions,
  sleep,
  untyped,
  withPolicy,
  withUndo,
  zip,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

/** Shows its drafts, 10 ms apart, and gives the last of them. */
const drafting = (name: string, drafts: readonly unknown[]) =>
  agent(name, async (_input, ctx) => {
    for (const draft of drafts) {
      ctx.partial(draft);
      await sleep(10, ctx);
    }
    return drafts.at(-1);
  });
const words = (name: string) => drafting(name, [`${name} 1`, `${name} 2`]);
const same = agent("same", (input) => input);
const bad = agent("bad", () => {
  throw new Error("refused");
});

/** The drafts that a reader sees who is there from the beginning. */
async function draftsOf(tested: AnyAgent, input: unknown = "in", options: RunOptions = {}) {
  const clock = createVirtualClock();
  const run = untyped(tested).start(input, { clock, random: () => 0, ...options });
  const drafts: unknown[] = [];
  const reading = (async () => {
    for await (const draft of run.partials) drafts.push(draft);
  })();
  const result = await clock.until(run.result);
  await reading;
  await clock.runAll();
  return { drafts, result, run };
}

describe("drafts are handed on", () => {
  const a = words("a");
  const shown = ["a 1", "a 2"];
  const cases: Readonly<Record<string, AnyAgent>> = {
    "of an agent": a,
    "of a pipeline's last stage": pipeline("p").stage("first", same).stage(a),
    "of the only one": pipeline("p").stage(a),
    "of a stage with a policy": pipeline("p").stage(a, { timeoutMs: 500 }),
    "of a pipeline in a pipeline": pipeline("o").stage(pipeline("p").stage(same).stage(a)),
    "of a function of map": pipeline("p")
      .stage(same)
      .map(async (_value, ctx) => {
        for (const draft of shown) {
          ctx.partial(draft);
          await sleep(10, ctx);
        }
        return shown.at(-1);
      }, anything()),
    "through branch": branch(() => "a", { a, other: same }),
    "through fallback": fallback([pipeline("p").stage(words("tried")).stage(bad), a]),
    "through recover": recover(a, () => "saved"),
    "through withPolicy": withPolicy(a, { timeoutMs: 500 }),
    "through withPolicy around a pipeline": withPolicy(pipeline("p").stage(a), { timeoutMs: 500 }),
    "through withUndo": withUndo(a, () => {}),
    "through pool": pool([a, a]),
    "through all of them": pipeline("p")
      .stage(same)
      .stage(
        recover(
          fallback([
            withPolicy(
              branch(() => "p", {
                p: pipeline("i")
                  .stage(same)
                  .stage(withUndo(a, () => {})),
              }),
              {},
            ),
          ]),
          () => "saved",
        ),
      ),
    "under a middleware": pipeline("p")
      .stage(a)
      .use((next) => async (input, ctx) => next(input, ctx)),
  };
  test.each(Object.entries(cases))("%s", async (_what, tested) => {
    const { drafts, result } = await draftsOf(tested);
    expect(result).toEqual({ ok: true, output: "a 2" });
    expect(drafts).toEqual(shown);
  });

  test("of an agent of fallback that fails, and then of the next", async () => {
    const failing = agent("failing", async (_input, ctx) => {
      ctx.partial("tried");
      await sleep(10, ctx);
      throw new Error("refused");
    });
    expect((await draftsOf(fallback([failing, words("a")]))).drafts).toEqual(["tried", ...shown]);
  });

  test("of each round of a loop", async () => {
    let round = 0;
    const looped = loop(words("a"), { until: () => ++round === 2 });
    expect((await draftsOf(looped)).drafts).toEqual([...shown, ...shown]);
  });
});

describe("drafts are not handed on", () => {
  const a = words("a");
  const cases: Readonly<Record<string, AnyAgent>> = {
    "of a stage before the last": pipeline("p").stage(a).stage(same),
    "of the last stage of a pipeline that is not last": pipeline("o")
      .stage(pipeline("p").stage(same).stage(a))
      .stage("end", same),
    "of a slot of parallel": pipeline("p").stage(parallel({ a, same })),
    "of the only slot of parallel": parallel({ a }),
    "of a pipeline in a slot of parallel": parallel({ p: pipeline("p").stage(a) }),
    "of an item": mapItems(a),
    "of an agent of zip": zip([a, same]),
    "of a failed part of a settled parallel": parallel({ a, bad }, { settled: true }),
    "of what a choose asks": branch(
      async (_input, ctx) => {
        await a.run("in", ctx);
        return "same" as const;
      },
      { same },
    ),
    "of what an agent's own code runs": agent("own", async (_input, ctx) => {
      await pipeline("p").stage(a).run("in", ctx);
      await a.run("in", ctx);
      await a.start("in", ctx).result;
      return "own";
    }),
    "of what a middleware runs": pipeline("p")
      .stage(same)
      .use((next) => async (input, ctx) => {
        await a.run("in", ctx);
        return next(input, ctx);
      }),
    "of what is undone": withPolicy(
      pipeline("p")
        .stage(withUndo(same, (_output, _input, ctx) => ctx.partial("undone")))
        .stage(bad),
      { retry: { attempts: 2 } },
    ),
  };
  test("of what is undone before the last stage is tried again", async () => {
    let attempts = 0;
    const chain = pipeline("p")
      .stage(
        withUndo(same, (_output, _input, ctx) => ctx.partial("undone")),
        { retry: { attempts: 2 } },
      )
      .use((next) => (input, ctx) => {
        const output = next(input, ctx);
        if (++attempts === 1) throw new Error("not yet");
        return output;
      });
    const { drafts, result } = await draftsOf(chain);
    expect([drafts, result]).toEqual([[], { ok: true, output: "in" }]);
  });

  test.each(Object.entries(cases))("%s", async (_what, tested) => {
    expect((await draftsOf(tested, ["in", "in"])).drafts).toEqual([]);
  });

  test("but an agent's own code may hand them on", async () => {
    const own = agent("own", async (_input, ctx) => {
      const run = a.start("in", ctx);
      for await (const draft of run.partials) ctx.partial({ inner: draft });
      const result = await run.result;
      return { inner: result.ok ? result.output : "" };
    });
    expect((await draftsOf(own)).drafts).toEqual([{ inner: "a 1" }, { inner: "a 2" }]);
  });
});

test("after a retry the new attempt's drafts come; those that come late are ignored", async () => {
  let attempts = 0;
  const flaky = agent("flaky", async (_input, ctx) => {
    const attempt = ++attempts;
    ctx.partial(`attempt ${attempt}`);
    // Does not listen to the signal.
    await new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, attempt === 1 ? 160 : 50));
    ctx.partial(`attempt ${attempt}, later`);
    return attempt;
  });
  const steady = withPolicy(flaky, { timeoutMs: 100, retry: { attempts: 2, baseDelayMs: 0 } });
  const { drafts, result } = await draftsOf(pipeline("p").stage(steady));
  expect(result).toEqual({ ok: true, output: 2 });
  expect(drafts).toEqual(["attempt 1", "attempt 2", "attempt 2, later"]);
});

test("what is shown after the stage is over is ignored", async () => {
  let late: ((draft: unknown) => void) | undefined;
  const keeping = agent("keeping", (_input, { partial }) => {
    partial("in time");
    late = partial;
    return "out";
  });
  const showing = agent("showing", async (_input, ctx) => {
    late?.("late");
    await sleep(10, ctx);
    late?.("late");
    return "out";
  });
  const { drafts } = await draftsOf(pipeline("p").stage(keeping).stage(showing));
  expect(drafts).toEqual([]);
  const alone = await draftsOf(keeping);
  late?.("late");
  expect(alone.drafts).toEqual(["in time"]);
  for await (const draft of alone.run.partials) expect(draft).toBe("in time");
});

test("a draft is whatever is shown, and is not validated", async () => {
  const strict = defineAgent({
    name: "strict",
    description: "Gives a text and a number.",
    input: anything(),
    output: z.object({ text: z.string().min(5), count: z.int() }).strict(),
    execute: async (_input, ctx) => {
      for (const draft of [undefined, null, { text: "h" }, { text: "he", other: 1 }]) {
        ctx.partial(draft);
        await sleep(1, ctx);
      }
      return { text: "hello", count: 1 };
    },
  });
  const { drafts, result } = await draftsOf(strict);
  expect(drafts).toEqual([undefined, null, { text: "h" }, { text: "he", other: 1 }]);
  expect(result).toEqual({ ok: true, output: { text: "hello", count: 1 } });
});

test("a run that nobody can read takes drafts all the same", async () => {
  const clock = createVirtualClock();
  expect(await clock.until(words("a").run("in", { clock }))).toBe("a 2");
  expect(await clock.until(pipeline("p").stage(words("a")).tryRun("in", { clock }))).toMatchObject({
    ok: true,
  });
});

describe("a reader", () => {
  test("that is slow gets the newest each time", async () => {
    const clock = createVirtualClock();
    const { signal } = new AbortController();
    const run = drafting(
      "many",
      Array.from({ length: 100 }, (_, index) => index),
    ).start("in", { clock });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const draft of run.partials) {
        seen.push(draft);
        await sleep(303, { clock, signal });
      }
    })();
    await clock.until(reading);
    expect(seen).toEqual([0, 30, 60, 90, 99]);
  });

  test("among several sees what the others see, whenever it came", async () => {
    const clock = createVirtualClock();
    const run = drafting("four", [1, 2, 3, 4]).start("in", { clock });
    const read = async () => {
      const seen: unknown[] = [];
      for await (const draft of run.partials) seen.push(draft);
      return seen;
    };
    const [first, second] = [read(), read()];
    await clock.advance(25);
    const third = read();
    await clock.until(run.result);
    expect(await Promise.all([first, second, third, read(), read()])).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [3, 4],
      [4],
      [4],
    ]);
  });

  test("that leaves the loop leaves the run and the other readers alone", async () => {
    const clock = createVirtualClock();
    const run = drafting("four", [1, 2, 3, 4]).start("in", { clock });
    const seen: unknown[] = [];
    const all = (async () => {
      for await (const draft of run.partials) seen.push(draft);
    })();
    const leaving = (async () => {
      for await (const draft of run.partials) if (draft === 2) return draft;
      return "none";
    })();
    expect(await clock.until(leaving)).toBe(2);
    expect(run.status).toBe("running");
    await clock.until(run.result);
    await all;
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test("that leaves while it waits need not wait for the next draft", async () => {
    const clock = createVirtualClock();
    const run = drafting("slow", [1, 2]).start("in", { clock });
    const reader = run.partials[Symbol.asyncIterator]();
    await clock.settle();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    const waiting = reader.next();
    expect(await reader.return?.()).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(run.status).toBe("running");
    await clock.until(run.result);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test.each([
    ["succeeds", words("a"), {}],
    ["fails", agent("fails", (_input, ctx) => Promise.reject(ctx.partial("a 2") ?? new Error("no"))), {}],
    ["is refused", defineAgent({ ...parts(), input: z.number() }), {}],
    ["times out", drafting("long", Array<string>(50).fill("a 2")), { timeoutMs: 100 }],
    ["needs no time", agent("quick", (_input, ctx) => ctx.partial("a 2")), {}],
  ] as const)("comes to an end when the run %s", async (how, tested, options) => {
    const { drafts } = await draftsOf(tested, "in", options);
    expect(drafts.at(-1)).toBe(how === "is refused" ? undefined : "a 2");
  });

  test("comes to an end when the run is cancelled, before it begins and while it goes on", async () => {
    const clock = createVirtualClock();
    for (const beginsMs of [undefined, 5]) {
      const run = words("a").start("in", { clock });
      if (beginsMs !== undefined) await clock.advance(beginsMs);
      run.cancel();
      const seen: unknown[] = [];
      for await (const draft of run.partials) seen.push(draft);
      expect(seen).toEqual(beginsMs === undefined ? [] : ["a 1"]);
    }
  });

  test("of a run inside a run sees that one's", async () => {
    const clock = createVirtualClock();
    const seen: unknown[] = [];
    const own = agent("own", async (_input, ctx) => {
      ctx.partial("outer");
      const run = pipeline("p").stage(words("a")).start("in", ctx);
      for await (const draft of run.partials) seen.push(draft);
      return "out";
    });
    const run = own.start("in", { clock });
    await clock.until(run.result);
    expect(seen).toEqual(["a 1", "a 2"]);
    for await (const draft of run.partials) expect(draft).toBe("outer");
  });
});

function parts() {
  return {
    name: "parts",
    description: "Shows a draft.",
    output: anything(),
    execute: (_input: unknown, ctx: Context) => ctx.partial("never"),
  };
}
