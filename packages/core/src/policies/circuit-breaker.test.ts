import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, scriptedAgent, type VirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  AtomicError,
  type AtomicErrorOptions,
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitReason,
  type CircuitState,
  createLog,
  defineAgent,
  type ErrorCode,
  parallel,
  pipeline,
  withCircuitBreaker,
  withPolicy,
} from "../index.ts";

const busy = new Error("busy");
const log = createLog({ level: "silent" });

/** A breaker around an agent that fails while `isDown`, at once or after a while. */
function guarded(options: CircuitBreakerOptions = {}) {
  const clock = createVirtualClock();
  const changes: [number, CircuitState, CircuitReason][] = [];
  const breaker = new CircuitBreaker({
    ...options,
    onChange: (state, why) => changes.push([clock.now(), state, why]),
  });
  const service = { isDown: false, calls: 0 };
  const agent = withCircuitBreaker(
    defineAgent({
      name: "service",
      description: "Fails while it is down.",
      input: anything(),
      output: anything(),
      execute: (input) => {
        service.calls++;
        if (service.isDown) throw busy;
        return input;
      },
    }),
    breaker,
  );
  /** Calls it so often, and says what came of each call. */
  const call = async (times = 1): Promise<string> => {
    const outcomes: string[] = [];
    for (let count = 0; count < times; count++) {
      const result = await clock.until(agent.tryRun("in", { clock, log }));
      outcomes.push(result.ok ? "ok" : result.error.code);
    }
    return outcomes.join(" ");
  };
  return { clock, breaker, service, agent, call, changes };
}

/** The same failure a number of times. */
async function fail(breaker: CircuitBreaker, clock: VirtualClock, error: unknown, times = 1): Promise<void> {
  const agent = withCircuitBreaker(scriptedAgent({ script: [{ error }] }), breaker);
  for (let count = 0; count < times; count++) await clock.until(agent.tryRun("in", { clock, log }));
}

function errorOf<TCode extends ErrorCode>(code: TCode, details: AtomicErrorOptions<TCode>["details"]) {
  return new AtomicError(code, "as the test says", { details });
}

