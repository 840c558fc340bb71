/** What pipelines infer, and what does not fit. Compiled, never run. */
import { type } from "arktype";
import * as z from "zod";
import {
  type Agent,
  type AgentInput,
  type AgentOutput,
  type AgentPolicy,
  type AnyAgent,
  AtomicAgent,
  type AtomicError,
  type Context,
  defineAgent,
  type Middleware,
  parallel,
  type PassPolicy,
  type Pipeline,
  pipeline,
  pipelineOf,
  type Policy,
  type RunReport,
  untyped,
} from "../index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
declare function check<T extends true>(): T;

type Text = { text: string };
declare const clean: Agent<Text, Text>;
declare const count: Agent<Text, { words: number }>;
declare const rate: Agent<{ words: number }, { score: number }>;
declare const needsMore: Agent<{ text: string; words: number }, Text>;
declare const date: Agent<{ at: Date }, { at: Date }>;
declare const dated: Agent<Text, { at: string }>;
declare const either: Agent<Text | { words: number }, Text>;
declare const middleware: Middleware;

// Both forms of `.stage`, with and without policy; the pipeline is an agent.
{
  const chain = pipeline("p")
    .stage(clean)
    .stage("again", clean)
    .stage(count, { timeoutMs: 1_000, retry: { attempts: 3 }, onError: "drop" })
    .stage("rate", rate, { onError: "dead-letter" })
    .use(middleware);
  check<Same<typeof chain, Pipeline<Text, { score: number }>>>();
  check<Same<AgentInput<typeof chain>, Text>>();
  check<Same<AgentOutput<typeof chain>, { score: number }>>();
  const agent: Agent<Text, { score: number }> = chain;
  const nested = pipeline("outer").stage(agent).stage("chained", pipeline("inner").stage(rateAgain));
  check<Same<typeof nested, Pipeline<Text, number>>>();
}

// A stage that needs less than it gets, and one that takes a union.
{
  const chain = pipeline("p").stage(needsMore).stage(count);
  check<Same<typeof chain, Pipeline<{ text: string; words: number }, { words: number }>>>();
  pipeline("p").stage(withWords).stage(clean).stage(either);
  pipeline("p").stage(count).stage(either);
}

// A policy's own functions have their types.
{
  pipeline("p")
    .stage(clean, {
      retry: {
        attempts: 2,
        when: (error, attempt) => {
          check<Same<typeof error, AtomicError>>();
          check<Same<typeof attempt, number>>();
          return true;
        },
      },
    })
    .stage("again", clean, { retry: { attempts: 2, when: ({ code }) => code === "TIMEOUT" } });
}

// A user's own generic functions.
{
  function extend<TInput, TBetween, TOutput>(
    chain: Pipeline<TInput, TBetween>,
    agent: Agent<TBetween, TOutput>,
  ) {
    return chain
      .stage("first", agent)
      .stage(either2<TOutput>(), { timeoutMs: 5 })
      .stage("third", either2<TOutput>(), { timeoutMs: 5 });
  }
  const extended = extend(pipeline("p").stage(clean), count);
  check<Same<typeof extended, Pipeline<Text, { words: number }>>>();
  function begin<TInput, TOutput>(agent: Agent<TInput, TOutput>) {
    return pipeline("p").stage(agent, { onError: "pass" });
  }
  const begun = begin(count);
  check<Same<typeof begun, Pipeline<Text, { words: number } | Text>>>();
}

// What does not fit.
{
  // @ts-expect-error `words` is missing
  pipeline("p").stage(clean).stage(needsMore);
  // @ts-expect-error `words` is missing
  pipeline("p").stage(clean).stage("more", needsMore);
  // @ts-expect-error `words` is missing
  pipeline("p").stage(clean).stage("more", needsMore, { timeoutMs: 1 });
  // @ts-expect-error `words` is missing
  pipeline("p").stage(clean).stage(needsMore, { timeoutMs: 1 });
  // @ts-expect-error `words` is missing
  pipeline("p").stage(clean).stage(needsMore, { onError: "pass" });
  // @ts-expect-error an agent where a policy belongs
  pipeline("p").stage(clean).stage(clean, clean);
  // @ts-expect-error a policy where an agent belongs
  pipeline("p").stage(clean).stage("more", { timeoutMs: 1 });
  // @ts-expect-error a text is not a Date
  pipeline("p").stage(dated).stage(date);
  // @ts-expect-error optional is not required
  pipeline("p").stage(optional).stage(clean);
  // @ts-expect-error null is not undefined
  pipeline("p").stage(nullable).stage(takesOptional);
  // @ts-expect-error a union does not fit one of its members
  pipeline("p").stage(givesEither).stage(clean);
  // @ts-expect-error readonly items do not fit where they may be changed
  pipeline("p").stage(givesReadonly).stage(takesMutable);
  pipeline("p").stage(givesMutable).stage(takesReadonly);
  // @ts-expect-error a pipeline without stages cannot run
  void pipeline("p").run({ text: "" });
  // @ts-expect-error nor be mapped
  pipeline("p").map(() => ({ text: "" }), z.object({ text: z.string() }));
  // @ts-expect-error nor be a stage
  pipeline("p").stage(pipeline("q"));
  // @ts-expect-error an id without an agent
  pipeline("p").stage("clean");
  // @ts-expect-error no such option
  pipeline("p").stage(clean, { timeout: 1 });
  // @ts-expect-error no such option beside one that there is
  pipeline("p").stage(clean).stage(clean, { timeout: 1, onError: "drop" });
  // @ts-expect-error retries have a number
  pipeline("p").stage(clean, { retry: {} });
  // @ts-expect-error no such outcome
  pipeline("p").stage(clean, { onError: "ignore" });
}

