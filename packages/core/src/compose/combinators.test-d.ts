/** What the combinators infer, and what they refuse. Compiled, never run. */
import type { Issue } from "@atomic-agents/contracts";
import * as z from "zod";
import {
  type Agent,
  type AgentInput,
  type AgentOutput,
  AtomicError,
  type AnyAgent,
  type AnyAtomicError,
  type Context,
  type Disposition,
  branch,
  branchOn,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  type Policy,
  recover,
  type Result,
  runAll,
  withPolicy,
} from "../index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
/** Both can stand for each other; `{ a: 1 } & { b: 1 }` and `{ a: 1; b: 1 }` are one. */
type Alike<TLeft, TRight> = [TLeft] extends [TRight] ? ([TRight] extends [TLeft] ? true : false) : false;
declare function check<T extends true>(): T;

type Text = { text: string };
declare const clean: Agent<Text, Text>;
declare const count: Agent<Text, { words: number }>;
declare const translate: Agent<{ text: string; to: string }, Text>;
declare const scalar: Agent<string | number, number>;
declare const flag: Agent<boolean, string>;
declare const shape: Agent<{ kind: "a"; a: string } | { kind: "b"; b: number }, Text>;
declare const maybe: Agent<string | undefined, Text>;
declare const bug: Agent<{ kind: "bug"; text: string }, { ticket: number }>;
declare const question: Agent<{ kind: "question"; text: string; to: string }, { answer: string }>;

// parallel: every slot takes the input; each gives its own output under its name.
{
  const both = parallel({ count, translated: translate });
  check<Alike<AgentInput<typeof both>, { text: string; to: string }>>();
  check<Same<AgentOutput<typeof both>, { count: { words: number }; translated: Text }>>();
  // @ts-expect-error `to` is missing
  void both.run({ text: "" });

  const settled = parallel({ count, translated: translate }, { settled: true, concurrency: 2, name: "both" });
  check<Same<AgentOutput<typeof settled>, { count: Result<{ words: number }>; translated: Result<Text> }>>();

  const one = parallel({ count });
  check<Same<AgentInput<typeof one>, Text>>();

  // A slot that takes a union keeps it.
  const wide = parallel({ first: scalar, second: scalar });
  check<Same<AgentInput<typeof wide>, string | number>>();
  const flags = parallel({ flag });
  check<Same<AgentInput<typeof flags>, boolean>>();
  const shapes = parallel({ first: shape, second: shape });
  check<Alike<AgentInput<typeof shapes>, { kind: "a"; a: string } | { kind: "b"; b: number }>>();
  const maybes = parallel({ maybe });
  check<Same<AgentInput<typeof maybes>, string | undefined>>();

  // @ts-expect-error no such option
  parallel({ count }, { concurency: 2 });
  // @ts-expect-error a slot is an agent
  parallel({ count: () => 1 });
}

// Whether it is settled has to be known when it is compiled.
{
  const yes: boolean = Math.random() > 2;
  // @ts-expect-error else nobody knows the output's type
  parallel({ count }, { settled: yes });
  // @ts-expect-error likewise
  mapItems(count, { settled: yes });
}

// mapItems
{
  const all = mapItems(count);
  check<Same<typeof all, Agent<readonly Text[], { words: number }[]>>>();
  const settled = mapItems(count, { settled: true, concurrency: 3 });
  check<Same<typeof settled, Agent<readonly Text[], Result<{ words: number }>[]>>>();
  // @ts-expect-error items, not one item
  void all.run({ text: "" });
}

// branch: the input is what all cases take, the output what one of them gives.
{
  const route = branch(
    (input, ctx) => {
      check<Alike<typeof input, { text: string; to: string }>>();
      check<Same<typeof ctx, Context>>();
      return input.text === "" ? "count" : "translate";
    },
    { count, translate },
  );
  check<Alike<AgentInput<typeof route>, { text: string; to: string }>>();
  check<Same<AgentOutput<typeof route>, { words: number } | Text>>();
  branch(async ({ text }) => (text === "" ? "count" : "translate"), { count, translate });
  const wide = branch(() => "scalar", { scalar });
  check<Same<AgentInput<typeof wide>, string | number>>();
  const routed = branch(({ kind }) => kind, { a: shape, b: shape });
  check<Alike<AgentInput<typeof routed>, { kind: "a"; a: string } | { kind: "b"; b: number }>>();
  // @ts-expect-error no such case
  branch(() => "other", { count });
  // @ts-expect-error no such case, sometimes
  branch(({ text }) => (text === "" ? "count" : "other"), { count });
}

// branchOn: each case takes its own member of a union.
{
  const handle = branchOn("kind", { bug, question });
  check<
    Alike<
      AgentInput<typeof handle>,
      { kind: "bug"; text: string } | { kind: "question"; text: string; to: string }
    >
  >();
  check<Same<AgentOutput<typeof handle>, { ticket: number } | { answer: string }>>();
  void handle.run({ kind: "bug", text: "" });
  // @ts-expect-error `to` belongs to a question
  void handle.run({ kind: "question", text: "" });
  // @ts-expect-error no such kind
  void handle.run({ kind: "praise", text: "" });
}

