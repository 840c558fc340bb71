/** Agents that are wrong in one way each, to show that each behaviour can fail. */
import {
  type Agent,
  type AnyAtomicError,
  AtomicError,
  defineAgent,
  type Result,
  type Run,
  type RunEvent,
  type RunOptionsOrContext,
  sleep,
} from "@atomic-agents/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { scriptedAgent } from "../scripted-agent.ts";
import { createVirtualClock } from "../virtual-clock.ts";
import { type BehaviourId, behaviours } from "./behaviours.ts";
import { conformance } from "./conformance.ts";

const Text = z.object({ text: z.string() });
const Words = z.object({ words: z.int() });
type In = z.input<typeof Text>;
type Out = z.output<typeof Words>;
type Subject = Agent<In, Out>;

const valid = [{ text: "two words" }];
const invalid = [{ text: 1 }, null];

const good = (waitMs?: number): Subject =>
  scriptedAgent({
    name: "good",
    input: Text,
    output: Words,
    script: [{ delayMs: waitMs, output: { words: 2 } }],
  });

/** The good agent with parts replaced. */
const spoilt = (spoil: (agent: Subject) => Partial<Subject>, waitMs?: number): Subject => {
  const agent = good(waitMs);
  return { ...agent, ...spoil(agent) };
};

/** A run with parts replaced; its getters stay bound to the real one. */
const spoiltRun = (run: Run<Out>, spoil: Partial<Record<keyof Run<Out>, () => unknown>>): Run<Out> =>
  new Proxy(run, {
    get: (target, key) => {
      const part = spoil[key as keyof Run<Out>];
      if (part !== undefined) return part();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });

const spoiltEvents = (run: Run<Out>, spoil: (events: readonly RunEvent[]) => readonly RunEvent[]): Run<Out> =>
  spoiltRun(run, {
    events: () => ({
      dropped: 0,
      snapshot: () => spoil(run.events.snapshot()),
      [Symbol.asyncIterator]: () => run.events[Symbol.asyncIterator](),
    }),
  });

const failure = (error: AtomicError): Result<Out> => ({
  ok: false,
  error: error as AnyAtomicError,
  disposition: "stop",
});

const without = (options: RunOptionsOrContext | undefined, ...keys: readonly string[]): RunOptionsOrContext =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([key]) => !keys.includes(key)));