describe("opening and closing", () => {
  test("five failures in a row open it for 30 seconds, and one success closes it", async () => {
    const { clock, breaker, service, agent, call, changes } = guarded();
    service.isDown = true;
    expect(await call(4)).toBe("EXECUTION EXECUTION EXECUTION EXECUTION");
    expect(breaker.state).toBe("closed");
    expect(await call(3)).toBe("EXECUTION CIRCUIT_OPEN CIRCUIT_OPEN");
    expect(service.calls).toBe(5);
    expect(breaker.state).toBe("open");
    expect(breaker.tally).toMatchObject({ failuresInARow: 5, refused: 2 });

    await clock.advance(29_000);
    const refused = await agent.tryRun("in", { clock, log });
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "CIRCUIT_OPEN",
        agent: "service",
        retryable: false,
        details: { retryAfterMs: 1_000 },
        cause: { code: "EXECUTION", cause: busy },
      },
    });
    await clock.advance(1_000);
    // Only a call changes anything.
    expect(breaker.state).toBe("open");
    service.isDown = false;
    expect(await call(2)).toBe("ok ok");
    expect(breaker.state).toBe("closed");
    expect(breaker.tally).toMatchObject({ failuresInARow: 0, callsInWindow: 1, failuresInWindow: 0 });
    expect(changes).toEqual([
      [0, "open", "failures"],
      [30_000, "half-open", "time"],
      [30_000, "closed", "trials-passed"],
    ]);
  });

  test("a success in between begins the row anew", async () => {
    const { breaker, service, call } = guarded({ failures: 2 });
    for (const isDown of [true, false, true, false, true]) {
      service.isDown = isDown;
      await call();
    }
    expect(breaker.state).toBe("closed");
    expect(breaker.tally).toMatchObject({ failuresInARow: 1, callsInWindow: 5, failuresInWindow: 3 });
  });

  test("half of the last 20 calls open it, however they are spread, and not before there are 20", async () => {
    const { breaker, service, call, changes } = guarded();
    for (let count = 0; count < 20; count++) {
      expect(breaker.state).toBe("closed");
      service.isDown = count % 2 === 1;
      await call();
    }
    expect(changes).toEqual([[0, "open", "ratio"]]);
  });

  test("a success never opens it, though it fills a window of which half has failed", async () => {
    const { breaker, service, call } = guarded({ window: 4 });
    for (const isDown of [true, false, true, false]) {
      service.isDown = isDown;
      await call();
    }
    expect(breaker.tally).toMatchObject({ callsInWindow: 4, failuresInWindow: 2 });
    expect(breaker.state).toBe("closed");
    service.isDown = true;
    await call();
    expect(breaker.state).toBe("open");
  });

  test("calls that have left the window no longer count", async () => {
    const { breaker, service, call } = guarded({ window: 4, ratio: 0.75 });
    for (const isDown of [true, true, false, false, false, false, true, true]) {
      service.isDown = isDown;
      await call();
    }
    expect(breaker.state).toBe("closed");
    expect(breaker.tally).toMatchObject({ callsInWindow: 4, failuresInWindow: 2 });
    await call();
    expect(breaker.state).toBe("open");
  });

  test("a failed trial opens it again, for as long as before", async () => {
    const { clock, service, call, changes } = guarded({ failures: 1, openMs: 100 });
    service.isDown = true;
    await call();
    await clock.advance(100);
    expect(await call(2)).toBe("EXECUTION CIRCUIT_OPEN");
    await clock.advance(99);
    expect(await call()).toBe("CIRCUIT_OPEN");
    await clock.advance(1);
    service.isDown = false;
    expect(await call()).toBe("ok");
    expect(changes).toEqual([
      [0, "open", "failures"],
      [100, "half-open", "time"],
      [100, "open", "trial-failed"],
      [200, "half-open", "time"],
      [200, "closed", "trials-passed"],
    ]);
  });

  test("as many trials as are needed run at a time; others are refused without a time", async () => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1, openMs: 100, trials: 2 });
    await fail(breaker, clock, busy);
    await clock.advance(100);
    const slow = scriptedAgent({ script: [{ output: "done", delayMs: 10 }] });
    const agent = withCircuitBreaker(slow, breaker);
    const results = [0, 1, 2].map((input) => agent.tryRun(input, { clock, log }));
    const refused = await results[2];
    expect(refused).toMatchObject({ ok: false, error: { code: "CIRCUIT_OPEN", details: {} } });
    if (refused?.ok === false) expect(refused.error.details).not.toHaveProperty("retryAfterMs");
    expect(breaker.tally.trialsRunning).toBe(2);
    await clock.advance(10);
    expect(await Promise.all(results.slice(0, 2))).toMatchObject([{ ok: true }, { ok: true }]);
    expect(breaker.state).toBe("closed");
    expect(slow.calls).toHaveLength(2);
  });

  test("trials have to succeed in a row", async () => {
    const { clock, breaker, service, call } = guarded({ failures: 1, openMs: 100, trials: 3 });
    service.isDown = true;
    await call();
    await clock.advance(100);
    service.isDown = false;
    await call(2);
    expect(breaker.tally.trialsPassed).toBe(2);
    service.isDown = true;
    await call();
    expect(breaker.state).toBe("open");
    expect(breaker.tally.trialsPassed).toBe(0);
  });

  test("several agents share the fate of one breaker", async () => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 2 });
    const good = scriptedAgent({ name: "good", script: [{ output: "done" }] });
    await fail(breaker, clock, busy, 2);
    const result = await withCircuitBreaker(good, breaker).tryRun("in", { clock, log });
    expect(result).toMatchObject({ ok: false, error: { code: "CIRCUIT_OPEN", agent: "good" } });
    expect(good.calls).toEqual([]);
  });
});

