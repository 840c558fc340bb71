import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import {
  ConcurrencyLimit,
  type Context,
  createLog,
  defineAgent,
  type Log,
  pipeline,
  pool,
  resource,
  sleep,
  untyped,
  withCache,
  withConcurrencyLimit,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

const bad = agent("bad", () => {
  throw new Error("refused");
});

const fails = (): never => {
  throw new Error("EPIPE");
};
const logs: readonly (readonly [string, Log])[] = [
  ["whose writing fails", createLog({ level: "debug", write: fails })],
  ["that fails", { debug: fails, info: fails, warn: fails, error: fails, with: fails }],
];

describe.each(logs)("a log %s", (_what, log) => {
  test("fails no agent, no undo, no dispose and no store", async () => {
    const broken = resource("broken", { create: () => 1, dispose: fails });
    const says = agent("says", async (input, ctx) => {
      await ctx.use(broken);
      ctx.log.with({ more: 1 }).error("here");
      return input;
    });
    const order = pipeline("order").stage(withUndo(says, fails)).stage(bad);
    const store = { save: fails } as never;
    const result = await order.tryRun("in", { log, store });
    expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", stage: "bad" } });
    expect(await says.run("in", { log, store })).toBe("in");
  });
});

test("what is no log is refused", async () => {
  const result = await bad.tryRun("in", { log: { info: () => {} } as never });
  expect(result).toMatchObject({ ok: false, error: { code: "CONFIG", details: { path: "log" } } });
});

test("a run that waits for its turn is waiting", async () => {
  const clock = createVirtualClock();
  const works = agent("works", async (input, ctx) => {
    await sleep(100, ctx);
    return input;
  });
  const limited = withConcurrencyLimit(works, new ConcurrencyLimit({ max: 1 }));
  const pooled = pool([{ agent: works, capacity: 1 }]);
  const cached = withCache(works);
  for (const tested of [limited, pooled, cached]) {
    const first = untyped(tested).start("in", { clock });
    const second = untyped(tested).start("in", { clock });
    await clock.advance(50);
    expect([first.status, second.status, second.report().status]).toEqual(["running", "waiting", "waiting"]);
    await clock.advance(60);
    if (tested !== cached) expect(second.status).toBe("running");
    await clock.until(Promise.all([first.result, second.result]));
    expect([first.status, second.status]).toEqual(["success", "success"]);
  }
});

test("what a middleware throws before the stage is called is not put on the agent", async () => {
  const works = agent("works", (input) => input);
  const refusing = pipeline("p")
    .stage(works)
    .use((next) => (input, ctx) => next(input, ctx))
    .use(() => () => {
      throw new Error("limit of the day");
    });
  const result = await refusing.tryRun("in");
  expect(result).toMatchObject({
    ok: false,
    error: {
      code: "EXECUTION",
      message: 'Middleware 2 of pipeline "p", around stage "works", threw: limit of the day',
    },
  });
});

test("an event of an agent's own has a name", async () => {
  const emits = agent("emits", (input, ctx) => {
    ctx.emit("");
    return input;
  });
  expect(await emits.tryRun("in")).toMatchObject({ ok: false, error: { code: "CONFIG" } });
});
