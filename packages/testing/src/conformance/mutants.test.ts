/** Agents that are wrong in one way each, to show that each behaviour can fail. */
import {
  type Agent,
  type AnyAtomicError,
  AtomicError,
  type Budget,
  type Context,
  defineAgent,
  type Result,
  type Run,
  type RunEvent,
  type RunOptionsOrContext,
  sleep,
  type StageReport,
} from "@atomic-agents/core";
import { inspect } from "node:util";
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

/** An agent whose work is a function. */
const made = (name: string, execute: (input: In, ctx: Context) => Out): Subject =>
  defineAgent({ name, description: "For tests.", input: Text, output: Words, execute });

/** An agent whose output nobody checks. */
const loose = (name: string, execute: () => unknown): Subject =>
  defineAgent({ name, description: "For tests.", input: Text, output: z.any(), execute }) as Subject;

/** A schema that takes everything, and says something else of itself. */
const saying = (json: Readonly<Record<string, unknown>>): Subject["input"] => {
  const jsonSchema = { input: () => json, output: () => json };
  const validate = (value: unknown) => ({ value });
  const standard = { version: 1, vendor: "test", validate, jsonSchema } as const;
  return { "~standard": standard };
};

/** An agent whose reports have their first stage replaced. */
const spoiltStages = (spoil: (stage: StageReport) => readonly StageReport[]): Subject =>
  spoilt((agent) => ({
    start: (input, options) => {
      const run = agent.start(input, options);
      return spoiltRun(run, {
        report: () => () => {
          const report = run.report();
          const [first] = report.stages;
          return first === undefined ? report : { ...report, stages: spoil(first) };
        },
      });
    },
  }));

/** What it gives depends on who runs beside it. */
function mixer(): Subject {
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
}

