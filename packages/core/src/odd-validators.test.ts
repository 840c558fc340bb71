import type { AnySchema } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import {
  type AnyAgent,
  branch,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
  untyped,
  withPolicy,
} from "./index.ts";

type Answer = (resolve: (result: unknown) => void, reject: (error: unknown) => void) => void;

/** A thenable that is no promise, and whose `then` gives nothing back. */
class Thenable {
  private readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  then(...callbacks: Parameters<Promise<unknown>["then"]>): void {
    void new Promise(this.answer).then(...callbacks);
  }
}

const schemaOf = (answer: (value: unknown) => Answer): AnySchema => ({
  "~standard": {
    version: 1,
    vendor: "odd",
    // Can be awaited, as far as anyone can tell.
    validate: (value) => new Thenable(answer(value)) as never,
  },
});

const atOnce = schemaOf((value) => (resolve) => resolve({ value }));
const later = schemaOf((value) => (resolve) => queueMicrotask(() => resolve({ value })));
const twice = schemaOf((value) => (resolve, reject) => {
  resolve({ value });
  resolve({ value: "second" });
  reject(new Error("third"));
});
const refusing = schemaOf(() => (resolve) => {
  resolve({ issues: [{ message: "not today" }, { message: "nor tomorrow" }, { message: "never" }] });
});
const rejecting = schemaOf(() => (_resolve, reject) => reject(new Error("no luck")));
const throwing = schemaOf(() => () => {
  throw new Error("no luck");
});

const saysNothing = schemaOf(() => (resolve) => resolve(undefined));

const agentOf = (input: AnySchema, output: AnySchema) =>
  defineAgent({ name: "odd", description: "Hands on.", input, output, execute: (value) => value as never });

interface Surface {
  readonly name: string;
  readonly wrap: (agent: AnyAgent) => AnyAgent;
  /** What the wrapped agent takes for the agent's input, and what it gives for its output. */
  readonly around?: (value: unknown) => unknown;
}

const surfaces: readonly Surface[] = [
  { name: "alone", wrap: (agent) => agent },
  { name: "in a pipeline", wrap: (agent) => pipeline("p").stage(untyped(agent)) },
  {
    name: "in parallel",
    wrap: (agent) =>
      pipeline("p")
        .stage(parallel({ a: untyped(agent) }))
        .map(({ a }) => a as never, atOnce),
  },
  { name: "over items", wrap: (agent) => mapItems(untyped(agent)), around: (value) => [value] },
  { name: "with a policy", wrap: (agent) => withPolicy(untyped(agent), { timeoutMs: 1_000 }) },
  { name: "retried", wrap: (agent) => pipeline("p").stage(untyped(agent), { retry: { attempts: 2 } }) },
  {
    name: "behind middleware",
    wrap: (agent) =>
      pipeline("p")
        .stage(untyped(agent))
        .use((next) => next),
  },
];

describe.each(surfaces)(
  "a validator that gives a thenable of its own, $name,",
  ({ wrap, around = (value) => value }) => {
    const outcomeOf = async (agent: AnyAgent) => {
      const clock = createVirtualClock();
      const wrapped = untyped(wrap(agent));
      const result = await clock.until(wrapped.tryRun(around("in"), { clock }));
      const started = await clock.until(wrapped.start(around("in"), { clock }).result);
      expect(started).toMatchObject({ ok: result.ok });
      return result;
    };

    test.each([
      ["at once", atOnce],
      ["later", later],
      ["more than once", twice],
    ])("is heard when it answers %s", async (_answer, schema) => {
      for (const agent of [agentOf(schema, atOnce), agentOf(atOnce, schema), agentOf(schema, schema)]) {
        expect(await outcomeOf(agent)).toEqual({ ok: true, output: around("in") });
      }
    });

    test.each([
      ["refuses", refusing, /: the value: not today, got string "in" \(and 2 more\)$/],
      ["rejects", rejecting, /: the value: the schema's check threw: no luck$/],
      ["throws", throwing, /: the value: the schema's check threw: no luck$/],
      ["says nothing", saysNothing, /: the schema's check threw: /],
    ])("is heard when it %s", async (_answer, schema, message) => {
      const error = { agent: "odd", message: expect.stringMatching(message) as unknown };
      expect(await outcomeOf(agentOf(schema, atOnce))).toMatchObject({
        ok: false,
        error: { ...error, code: "VALIDATION_INPUT" },
      });
      expect(await outcomeOf(agentOf(atOnce, schema))).toMatchObject({
        ok: false,
        error: { ...error, code: "VALIDATION_OUTPUT" },
      });
    });
  },
);

test("a branch, which checks its input itself, hears such a validator, too", async () => {
  const routed = (schema: AnySchema) => untyped(branch(() => "a", { a: untyped(agentOf(schema, atOnce)) }));
  for (const schema of [atOnce, later, twice]) {
    expect(await routed(schema).tryRun("in")).toEqual({ ok: true, output: "in" });
  }
  for (const schema of [refusing, rejecting, throwing]) {
    expect(await routed(schema).tryRun("in")).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_INPUT", agent: "branch" },
    });
  }
});
