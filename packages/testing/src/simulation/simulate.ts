import { getEventListeners } from "node:events";
import {
  AtomicError,
  checkKeys,
  type Clock,
  createLog,
  createResources,
  type MetricsCollector,
  type Resource,
  resource,
  type Result,
  type Run,
  type Tracer,
} from "@atomic-agents/core";
import { createVirtualClock } from "../virtual-clock.ts";
import { checkEvents } from "./check-events.ts";
import { growGraph, type SimulatedWrapper } from "./graph.ts";
import type { SimulatedResource } from "./leaf.ts";
import { type RandomSource, randomSource } from "./random-source.ts";
import type { CancelPlan, SimulatedRun } from "./simulated-run.ts";
import { World } from "./world.ts";

/** What is simulated. */
export interface SimulationOptions {
  /** A whole number; the same one gives the same simulation. */
  readonly seed: number;
  /** Put around agents of the graph here and there, to be tried with everything else. */
  readonly wrappers?: readonly SimulatedWrapper[] | undefined;
  /** Cancels the first run there, whatever the seed says: to try each point of a graph in turn. */
  readonly cancel?: CancelPlan | undefined;
}

/** What came of a simulation. */
export interface SimulationResult {
  readonly seed: number;
  /** What did not hold; empty when all is well. */
  readonly violations: readonly string[];
  /** How much happened, to show that something did. */
  readonly runs: number;
  readonly calls: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly effects: number;
  readonly undone: number;
  /** How many of the clock's timers have fired. */
  readonly timers: number;
  readonly virtualMs: number;
}

/** No wait of the graphs lasts as long; virtual time. */
const endOfTimeMs = 24 * 60 * 60 * 1_000;

