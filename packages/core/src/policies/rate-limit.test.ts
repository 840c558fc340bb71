import { createVirtualClock, scriptedAgent, type VirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Clock, RateLimit, type RateLimitOptions, withPolicy, withRateLimit } from "../index.ts";

/** An agent that answers at once, behind a limit. */
function limited(options: RateLimitOptions) {
  const clock = createVirtualClock();
  const limit = new RateLimit(options);
  const service = scriptedAgent({ name: "service", script: [{ output: "done" }] });
  const agent = withRateLimit(service, limit);
  const started = () =>
    service.calls.map(({ input, startedAtMs }) => `${String(input)}@${startedAtMs}`).join(" ");
  return { clock, limit, service, agent, started };
}

describe("tokens", () => {
  test("a full bucket lets a burst through; then each call waits for its token, in the order of their coming", async () => {
    const { clock, limit, agent, started } = limited({ limit: 2, perMs: 1_000 });
    const runs = Promise.all(["a", "b", "c", "d", "e"].map((input) => agent.run(input, { clock })));
    expect(limit.waiting).toBe(3);
    expect(await clock.until(runs)).toEqual(["done", "done", "done", "done", "done"]);
    expect(started()).toBe("a@0 b@0 c@500 d@1000 e@1500");
    expect([limit.waiting, clock.pendingTimers]).toEqual([0, 0]);
  });

  test("a pause fills the bucket again, but not more than full", async () => {
    const { clock, agent, started } = limited({ limit: 10, perMs: 1_000, burst: 2 });
    await agent.run("a", { clock });
    await clock.advance(60_000);
    await clock.until(Promise.all(["b", "c", "d"].map((input) => agent.run(input, { clock }))));
    expect(started()).toBe("a@0 b@60000 c@60000 d@60100");
  });

  test("what is earned between calls is kept to the fraction", async () => {
    const { clock, agent, started } = limited({ limit: 3, perMs: 1_000, burst: 3 });
    await clock.until(Promise.all([0, 1, 2, 3, 4, 5, 6].map((input) => agent.run(input, { clock }))));
    // 333 1/3, 666 2/3, 1,000, each in the whole millisecond that follows.
    expect(started()).toBe("0@0 1@0 2@0 3@334 4@667 5@1000 6@1334");
  });

  test("nobody who comes as a token is due overtakes who waits for it", async () => {
    const { clock, agent, started } = limited({ limit: 1, perMs: 100 });
    const runs = [agent.run("a", { clock }), agent.run("b", { clock })];
    clock.setTimer(() => runs.push(agent.run("c", { clock })), 100);
    await clock.runAll();
    await Promise.all(runs);
    expect(started()).toBe("a@0 b@100 c@200");
  });

  test("a limit says what it is, and holds as many tokens as its limit unless it is told", () => {
    expect(new RateLimit({ limit: 3, perMs: 100 })).toMatchObject({ limit: 3, perMs: 100, burst: 3 });
    expect(new RateLimit({ limit: 3, perMs: 100, burst: 1 })).toMatchObject({ limit: 3, burst: 1 });
  });

  test("several agents share one limit", async () => {
    const clock = createVirtualClock();
    const limit = new RateLimit({ limit: 1, perMs: 100 });
    const agents = ["a", "b"].map((name) => scriptedAgent({ name, script: [{ output: name }] }));
    await clock.until(Promise.all(agents.map((agent) => withRateLimit(agent, limit).run("in", { clock }))));
    expect(agents.map((agent) => agent.calls[0]?.startedAtMs)).toEqual([0, 100]);
  });

  test("every attempt of a retry takes one", async () => {
    const clock = createVirtualClock();
    const failing = scriptedAgent({ script: [{ error: new Error("busy") }] });
    const agent = withPolicy(withRateLimit(failing, new RateLimit({ limit: 1, perMs: 500 })), {
      retry: { attempts: 3, jitter: "none", baseDelayMs: 10 },
    });
    await clock.until(agent.tryRun("in", { clock }));
    expect(failing.calls.map((call) => call.startedAtMs)).toEqual([0, 500, 1_000]);
  });
});