describe("what counts", () => {
  test.each<[string, unknown, boolean]>([
    ["an Error", busy, true],
    ["RATE_LIMITED", errorOf("RATE_LIMITED", {}), true],
    ["RESOURCE", errorOf("RESOURCE", { resource: "db", phase: "create" }), true],
    ["CIRCUIT_OPEN", errorOf("CIRCUIT_OPEN", {}), false],
    ["VALIDATION_INPUT", errorOf("VALIDATION_INPUT", { issues: [] }), false],
    ["CONFIG", errorOf("CONFIG", { path: "x", expected: "y", got: "z" }), false],
    ["CANCELLED", errorOf("CANCELLED", { reason: "no longer" }), false],
    ["BUDGET_EXCEEDED", errorOf("BUDGET_EXCEEDED", { kind: "calls", limit: 1, spent: 1, asked: 1 }), false],
  ])("%s that an agent throws, at once or late: %s", async (_what, error, counts) => {
    for (const delayMs of [undefined, 5]) {
      const clock = createVirtualClock();
      const breaker = new CircuitBreaker();
      const agent = withCircuitBreaker(scriptedAgent({ script: [{ error, delayMs }] }), breaker);
      await clock.until(agent.tryRun("in", { clock, log }));
      expect(breaker.tally.failuresInARow).toBe(counts ? 1 : 0);
      expect(breaker.tally.callsInWindow).toBe(counts ? 1 : 0);
    }
  });

  test("an output that breaks the contract counts, an input that does counts as nothing", async () => {
    const breaker = new CircuitBreaker({ failures: 1 });
    const agent = withCircuitBreaker(
      scriptedAgent({ input: z.string(), output: z.number(), script: [{ value: "no number" }] }),
      breaker,
    );
    // @ts-expect-error no text
    expect(await agent.tryRun(5, { log })).toMatchObject({ error: { code: "VALIDATION_INPUT" } });
    expect(breaker.state).toBe("closed");
    expect(await agent.tryRun("in", { log })).toMatchObject({ error: { code: "VALIDATION_OUTPUT" } });
    expect(breaker.state).toBe("open");
  });

  test("`counts` says which failures do, but is not asked for those that are the caller's", async () => {
    const clock = createVirtualClock();
    const asked: string[] = [];
    const breaker = new CircuitBreaker({
      failures: 3,
      counts: (error) => {
        asked.push(error.code);
        return error.code !== "EXECUTION";
      },
    });
    await fail(breaker, clock, busy, 4);
    await fail(breaker, clock, errorOf("CIRCUIT_OPEN", {}));
    await fail(breaker, clock, errorOf("CONFIG", { path: "x", expected: "y", got: "z" }));
    await fail(breaker, clock, errorOf("VALIDATION_INPUT", { issues: [] }));
    expect(asked).toEqual(["EXECUTION", "EXECUTION", "EXECUTION", "EXECUTION", "CIRCUIT_OPEN"]);
    expect(breaker.tally.failuresInARow).toBe(1);
  });

  test("when `counts` throws, the failure counts and is the one that is told", async () => {
    const breaker = new CircuitBreaker({
      counts: () => {
        throw new Error("broken predicate");
      },
    });
    const agent = withCircuitBreaker(scriptedAgent({ script: [{ error: busy }] }), breaker);
    expect(await agent.tryRun("in", { log })).toMatchObject({ error: { code: "EXECUTION", cause: busy } });
    expect(breaker.tally.failuresInARow).toBe(1);
  });

  test("what counts as nothing neither begins the row anew nor closes it, and frees its place as a trial", async () => {
    const { clock, breaker, service, call } = guarded({ failures: 2, openMs: 100 });
    service.isDown = true;
    await call();
    const notCounted = errorOf("BUDGET_EXCEEDED", { kind: "calls", limit: 1, spent: 1, asked: 1 });
    await fail(breaker, clock, notCounted);
    await call();
    expect(breaker.state).toBe("open");
    await clock.advance(100);
    await fail(breaker, clock, notCounted);
    expect(breaker.state).toBe("half-open");
    expect(breaker.tally.trialsRunning).toBe(0);
    service.isDown = false;
    expect(await call()).toBe("ok");
    expect(breaker.state).toBe("closed");
  });
});