// fallback: the input is what all take, the output what one of them gives.
{
  const tried = fallback([count, translate]);
  check<Alike<AgentInput<typeof tried>, { text: string; to: string }>>();
  check<Same<AgentOutput<typeof tried>, { words: number } | Text>>();
  const wide = fallback([scalar, scalar]);
  check<Same<AgentInput<typeof wide>, string | number>>();
  // @ts-expect-error at least one agent
  fallback([]);
}

// runAll: each pair by its own agent, each result by its own.
{
  const results = runAll([
    [count, { text: "" }],
    [scalar, 5],
    [translate, { text: "", to: "de" }],
  ]);
  check<Same<Awaited<typeof results>, [Result<{ words: number }>, Result<number>, Result<Text>]>>();
  const tasks = ["a", "b"].map((text) => ({ text }));
  const many = runAll(
    tasks.map((task) => [count, task] as const),
    { concurrency: 2 },
  );
  check<Same<Awaited<typeof many>, Result<{ words: number }>[]>>();
  // @ts-expect-error `words` is not what count takes
  void runAll([[count, { words: 1 }]]);
  void runAll([
    [count, { text: "" }],
    // @ts-expect-error the second pair is wrong
    [scalar, true],
  ]);
  // @ts-expect-error every task is wrong
  void runAll(tasks.map((task) => [scalar, task] as const));
}

// recover: what it gives is the agent's output; literals are kept.
{
  const classify = defineAgent({
    name: "classify",
    description: "Says what a text is.",
    input: z.object({ text: z.string() }),
    output: z.object({ kind: z.enum(["bug", "question"]), words: z.array(z.string()) }),
    execute: () => ({ kind: "bug", words: [] }),
  });
  const safe = recover(classify, (error, input, ctx) => {
    check<Same<typeof error, AnyAtomicError>>();
    check<Same<typeof input, Text>>();
    check<Same<typeof ctx, Context>>();
    return { kind: "question", words: [] };
  });
  check<Same<typeof safe, Agent<Text, { kind: "bug" | "question"; words: string[] }>>>();
  recover(classify, async () => ({ kind: "question", words: [] }));
  recover(classify, (_error, { text }) => ({ kind: text === "" ? "question" : "bug", words: [text] }));
  // @ts-expect-error no such kind
  recover(classify, () => ({ kind: "praise", words: [] }));
  // @ts-expect-error `words` is missing
  recover(classify, () => ({ kind: "bug" }));
}

// withPolicy: the same types; `pass` belongs to a pipeline's stage.
{
  const steady = withPolicy(count, { timeoutMs: 1, retry: { attempts: 2 }, onError: "drop" });
  check<Same<typeof steady, Agent<Text, { words: number }>>>();
  // @ts-expect-error its output would be another
  withPolicy(count, { onError: "pass" });
}

// A policy that may pass is no policy that does not.
{
  const policy: Policy = { onError: "pass" };
  // @ts-expect-error it may say pass
  withPolicy(count, policy);
}

// tryRun: `ok` tells the two apart, `code` tells the details.
{
  async function look(): Promise<void> {
    const result = await count.tryRun({ text: "" });
    check<Same<typeof result, Result<{ words: number }>>>();
    if (result.ok) {
      check<Same<typeof result.output, { words: number }>>();
      // @ts-expect-error a success has no error
      void result.error;
      return;
    }
    check<Same<typeof result.disposition, Disposition>>();
    const { error } = result;
    switch (error.code) {
      case "VALIDATION_INPUT":
      case "VALIDATION_OUTPUT":
        check<Alike<typeof error.details, { readonly issues: readonly Issue[] }>>();
        break;
      case "TIMEOUT":
        check<Same<typeof error.details.timeoutMs, number>>();
        // @ts-expect-error a timeout has no issues
        void error.details.issues;
        break;
      case "NO_ROUTE":
        check<Same<typeof error.details.cases, readonly string[]>>();
        break;
      // @ts-expect-error no such code
      case "TIMED_OUT":
        break;
      default:
    }
  }
  void look;
}

// isInstance narrows to the codes that are named.
{
  function look(thrown: unknown): void {
    if (AtomicError.isInstance(thrown, "TIMEOUT", "CANCELLED")) {
      check<Same<typeof thrown.code, "TIMEOUT" | "CANCELLED">>();
    }
    if (AtomicError.isInstance(thrown, "RATE_LIMITED")) {
      check<Same<typeof thrown.details, { readonly retryAfterMs?: number }>>();
    }
    if (AtomicError.isInstance(thrown)) {
      const { code } = thrown;
      check<Same<typeof code, AnyAtomicError["code"]>>();
    }
    // @ts-expect-error no such code
    AtomicError.isInstance(thrown, "TIMED_OUT");
    // @ts-expect-error a timeout says how long it was
    void new AtomicError("TIMEOUT", "too long", { details: {} });
  }
  void look;
}

// What is composed is an agent, for every list and every combinator.
{
  const all: readonly AnyAgent[] = [
    clean,
    parallel({ clean }),
    branch(() => "clean", { clean }),
    branchOn("kind", { bug }),
    fallback([clean]),
    mapItems(clean),
    recover(clean, () => ({ text: "" })),
    withPolicy(clean, {}),
  ];
  void all;
  const deep = mapItems(parallel({ one: fallback([clean, translate]), two: count }));
  check<Alike<AgentInput<typeof deep>, readonly { text: string; to: string }[]>>();
  check<Same<AgentOutput<typeof deep>, { one: Text; two: { words: number } }[]>>();
}
