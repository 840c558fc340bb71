/** What `defineAgent` infers, and what it refuses. Compiled, never run. */
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import {
  type Agent,
  type AgentInput,
  type AgentOutput,
  type AnyAgent,
  type Budget,
  type Clock,
  type Context,
  defineAgent,
  type Log,
  type Metadata,
  type Run,
  untyped,
} from "./index.ts";
import type { Result } from "./index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
declare function check<T extends true>(): T;

const common = { name: "a", description: "Stands for any agent." } as const;
const Text = z.object({ text: z.string() });
declare const yes: boolean;
declare const wide: Agent<{ text: string }, { text: string; words: number }>;
declare const numbers: Agent<number, string>;
declare const count: Agent<{ text: string }, { words: number }>;
declare const clean: Agent<{ text: string }, { text: string; size: number }>;
declare const other: Agent<{ text: string }, { text: string }>;

// The caller's types and the code's types are four, not two.
{
  const agent = defineAgent({
    ...common,
    input: z.object({ since: z.coerce.date<string>(), limit: z.number().default(10) }),
    output: z.object({ text: z.string().transform((text) => text.length) }),
    execute: (input, ctx) => {
      check<Same<typeof input, { since: Date; limit: number }>>();
      check<Same<typeof ctx, Context>>();
      return { text: "four" };
    },
  });
  check<Same<typeof agent, Agent<{ since: string; limit?: number | undefined }, { text: number }>>>();
  check<Same<AgentInput<typeof agent>, { since: string; limit?: number | undefined }>>();
  check<Same<AgentOutput<typeof agent>, { text: number }>>();

  const output = agent.run({ since: "2024-01-01" });
  check<Same<typeof output, Promise<{ text: number }>>>();
  const tried = agent.tryRun({ since: "2024-01-01", limit: 1 });
  check<Same<typeof tried, Promise<Result<{ text: number }>>>>();
  const started = agent.start({ since: "2024-01-01" });
  check<Same<typeof started, Run<{ text: number }>>>();

  // @ts-expect-error the caller gives a text, not what comes of it
  void agent.run({ since: new Date() });
  // @ts-expect-error `since` is missing
  void agent.run({ limit: 1 });
  // @ts-expect-error JSON of unknown shape is not the input; `untyped` validates it
  void agent.run(JSON.parse("{}") as unknown);
  void untyped(agent).run(JSON.parse("{}") as unknown);
}

// ArkType: a morph, and an optional key that does not take undefined.
{
  const agent = defineAgent({
    ...common,
    input: type({ count: "string.numeric.parse", "note?": "string" }),
    output: type({ n: "number" }),
    execute: ({ count, note }) => {
      check<Same<typeof count, number>>();
      check<Same<typeof note, string | undefined>>();
      return { n: count };
    },
  });
  check<Same<AgentInput<typeof agent>, { count: string; note?: string }>>();
  check<Same<AgentOutput<typeof agent>, { n: number }>>();
  // @ts-expect-error an absent key is not a key that holds undefined
  void agent.run({ count: "1", note: undefined });
}

// Valibot: a pipe.
{
  const agent = defineAgent({
    ...common,
    input: v.object({
      at: v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
    }),
    output: v.object({
      size: v.pipe(
        v.string(),
        v.transform((text) => text.length),
      ),
    }),
    execute: ({ at }) => {
      check<Same<typeof at, Date>>();
      return { size: at.toISOString() };
    },
  });
  check<Same<AgentInput<typeof agent>, { at: string }>>();
  check<Same<AgentOutput<typeof agent>, { size: number }>>();
}

// Dates, optional against nullable, unions, defaults.
{
  const schema = z.object({
    at: z.date(),
    maybe: z.string().optional(),
    exact: z.string().exactOptional(),
    nothing: z.string().nullable(),
    union: z.union([z.string(), z.number()]),
    tag: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), a: z.string() }),
      z.object({ kind: z.literal("b"), b: z.number() }),
    ]),
  });
  const agent = defineAgent({ ...common, input: schema, output: schema, execute: (input) => input });
  type Whole = {
    at: Date;
    maybe?: string | undefined;
    exact?: string;
    nothing: string | null;
    union: string | number;
    tag: { kind: "a"; a: string } | { kind: "b"; b: number };
  };
  check<Same<AgentInput<typeof agent>, Whole>>();
  check<Same<AgentOutput<typeof agent>, Whole>>();
}

// Scalars and arrays are inputs and outputs too; a union stays one.
{
  const agent = defineAgent({
    ...common,
    input: z.union([z.string(), z.number()]),
    output: z.array(z.boolean()),
    execute: (input) => [typeof input === "string"],
  });
  check<Same<typeof agent, Agent<string | number, boolean[]>>>();
}