/**
 * Runs a random graph of scripted agents a few times, some of them cancelled on the way, on a virtual clock, and checks
 * what must always hold: no limit or budget is exceeded, order is kept, what stopped runs have done is undone in reverse
 * and once, nothing is called after a cancellation, every wait ends, runs do not mix, and no timer, listener, span or
 * resource is left over.
 *
 * Bounded by virtual time, and by a graph of at most some dozen agents; the same seed does the same again.
 *
 * @throws AtomicError `CONFIG` for an unknown option
 * @example
 * ```ts
 * const { violations } = await simulate({ seed: 7 });
 * console.log(violations); // => []
 * ```
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  checkKeys("simulate", options, ["seed", "wrappers", "cancel"]);
  const { seed, wrappers = [], cancel } = options;
  const random = randomSource(seed);
  const world = new World(random);
  const virtual = createVirtualClock();
  const clock = new CountingClock(virtual, () => {
    world.turn++;
  });
  const resources = makeResources(world);
  const agent = growGraph(world, resources.asked, wrappers);
  const shared = random.chance(0.5) ? createResources({ clock }) : undefined;
  const watch = new Watch(world);

  const planned = Array.from({ length: random.between(1, 4) }, (_unused, index) => {
    const plan = planRun(random, index);
    return index === 0 && cancel !== undefined ? { ...plan, cancel } : plan;
  });
  const begun: { readonly run: Run<unknown>; readonly plan: SimulatedRun }[] = [];
  const results = planned.map(
    (plan) =>
      new Promise<Result<unknown>>((resolve) => {
        world.runs.set(plan.tag, plan);
        virtual.setTimer(() => {
          const run = agent.start(plan.tag, {
            ...plan.options,
            clock,
            random: random.next,
            userId: plan.tag,
            maxRetries: plan.maxRetries,
            signal: plan.controller.signal,
            log: createLog({ level: "silent" }),
            tracer: watch.tracer,
            metrics: watch.metrics,
            resources: shared,
          });
          begun.push({ run, plan });
          plan.cancelNow = () => cancelRun(run, plan);
          if (plan.cancel !== undefined) clock.plan(plan.cancel, plan.cancelNow);
          void run.result.then((result) => {
            plan.isSettled = true;
            resolve(result);
          });
        }, plan.startMs);
      }),
  );

  let outcomes: readonly Result<unknown>[] = [];
  try {
    outcomes = await virtual.until(Promise.all(results), { limitMs: endOfTimeMs });
    await virtual.settle();
    if (virtual.pendingTimers !== world.ownTimers) {
      world.violate(`${virtual.pendingTimers} timers are running, the leaves have ${world.ownTimers}`);
    }
    // Deaf work that was given up on goes on for a while.
    await virtual.runAll({ limitMs: endOfTimeMs });
    await virtual.settle();
  } catch (thrown) {
    world.violate(`a wait did not end: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  // Some resources cannot be disposed of; the others are.
  await shared?.close().catch((thrown: unknown) => {
    if (!AtomicError.isInstance(thrown, "RESOURCE")) world.violate(`closing threw ${String(thrown)}`);
  });
  if (virtual.pendingTimers > 0) world.violate(`${virtual.pendingTimers} timers are left`);
  for (const { run, plan } of begun) checkRun(world, run, plan);
  for (const [index, outcome] of outcomes.entries()) checkOutcome(world, outcome, planned[index]);
  watch.check(planned.length);
  checkRates(world);
  resources.check();
  return {
    seed,
    violations: world.violations,
    runs: planned.length,
    calls: world.calls,
    succeeded: outcomes.filter(({ ok }) => ok).length,
    failed: outcomes.filter((outcome) => !outcome.ok && outcome.error.code !== "CANCELLED").length,
    cancelled: outcomes.filter((outcome) => !outcome.ok && outcome.error.code === "CANCELLED").length,
    effects: world.effects.length,
    undone: world.effects.filter(({ undoneCount }) => undoneCount > 0).length,
    timers: clock.fired,
    virtualMs: virtual.now(),
  };
}

function planRun(random: RandomSource, index: number): SimulatedRun {
  const cancel: CancelPlan | undefined = random.chance(0.35)
    ? {
        afterTimers: random.between(0, 12),
        afterMicrotasks: random.between(0, 30),
        bySignal: random.chance(0.4),
      }
    : undefined;
  return {
    tag: `run-${index}`,
    startMs: random.pick([0, 0, 1, 20, 200]),
    cancel,
    controller: new AbortController(),
    maxRetries: random.pick([0, 1, 3, 10]),
    options: {
      timeoutMs: random.pick([undefined, undefined, 10, 100, 1_000]),
      budget: random.chance(0.3) ? { calls: random.between(0, 4) } : undefined,
      measureSizes: random.chance(0.2),
    },
    cancelNow: undefined,
    isCancelled: false,
    isSettled: false,
  };
}

function cancelRun(run: Run<unknown>, plan: SimulatedRun): void {
  if (plan.isSettled) return;
  plan.isCancelled = true;
  if (plan.cancel?.bySignal === true) plan.controller.abort(new Error("by signal"));
  else run.cancel("by plan");
}

function checkRun(world: World, run: Run<unknown>, plan: SimulatedRun): void {
  const { tag, maxRetries, controller } = plan;
  const report = run.report();
  if (getEventListeners(controller.signal, "abort").length > 0) {
    world.violate(`${tag}: a listener is left on the signal`);
  }
  for (const problem of checkEvents(run.events.snapshot(), run.events.dropped, run.status, maxRetries)) {
    world.violate(`${tag}: ${problem}`);
  }
  const limit = plan.options.budget as { readonly calls?: number } | undefined;
  if (limit?.calls !== undefined && (report.spent?.calls ?? 0) > limit.calls) {
    world.violate(`${tag}: spent ${report.spent?.calls} calls of ${limit.calls}`);
  }
}

function checkOutcome(world: World, outcome: Result<unknown>, plan: SimulatedRun | undefined): void {
  if (plan === undefined) return;
  const { tag } = plan;
  if (outcome.ok) {
    const others = String(outcome.output)
      .match(/run-\d+/g)
      ?.filter((found) => found !== tag);
    if (typeof outcome.output !== "string" || (others?.length ?? 0) > 0) {
      world.violate(`${tag}: gave ${JSON.stringify(outcome.output)}`);
    }
    return;
  }
  if (!AtomicError.isInstance(outcome.error)) world.violate(`${tag}: failed with ${String(outcome.error)}`);
  for (const effect of world.effects) {
    if (effect.tag === tag && effect.undoneCount !== 1) {
      world.violate(`${tag} failed, and ${effect.leaf} was undone ${effect.undoneCount} times`);
    }
  }
}

/** In no span of time does a token bucket let more through than it holds and gets. */
function checkRates(world: World): void {
  for (const [rate, times] of world.admissions) {
    const { limit, perMs } = world.rates.get(rate) ?? { limit: 0, perMs: 1 };
    for (const [first, fromMs] of times.entries()) {
      for (const [ahead, toMs] of times.slice(first).entries()) {
        // A full bucket holds as many as a span brings.
        if (ahead + 1 <= limit + (limit * (toMs - fromMs)) / perMs + 1e-6) continue;
        world.violate(`a rate of ${limit} per ${perMs} ms let ${ahead + 1} through in ${toMs - fromMs} ms`);
        return;
      }
    }
  }
}