// Trap: Zod's `.optional()` may hold undefined, ArkType's `?` may not; `.exactOptional()` is the cure.
{
  const ark = defineAgent({
    name: "ark",
    description: "Takes an ArkType optional.",
    input: type({ "note?": "string" }),
    output: type({ "note?": "string" }),
    execute: (input) => input,
  });
  const Loose = z.object({ note: z.string().optional() });
  const Exact = z.object({ note: z.string().exactOptional() });
  const loose = defineAgent({
    name: "l",
    description: "Zod.",
    input: Loose,
    output: Loose,
    execute: (i) => i,
  });
  const exact = defineAgent({
    name: "e",
    description: "Zod.",
    input: Exact,
    output: Exact,
    execute: (i) => i,
  });
  // @ts-expect-error undefined may come, which ArkType refuses
  pipeline("p").stage(loose).stage(ark);
  pipeline("p").stage(exact).stage(ark);
  pipeline("p").stage(ark).stage(loose);
}

// `pass`: what comes out is the stage's output or its input, and the next stage has to take both.
{
  const passing = pipeline("p").stage(clean).stage(count, { onError: "pass" });
  check<Same<typeof passing, Pipeline<Text, { words: number } | Text>>>();
  const named = pipeline("p").stage(clean).stage("count", count, { onError: "pass", timeoutMs: 5 });
  check<Same<typeof named, Pipeline<Text, { words: number } | Text>>>();
  const first = pipeline("p").stage(count, { onError: "pass" });
  check<Same<typeof first, Pipeline<Text, { words: number } | Text>>>();
  const firstNamed = pipeline("p").stage("count", count, { onError: "pass" });
  check<Same<typeof firstNamed, Pipeline<Text, { words: number } | Text>>>();
  passing.stage(either);
  // @ts-expect-error `text` may come instead of `words`
  passing.stage(rate);
}

// `.map` keeps literals, sync, async, nested and in tuples; gets the output and the context.
{
  const Labels = z.object({ label: z.enum(["a", "b"]), pair: z.tuple([z.literal("x"), z.number()]) });
  const sync = pipeline("p")
    .stage(count)
    .map(({ words }, ctx) => {
      check<Same<typeof words, number>>();
      check<Same<typeof ctx, Context>>();
      return { label: words > 1 ? "a" : "b", pair: ["x", words] };
    }, Labels);
  check<Same<typeof sync, Pipeline<Text, { label: "a" | "b"; pair: ["x", number] }>>>();
  pipeline("p")
    .stage(count)
    .map(async () => ({ label: "a", pair: ["x", 1] }), Labels, { id: "label" });
  pipeline("p")
    .stage(count)
    .map(() => ({ deep: [{ label: "a", pair: ["x", 1] }] }), z.object({ deep: z.array(Labels) }));
  const transformed = pipeline("p")
    .stage(count)
    .map(({ words }) => ({ at: words }), z.object({ at: z.number().transform((at) => new Date(at)) }));
  check<Same<typeof transformed, Pipeline<Text, { at: Date }>>>();
  const counted = pipeline("p").stage(count);
  // @ts-expect-error "c" is not a label
  counted.map(() => ({ label: "c", pair: ["x", 1] }), Labels);
  // @ts-expect-error `pair` is missing
  counted.map(() => ({ label: "a" }), Labels);
  // @ts-expect-error there is no `text` any more
  counted.map(({ text }) => ({ label: "a", pair: [text, 1] }), Labels);
}

