import {
  type Agent,
  type AgentPolicy,
  type AnyAgent,
  branch,
  CircuitBreaker,
  ConcurrencyLimit,
  type Context,
  defineAgent,
  fallback,
  loop,
  mapItems,
  type Middleware,
  parallel,
  pipeline,
  type Policy,
  pool,
  RateLimit,
  recover,
  type Resource,
  untyped,
  withCache,
  withCircuitBreaker,
  withConcurrencyLimit,
  withPolicy,
  withRateLimit,
  zip,
} from "@atomic-agents/core";
import { simulatedLeaf, type SimulatedResource } from "./leaf.ts";
import { scriptedSchema } from "./scripted-schema.ts";
import type { Guarded, World } from "./world.ts";

type AnyWork = Agent<unknown, unknown>;

/** Puts something of the caller's own around agents of the graph. */
export type SimulatedWrapper = (agent: AnyWork) => AnyAgent;

interface Growing {
  readonly world: World;
  readonly resources: readonly Resource<SimulatedResource>[];
  readonly wrappers: readonly SimulatedWrapper[];
  /** What limits are shared by several leaves. */
  readonly limits: ConcurrencyLimit[];
  readonly rates: RateLimit[];
  readonly breakers: CircuitBreaker[];
  /** How many leaves there are, and how many names. */
  leaves: number;
  names: number;
}

/** Grows an agent of agents; what it takes and gives is a text that begins with the run's tag. */
export function growGraph(
  world: World,
  resources: readonly Resource<SimulatedResource>[],
  wrappers: readonly SimulatedWrapper[],
): AnyWork {
  const growing: Growing = {
    world,
    resources,
    wrappers,
    limits: [],
    rates: [],
    breakers: [],
    leaves: 0,
    names: 0,
  };
  return grow(growing, world.random.between(1, 4));
}

const kinds = [
  "pipeline",
  "pipeline",
  "pipeline",
  "parallel",
  "zip",
  "map-items",
  "fallback",
  "recover",
  "branch",
  "pool",
  "loop",
  "policy",
] as const;

function grow(growing: Growing, depth: number): AnyWork {
  const { random } = growing.world;
  if (depth === 0 || growing.leaves > 12) return growLeaf(growing);
  const child = (): AnyWork => grow(growing, depth - 1);
  const name = nameOf(growing, "n");
  const kind = random.pick(kinds);
  const settled = random.chance(0.4);
  const concurrency = random.between(1, 4);
  const isConcurrent = ["parallel", "zip", "map-items"].includes(kind);
  if (isConcurrent && concurrency > 1) growing.world.isSequential = false;
  switch (kind) {
    case "pipeline":
      return growPipeline(growing, depth, name);
    case "parallel": {
      const both = settled
        ? parallel({ a: child(), b: child() }, { settled: true, concurrency, name })
        : parallel({ a: child(), b: child() }, { concurrency, name });
      return joined(name, both);
    }
    case "zip": {
      const pair = zip([child(), child()], { settled, concurrency, name } as { settled: false });
      return spread(growing, name, 2, pair);
    }
    case "map-items": {
      const items = mapItems(child(), { settled, concurrency, name } as { settled: false });
      return spread(growing, name, random.between(0, 5), items);
    }
    case "fallback":
      return untyped(fallback([child(), child()], { name }));
    case "recover":
      return recover(child(), (_error, input) => `${String(input)}>recovered`, { name });
    case "branch":
      return untyped(
        branch(
          (text) => (String(text).length % 2 === 0 ? "even" : "odd"),
          { even: child(), odd: child() },
          { name },
        ),
      );
    case "pool":
      return growPool(growing, child, name);
    case "loop":
      return loop(
        child(),
        { until: (_output, round) => round >= random.between(1, 3), maxRounds: 3 },
        { name },
      );
    case "policy":
      return withPolicy(child(), policyOf(growing), { name });
  }
}

function growPipeline(growing: Growing, depth: number, name: string): AnyWork {
  const { random } = growing.world;
  let made = pipeline(name).stage(grow(growing, depth - 1));
  const stages = random.between(0, 3);
  for (let stage = 0; stage < stages; stage++) {
    const policy: Policy | undefined = random.chance(0.5) ? policyOf(growing) : undefined;
    const agent = grow(growing, depth - 1);
    made = random.chance(0.15)
      ? made.stage(`s${stage}`, agent, { ...policy, onError: "pass" })
      : made.stage(`s${stage}`, agent, policy as AgentPolicy);
  }
  return random.chance(0.3) ? made.use(pausing(growing)) : made;
}

/** A middleware that keeps the rules, and takes its time. */
function pausing(growing: Growing): Middleware {
  const { random } = growing.world;
  return (next) => async (input, ctx) => {
    if (random.chance(0.3)) await Promise.resolve();
    if (random.chance(0.05)) throw new Error("refused by a middleware");
    return next(input, ctx);
  };
}

function growPool(growing: Growing, child: () => AnyWork, name: string): AnyWork {
  const { random } = growing.world;
  const strategy = random.pick(["round-robin", "least-connections", "fastest"] as const);
  const replicas = [child(), child()].map((agent) => ({ agent, capacity: random.between(1, 3) }));
  return untyped(
    pool(replicas, {
      strategy,
      maxWaitMs: random.pick([50, 1_000]),
      maxWaiting: random.between(1, 10),
      name,
    }),
  );
}

