import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseCandidate, noneReady } from "./choose-candidate.ts";
import { fastest } from "./fastest.ts";
import { leastConnections } from "./least-connections.ts";
import { ReplicaLoad } from "./replica-load.ts";
import { roundRobin } from "./round-robin.ts";
import type { BalancingStrategy } from "./strategy.ts";

/** What every strategy has to hold, also one of a user's that does as it likes. */
const all: readonly (readonly [string, () => BalancingStrategy])[] = [
  ["round-robin", roundRobin],
  ["least-connections", leastConnections],
  ["fastest", fastest],
  ["always the first", () => ({ name: "first", choose: () => 0 })],
];
const fair = all.slice(0, 3);

/** Numbers from 0 up to but not 1 that only look random (a linear congruential generator). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const seeds = fc.integer();
const capacities = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(Number.POSITIVE_INFINITY));
const loadsOf = (sizes: readonly number[]): ReplicaLoad[] =>
  sizes.map((capacity, index) => new ReplicaLoad(`r${index}`, capacity));

function at(loads: readonly ReplicaLoad[], index: number): ReplicaLoad {
  const load = loads[index];
  if (load === undefined) throw new Error(`no candidate ${index}`);
  return load;
}

describe.each(all)("%s", (_name, make) => {
  test("never chooses one that is full, nor one that rests while others are awake, whoever comes and goes", () => {
    const op = fc.oneof(
      { weight: 6, arbitrary: fc.constant("call") },
      { weight: 2, arbitrary: fc.constantFrom("succeed", "fail", "leave") },
      { weight: 1, arbitrary: fc.constantFrom("come", "go", "wait") },
    );
    fc.assert(
      fc.property(
        fc.array(capacities, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(op, fc.nat(), capacities), { maxLength: 150 }),
        seeds,
        (sizes, ops, seed) => {
          const random = randomFrom(seed);
          const strategy = make();
          let loads = loadsOf(sizes);
          let running: { load: ReplicaLoad; streak: number; beganMs: number }[] = [];
          let nowMs = 1_000;
          let come = 0;
          for (const [what, number, capacity] of ops) {
            const call = running[number % Math.max(1, running.length)];
            if (what === "call") {
              const awake = loads.filter(({ restingUntilMs }) => restingUntilMs <= nowMs);
              const withRoom = (among: readonly ReplicaLoad[]) =>
                among.filter((load) => load.active < load.capacity);
              const index = chooseCandidate(strategy, loads, nowMs, random);
              if (index === noneReady) {
                expect(withRoom(awake.length > 0 ? awake : loads)).toEqual([]);
                continue;
              }
              const load = at(loads, index);
              expect(load.active).toBeLessThan(load.capacity);
              if (awake.length > 0) expect(awake).toContain(load);
              else {
                const least = Math.min(...withRoom(loads).map(({ restingUntilMs }) => restingUntilMs));
                expect(load.restingUntilMs).toBe(least);
              }
              running.push({ load, streak: load.begin(nowMs), beganMs: nowMs });
            } else if (what === "come") {
              come++;
              loads = [new ReplicaLoad(`new${come}`, capacity), ...loads];
            } else if (what === "go") {
              if (loads.length > 1) loads = loads.filter((_load, index) => index !== number % loads.length);
            } else if (what === "wait") nowMs += number % 40_000;
            else if (call !== undefined) {
              running = running.filter((other) => other !== call);
              if (what === "leave") call.load.leave();
              else if (what === "fail") call.load.fail(call.streak, nowMs - call.beganMs, nowMs);
              else call.load.succeed(call.streak, nowMs - call.beganMs, nowMs);
            }
          }
        },
      ),
    );
  });

  test("one that fails at once draws no calls, and gets its own again when it is well", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 20, max: 100 }), capacities), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 2 }),
        capacities,
        fc.integer({ min: 1, max: 12 }),
        seeds,
        (healthy, failsAfterMs, capacity, callers, seed) => {
          const broken = new ReplicaLoad("broken", capacity);
          const loads = [broken, ...loadsOf(healthy.map(([, size]) => size))];
          let isBroken = true;
          const simulation = new Simulation(make(), loads, callers, randomFrom(seed), (load) => {
            if (load === broken && isBroken) return { tookMs: failsAfterMs, fails: true };
            const [tookMs] = healthy[loads.indexOf(load) - 1] ?? [20];
            return { tookMs, fails: false };
          });
          simulation.runUntil(30_000);
          expect(broken.calls).toBeGreaterThan(0);
          expect(broken.calls / simulation.calls).toBeLessThan(0.05);
          isBroken = false;
          simulation.runUntil(62_000);
          expect(broken.restingUntilMs).toBe(Number.NEGATIVE_INFINITY);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("when all of them fail, all of them are tried, and no call is refused", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        seeds,
        (count, callers, seed) => {
          const loads = loadsOf(Array.from({ length: count }, () => Number.POSITIVE_INFINITY));
          const random = randomFrom(seed);
          const simulation = new Simulation(make(), loads, callers, random, () => ({
            tookMs: 10,
            fails: true,
          }));
          simulation.runUntil(2_000);
          expect(simulation.calls).toBe(callers * 201);
          for (const { calls } of loads) expect(calls).toBeGreaterThan(0);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe.each(fair)("%s", (_name, make) => {
  test("gives no replica more than its share and one call", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        seeds,
        (sizes, seed) => {
          const random = randomFrom(seed);
          const strategy = make();
          const loads = loadsOf(sizes);
          const total = sizes.reduce((sum, size) => sum + size, 0);
          for (let calls = 1; calls <= total; calls++) {
            at(loads, chooseCandidate(strategy, loads, calls, random)).begin(calls);
            for (const { active, capacity } of loads) {
              expect(active).toBeLessThanOrEqual((calls * capacity) / total + 1);
            }
          }
          // All are full.
          expect(loads.map(({ active }) => active)).toEqual(sizes);
          expect(chooseCandidate(strategy, loads, 0, random)).toBe(noneReady);
        },
      ),
    );
  });

  test("gives replicas without a limit the same, and as much as the largest to one among limited ones", () => {
    const strategy = make();
    const loads = loadsOf([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    for (let calls = 0; calls < 30; calls++)
      at(loads, chooseCandidate(strategy, loads, 0, randomFrom(calls))).begin(0);
    expect(loads.map(({ active }) => active)).toEqual([10, 10, 10]);
    const mixed = loadsOf([Number.POSITIVE_INFINITY, 20, 5]);
    const other = make();
    for (let calls = 0; calls < 36; calls++)
      at(mixed, chooseCandidate(other, mixed, 0, randomFrom(calls))).begin(0);
    expect(mixed.map(({ active }) => active)).toEqual([16, 16, 4]);
  });

  test("gives one that comes its first call soon", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 100 }),
        seeds,
        (count, before, seed) => {
          const random = randomFrom(seed);
          const strategy = make();
          const loads = loadsOf(Array.from({ length: count }, () => Number.POSITIVE_INFINITY));
          const call = (among: readonly ReplicaLoad[], nowMs: number) => {
            const load = at(among, chooseCandidate(strategy, among, nowMs, random));
            load.succeed(load.begin(nowMs), 10, nowMs);
          };
          for (let nowMs = 0; nowMs < before; nowMs++) call(loads, nowMs);
          const comer = new ReplicaLoad("comer", Number.POSITIVE_INFINITY);
          for (const load of loads) load.begin(before);
          for (let nowMs = before; nowMs <= before + count; nowMs++) call([...loads, comer], nowMs);
          expect(comer.calls).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe("fastest", () => {
  const unlimited = Number.POSITIVE_INFINITY;

  test("gives most calls to the fast, and some to the slow as soon as calls pile up", () => {
    const run = (callers: number) => {
      const loads = loadsOf([unlimited, unlimited]);
      const simulation = new Simulation(fastest(), loads, callers, randomFrom(callers), (load) => ({
        tookMs: load.id === "r0" ? 10 : 100,
        fails: false,
      }));
      simulation.runUntil(20_000);
      return at(loads, 1).calls / simulation.calls;
    };
    expect(run(1)).toBeLessThan(0.002);
    expect(run(40)).toBeGreaterThan(0.005);
    expect(run(40)).toBeLessThan(0.05);
  });

  test("leaves one alone that was slow once, and comes back to it", () => {
    const loads = loadsOf([unlimited, unlimited]);
    let isSlow = true;
    const simulation = new Simulation(fastest(), loads, 2, randomFrom(1), (load) => ({
      tookMs: load.id === "r0" && isSlow ? 2_000 : 20,
      fails: false,
    }));
    simulation.runUntil(2_000);
    isSlow = false;
    const [slow] = loads;
    const before = slow?.calls;
    simulation.runUntil(30_000);
    expect(slow?.calls).toBe(before);
    simulation.runUntil(400_000);
    expect(slow?.calls).toBeGreaterThan(1_000);
  });

  test("gives one that hangs no more calls as time goes by", () => {
    const loads = loadsOf([unlimited, unlimited]);
    const simulation = new Simulation(fastest(), loads, 20, randomFrom(1), (load) => ({
      tookMs: load.id === "r0" ? 1e9 : 50,
      fails: false,
    }));
    for (const load of loads) load.succeed(load.begin(0), 50, 0);
    const [hangs] = loads;
    simulation.runUntil(10_000);
    const stuck = hangs?.active;
    expect(stuck).toBeGreaterThan(0);
    expect(stuck).toBeLessThanOrEqual(10);
    simulation.runUntil(1_000_000);
    expect(hangs?.active).toBe(stuck);
  });

  test("spreads calls that take no time to measure", () => {
    const loads = loadsOf([unlimited, unlimited]);
    for (const load of loads) load.succeed(load.begin(0), 0, 0);
    for (let calls = 0; calls < 10; calls++)
      at(loads, chooseCandidate(fastest(), loads, 0, randomFrom(calls))).begin(0);
    expect(loads.map(({ active }) => active)).toEqual([5, 5]);
  });

  test("tries one of which nothing is known with one call at a time", () => {
    const [known, unknown] = loadsOf([unlimited, unlimited]);
    if (known === undefined || unknown === undefined) throw new Error("unreachable");
    known.succeed(known.begin(0), 5_000, 0);
    const loads = [known, unknown];
    const chosen = [1, 2, 3].map((nowMs) => {
      const load = at(loads, chooseCandidate(fastest(), loads, nowMs, randomFrom(nowMs)));
      load.begin(nowMs);
      return load.id;
    });
    expect(chosen).toEqual(["r1", "r0", "r0"]);
  });
});

/** Callers that call again as soon as they have an answer, on a clock of their own. */
class Simulation {
  calls = 0;
  private nowMs = 0;
  private waiting: number;
  private readonly running: {
    load: ReplicaLoad;
    streak: number;
    beganMs: number;
    dueMs: number;
    fails: boolean;
  }[] = [];

