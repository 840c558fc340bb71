import { intersectionOf, unionOf } from "@atomic-agents/contracts";
import { type Agent, type AnyAgent, isAgent } from "../agent.ts";
import { fastest } from "../balancing/fastest.ts";
import { leastConnections } from "../balancing/least-connections.ts";
import { ReplicaLoad } from "../balancing/replica-load.ts";
import { roundRobin } from "../balancing/round-robin.ts";
import type { BalancingStrategy } from "../balancing/strategy.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Frame } from "../run/frame.ts";
import { programOfPart } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { compositeKeys, type CompositeOptions, makeComposite } from "./composite.ts";
import { freeKey } from "./free-key.ts";
import { type Place, PoolLine } from "./pool-line.ts";

/** The strategies that a pool knows by name. */
export type StrategyName = "round-robin" | "least-connections" | "fastest";

/** An agent of a pool, with how many calls it takes at a time. */
export interface Replica<in TInput, out TOutput> {
  readonly agent: Agent<TInput, TOutput>;
  /** How many calls run on it at a time, which also says how much of the calls it gets; no limit when absent. */
  readonly capacity?: number | undefined;
}

/** How a pool gives calls to its replicas. */
export interface PoolOptions extends CompositeOptions {
  /** Which replica takes a call; `round-robin` unless said otherwise. */
  readonly strategy?: StrategyName | BalancingStrategy | undefined;
  /** How many calls may wait while all replicas are full; 1,000. With 0, a call that finds no room fails at once. */
  readonly maxWaiting?: number | undefined;
  /** How long a call may wait; 30,000. */
  readonly maxWaitMs?: number | undefined;
}

/** What a pool knows of one of its replicas, as of the moment when it was asked. */
export interface ReplicaState {
  /** The name of its place in the pool, as in stage paths. */
  readonly id: string;
  /** The agent's name. */
  readonly agent: string;
  /** How many calls are running on it. */
  readonly active: number;
  /** How many may at a time; `Infinity` when there is no limit. */
  readonly capacity: number;
  /** How many calls have begun. */
  readonly calls: number;
  /** How many of them have failed, leaving out what was the caller's fault. */
  readonly failures: number;
  /** How long a call takes: a moving average in which a slow call counts in full. Undefined before one has ended. */
  readonly latencyMs: number | undefined;
}

/** Replicas that stand for one agent. */
export interface Pool<in TInput, out TOutput> extends Agent<TInput, TOutput> {
  /** The replicas as they are now, in the order in which they were given. */
  readonly replicas: readonly ReplicaState[];
  /** How many calls wait for room. */
  readonly waiting: number;
}

/**
 * Several replicas of an agent as one: each call goes to one of them. They may be one agent several times, the same
 * service at several places, or models of different makes with one contract.
 *
 * While all replicas are full, calls wait, first come, first served. A place is given back when the call ends, fails or
 * is given up on; a waiting call that is given up on leaves the line at once. What is counted is shared by all runs that
 * use this pool.
 *
 * A failure of a replica is a failure of the call. A retry around the pool goes to another replica where there is one:
 * `withPolicy(pool(…), { retry: … })`. A replica that has failed or timed out rests for 0.1 s, twice as long after each
 * further failure in a row, up to 30 s; then one call tries it. Meanwhile calls go to the others, and wait for them when
 * they are full; when all rest, the one that rests least long is used. An input that is not taken, a spent budget and a
 * cancellation say nothing of a replica.
 *
 * Its input and output schema are those of the replicas where they share them, else the intersection of the inputs and
 * the union of the outputs.
 *
 * @throws AtomicError at run time `NO_INSTANCE` when too many calls wait, or one has waited too long; `CONFIG` for no
 * replicas or a wrong option
 * @example
 * ```ts
 * const model = (name: string) =>
 *   defineAgent({
 *     name,
 *     description: "Stands for a model at one place.",
 *     input: z.string(),
 *     output: z.string(),
 *     execute: async (text) => `${name}: ${text}`,
 *   });
 * const models = pool([model("east"), { agent: model("west"), capacity: 2 }]);
 * console.log(await models.run("a"), await models.run("b")); // => east: a west: b
 * console.log(models.replicas.map(({ id, calls }) => `${id} ${calls}`)); // => [ 'east 1', 'west 1' ]
 * ```
 */