describe("attempts that are given up on", () => {
  const hanging = () => scriptedAgent({ name: "hanging", script: [{ never: true, ignoreAbort: true }] });

  test("one that takes too long counts at that moment, though its promise is still pending", async () => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1 });
    const agent = withPolicy(withCircuitBreaker(hanging(), breaker), { timeoutMs: 50 });
    const run = agent.tryRun("in", { clock, log });
    await clock.advance(49);
    expect(breaker.state).toBe("closed");
    await clock.advance(1);
    expect(breaker.state).toBe("open");
    expect(await run).toMatchObject({ error: { code: "TIMEOUT" } });
  });

  test("so does one whose timeout is inside of the breaker", async () => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1 });
    const agent = withCircuitBreaker(withPolicy(hanging(), { timeoutMs: 50 }), breaker);
    await clock.until(agent.tryRun("in", { clock, log }));
    expect(clock.now()).toBe(50);
    expect(breaker.state).toBe("open");
  });

  test.each<[string, (clock: VirtualClock, breaker: CircuitBreaker) => Promise<unknown>]>([
    [
      "a cancelled one",
      async (clock, breaker) => {
        const run = withCircuitBreaker(hanging(), breaker).start("in", { clock, log });
        await clock.settle();
        run.cancel("no longer");
        return run.result;
      },
    ],
    [
      "one that ends with the deadline of the whole run",
      (clock, breaker) =>
        clock.until(withCircuitBreaker(hanging(), breaker).tryRun("in", { clock, log, timeoutMs: 20 })),
    ],
    [
      "one that is inside of what took too long",
      (clock, breaker) => {
        const group = parallel({ a: withCircuitBreaker(hanging(), breaker) });
        return clock.until(withPolicy(group, { timeoutMs: 20 }).tryRun("in", { clock, log }));
      },
    ],
    [
      "one that cancels its run and gives a value",
      async (clock, breaker) => {
        const agent = withCircuitBreaker(
          scriptedAgent({
            script: [
              (): undefined => {
                run.cancel("enough");
              },
            ],
          }),
          breaker,
        );
        const run = agent.start("in", { clock, log });
        return run.result;
      },
    ],
    [
      "one that cancels its run and throws later",
      async (clock, breaker) => {
        const agent = withCircuitBreaker(
          scriptedAgent({
            script: [
              () => {
                run.cancel("enough");
                return Promise.reject(busy);
              },
            ],
          }),
          breaker,
        );
        const run = agent.start("in", { clock, log });
        return run.result;
      },
    ],
  ])("%s counts as nothing, and a trial's place is free again", async (_what, give) => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1, openMs: 100 });
    expect(await give(clock, breaker)).toMatchObject({ ok: false });
    await clock.settle();
    expect(breaker.state).toBe("closed");
    expect(breaker.tally.callsInWindow).toBe(0);

    await fail(breaker, clock, busy);
    await clock.advance(100);
    expect(await give(clock, breaker)).toMatchObject({ ok: false });
    await clock.settle();
    expect(breaker.state).toBe("half-open");
    expect(breaker.tally.trialsRunning).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("what a given-up call does late changes nothing", async () => {
    for (const late of [{ output: "late" }, { error: busy }]) {
      const clock = createVirtualClock();
      const breaker = new CircuitBreaker({ failures: 5 });
      const slow = scriptedAgent({ script: [{ ...late, delayMs: 100, ignoreAbort: true }] });
      const agent = withPolicy(withCircuitBreaker(slow, breaker), { timeoutMs: 10 });
      await clock.until(agent.tryRun("in", { clock, log }));
      await clock.runAll();
      expect(breaker.tally).toMatchObject({ failuresInARow: 1, callsInWindow: 1, failuresInWindow: 1 });
    }
  });
});