describe("waiting", () => {
  test("one timer serves all who wait, and none is left when nobody does", async () => {
    const { clock, limit, agent } = limited({ limit: 1, perMs: 1_000 });
    await agent.run("a", { clock });
    expect(clock.pendingTimers).toBe(0);
    const runs = [1, 2, 3].map((input) => agent.start(input, { clock }));
    await clock.settle();
    // Each of them has its attempt's deadline and the longest wait; the limit has one for all.
    expect(clock.pendingTimers).toBe(2 * 3 + 1);
    runs[0]?.cancel("no longer");
    expect(clock.pendingTimers).toBe(2 * 2 + 1);
    runs[1]?.cancel("no longer");
    runs[2]?.cancel("no longer");
    expect([clock.pendingTimers, limit.waiting]).toEqual([0, 0]);
  });

  test("whoever is given up on leaves at once and takes no token", async () => {
    for (const leaving of [1, 2, 3]) {
      const { clock, limit, agent, started } = limited({ limit: 1, perMs: 100 });
      const runs = [0, 1, 2, 3].map((input) => agent.start(input, { clock }));
      await clock.settle();
      await clock.advance(50);
      runs[leaving]?.cancel("no longer");
      expect(limit.waiting).toBe(2);
      const results = await clock.until(Promise.all(runs.map((run) => run.result)));
      expect(results[leaving]).toMatchObject({ error: { code: "CANCELLED" } });
      const rest = [0, 1, 2, 3].filter((input) => input !== leaving);
      expect(started()).toBe(rest.map((input, index) => `${input}@${index * 100}`).join(" "));
      expect([limit.waiting, clock.pendingTimers]).toEqual([0, 0]);
    }
  });

  test("one that is given up on after it was called, before it began, gives its token back", async () => {
    const clock = createVirtualClock();
    let aheadMs = 0;
    const ahead: Clock = { ...clock, now: () => clock.now() + aheadMs };
    const { limit, agent, started } = limited({ limit: 1, perMs: 100 });
    await agent.run("a", { clock: ahead });
    const second = agent.start("b", { clock: ahead });
    const third = agent.start("c", { clock: ahead });
    await clock.settle();
    // The token is due, and whoever comes before the timer rings has the second called, which begins a microtask later.
    aheadMs = 100;
    const fourth = agent.run("d", { clock: ahead });
    expect(limit.waiting).toBe(2);
    second.cancel("no longer");
    expect(limit.waiting).toBe(1);
    await clock.until(Promise.all([third.result, fourth]));
    expect(started()).toBe("a@0 c@100 d@200");
    expect([limit.waiting, clock.pendingTimers]).toEqual([0, 0]);
  });

  test("too many are refused at once, and told when their turn would have been", async () => {
    const { clock, agent, service } = limited({ limit: 1, perMs: 100, maxWaiting: 2 });
    const runs = [1, 2, 3, 4].map((input) => agent.tryRun(input, { clock }));
    expect(await runs[3]).toMatchObject({
      ok: false,
      error: { code: "RATE_LIMITED", agent: "service", retryable: true, details: { retryAfterMs: 300 } },
    });
    await clock.until(Promise.all(runs));
    expect(service.calls).toHaveLength(3);
  });

  test("one that would have to wait too long is refused at once; one that just need not is let in", async () => {
    const { clock, agent, started } = limited({ limit: 1, perMs: 100, maxWaitMs: 200 });
    const runs = [1, 2, 3, 4].map((input) => agent.tryRun(input, { clock }));
    expect(await runs[3]).toMatchObject({
      error: { code: "RATE_LIMITED", details: { retryAfterMs: 300 } },
    });
    expect(clock.now()).toBe(0);
    await clock.until(Promise.all(runs));
    expect(started()).toBe("1@0 2@100 3@200");
  });

  test("a bucket for one token reckons with what it cannot keep of a millisecond", async () => {
    // A token each 333 1/3 ms: the third one waits until 3 × 334.
    const { clock, agent, started } = limited({ limit: 3, perMs: 1_000, burst: 1, maxWaitMs: 1_001 });
    const runs = [0, 1, 2, 3].map((input) => agent.tryRun(input, { clock }));
    expect(await runs[3]).toMatchObject({ error: { details: { retryAfterMs: 1_002 } } });
    await clock.until(Promise.all(runs));
    expect(started()).toBe("0@0 1@334 2@668");
  });

  test("a retry comes back when it was told to", async () => {
    const { clock, limit, service } = limited({ limit: 1, perMs: 5_000, maxWaiting: 0 });
    const agent = withPolicy(withRateLimit(service, limit), { retry: { attempts: 2, jitter: "none" } });
    await agent.run("a", { clock });
    await clock.until(agent.run("b", { clock }));
    expect(service.calls.map((call) => call.startedAtMs)).toEqual([0, 5_000]);
  });

  test("the wait is part of the attempt", async () => {
    const { clock, limit, agent } = limited({ limit: 1, perMs: 100 });
    const hasty = withPolicy(agent, { timeoutMs: 50 });
    const results = Promise.all([hasty.tryRun("a", { clock }), hasty.tryRun("b", { clock })]);
    expect(await clock.until(results)).toMatchObject([{ ok: true }, { error: { code: "TIMEOUT" } }]);
    expect([clock.now(), limit.waiting, clock.pendingTimers]).toEqual([50, 0, 0]);
  });
});

