import { createVirtualClock } from "@atomic-agents/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import { branch, defineAgent, mapItems, parallel, pipeline, untyped } from "../index.ts";
import { makeWrapper, wrappedStep } from "./wrapper.ts";

const gives = (value: unknown) =>
  defineAgent({
    name: "odd",
    description: "Gives a thenable whose `then` gives nothing back.",
    input: z.string(),
    output: z.string(),
    execute: () => ({ then: (resolve: (value: unknown) => void) => resolve(value) }) as never,
  });

test.each([
  ["the right output", "yes", { ok: true, output: "yes" }],
  ["a wrong output", 5, { ok: false, error: { code: "VALIDATION_OUTPUT", agent: "odd" } }],
])("a wrapped agent whose thenable is no promise, with %s", async (_name, value, outcome) => {
  const agent = gives(value);
  const step = () => wrappedStep(agent, (next) => next);
  const wrapped = makeWrapper({ what: "around", kind: "cache", agent, options: {}, step });
  expect(await wrapped.tryRun("in")).toMatchObject(outcome);
  expect(await untyped(pipeline("p").stage(wrapped)).tryRun("in")).toMatchObject(outcome);
});

test("what only looks like a promise fails as it would if it were awaited", async () => {
  const proxied = (value: string) => new Proxy(Promise.resolve(value), {}) as never;
  const text = z.string();
  const odd = defineAgent({
    name: "odd",
    description: "Gives a proxy around a promise, whose `then` throws.",
    input: text,
    output: text,
    execute: () => proxied("yes"),
  });
  const keep = defineAgent({
    name: "keep",
    description: "Hands on.",
    input: text,
    output: text,
    execute: (it) => it,
  });
  const error = { code: "EXECUTION", message: expect.stringContaining("incompatible receiver") as unknown };
  const agents = [
    odd,
    pipeline("p").stage(keep).stage(odd, { timeoutMs: 50 }),
    pipeline("p")
      .stage(keep)
      .map(() => proxied("yes"), text),
    branch(() => proxied("keep"), { keep }),
    parallel({ keep, odd }),
    pipeline("p")
      .stage(keep)
      .use(() => () => proxied("yes")),
  ];
  for (const agent of agents) {
    const clock = createVirtualClock();
    expect(await clock.until(untyped(agent).tryRun("a", { clock }))).toMatchObject({ ok: false, error });
    expect(clock.pendingTimers).toBe(0);
  }
  const settled = mapItems(odd, { settled: true });
  expect(await settled.run(["a", "b"])).toMatchObject([{ error }, { error }]);
});