describe("calls that began before a change", () => {
  test.each<[string, { readonly output: string } | { readonly error: Error }]>([
    ["succeed", { output: "done" }],
    ["fail", { error: busy }],
  ])("have no say after it when they %s", async (_how, line) => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1, openMs: 100 });
    const run = (delayMs: number, what: typeof line) => {
      const agent = withCircuitBreaker(scriptedAgent({ script: [{ ...what, delayMs }] }), breaker);
      return agent.tryRun("in", { clock, log });
    };
    // One ends while it is open, one during the trial, one after it has closed.
    const early = [50, 105, 120].map((delayMs) => run(delayMs, line));
    await fail(breaker, clock, busy);
    await clock.advance(50);
    expect(breaker.state).toBe("open");
    await clock.advance(50);
    const trial = run(10, { output: "done" });
    await clock.advance(5);
    expect(breaker.state).toBe("half-open");
    expect(breaker.tally).toMatchObject({ trialsRunning: 1, trialsPassed: 0 });
    await clock.advance(5);
    expect(breaker.state).toBe("closed");
    await clock.advance(20);
    expect(breaker.state).toBe("closed");
    expect(breaker.tally).toMatchObject({ failuresInARow: 0, callsInWindow: 0 });
    await Promise.all([...early, trial]);
  });

  test("a trial of an earlier half-open time has no say in the next", async () => {
    const clock = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1, openMs: 100, trials: 2 });
    await fail(breaker, clock, busy);
    await clock.advance(100);
    const slow = withCircuitBreaker(scriptedAgent({ script: [{ output: 1, delayMs: 150 }] }), breaker);
    const first = slow.tryRun("in", { clock, log });
    await fail(breaker, clock, busy);
    expect(breaker.state).toBe("open");
    await clock.advance(100);
    const second = slow.tryRun("in", { clock, log });
    await clock.advance(50);
    expect((await first).ok).toBe(true);
    expect(breaker.tally).toMatchObject({ trialsRunning: 1, trialsPassed: 0 });
    await clock.until(second);
  });
});

test("a call that began before it opened, and is cancelled during a trial, frees no place of the trial's", async () => {
  const clock = createVirtualClock();
  const breaker = new CircuitBreaker({ failures: 1, openMs: 100 });
  const slow = withCircuitBreaker(scriptedAgent({ script: [{ output: "done", delayMs: 1_000 }] }), breaker);
  const early = slow.start("early", { clock, log });
  await clock.settle();
  await fail(breaker, clock, busy);
  await clock.advance(100);
  const trial = slow.start("trial", { clock, log });
  await clock.settle();
  early.cancel("no longer");
  expect(breaker.tally.trialsRunning).toBe(1);
  expect(await slow.tryRun("second", { clock, log })).toMatchObject({ error: { code: "CIRCUIT_OPEN" } });
  await clock.until(trial.result);
});

describe("a `counts` that makes calls of its own", () => {
  test("may open the breaker, which opens once", async () => {
    const changes: string[] = [];
    let inner: Promise<unknown> | undefined;
    let asked = 0;
    const breaker = new CircuitBreaker({
      failures: 1,
      counts: () => {
        asked++;
        if (asked === 1) inner = bad.tryRun("of counts", { log });
        return true;
      },
      onChange: (state) => changes.push(state),
    });
    const bad = withCircuitBreaker(scriptedAgent({ script: [{ error: busy }] }), breaker);
    expect(await bad.tryRun("in", { log })).toMatchObject({ error: { cause: busy } });
    await inner;
    expect(asked).toBe(2);
    expect(changes).toEqual(["open"]);
    expect(breaker.tally.failuresInARow).toBe(1);
  });

  test("is not asked about calls that have no say any more", async () => {
    const clock = createVirtualClock();
    let asked = 0;
    const breaker = new CircuitBreaker({ failures: 1, counts: () => ++asked > 0 });
    const late = scriptedAgent({ script: [{ error: busy, delayMs: 10 }] });
    const run = withCircuitBreaker(late, breaker).tryRun("in", { clock, log });
    await fail(breaker, clock, busy);
    await clock.until(run);
    expect(asked).toBe(1);
  });
});