describe("clocks", () => {
  test("each waits on the clock of its own run, and what has passed on one counts on the other", async () => {
    const first = createVirtualClock({ startMs: 7_000_000 });
    const second = createVirtualClock();
    const { agent, service, limit } = limited({ limit: 1, perMs: 100 });
    await agent.run("a", { clock: first });
    await first.advance(60);
    const waiting = agent.run("b", { clock: second });
    await second.advance(39);
    expect(limit.waiting).toBe(1);
    await second.advance(1);
    expect(await waiting).toBe("done");
    expect(service.calls).toHaveLength(2);
    expect([first.pendingTimers, second.pendingTimers]).toEqual([0, 0]);
  });

  test("who waits is not held up by one behind whose clock stands still", async () => {
    const still = createVirtualClock();
    const { clock, agent, service } = limited({ limit: 1, perMs: 100 });
    await agent.run("a", { clock });
    const first = agent.run("b", { clock });
    await clock.advance(50);
    const second = agent.start("c", { clock: still });
    await still.settle();
    await clock.until(first);
    expect(service.calls.map((call) => call.startedAtMs)).toEqual([0, 100]);
    second.cancel("no longer");
    expect([clock.pendingTimers, still.pendingTimers]).toEqual([0, 0]);
  });

  test("whose turn is next waits on the own clock, whatever clock came before", async () => {
    const other = createVirtualClock({ startMs: 7_000_000 });
    const { clock, agent, limit } = limited({ limit: 1, perMs: 100 });
    await agent.run("a", { clock });
    const first = agent.run("b", { clock });
    const second = agent.run("c", { clock: other });
    await clock.until(first);
    expect(await other.until(second)).toBe("done");
    expect([other.now(), limit.waiting, clock.pendingTimers]).toEqual([7_000_100, 0, 0]);
  });

  test("one that says the same for ever earns nothing, and still ends the wait", async () => {
    const clock = createVirtualClock();
    const frozen: Clock = { ...clock, now: () => 5 };
    const { agent, limit } = limited({ limit: 1, perMs: 100, maxWaitMs: 1_000 });
    await agent.run("a", { clock: frozen });
    const waiting = agent.tryRun("b", { clock: frozen });
    expect(await clock.until(waiting)).toMatchObject({ error: { code: "RATE_LIMITED" } });
    expect([clock.now(), limit.waiting, clock.pendingTimers]).toEqual([1_000, 0, 0]);
  });

  test("a clock that stands still holds up nobody longer than maxWaitMs", async () => {
    const still = createVirtualClock();
    const { clock, agent, limit } = limited({ limit: 1, perMs: 100, maxWaitMs: 1_000 });
    await agent.run("a", { clock });
    const stuck = agent.start("b", { clock: still });
    await still.settle();
    const blocked = agent.tryRun("c", { clock });
    expect(await clock.until(blocked)).toMatchObject({ error: { code: "RATE_LIMITED" } });
    expect(clock.now()).toBe(1_000);
    stuck.cancel("no longer");
    expect([limit.waiting, clock.pendingTimers, still.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("one that steps back earns nothing for it, and goes on from there", async () => {
    const clock = createVirtualClock();
    let stepMs = 0;
    const stepping: Clock = { ...clock, now: () => clock.now() + stepMs };
    const { agent, started } = limited({ limit: 1, perMs: 100 });
    await agent.run("a", { clock: stepping });
    stepMs = -1_000;
    const next = agent.run("b", { clock: stepping });
    await clock.runAll();
    expect(await next).toBe("done");
    expect(clock.now()).toBe(100);
    expect(started()).toBe("a@0 b@-900");
  });

  test("a timer that rings early is set anew", async () => {
    const clock = createVirtualClock();
    const hasty: Clock = { ...clock, setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs / 2) };
    const { agent, service } = limited({ limit: 1, perMs: 100 });
    await agent.run("a", { clock: hasty });
    const next = agent.run("b", { clock: hasty });
    await clock.until(next);
    expect(service.calls.map((call) => call.startedAtMs)).toEqual([0, 100]);
  });
});

interface Call {
  readonly gapMs: number;
  readonly cancelledAfterMs: number | undefined;
}

const plans = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.nat(60)),
    cancelledAfterMs: fc.option(fc.nat(100), { nil: undefined }),
  }),
  { maxLength: 40 },
);