// Trap: `parallel` gives its slots only.
{
  const both = pipeline("p")
    .stage(clean)
    .stage(parallel({ count, again: clean }));
  const typed: Pipeline<Text, { count: { words: number }; again: Text }> = both;
  void typed;
  // @ts-expect-error the input is not part of the output
  both.stage(clean);
}

// Agents known at run time only.
{
  const agents: readonly AnyAgent[] = [clean, count, rate, date, pipeline("q").stage(clean)];
  const chain = pipelineOf("p", agents);
  check<Same<typeof chain, Pipeline<unknown, unknown>>>();
  void chain.run(5);
  const typed = pipeline("p").stage(untyped(count));
  check<Same<typeof typed, Pipeline<unknown, unknown>>>();
}

// The class form: the types of `execute` have to be written.
{
  const In = z.object({ text: z.string() });
  const Out = z.object({ kind: z.enum(["long", "short"]) });
  class Classify extends AtomicAgent<typeof In, typeof Out> {
    readonly name = "classify";
    readonly description = "Tells long from short.";
    readonly input = In;
    readonly output = Out;
    readonly #limit: number;
    constructor(limit: number) {
      super();
      this.#limit = limit;
    }
    protected execute({ text }: z.output<typeof In>, ctx: Context): z.input<typeof Out> {
      ctx.emit("seen");
      return { kind: text.length > this.#limit ? "long" : "short" };
    }
  }
  const agent = new Classify(10);
  const output = agent.run({ text: "" });
  check<Same<typeof output, Promise<{ kind: "long" | "short" }>>>();
  const chain = pipeline("p").stage(clean).stage(agent);
  check<Same<typeof chain, Pipeline<Text, { kind: "long" | "short" }>>>();
  const list: AnyAgent[] = [agent];
  void list;
  // @ts-expect-error the work is not to be called past the checks
  void agent.execute({ text: "" });

  class Unwritten extends AtomicAgent<typeof In, typeof In> {
    readonly name = "unwritten";
    readonly description = "Leaves its types out.";
    readonly input = In;
    readonly output = In;
    // @ts-expect-error TypeScript gives the parameters of overridden methods no types
    protected execute({ text }) {
      return { text: String(text) };
    }
  }
  class Incomplete extends AtomicAgent<typeof In, typeof In> {
    readonly name = "incomplete";
    readonly description = "Returns another shape.";
    readonly input = In;
    readonly output = In;
    // @ts-expect-error `text` is missing
    protected execute(): { readonly words: number } {
      return { words: 1 };
    }
  }
  // @ts-expect-error its parts are missing
  class Empty extends AtomicAgent<typeof In, typeof In> {}
  void [Unwritten, Incomplete, Empty];
}

// A policy that is known only at run time.
{
  const policy: AgentPolicy = { timeoutMs: 1 };
  const never = pipeline("p").stage(count, policy);
  check<Same<typeof never, Pipeline<Text, { words: number }>>>();
  // It might pass the stage's input on: the next stage has to take both.
  const perhaps = pipeline("p")
    .stage(clean)
    .stage(count, policy as Policy);
  check<Same<typeof perhaps, Pipeline<Text, { words: number } | Text>>>();
  const perhapsNamed = pipeline("p").stage("count", count, policy as Policy);
  check<Same<typeof perhapsNamed, Pipeline<Text, { words: number } | Text>>>();
  perhaps.stage(either);
  // @ts-expect-error `text` may come instead of `words`
  perhaps.stage(rate);
  const always: PassPolicy = { onError: "pass" };
  const passing = pipeline("p").stage(count, always);
  check<Same<typeof passing, Pipeline<Text, { words: number } | Text>>>();
  const none = pipeline("p").stage(clean, undefined).stage("none", count, undefined);
  check<Same<typeof none, Pipeline<Text, { words: number }>>>();
  void (null as unknown as RunReport).stages.map((stage) => stage.id);
}

declare const either2: <T>() => Agent<T, T>;
declare const rateAgain: Agent<{ score: number }, number>;
declare const withWords: Agent<Text, { text: string; words: number }>;
declare const optional: Agent<Text, { text?: string }>;
declare const nullable: Agent<Text, { text: string | null }>;
declare const takesOptional: Agent<{ text?: string }, Text>;
declare const givesEither: Agent<Text, Text | { words: number }>;
declare const givesReadonly: Agent<Text, readonly string[]>;
declare const givesMutable: Agent<Text, string[]>;
declare const takesMutable: Agent<string[], Text>;
declare const takesReadonly: Agent<readonly string[], Text>;