describe("the listener", () => {
  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("broken listener");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken listener"))],
  ])("breaks no call when it %s, and is told of in the log", async (_how, onChange) => {
    const lines: string[] = [];
    const told = createLog({ write: (line) => lines.push(line) });
    const breaker = new CircuitBreaker({ failures: 1, onChange });
    const agent = withCircuitBreaker(scriptedAgent({ name: "service", script: [{ error: busy }] }), breaker);
    const result = await agent.tryRun("in", { log: told });
    expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", cause: busy } });
    expect(breaker.state).toBe("open");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: "warn", message: "circuit breaker is open", agent: "service", why: "failures" },
      { level: "error", error: { message: "broken listener" } },
    ]);
  });

  test("a log that throws breaks no call either", async () => {
    const broken = (): void => {
      throw new Error("broken log");
    };
    const breaker = new CircuitBreaker({ failures: 1 });
    const agent = withCircuitBreaker(scriptedAgent({ script: [{ error: busy }] }), breaker);
    const result = await agent.tryRun("in", {
      log: { ...log, debug: broken, info: broken, warn: broken, error: broken },
    });
    expect(result).toMatchObject({ ok: false, error: { cause: busy } });
    expect(breaker.state).toBe("open");
  });

  test("may call the agent itself", async () => {
    const clock = createVirtualClock();
    const inner: Promise<unknown>[] = [];
    const breaker = new CircuitBreaker({
      failures: 1,
      openMs: 100,
      onChange: (state) => {
        if (state === "half-open") inner.push(good.run("of the listener", { clock, log }));
      },
    });
    const good = withCircuitBreaker(scriptedAgent({ script: [{ output: "done" }] }), breaker);
    await fail(breaker, clock, busy);
    await clock.advance(100);
    expect(await good.run("in", { clock, log })).toBe("done");
    expect(await Promise.all(inner)).toEqual(["done"]);
    expect(breaker.state).toBe("closed");
    expect(breaker.tally.callsInWindow).toBe(1);
  });
});

test("a listener whose own call fails as the trial leaves the breaker open for the call that made it half-open", async () => {
  const clock = createVirtualClock();
  const inner: Promise<unknown>[] = [];
  const breaker = new CircuitBreaker({
    failures: 1,
    openMs: 100,
    onChange: (state) => {
      if (state === "half-open") inner.push(fail(breaker, clock, busy));
    },
  });
  const good = scriptedAgent({ script: [{ output: "done" }] });
  await fail(breaker, clock, busy);
  await clock.advance(100);
  const result = await withCircuitBreaker(good, breaker).tryRun("in", { clock, log });
  await Promise.all(inner);
  expect(result).toMatchObject({ error: { code: "CIRCUIT_OPEN" } });
  expect(good.calls).toEqual([]);
  expect(breaker.state).toBe("open");
});

describe("clocks", () => {
  test("a clock that steps back makes it open for no longer than a whole time more", async () => {
    let nowMs = 1_000_000;
    const clock = { ...createVirtualClock(), now: () => nowMs };
    const breaker = new CircuitBreaker({ failures: 1, openMs: 100 });
    const agent = withCircuitBreaker(
      scriptedAgent({ script: [{ error: busy }, { output: "done" }] }),
      breaker,
    );
    await agent.tryRun("in", { clock, log });
    nowMs = 5;
    const refused = await agent.tryRun("in", { clock, log });
    expect(refused).toMatchObject({ error: { details: { retryAfterMs: 100 } } });
    nowMs = 105;
    expect(await agent.tryRun("in", { clock, log })).toMatchObject({ ok: true });
  });

  test("what has passed on one clock counts on another", async () => {
    const first = createVirtualClock({ startMs: 5_000_000 });
    const second = createVirtualClock();
    const breaker = new CircuitBreaker({ failures: 1, openMs: 100 });
    const agent = withCircuitBreaker(
      scriptedAgent({ script: [{ error: busy }, { output: "done" }] }),
      breaker,
    );
    await agent.tryRun("in", { clock: first, log });
    await first.advance(60);
    const refused = await agent.tryRun("in", { clock: second, log });
    expect(refused).toMatchObject({ error: { details: { retryAfterMs: 40 } } });
    await second.advance(40);
    expect(await agent.tryRun("in", { clock: second, log })).toMatchObject({ ok: true });
  });
});

