/** What `pool` infers, and what it refuses. Compiled, never run. */
import {
  type Agent,
  type AgentInput,
  type AgentOutput,
  type BalancingStrategy,
  type Candidate,
  fastest,
  leastConnections,
  pipeline,
  type Pool,
  pool,
  type ReplicaState,
  roundRobin,
  withPolicy,
} from "../index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
declare function check<T extends true>(): T;

type Text = { text: string };
type Words = { words: number };
declare const count: Agent<Text, Words>;
declare const countToo: Agent<Text, Words>;
declare const translate: Agent<{ text: string; to: string }, Words>;
declare const shout: Agent<Text, Text>;
declare const scalar: Agent<string | number, number>;

// Agents and agents with a capacity, mixed.
{
  const both = pool([count, { agent: countToo, capacity: 2 }], {
    strategy: "fastest",
    maxWaiting: 5,
    name: "both",
  });
  check<Same<typeof both, Pool<Text, Words>>>();
  check<Same<AgentInput<typeof both>, Text>>();
  check<Same<AgentOutput<typeof both>, Words>>();
  check<Same<typeof both.replicas, readonly ReplicaState[]>>();
  check<Same<typeof both.waiting, number>>();
  const many = pool(Array.from({ length: 3 }, () => scalar));
  check<Same<typeof many, Pool<string | number, number>>>();
  pool([{ agent: count, capacity: undefined }]);
}

// What it takes, all of them take.
{
  const narrow = pool([count, translate]);
  check<Same<AgentInput<typeof narrow>, { text: string; to: string }>>();
}

// It is an agent wherever one is asked for.
{
  const chain = pipeline("p")
    .stage(pool([shout, shout]))
    .stage(count);
  check<Same<AgentOutput<typeof chain>, Words>>();
  const steady = withPolicy(pool([count]), { retry: { attempts: 2 } });
  check<Same<typeof steady, Agent<Text, Words>>>();
}

// Strategies: by name, ours, or one's own.
{
  pool([count], { strategy: roundRobin() });
  pool([count], { strategy: leastConnections() });
  pool([count], { strategy: fastest() });
  const own: BalancingStrategy = {
    name: "own",
    choose: (candidates, nowMs, random) => {
      check<Same<typeof candidates, readonly Candidate[]>>();
      check<Same<typeof nowMs, number>>();
      return Math.floor(random() * candidates.length);
    },
  };
  pool([count], { strategy: own });
  // @ts-expect-error no such strategy
  pool([count], { strategy: "random" });
  // @ts-expect-error it cannot wait
  pool([count], { strategy: { name: "slow", choose: async () => 0 } });
}

// @ts-expect-error not the same output
pool([count, shout]);
// @ts-expect-error not the same output, with a capacity
pool([count, { agent: shout, capacity: 1 }]);
// @ts-expect-error no such key
pool([{ agent: count, capasity: 1 }]);
// @ts-expect-error agents only
pool([() => 1]);
// @ts-expect-error no such option
pool([count], { waiting: 1 });
