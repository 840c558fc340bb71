import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import { type Agent, type Context, defineAgent, callersOf, parallel, pipeline } from "../index.ts";

const agentOf = (name: string, execute: (input: unknown, ctx: Context) => unknown): Agent<unknown, unknown> =>
  defineAgent({ name, description: "Tests.", input: anything(), output: anything(), execute });

test("the callers of an agent are the contexts that it was run with, the innermost first", async () => {
  const seen: Context[] = [];
  const last = agentOf("last", (_, ctx) => {
    expect([...callersOf(ctx)]).toEqual(seen.toReversed());
  });
  const middle = agentOf("middle", (_, ctx) => (seen.push(ctx), last.run(null, ctx)));
  const first = agentOf("first", (_, ctx) => (seen.push(ctx), middle.run(null, ctx)));
  await first.run(null);
  expect(seen).toHaveLength(2);
  expect.assertions(2);
});

test("they are found through pipelines and branches, and siblings are none", async () => {
  let outer: Context | undefined;
  const siblings: Context[] = [];
  const look = agentOf("look", (_, ctx) => {
    siblings.push(ctx);
    const callers = [...callersOf(ctx)];
    return [callers.includes(outer as Context), siblings.filter((other) => callers.includes(other)).length];
  });
  const inside = pipeline("inside").stage(parallel({ a: look, b: pipeline("deep").stage(look) }));
  const asks = agentOf("asks", (_, ctx) => {
    outer = ctx;
    return inside.run(null, ctx);
  });
  expect(await pipeline("around").stage(asks).run(null)).toEqual({ a: [true, 0], b: [true, 0] });
});

test("a second attempt has the context of the second attempt for a caller", async () => {
  const clock = createVirtualClock();
  const attempts: Context[] = [];
  const look = agentOf("look", (_, ctx) => {
    const [caller] = callersOf(ctx);
    if (attempts.length < 2) throw new Error("not yet");
    return attempts.findIndex((attempt) => attempt === caller);
  });
  const asks = agentOf("asks", (_, ctx) => (attempts.push(ctx), look.run(null, ctx)));
  const retried = pipeline("retried").stage(asks, { retry: { attempts: 2 } });
  expect(await clock.until(retried.run(null, { clock }))).toBe(1);
});

test("what is run by itself has none, and neither has what is no agent's context", async () => {
  const alone = agentOf("alone", (_, ctx) => [...callersOf(ctx)].length);
  const asks = agentOf("asks", () => alone.run(null));
  expect(await asks.run(null)).toBe(0);
  expect([...callersOf({} as Context)]).toEqual([]);
});