test("a retry around it waits until the breaker tries again, where `when` asks for that", async () => {
  const clock = createVirtualClock();
  const breaker = new CircuitBreaker({ failures: 1, openMs: 5_000 });
  const service = scriptedAgent({ script: [{ error: busy }, { output: "done" }] });
  const when = () => true;
  const agent = withPolicy(withCircuitBreaker(service, breaker), {
    retry: { attempts: 3, jitter: "none", when },
  });
  expect(await clock.until(agent.run("in", { clock, log }))).toBe("done");
  // One attempt is refused after 100 ms and says to come back at 5,000.
  expect(service.calls.map((call) => call.startedAtMs)).toEqual([0, 5_000]);
});

test("every attempt of a stage's retry counts", async () => {
  const clock = createVirtualClock();
  const breaker = new CircuitBreaker({ failures: 3 });
  const service = scriptedAgent({ script: [{ error: busy }] });
  const chain = pipeline("p").stage(withCircuitBreaker(service, breaker), { retry: { attempts: 9 } });
  const result = await clock.until(chain.tryRun("in", { clock, log }));
  expect(result).toMatchObject({ ok: false, error: { code: "CIRCUIT_OPEN", stage: "scripted" } });
  expect(service.calls).toHaveLength(3);
});

/** What a call does, in the model and for the breaker. */
type Deed = "ok" | "fail" | "invalid-input" | "timeout" | "cancel" | "ok-at-once" | "fail-at-once";

/** The breaker as one would write it down: plain lists, nothing clever. */
class Model {
  state: CircuitState = "closed";
  era = 0;
  outcomes: boolean[] = [];
  openUntil = 0;
  running = 0;
  passed = 0;
  readonly options: Readonly<Record<"failures" | "ratio" | "window" | "openMs" | "trials", number>>;

  constructor(options: Model["options"]) {
    this.options = options;
  }

  go(state: CircuitState, now: number): void {
    this.state = state;
    this.era++;
    this.running = 0;
    this.passed = 0;
    if (state === "open") this.openUntil = now + this.options.openMs;
    if (state === "closed") this.outcomes = [];
  }

  /** The era in which a call was let through; undefined when it was refused. */
  begin(now: number): number | undefined {
    if (this.state === "open" && now >= this.openUntil) this.go("half-open", now);
    if (this.state === "open") return undefined;
    if (this.state === "half-open") {
      if (this.running === this.options.trials) return undefined;
      this.running++;
    }
    return this.era;
  }

  end(era: number, outcome: "good" | "bad" | "nothing", now: number): void {
    if (era !== this.era) return;
    const { failures, ratio, window, trials } = this.options;
    if (this.state === "half-open") {
      this.running--;
      if (outcome === "good" && ++this.passed === trials) this.go("closed", now);
      if (outcome === "bad") this.go("open", now);
      return;
    }
    if (outcome === "nothing") return;
    this.outcomes.push(outcome === "bad");
    // Only a failure opens it, though a success may be what fills the window.
    if (outcome === "good") return;
    const row = this.outcomes.slice(-failures);
    const last = this.outcomes.slice(-window);
    const bad = last.filter(Boolean).length;
    if (row.length === failures && row.every(Boolean)) this.go("open", now);
    else if (last.length === window && bad / window >= ratio) this.go("open", now);
  }
}

