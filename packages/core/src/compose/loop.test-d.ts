/** What `loop` infers, and what it refuses. Compiled, never run. */
import { type Agent, type Context, loop } from "../index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
declare function check<T extends true>(): T;

type Draft = { text: string };
type Scored = { text: string; score: number };
declare const rewrite: Agent<Draft, Draft>;
declare const score: Agent<Draft, Scored>;
declare const needsScore: Agent<Scored, Draft>;
declare const count: Agent<Draft, { words: number }>;
declare const scalar: Agent<string | number, number>;
declare const maybe: Agent<Draft | undefined, Draft>;

// The loop takes what the agent takes, and gives what it gives.
{
  const same = loop(rewrite, { until: ({ text }, round) => text === "" || round > 3 });
  check<Same<typeof same, Agent<Draft, Draft>>>();
  const better = loop(
    score,
    {
      until: async (output, round, ctx) => {
        check<Same<typeof output, Scored>>();
        check<Same<typeof round, number>>();
        check<Same<typeof ctx, Context>>();
        return output.score > 0.9;
      },
      maxRounds: 5,
    },
    { name: "better" },
  );
  check<Same<typeof better, Agent<Draft, Scored>>>();
  const numbers = loop(scalar, { until: (value) => value > 1 });
  check<Same<typeof numbers, Agent<string | number, number>>>();
  const some = loop(maybe, { until: () => true });
  check<Same<typeof some, Agent<Draft | undefined, Draft>>>();
}

// @ts-expect-error what it gives is not what it takes
loop(count, { until: () => true });
// @ts-expect-error what it gives has no score, which it takes
loop(needsScore, { until: () => true });
// @ts-expect-error `until` is missing
loop(rewrite, {});
// @ts-expect-error neither true nor false
loop(rewrite, { until: ({ text }) => text });
// @ts-expect-error no such setting
loop(rewrite, { until: () => true, rounds: 5 });