/** Each mutant, and the behaviour that must be seen to fail; others may fail with it. */
const mutants: readonly (readonly [name: string, fails: BehaviourId, make: () => Subject])[] = [
  [
    "throws a string",
    "accepts-valid",
    () => scriptedAgent({ name: "thrower", input: Text, output: Words, script: [{ error: "a string" }] }),
  ],
  [
    "gives another shape than its contract says",
    "accepts-valid",
    () => scriptedAgent({ name: "liar", input: Text, output: Words, script: [{ value: { words: "two" } }] }),
  ],
  [
    "never resolves",
    "accepts-valid",
    () =>
      scriptedAgent({
        name: "silent",
        input: Text,
        output: Words,
        script: [{ never: true, ignoreAbort: true }],
      }),
  ],
  [
    "validates no input",
    "refuses-invalid",
    () => spoilt(() => ({ tryRun: () => Promise.resolve({ ok: true, output: { words: 2 } }) })),
  ],
  [
    "refuses with another code",
    "refuses-invalid",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          const details = { thrown: "invalid" };
          return result.ok ? result : failure(new AtomicError("EXECUTION", "invalid", { details }));
        },
      })),
  ],
  [
    "refuses without saying where",
    "says-what-is-wrong",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          if (result.ok || result.error.code !== "VALIDATION_INPUT") return result;
          const { message, hint, agent: name } = result.error;
          return failure(
            new AtomicError("VALIDATION_INPUT", message, { details: { issues: [] }, hint, agent: name }),
          );
        },
      })),
  ],
  [
    "changes its input",
    "leaves-input-alone",
    () =>
      defineAgent({
        name: "grabber",
        description: "Changes what it is given.",
        // A schema that hands over the caller's own object.
        input: z.custom<In>((value) => Text.safeParse(value).success),
        output: Words,
        execute: (input) => {
          input.text = "changed";
          return { words: 2 };
        },
      }),
  ],
  [
    "validates no output",
    "output-fits",
    () => spoilt(() => ({ tryRun: () => Promise.resolve({ ok: true, output: { words: "two" } as never }) })),
  ],
  [
    "gives its raw output, with what the schema would have stripped",
    "output-fits",
    () =>
      spoilt(() => ({
        tryRun: () => Promise.resolve({ ok: true, output: { words: 2, secret: 1 } as never }),
      })),
  ],
  [
    "rejects with an Error of its own",
    "errors-are-atomic",
    () =>
      spoilt((agent) => ({
        run: async (input, options) => {
          const result = await agent.tryRun(input, options);
          if (result.ok) return result.output;
          throw new Error(result.error.message);
        },
      })),
  ],
  [
    "loses the caller's requestId",
    "errors-are-atomic",
    () =>
      spoilt((agent) => ({ tryRun: (input, options) => agent.tryRun(input, without(options, "requestId")) })),
  ],
  [
    "throws at once for a bad input",
    "run-never-throws",
    () => spoilt((agent) => ({ run: (input, options) => agent.run(Text.parse(input), options) })),
  ],
  [
    "rejects from tryRun",
    "try-run-never-rejects",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => ({ ok: true, output: await agent.run(input, options) }),
      })),
  ],
  [
    "does not look at its options",
    "refuses-options",
    () => spoilt((agent) => ({ run: (input) => agent.run(input) })),
  ],
  [
    "has a result that rejects",
    "result-never-rejects",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          const result = run.result.then((came) => {
            if (came.ok) return came;
            throw came.error;
          });
          return spoiltRun(run, { result: () => result });
        },
      })),
  ],
  [
    "works before start returns",
    "start-returns-first",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          return spoiltRun(run, { status: () => (run.status === "pending" ? "running" : run.status) });
        },
      })),
  ],
  [
    "loses the end of a stage",
    "events-tell-the-run",
    () =>
      spoilt((agent) => ({
        start: (input, options) =>
          spoiltEvents(agent.start(input, options), (events) =>
            events.filter((event) => event.type !== "stage-end"),
          ),
      })),
  ],
  [
    "reports another status than its events",
    "events-tell-the-run",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          return spoiltRun(run, { report: () => () => ({ ...run.report(), status: "running" }) });
        },
      })),
  ],
  [
    "gives its events to one reader only",
    "events-replay",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          const one = run.events[Symbol.asyncIterator]();
          return spoiltRun(run, {
            events: () => ({
              dropped: 0,
              snapshot: () => run.events.snapshot(),
              [Symbol.asyncIterator]: () => one,
            }),
          });
        },
      })),
  ],
  [
    "has an event after its end",
    "nothing-after-end",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          let looks = 0;
          return spoiltEvents(run, (events) => {
            const end = events.at(-1);
            looks++;
            return end?.type === "run-end" && looks > 1 ? [...events, end] : events;
          });
        },
      })),
  ],
  [
    "lets a late result land",
    "nothing-after-end",
    () =>
      spoilt(
        (agent) => ({
          start: (input, options) => {
            const run = agent.start(input, options);
            const late = agent.start(input, without(options, "signal"));
            return spoiltRun(run, { status: () => (late.status === "success" ? "success" : run.status) });
          },
        }),
        10,
      ),
  ],
  [
    "begins although its signal has aborted",
    "aborted-before-start",
    () => spoilt((agent) => ({ run: (input, options) => agent.run(input, without(options, "signal")) })),
  ],
  [
    "looks at its input although its signal has aborted",
    "aborted-before-start",
    () => spoilt((agent) => ({ run: (input, options) => agent.run({ ...input }, options) })),
  ],
  [
    "does not listen to its signal",
    "cancelled-in-flight",
    () =>
      spoilt((agent) => ({ start: (input, options) => agent.start(input, without(options, "signal")) }), 10),
  ],
  [
    "has a handle that cancels nothing",
    "cancelled-in-flight",
    () =>
      spoilt(
        (agent) => ({
          start: (input, options) => spoiltRun(agent.start(input, options), { cancel: () => () => {} }),
        }),
        10,
      ),
  ],
  [
    "goes on after its signal has aborted",
    "stops-when-aborted",
    () =>
      scriptedAgent({
        name: "deaf",
        input: Text,
        output: Words,
        script: [{ delayMs: 5_000, ignoreAbort: true, output: { words: 2 } }],
      }),
  ],
  [
    "leaves a timer behind",
    "stops-when-aborted",
    () =>
      defineAgent({
        name: "leaver",
        description: "Forgets a timer.",
        input: Text,
        output: Words,
        execute: async (_input, ctx) => {
          ctx.clock.setTimer(() => {}, 60_000);
          await sleep(10, ctx);
          return { words: 2 };
        },
      }),
  ],
  [
    "does not keep to timeoutMs",
    "keeps-deadline",
    () =>
      spoilt(
        (agent) => ({ start: (input, options) => agent.start(input, without(options, "timeoutMs")) }),
        1_000,
      ),
  ],
  [
    "fails with another code at its deadline",
    "keeps-deadline",
    () =>
      spoilt(
        (agent) => ({
          start: (input, options) => {
            const run = agent.start(input, options);
            const result = run.result.then((came) =>
              came.ok || came.error.code !== "TIMEOUT"
                ? came
                : failure(new AtomicError("EXECUTION", "too slow", { details: { thrown: "too slow" } })),
            );
            return spoiltRun(run, { result: () => result });
          },
        }),
        1_000,
      ),
  ],
  [
    "gives its runs one id",
    "runs-apart",
    () =>
      spoilt((agent) => ({
        start: (input, options) => spoiltRun(agent.start(input, options), { id: () => "run" }),
      })),
  ],
  [
    "mixes up runs at the same time",
    "runs-apart",
    () => {
      let running = 0;
      return defineAgent({
        name: "mixer",
        description: "Gives another output beside others.",
        input: Text,
        output: Words,
        execute: async (_input, ctx) => {
          running++;
          await sleep(1, ctx).finally(() => running--);
          return { words: running };
        },
      });
    },
  ],
  [
    "has no brand",
    "describes-itself",
    () => spoilt(() => JSON.parse('{"~atomic":null}') as Partial<Subject>),
  ],
  ["has no description", "describes-itself", () => spoilt(() => ({ description: " " }))],
];