  private readonly strategy: BalancingStrategy;
  private readonly loads: readonly ReplicaLoad[];
  private readonly random: () => number;
  private readonly work: (load: ReplicaLoad) => { readonly tookMs: number; readonly fails: boolean };

  constructor(
    strategy: BalancingStrategy,
    loads: readonly ReplicaLoad[],
    callers: number,
    random: () => number,
    work: (load: ReplicaLoad) => { readonly tookMs: number; readonly fails: boolean },
  ) {
    this.strategy = strategy;
    this.loads = loads;
    this.waiting = callers;
    this.random = random;
    this.work = work;
  }

  runUntil(endMs: number): void {
    for (;;) {
      this.serve();
      const nextMs = Math.min(
        ...this.running.map(({ dueMs }) => dueMs),
        ...this.loads.map(({ restingUntilMs }) => (restingUntilMs > this.nowMs ? restingUntilMs : endMs + 1)),
      );
      if (nextMs > endMs) break;
      this.nowMs = nextMs;
      for (const call of this.running.filter(({ dueMs }) => dueMs <= nextMs)) {
        this.running.splice(this.running.indexOf(call), 1);
        const { load, streak, beganMs, fails } = call;
        if (fails) load.fail(streak, nextMs - beganMs, nextMs);
        else load.succeed(streak, nextMs - beganMs, nextMs);
        this.waiting++;
      }
    }
  }

  private serve(): void {
    while (this.waiting > 0) {
      const index = chooseCandidate(this.strategy, this.loads, this.nowMs, this.random);
      if (index === noneReady) return;
      const load = at(this.loads, index);
      const { tookMs, fails } = this.work(load);
      const streak = load.begin(this.nowMs);
      // A caller that fails at once takes a moment to come back.
      this.running.push({
        load,
        streak,
        beganMs: this.nowMs,
        dueMs: this.nowMs + Math.max(1, tookMs),
        fails,
      });
      this.calls++;
      this.waiting--;
    }
  }
}