const otherwiseAlone = (): Subject =>
  spoilt(() => ({ tryRun: () => Promise.resolve({ ok: true, output: { words: 3 } }) }));

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
  ["mixes up runs at the same time", "runs-apart", mixer],
  [
    "has no brand",
    "describes-itself",
    () => spoilt(() => JSON.parse('{"~atomic":null}') as Partial<Subject>),
  ],
  ["has no description", "describes-itself", () => spoilt(() => ({ description: " " }))],
  [
    "throws for some of what its schema takes",
    "takes-generated",
    () =>
      made("thrower", ({ text }) => {
        if (text.includes("a")) throw new RangeError("no a, please");
        return { words: 2 };
      }),
  ],
  [
    "makes an output of what it should refuse",
    "refuses-near-misses",
    () =>
      spoilt((agent) => ({
        tryRun: (input, options) => agent.tryRun("text" in Object(input) ? input : { text: "" }, options),
      })),
  ],
  [
    "names another place than the one that is wrong",
    "refuses-near-misses",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          if (result.ok || result.error.code !== "VALIDATION_INPUT") return result;
          const { message } = result.error;
          const issues = [{ path: "elsewhere", message, got: "nothing" }];
          return failure(new AtomicError("VALIDATION_INPUT", message, { details: { issues } }));
        },
      })),
  ],
  [
    "puts the whole input into its error",
    "survives-hostile",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          if (result.ok) return result;
          const { code, details } = result.error;
          return failure(
            new AtomicError(code, `refused: ${inspect(input, { maxArrayLength: null })}`, {
              details,
            }),
          );
        },
      })),
  ],
  [
    "refuses what is hostile with another code",
    "survives-hostile",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          const isHostile = typeof input === "symbol";
          return isHostile
            ? failure(new AtomicError("EXECUTION", "no", { details: { thrown: "no" } }))
            : result;
        },
      })),
  ],
  [
    "takes a key for a prototype",
    "survives-hostile",
    () =>
      defineAgent({
        name: "copier",
        description: "Copies key by key.",
        input: z.custom<In>((value) => Text.safeParse(value).success),
        output: z.custom<Out>(),
        // Assigning sets the prototype, where spreading makes a key.
        execute: (input) => Object.assign({ words: 2 }, input),
      }),
  ],
  [
    "gives what JSON makes something else of",
    "output-is-json",
    () => loose("dater", () => ({ words: new Date(0) })),
  ],
  ["gives what cannot be written as JSON", "output-is-json", () => loose("bigint", () => ({ words: 2n }))],
  [
    "gives what its JSON Schema refuses",
    "schemas-agree",
    () =>
      defineAgent({
        name: "misdescribed",
        description: "Says that it gives texts.",
        input: Text,
        output: saying({ type: "string" }),
        execute: () => ({ words: 2 }),
      }) as Subject,
  ],
  [
    "takes what its JSON Schema refuses",
    "schemas-agree",
    () =>
      defineAgent({
        name: "misdescribed",
        description: "Says that it takes numbers.",
        input: saying({ type: "number" }),
        output: Words,
        execute: () => ({ words: 2 }),
      }),
  ],
  [
    "writes to its input and puts it back",
    "takes-frozen-input",
    () =>
      defineAgent({
        name: "scribbler",
        description: "Uses its input for notes.",
        input: z.custom<In>((value) => Text.safeParse(value).success),
        output: Words,
        execute: (input) => {
          const { text } = input;
          input.text = "a note";
          input.text = text;
          return { words: 2 };
        },
      }),
  ],
  [
    "gives the same object each time",
    "outputs-are-own",
    () => {
      const always = { words: 2, list: Object.freeze([["inside of what is frozen"]]) };
      return loose("sharer", () => ({ ...always }));
    },
  ],
  [
    "comes to something else by run",
    "ways-agree",
    () => spoilt(() => ({ run: () => Promise.resolve({ words: 3 }) })),
  ],
  [
    "fails with another code by start",
    "ways-agree",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          const error = new AtomicError("EXECUTION", "no", { details: { thrown: "no" } });
          return spoiltRun(run, {
            result: () => run.result.then((came) => (came.ok ? came : failure(error))),
          });
        },
      })),
  ],
  [
    "reports a time before its beginning",
    "report-adds-up",
    () => spoiltStages((stage) => [{ ...stage, atMs: -1 }]),
  ],
  [
    "reports a stage that outlasts the run",
    "report-adds-up",
    () => spoiltStages((stage) => [{ ...stage, durationMs: stage.durationMs + 60_000 }]),
  ],
  ["reports two stages by one id", "report-adds-up", () => spoiltStages((stage) => [stage, stage])],
  [
    "reports work without an attempt",
    "report-adds-up",
    () => spoiltStages((stage) => [{ ...stage, attempts: 0 }]),
  ],
  [
    "tells what cannot be written as JSON",
    "report-is-json",
    () =>
      made("teller", (_input, ctx) => {
        const circle: Record<string, unknown> = {};
        circle["self"] = circle;
        ctx.emit("told", circle);
        return { words: 2 };
      }),
  ],
  [
    "loses the caller's metadata",
    "context-travels",
    () =>
      spoilt((agent) => ({ start: (input, options) => agent.start(input, without(options, "metadata")) })),
  ],
  [
    "loses the caller's requestId on the way to its report",
    "context-travels",
    () =>
      spoilt((agent) => ({ start: (input, options) => agent.start(input, without(options, "requestId")) })),
  ],
  [
    "listens to the caller's signal for ever",
    "no-listener-left",
    () =>
      spoilt((agent) => ({
        tryRun: (input, options) => {
          options?.signal?.addEventListener("abort", () => {});
          return agent.tryRun(input, options);
        },
      })),
  ],
  [
    "leaves a timer running when it has ended",
    "no-timer-left",
    () =>
      made("reminder", (_input, ctx) => {
        ctx.clock.setTimer(() => {}, 60_000);
        return { words: 2 };
      }),
  ],
  [
    "starts a run of its own although it got a context",
    "joins-a-run",
    () => spoilt((agent) => ({ start: (input) => agent.start(input) })),
  ],
  [
    "runs on its own although it got a context",
    "joins-a-run",
    () => spoilt((agent) => ({ run: (input) => agent.run(input) })),
  ],
  ["comes to something else as a stage", "as-a-stage", otherwiseAlone],
  ["comes to something else as a fallback", "as-a-fallback", otherwiseAlone],
  ["comes to something else as a slot", "as-a-slot", mixer],
  ["comes to something else over items", "over-items", mixer],
  [
    "goes by its deadline",
    "under-a-policy",
    () =>
      made("hasty", (_input, ctx) => ({
        words: (ctx.deadline ?? Number.POSITIVE_INFINITY) - ctx.clock.now() > 100_000 ? 2 : 3,
      })),
  ],
  ["comes to something else as a case", "as-a-case", otherwiseAlone],
  ["comes to something else as a replica", "as-a-replica", otherwiseAlone],
  ["comes to something else in zip", "zipped", mixer],
  ["comes to something else under recover", "recovered", otherwiseAlone],
  ["comes to something else under a cache", "under-a-cache", otherwiseAlone],
  ["comes to something else under guards", "guarded", otherwiseAlone],
  [
    "tells no metrics",
    "metrics-are-told",
    () => spoilt((agent) => ({ start: (input, options) => agent.start(input, without(options, "metrics")) })),
  ],
  [
    "tells metrics of a run inside as well",
    "metrics-are-told",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          void agent.tryRun(input, options);
          return agent.start(input, options);
        },
      })),
  ],
  [
    "makes no spans",
    "spans-end",
    () => spoilt((agent) => ({ start: (input, options) => agent.start(input, without(options, "tracer")) })),
  ],
  [
    "keeps no record",
    "kept-in-a-store",
    () => spoilt((agent) => ({ start: (input, options) => agent.start(input, without(options, "store")) })),
  ],
  [
    "goes by the last of several reasons",
    "cancels-once",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          let last: string | undefined;
          const result = run.result.then((came) => {
            if (came.ok || last === undefined) return came;
            return failure(new AtomicError("CANCELLED", "cancelled", { details: { reason: last } }));
          });
          const cancel = (reason?: string) => {
            last = reason;
            run.cancel(reason);
          };
          return spoiltRun(run, { result: () => result, cancel: () => cancel });
        },
      })),
  ],
  [
    "knows only errors as reasons",
    "odd-reasons",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const run = agent.start(input, options);
          const result = run.result.then((came) => {
            if (came.ok || options?.signal?.reason instanceof Error) return came;
            return failure(new AtomicError("EXECUTION", "aborted", { details: { thrown: "aborted" } }));
          });
          return spoiltRun(run, { result: () => result });
        },
      })),
  ],
  [
    "has drafts that never end",
    "drafts-end",
    () =>
      spoilt((agent) => ({
        start: (input, options) =>
          spoiltRun(agent.start(input, options), {
            partials: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
          }),
      })),
  ],
  [
    "is broken by an input that it refuses",
    "works-after-trouble",
    () => {
      let isBroken = false;
      return spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = isBroken
            ? failure(new AtomicError("EXECUTION", "broken", { details: { thrown: "broken" } }))
            : await agent.tryRun(input, options);
          isBroken ||= !result.ok;
          return result;
        },
      }));
    },
  ],
  [
    "spends without asking",
    "within-the-budget",
    () =>
      spoilt((agent) => ({
        start: (input, options) => {
          const budget = (options as { readonly budget?: Budget } | undefined)?.budget;
          budget?.reserve({}).settle({ calls: 1, tokens: 1, money: 1 });
          return agent.start(input, options);
        },
      })),
  ],
  [
    "goes on past its caller's deadline",
    "deadline-of-caller",
    () => spoilt((agent) => ({ tryRun: (input) => agent.tryRun(input) })),
  ],
  [
    "goes on when its caller is cancelled",
    "ends-with-caller",
    () => spoilt((agent) => ({ start: (input) => agent.start(input) })),
  ],
  [
    "counts its refusals",
    "refuses-alike",
    () => {
      let count = 0;
      return spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          if (result.ok || result.error.code !== "VALIDATION_INPUT") return result;
          count++;
          const issues = [{ path: `refusal${count}`, message: "is not valid", got: "it" }];
          return failure(new AtomicError("VALIDATION_INPUT", result.error.message, { details: { issues } }));
        },
      }));
    },
  ],
  [
    "has errors that JSON makes something else of",
    "errors-travel",
    () =>
      spoilt((agent) => ({
        tryRun: async (input, options) => {
          const result = await agent.tryRun(input, options);
          if (result.ok) return result;
          const { message, details } = result.error;
          const spoiltError = new AtomicError(result.error.code, message, { details });
          Object.defineProperty(spoiltError, "agent", { value: new Map() });
          return failure(spoiltError);
        },
      })),
  ],
  [
    "fails where it should refuse, so that it is tried again",
    "refuses-once",
    () =>
      defineAgent({
        name: "late",
        description: "Checks its input itself.",
        input: z.custom<In>(() => true),
        output: Words,
        execute: (input) => ({ words: Text.parse(input).text.length }),
      }),
  ],
  [
    "describes itself otherwise each time",
    "stays-described",
    () => {
      const agent = good();
      let looks = 0;
      return Object.defineProperty({ ...agent }, "description", {
        enumerable: true,
        get: () => `Looked at ${++looks} times.`,
      });
    },
  ],
  ["has a version that is none", "well-named", () => spoilt(() => ({ version: "latest" }))],
  ["has a name with a line break", "well-named", () => spoilt(() => ({ name: "two\nlines" }))],
  ["is described by its name", "well-named", () => spoilt(({ name }) => ({ description: name }))],
  ["lists a capability twice", "well-named", () => spoilt(() => ({ capabilities: ["text", "text"] }))],
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
  expect(failed).toEqual(["accepts-valid", "stops-when-aborted", "takes-generated"]);
});