test.each(mutants)("an agent that %s fails %s", async (_name, id, make) => {
  const options = {
    valid: structuredClone(valid),
    invalid,
    clock: createVirtualClock(),
    only: [id],
  } as const;
  const [result] = await conformance(make(), options);
  expect(result).toMatchObject({ id, status: "failed" });
  // It failed by what was seen, not because the check could not be made.
  expect(result?.detail).not.toMatch(/made the check throw/);
});

test("every behaviour has a mutant that fails it", () => {
  const shown = new Set(mutants.map(([, id]) => id));
  expect(behaviours.map((behaviour) => behaviour.id).filter((id) => !shown.has(id))).toEqual([]);
});

test("the agent that the mutants are made of conforms", async () => {
  for (const waitMs of [0, 10, 1_000]) {
    const results = await conformance(good(waitMs), { valid, invalid, clock: createVirtualClock() });
    expect(results.filter((result) => result.status !== "passed")).toEqual([]);
  }
});

test("on the computer's clock an agent that never resolves fails within its patience", async () => {
  const silent = scriptedAgent({
    name: "silent",
    input: Text,
    output: Words,
    script: [{ never: true, ignoreAbort: true }],
  });
  const [result] = await conformance(silent, { valid, patienceMs: 20, only: ["accepts-valid"] });
  expect(result?.detail).toMatch(/nothing came within 20 ms/);
});

test("what holds for a hostile agent is not held against it", async () => {
  const deaf = scriptedAgent({
    name: "deaf",
    input: Text,
    output: Words,
    script: [{ never: true, ignoreAbort: true }],
  });
  const results = await conformance(deaf, { valid, invalid, clock: createVirtualClock() });
  const failed = results.filter((result) => result.status === "failed").map((result) => result.id);
  expect(failed).toEqual(["accepts-valid", "stops-when-aborted"]);
});