export function pool<TInput, TOutput>(
  replicas: readonly (Agent<TInput, TOutput> | Replica<TInput, TOutput>)[],
  options: PoolOptions = {},
): Pool<TInput, TOutput> {
  checkKeys("pool", options, [...compositeKeys, "strategy", "maxWaiting", "maxWaitMs"]);
  const { maxWaiting = 1_000, maxWaitMs = 30_000 } = options;
  const strategy = strategyOf(options.strategy);
  checkCount("pool", "maxWaiting", maxWaiting, 0);
  checkMs("pool", "maxWaitMs", maxWaitMs);
  const parts = new Map<string, AnyAgent>();
  const loads: ReplicaLoad[] = [];
  for (const { agent, capacity = Number.POSITIVE_INFINITY } of checkReplicas(replicas)) {
    const id = freeKey(parts, agent.name);
    parts.set(id, agent);
    loads.push(new ReplicaLoad(id, capacity));
  }
  const agents = [...parts.values()];
  const line = new PoolLine(loads, { strategy, maxWaiting, maxWaitMs });
  const composite = makeComposite({
    what: "pool",
    kind: "pool",
    options,
    optionKeys: ["strategy", "maxWaiting", "maxWaitMs"],
    description: `Gives each call to one of ${[...parts.keys()].join(", ")}.`,
    input: intersectionOf(agents.map(({ input }) => input)),
    output: unionOf(agents.map(({ output }) => output)),
    parts,
    execute: () => {
      const programs = [...parts].map(([id, agent]) => programOfPart(agent, id));
      const run = (place: Place, input: unknown, ctx: Scope): unknown => {
        let part: Frame | undefined;
        let output: unknown;
        try {
          // There is one program for each place.
          const program = programs[place.index] as (typeof programs)[number];
          part = ctx["~frame"].spawn(ctx, program, undefined, true);
          output = part.enter(input);
        } catch (thrown) {
          place.fail(thrown, endOf(part, ctx));
          throw thrown;
        }
        if (!isThenable(output)) {
          place.succeed(endOf(part, ctx));
          return output;
        }
        place.watch();
        return output.then(
          (late) => {
            place.succeed(endOf(part, ctx));
            return late;
          },
          (thrown: unknown) => {
            place.fail(thrown, endOf(part, ctx));
            throw thrown;
          },
        );
      };
      return (input: unknown, ctx: Scope) => {
        const place = line.take(ctx);
        return isThenable(place) ? place.then((late) => run(late, input, ctx)) : run(place, input, ctx);
      };
    },
  });
  // The replicas take and give what the types say; the pool only hands their values on.
  const agent = composite as Agent<TInput, TOutput>;
  return Object.freeze({
    ...agent,
    get replicas(): readonly ReplicaState[] {
      return loads.map((load, index) => stateOf(load, agents[index]?.name ?? ""));
    },
    get waiting(): number {
      return line.waiting;
    },
  });
}

/** When a part ended: it has read the clock itself. */
function endOf(part: Frame | undefined, ctx: Scope): number {
  return part?.marks.at(-1) ?? ctx.clock.now();
}

function stateOf(load: ReplicaLoad, agent: string): ReplicaState {
  const { id, active, capacity, calls, failures, latencyMs } = load;
  return { id, agent, active, capacity, calls, failures, latencyMs };
}

/** @throws AtomicError `CONFIG` */
function checkReplicas(replicas: readonly unknown[]): readonly Replica<never, unknown>[] {
  if (!Array.isArray(replicas)) throw configError("pool", "replicas", "an array of agents", replicas);
  if (replicas.length === 0) throw configError("pool", "replicas", "at least one agent", "none");
  return Array.from<unknown, Replica<never, unknown>>(replicas, (given, index) => {
    if (isAgent(given)) return { agent: given };
    const path = `replicas[${index}]`;
    if (typeof given !== "object" || given === null || !("agent" in given) || !isAgent(given.agent)) {
      throw configError(
        "pool",
        path,
        "an agent, or { agent, capacity? }",
        given,
        "Make one with defineAgent.",
      );
    }
    checkKeys(`pool, ${path}`, given, ["agent", "capacity"]);
    // Checked next.
    const capacity = "capacity" in given ? (given.capacity as number | undefined) : undefined;
    checkCount("pool", `${path}.capacity`, capacity);
    return { agent: given.agent, capacity };
  });
}

/** @throws AtomicError `CONFIG` */
function strategyOf(strategy: PoolOptions["strategy"] = "round-robin"): BalancingStrategy {
  switch (strategy) {
    case "round-robin":
      return roundRobin();
    case "least-connections":
      return leastConnections();
    case "fastest":
      return fastest();
    default:
      if (typeof strategy?.name === "string" && typeof strategy.choose === "function") return strategy;
      throw configError(
        "pool",
        "strategy",
        "round-robin, least-connections, fastest, or an object with name and choose",
        strategy,
      );
  }
}
