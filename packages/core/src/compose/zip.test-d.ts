/** What `zip` infers, and what it refuses. Compiled, never run. */
import {
  type Agent,
  type AgentInput,
  type AgentOutput,
  mapItems,
  pipeline,
  type Result,
  zip,
} from "../index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
declare function check<T extends true>(): T;

type Text = { text: string };
declare const count: Agent<Text, { words: number }>;
declare const scalar: Agent<string | number, number>;
declare const maybe: Agent<string | undefined, Text>;
declare const pairs: Agent<readonly [{ words: number }, number], string>;

// Each position is its own agent's.
{
  const both = zip([count, scalar, maybe]);
  check<Same<AgentInput<typeof both>, readonly [Text, string | number, string | undefined]>>();
  check<Same<AgentOutput<typeof both>, [{ words: number }, number, Text]>>();
  void both.run([{ text: "" }, 5, undefined]);
  // @ts-expect-error one too few
  void both.run([{ text: "" }, 5]);
  // @ts-expect-error one too many
  void both.run([{ text: "" }, 5, "", ""]);
  // @ts-expect-error the wrong order
  void both.run([5, { text: "" }, ""]);
}

// Settled, each position is an outcome.
{
  const settled = zip([count, scalar], { settled: true, concurrency: 2, name: "both" });
  check<Same<AgentOutput<typeof settled>, [Result<{ words: number }>, Result<number>]>>();
  const yes: boolean = Math.random() > 2;
  // @ts-expect-error else nobody knows the output's type
  zip([count], { settled: yes });
}

// What is composed is an agent.
{
  const chain = pipeline("p")
    .stage(zip([count, scalar]))
    .stage(pairs);
  check<Same<AgentOutput<typeof chain>, string>>();
  const three = pipeline("p").stage(zip([count, scalar, scalar]));
  // @ts-expect-error three do not fit two
  three.stage(pairs);
  const all = mapItems(zip([count, scalar]));
  check<Same<AgentOutput<typeof all>, [{ words: number }, number][]>>();
}

// @ts-expect-error at least one agent
zip([]);
// @ts-expect-error agents only
zip([count, () => 1]);
// @ts-expect-error no such option
zip([count], { concurency: 1 });