/** Makes the calls, and says when each began, or the code of its error. */
async function play(
  clock: VirtualClock,
  limit: RateLimit,
  calls: readonly Call[],
): Promise<(number | string)[]> {
  const runs: Promise<number | string>[] = [];
  const order: number[] = [];
  for (const [index, { gapMs, cancelledAfterMs }] of calls.entries()) {
    await clock.advance(gapMs);
    const controller = new AbortController();
    // In between the moments at which calls come and tokens are due.
    if (cancelledAfterMs !== undefined) clock.setTimer(() => controller.abort(), cancelledAfterMs + 0.5);
    const agent = scriptedAgent({
      script: [
        () => {
          order.push(index);
          return clock.now();
        },
      ],
    });
    const run = withRateLimit(agent, limit).tryRun("in", { clock, signal: controller.signal });
    // The agent gives the moment.
    runs.push(run.then((result) => (result.ok ? (result.output as number) : result.error.code)));
  }
  await clock.runAll();
  const outcomes = await Promise.all(runs);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect([limit.waiting, clock.pendingTimers]).toEqual([0, 0]);
  return outcomes;
}

/** The same by counting, half a millisecond at a time: calls come and turns are due at whole ones, and leave in between. */
function reference(
  options: Readonly<Record<keyof RateLimitOptions, number>>,
  calls: readonly Call[],
): (number | string)[] {
  const { limit, perMs, burst, maxWaiting, maxWaitMs } = options;
  const price = 2 * perMs;
  const earn = (have: number, halves: number): number => Math.min(burst * price, have + halves * limit);
  const callsAt = new Map<number, number[]>();
  let lastMs = 0;
  for (const [index, { gapMs }] of calls.entries()) {
    lastMs += gapMs;
    callsAt.set(lastMs, [...(callsAt.get(lastMs) ?? []), index]);
  }
  const outcomes: (number | string)[] = [];
  let credit = burst * price;
  let queue: { readonly index: number; readonly leavesMs: number }[] = [];
  const serve = (nowMs: number): void => {
    for (let [head] = queue; head !== undefined && credit >= price; [head] = queue) {
      credit -= price;
      outcomes[head.index] = nowMs;
      queue.shift();
    }
  };
  /** How long one more would wait, if nobody left. */
  const waitMsOfOneMore = (): number => {
    let have = credit;
    for (let waitMs = 0, ahead = queue.length; ; waitMs++, have = earn(have, 2)) {
      for (; ahead > 0 && have >= price; ahead--) have -= price;
      if (ahead === 0 && have >= price) return waitMs;
    }
  };
  for (let nowMs = 0; nowMs <= lastMs || queue.length > 0; nowMs += 0.5) {
    if (nowMs > 0) credit = earn(credit, 1);
    const leaving = queue.filter(({ leavesMs }) => leavesMs === nowMs);
    for (const { index } of leaving) outcomes[index] = "CANCELLED";
    queue = queue.filter(({ leavesMs }) => leavesMs !== nowMs);
    // Whoever leaves lets those behind look whether their turn has come.
    if (Number.isInteger(nowMs) || leaving.length > 0) serve(nowMs);
    for (const index of callsAt.get(nowMs) ?? []) {
      const waitMs = waitMsOfOneMore();
      if (waitMs > 0 && (queue.length >= maxWaiting || waitMs > maxWaitMs)) outcomes[index] = "RATE_LIMITED";
      else {
        const { cancelledAfterMs = Number.POSITIVE_INFINITY } = calls[index] ?? {};
        queue.push({ index, leavesMs: nowMs + cancelledAfterMs + 0.5 });
        serve(nowMs);
      }
    }
  }
  return outcomes;
}