function makeResources(world: World): {
  readonly asked: readonly Resource<SimulatedResource>[];
  readonly check: () => void;
} {
  const { random } = world;
  const made: SimulatedResource[] = [];
  const asked = Array.from({ length: random.between(0, 2) }, (_unused, index) => {
    const pool = random.chance(0.6)
      ? { size: random.between(1, 2), maxWaitMs: 100, maxWaiting: 3 }
      : undefined;
    const name = `resource-${index}`;
    return resource<SimulatedResource>(name, {
      create: async () => {
        if (random.chance(0.2)) throw new Error("not there");
        await Promise.resolve();
        const users = pool === undefined ? Number.POSITIVE_INFINITY : 1;
        const value = { name: `${name}/${made.length}`, users, isDisposed: false };
        made.push(value);
        return value;
      },
      dispose: (value) => {
        if (value.isDisposed) world.violate(`${value.name} was disposed of twice`);
        value.isDisposed = true;
        if (random.chance(0.1)) throw new Error("cannot be disposed of");
      },
      pool,
      timeoutMs: 500,
    });
  });
  const check = (): void => {
    for (const { name, isDisposed } of made) if (!isDisposed) world.violate(`${name} was not disposed of`);
  };
  return { asked, check };
}

/** A clock that does something a number of microtasks after a number of its timers have fired. */
class CountingClock implements Clock {
  readonly now: () => number;
  readonly timestamp: () => number;
  readonly setTimer: Clock["setTimer"];
  fired = 0;
  private readonly planned: { readonly plan: CancelPlan; readonly act: () => void }[] = [];

  constructor(clock: Clock, onFired: () => void) {
    this.now = clock.now;
    this.timestamp = clock.timestamp;
    this.setTimer = (callback, delayMs) =>
      clock.setTimer(() => {
        onFired();
        this.fired++;
        callback();
        this.act();
      }, delayMs);
  }

  plan(plan: CancelPlan, act: () => void): void {
    this.planned.push({ plan: { ...plan, afterTimers: plan.afterTimers + this.fired }, act });
    this.act();
  }

  private act(): void {
    for (const { plan, act } of this.planned) {
      if (plan.afterTimers !== this.fired) continue;
      let turn = Promise.resolve();
      for (let count = 0; count < plan.afterMicrotasks; count++) turn = turn.then(() => {});
      void turn.then(act);
    }
  }
}

/** Counts what is told to a tracer and a collector. */
class Watch {
  private readonly world: World;
  private readonly open = new Set<object>();
  private runs = 0;

  constructor(world: World) {
    this.world = world;
  }

  readonly tracer: Tracer = {
    startSpan: ({ name }) => {
      const span = {
        end: (): void => {
          if (!this.open.delete(span)) this.world.violate(`the span ${name} ended twice`);
        },
      };
      this.open.add(span);
      return span;
    },
    within: (_span, work) => work(),
  };

  readonly metrics = {
    stage: ({ durationMs, attempts }: { readonly durationMs: number; readonly attempts: number }) => {
      if (!(durationMs >= 0) || attempts < 1)
        this.world.violate(`a stage took ${durationMs} ms in ${attempts}`);
    },
    run: () => {
      this.runs++;
    },
    request: () => {},
    registration: () => {},
    healthCheck: () => {},
  } satisfies MetricsCollector;

  check(runs: number): void {
    if (this.open.size > 0) this.world.violate(`${this.open.size} spans have no end`);
    if (this.runs !== runs) this.world.violate(`the collector was told of ${this.runs} runs of ${runs}`);
  }
}