// Literals are kept: sync, async, nested, in tuples, arrays and unions, through a variable condition.
{
  const Labels = z.object({ label: z.enum(["a", "b"]) });
  defineAgent({ ...common, input: Text, output: Labels, execute: () => ({ label: "a" }) });
  defineAgent({ ...common, input: Text, output: Labels, execute: () => ({ label: yes ? "a" : "b" }) });
  defineAgent({ ...common, input: Text, output: Labels, execute: async () => ({ label: "a" }) });
  defineAgent({
    ...common,
    input: Text,
    output: Labels,
    execute: async ({ text }) => {
      await Promise.resolve();
      return { label: text === "" ? "a" : "b" };
    },
  });
  defineAgent({ ...common, input: Text, output: z.array(Labels), execute: async () => [{ label: "a" }] });
  defineAgent({ ...common, input: Text, output: z.array(z.enum(["a", "b"])), execute: () => ["a", "b"] });
  defineAgent({
    ...common,
    input: Text,
    output: z.object({
      deep: z.object({ labels: z.array(Labels), pair: z.tuple([z.literal("x"), z.number()]) }),
    }),
    execute: () => ({ deep: { labels: [{ label: "a" }, { label: "b" }], pair: ["x", 1] } }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("found"), at: z.number() }),
      z.object({ kind: z.literal("absent"), why: z.enum(["empty", "none"]) }),
    ]),
    execute: ({ text }) =>
      text === "" ? { kind: "absent", why: "empty" } : { kind: "found", at: text.indexOf("a") },
  });
  defineAgent({
    ...common,
    input: Text,
    output: v.object({ label: v.picklist(["a", "b"]) }),
    execute: async () => ({ label: "a" }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: type({ label: "'a' | 'b'" }),
    execute: () => ({ label: "b" }),
  });

  // What a variable, a generic function such as Array.map, or a bare literal widens, has to be said.
  defineAgent({ ...common, input: Text, output: z.enum(["a", "b"]), execute: async () => "a" as const });
  defineAgent({
    ...common,
    input: Text,
    output: z.object({ labels: z.array(Labels) }),
    execute: ({ text }) => ({
      labels: text.split(" ").map((word): z.input<typeof Labels> => ({ label: word === "" ? "a" : "b" })),
    }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: z.object({ labels: z.array(Labels) }),
    execute: () => {
      const labels = [{ label: "a" as const }];
      return { labels };
    },
  });

  defineAgent({
    ...common,
    input: Text,
    output: Labels,
    // @ts-expect-error "c" is not a label
    execute: () => ({ label: "c" }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: Labels,
    // @ts-expect-error "c" is not a label
    execute: async () => ({ label: yes ? "a" : "c" }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: z.object({ b: z.string(), c: z.string() }),
    // @ts-expect-error c is missing
    execute: () => ({ b: "" }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: z.object({ b: z.string(), c: z.string() }),
    // @ts-expect-error c is missing
    execute: async () => ({ b: "" }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: z.object({ words: z.number() }),
    // @ts-expect-error the key is misspelt
    execute: ({ text }) => ({ wrods: text.length }),
  });
  defineAgent({
    ...common,
    input: Text,
    output: Labels,
    // @ts-expect-error nothing is returned
    execute: () => {},
  });
}

// A definition has all of its parts and no others.
{
  // @ts-expect-error a description is required
  defineAgent({ name: "a", input: Text, output: Text, execute: (input) => input });
  // @ts-expect-error no such part
  defineAgent({ ...common, input: Text, output: Text, execute: (input) => input, timeoutMs: 1 });
  // @ts-expect-error a JSON Schema is not a Standard Schema
  defineAgent({ ...common, input: { type: "string" }, output: Text, execute: () => ({ text: "" }) });
}

// Variance: an agent that takes more stands for one that takes less, one that gives more for one that gives less.
{
  const narrow: Agent<{ text: string; more: string }, { text: string }> = wide;
  void narrow;
  // @ts-expect-error it takes less than that
  const taking: Agent<Record<never, never>, { text: string; words: number }> = wide;
  // @ts-expect-error it gives less than that
  const giving: Agent<{ text: string }, { text: string; words: number; more: string }> = wide;
  void [taking, giving];
}

// Unlike agents go into one list; to run one of them, it has to be `untyped`.
{
  const list: readonly AnyAgent[] = [numbers, count];
  for (const agent of list) {
    // @ts-expect-error nobody knows what it takes
    void agent.run({ text: "" });
    const output = untyped(agent).run({ text: "" });
    check<Same<typeof output, Promise<unknown>>>();
  }
}

// A user's own generic function over agents.
{
  function twice<TInput, TOutput extends TInput>(agent: Agent<TInput, TOutput>) {
    return async (input: TInput): Promise<TOutput> => agent.run(await agent.run(input));
  }
  const both = twice(clean);
  check<Same<typeof both, (input: { text: string }) => Promise<{ text: string; size: number }>>>();
  // @ts-expect-error its output is not its input
  twice(count);
}

// The context.
{
  defineAgent({
    ...common,
    input: Text,
    output: Text,
    execute: async (input, ctx) => {
      check<Same<typeof ctx.runId, string>>();
      check<Same<typeof ctx.requestId, string>>();
      check<Same<typeof ctx.timestamp, Date>>();
      check<Same<typeof ctx.userId, string | undefined>>();
      check<Same<typeof ctx.metadata, Metadata>>();
      check<Same<typeof ctx.signal, AbortSignal>>();
      check<Same<typeof ctx.deadline, number | undefined>>();
      check<Same<typeof ctx.budget, Budget>>();
      check<Same<typeof ctx.clock, Clock>>();
      check<Same<typeof ctx.log, Log>>();
      ctx.emit("half-way", { done: 1 });
      ctx.budget.spend({ tokens: 1 });
      void other.tryRun(input, { timeoutMs: 10, userId: ctx.userId });
      // @ts-expect-error a context is read, not written
      ctx.userId = "me";
      // @ts-expect-error no such option
      void other.run(input, { timeout: 10 });
      return other.run(input, ctx);
    },
  });
}