test("calls begin exactly when one who counts the milliseconds says so", async () => {
  const options = fc
    .record({
      limit: fc.integer({ min: 1, max: 7 }),
      perMs: fc.integer({ min: 1, max: 100 }),
      burst: fc.integer({ min: 1, max: 5 }),
      maxWaiting: fc.nat(8),
      maxWaitMs: fc.integer({ min: 1, max: 300 }),
    })
    // More than a token each millisecond is more than a small bucket keeps.
    .filter(({ limit, perMs }) => limit <= perMs);
  await fc.assert(
    fc.asyncProperty(options, plans, async (chosen, calls) => {
      const outcomes = await play(createVirtualClock(), new RateLimit(chosen), calls);
      expect(outcomes).toEqual(reference(chosen, calls));
    }),
  );
});

test("in no span of time do more calls begin than the burst and what was earned in it", async () => {
  const options = fc.record({
    limit: fc.integer({ min: 1, max: 50 }),
    perMs: fc.double({ min: 1, max: 200, noNaN: true }),
    burst: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    maxWaitMs: fc.integer({ min: 1, max: 300 }),
  });
  const startMs = fc.double({ min: 0, max: 1e9, noNaN: true });
  await fc.assert(
    fc.asyncProperty(options, startMs, plans, async (chosen, start, calls) => {
      const outcomes = await play(createVirtualClock({ startMs: start }), new RateLimit(chosen), calls);
      const { limit, perMs, burst = limit } = chosen;
      const begun = outcomes.filter((outcome) => typeof outcome === "number");
      for (const [from, fromMs] of begun.entries()) {
        for (const [more, toMs] of begun.slice(from).entries()) {
          // Sums of fractions on a large scale are off by their rounding.
          const most = burst + (limit * (toMs - fromMs)) / perMs + 1e-3;
          expect(more + 1).toBeLessThanOrEqual(most);
        }
      }
    }),
  );
});
