import { expect, it } from "vitest";
import * as z from "zod";
import { type Context, defineAgent, markPartial, parallel, pipeline, withPolicy } from "../index.ts";

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