test("it does what a plain model of it does, whatever calls come and end when", async () => {
  const deeds = fc.constantFrom<Deed[]>(
    "ok",
    "ok",
    "fail",
    "fail",
    "invalid-input",
    "timeout",
    "cancel",
    "ok-at-once",
    "fail-at-once",
  );
  const calls = fc.array(
    fc.record({ gapMs: fc.nat(30), lastsMs: fc.integer({ min: 1, max: 60 }), deed: deeds }),
    { maxLength: 60 },
  );
  const options = fc.record({
    failures: fc.integer({ min: 1, max: 5 }),
    ratio: fc.constantFrom(0.2, 0.5, 0.75, 1),
    window: fc.integer({ min: 1, max: 8 }),
    openMs: fc.integer({ min: 1, max: 80 }),
    trials: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(options, calls, async (chosen, plan) => {
      const clock = createVirtualClock();
      const breaker = new CircuitBreaker(chosen);
      const model = new Model(chosen);
      const outcomes: string[] = [];
      const expected: string[] = [];

      // Calls begin at even moments and end at odd ones, no two at the same: their order is never in doubt.
      let beginMs = 0;
      const ends = new Set<number>();
      const events: { readonly atMs: number; readonly happen: () => void }[] = [];
      for (const [index, { gapMs, lastsMs, deed }] of plan.entries()) {
        beginMs += 2 * gapMs + 2;
        const startMs = beginMs;
        const atOnce = deed.endsWith("at-once") || deed === "invalid-input";
        let endMs = startMs + 2 * lastsMs + 1;
        while (ends.has(endMs)) endMs += 2;
        if (!atOnce) ends.add(endMs);
        let era: number | undefined;
        const end = () => {
          if (era === undefined) return;
          const good = deed === "ok" || deed === "ok-at-once";
          const nothing = deed === "cancel" || deed === "invalid-input";
          model.end(era, good ? "good" : nothing ? "nothing" : "bad", atOnce ? startMs : endMs);
        };
        events.push({
          atMs: startMs,
          happen: () => {
            era = model.begin(startMs);
            expected[index] = era === undefined ? "CIRCUIT_OPEN" : codeOf(deed);
            void begin(breaker, clock, deed, endMs - startMs).then((outcome) => {
              outcomes[index] = outcome;
            });
            if (atOnce) end();
          },
        });
        if (!atOnce) events.push({ atMs: endMs, happen: end });
      }
      for (const { atMs, happen } of events.toSorted((a, b) => a.atMs - b.atMs)) {
        await clock.advance(atMs - clock.now());
        happen();
        await clock.settle();
        expect(breaker.state).toBe(model.state);
        expect(breaker.tally.trialsRunning).toBe(model.running);
        expect(breaker.tally.trialsPassed).toBe(model.passed);
      }
      expect(outcomes).toEqual(expected);
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});

function codeOf(deed: Deed): string {
  if (deed === "ok" || deed === "ok-at-once") return "ok";
  if (deed === "invalid-input") return "VALIDATION_INPUT";
  if (deed === "timeout") return "TIMEOUT";
  return deed === "cancel" ? "CANCELLED" : "EXECUTION";
}

async function begin(
  breaker: CircuitBreaker,
  clock: VirtualClock,
  deed: Deed,
  lastsMs: number,
): Promise<string> {
  const controller = new AbortController();
  const agent = defineAgent({
    name: "called",
    description: "Does its deed.",
    input: z.string(),
    output: anything(),
    execute: (): unknown => {
      if (deed === "ok-at-once") return "done";
      if (deed === "fail-at-once") throw busy;
      if (deed === "cancel") clock.setTimer(() => controller.abort("no longer"), lastsMs);
      if (deed !== "ok" && deed !== "fail") return new Promise(() => {});
      return new Promise((resolve, reject) => {
        clock.setTimer(() => (deed === "ok" ? resolve("done") : reject(busy)), lastsMs);
      });
    },
  });
  const timeoutMs = deed === "timeout" ? lastsMs : 1_000;
  const policed = withPolicy(withCircuitBreaker(agent, breaker), { timeoutMs });
  const input = (deed === "invalid-input" ? 5 : "in") as string;
  const result = await policed.tryRun(input, { clock, log, signal: controller.signal });
  return result.ok ? "ok" : result.error.code;
}
