import { expect, it } from "vitest";
import * as z from "zod";
import {
  type Context,
  defineAgent,
  fallback,
  markPartial,
  parallel,
  pipeline,
  recover,
  withPolicy,
} from "../index.ts";

const anything = z.unknown();
const doing = (name: string, execute: (ctx: Context) => unknown) =>
  defineAgent({
    name,
    description: "Does as the test says.",
    input: anything,
    output: anything,
    execute: (_, ctx) => execute(ctx),
  });
const partly = doing("partly", (ctx) => {
  markPartial(ctx);
  return 1;
});

it("has the run and all around it end as partial, wherever it is said", async () => {
  const outer = doing("outer", (ctx) => partly.run(1, ctx));
  const all = [
    partly,
    outer,
    pipeline("p").stage("a", parallel({ partly })),
    withPolicy(partly, { timeoutMs: 9 }),
  ];
  for (const agent of all) {
    const run = agent.start(1);
    expect(await run.result).toMatchObject({ ok: true });
    expect(run.report().status).toBe("partial");
  }
});

it("changes nothing about a run that fails", async () => {
  const run = doing("fails", (ctx) => {
    markPartial(ctx);
    throw new Error("no");
  }).start(1);
  await run.result;
  expect(run.status).toBe("failed");
});

it("counts only for what is part of the output", async () => {
  let failures = 0;
  const failsOnce = doing("fails-once", () => {
    if (++failures === 1) throw new Error("no");
    return 1;
  });
  const fails = doing("fails", () => {
    throw new Error("no");
  });
  const broken = parallel({ a: failsOnce, b: doing("fine", () => 1) }, { settled: true });
  // Of the first attempt a part fails, and then the whole.
  const twice = doing("fails-first", () => {
    if (failures === 1) throw new Error("not yet");
    return 1;
  });
  const retry = { attempts: 2, baseDelayMs: 0 };
  const discarded = {
    "by a retry": pipeline("p").stage("a", pipeline("inner").stage(broken).stage(twice), { retry }),
    "by a policy": withPolicy(pipeline("inner").stage(broken).stage(twice), { retry }),
    "by a fallback": fallback([pipeline("inner").stage(broken).stage(fails), doing("fine", () => 1)]),
    "by recover": recover(pipeline("inner").stage(broken).stage(fails), () => 1),
    "by passing": pipeline("p").stage("a", pipeline("inner").stage(broken).stage(fails), { onError: "pass" }),
    "by code": doing("caught", async (ctx) => {
      const { ok } = await pipeline("inner").stage(broken).stage(fails).tryRun(1, ctx);
      return ok;
    }),
    "of its own": withPolicy(
      doing("marks", (ctx) => {
        if (++failures > 1) return 1;
        markPartial(ctx);
        throw new Error("no");
      }),
      { retry },
    ),
  };
  for (const [how, agent] of Object.entries(discarded)) {
    failures = 0;
    const run = agent.start(1);
    const { ok } = await run.result;
    expect([how, ok, failures > 0, run.report().status]).toEqual([how, true, true, "success"]);
  }
  // What an earlier stage said stays said.
  failures = 0;
  const kept = pipeline("p")
    .stage(broken)
    .stage(twice, { retry: { attempts: 2, baseDelayMs: 0, when: () => (failures = 2) > 0 } });
  const run = kept.start(1);
  await run.result;
  expect(run.report()).toMatchObject({ status: "partial", stages: [{ attempts: 1 }, { attempts: 2 }] });
});

it("says nothing once the attempt is over, nor with what is no agent's context", async () => {
  const kept: Context[] = [];
  const keeps = doing("keeps", (ctx) => {
    kept.push(ctx);
    return ctx.signal.aborted;
  });
  const says = doing("says", () => {
    for (const ctx of kept) markPartial(ctx);
  });
  const run = pipeline("p").stage(keeps).stage(says).start(1);
  await run.result;
  expect(run.status).toBe("success");
  // A context of a test's own making.
  expect(() => markPartial({} as Context)).not.toThrow();
});