function policyOf(growing: Growing): AgentPolicy {
  const { random } = growing.world;
  return {
    timeoutMs: random.pick([undefined, 5, 20, 100, 1_000]),
    retry: random.chance(0.5)
      ? {
          attempts: random.between(1, 4),
          baseDelayMs: random.pick([0, 1, 10]),
          jitter: random.pick(["full", "none"] as const),
        }
      : undefined,
    onError: random.pick([undefined, "stop", "drop", "dead-letter"] as const),
  };
}

function growLeaf(growing: Growing): AnyWork {
  const { world, resources, wrappers } = growing;
  const { random } = world;
  growing.leaves++;
  const guarded: { limits: ConcurrencyLimit[]; rates: RateLimit[]; breakers: CircuitBreaker[] } = {
    limits: [],
    rates: [],
    breakers: [],
  };
  let waitsInside = false;
  let agent = simulatedLeaf({
    world,
    name: nameOf(growing, "leaf"),
    guarded: guarded satisfies Guarded,
    canBeUndone: random.chance(0.4),
    resource: resources.length > 0 && random.chance(0.2) ? random.pick(resources) : undefined,
  });
  if (random.chance(0.2)) {
    const limit = shared(growing, growing.limits, () => {
      const maxWaiting = random.between(0, 5);
      const max = random.between(1, 3);
      const made = new ConcurrencyLimit({ max, maxWaiting, maxWaitMs: random.pick([10, 200]) });
      world.places.set(made, max);
      return made;
    });
    guarded.limits.push(limit);
    waitsInside = true;
    agent = withConcurrencyLimit(agent, limit);
  }
  if (random.chance(0.2)) {
    const rate = shared(growing, growing.rates, () => {
      const rate = { limit: random.between(1, 4), perMs: random.pick([10, 100]) };
      const made = new RateLimit({ ...rate, maxWaiting: 5, maxWaitMs: random.pick([10, 300]) });
      world.rates.set(made, rate);
      return made;
    });
    // Whoever waits for a place inside is called later than it was let through.
    if (!waitsInside) guarded.rates.push(rate);
    waitsInside = true;
    agent = withRateLimit(agent, rate);
  }
  if (random.chance(0.2)) {
    const breaker = shared(growing, growing.breakers, () => new CircuitBreaker({ failures: 2, openMs: 50 }));
    if (!waitsInside) guarded.breakers.push(breaker);
    agent = withCircuitBreaker(agent, breaker);
  }
  if (random.chance(0.15)) agent = withCache(agent, { maxAgeMs: 100 });
  for (const wrap of wrappers) if (random.chance(0.5)) agent = untyped(wrap(agent));
  return agent;
}

/** One of those that are there, or a new one. */
function shared<TItem>(growing: Growing, items: TItem[], make: () => TItem): TItem {
  if (items.length > 0 && growing.world.random.chance(0.5)) return growing.world.random.pick(items);
  const made = make();
  items.push(made);
  return made;
}

/** Several of a text, through an agent of several, and one text of what it gives; each item in its own place. */
function spread(growing: Growing, name: string, count: number, agent: AnyAgent): AnyWork {
  const { world } = growing;
  const split = plain(`${name}-split`, (text) =>
    Array.from({ length: count }, (_unused, index) => `${String(text)}#${name}.${index}`),
  );
  const gather = plain(`${name}-gather`, (outputs, ctx) => {
    const slots: readonly unknown[] = Array.isArray(outputs) ? outputs : [];
    if (slots.length !== count) world.violate(`${name} gave ${slots.length} outputs for ${count} items`);
    for (const [index, slot] of slots.entries()) {
      for (const text of textsIn(slot)) {
        const at = text.lastIndexOf(`#${name}.`);
        // Where all that lies inside was lost there is nothing to see.
        if (at >= 0 && !text.startsWith(`#${name}.${index}`, at))
          world.violate(`${name} has ${text} in place ${index}`);
      }
    }
    return textsIn(slots)[0] ?? `${String(ctx.userId)}>nothing`;
  });
  return pipeline(`${name}-spread`).stage(split).stage("several", untyped(agent)).stage(gather);
}

/** What comes out of an agent of several slots, as one text. */
function joined(name: string, agent: AnyAgent): AnyWork {
  const gather = plain(
    `${name}-gather`,
    (slots, ctx) => textsIn(slots)[0] ?? `${String(ctx.userId)}>nothing`,
  );
  return pipeline(`${name}-joined`).stage(untyped(agent)).stage(gather);
}

function plain(name: string, execute: (input: unknown, ctx: Context) => unknown): AnyWork {
  const schema = scriptedSchema(false);
  return defineAgent({ name, description: "Adapts.", input: schema, output: schema, execute });
}

/** The texts in slots and results; failures have none. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== "object" || value === null) return [];
  if ("ok" in value) return value.ok === true && "output" in value ? textsIn(value.output) : [];
  return Object.values(value).flatMap(textsIn);
}

function nameOf(growing: Growing, prefix: string): string {
  growing.names++;
  return `${prefix}${growing.names}`;
}
