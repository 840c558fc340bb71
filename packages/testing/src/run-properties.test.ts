/** What holds for every run, of agents composed at random, under a virtual clock. */
import {
  type Agent,
  type AnyAgent,
  branch,
  type Context,
  fallback,
  mapItems,
  parallel,
  pipeline,
  pipelineOf,
  recover,
  runAll,
  type RunEvent,
  sleep,
  type StageReport,
  untyped,
  withPolicy,
} from "@atomic-agents/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scriptedAgent, type ScriptedAgent } from "./scripted-agent.ts";
import type { ScriptLine } from "./script.ts";
import { createVirtualClock } from "./virtual-clock.ts";

type Play = { readonly delayMs: number | undefined; readonly end: "output" | "error" | "never" | "deaf" };

type Graph =
  | { readonly kind: "leaf"; readonly plays: readonly Play[] }
  | {
      readonly kind: "pipeline" | "parallel" | "settled" | "fallback" | "branch";
      readonly parts: readonly Graph[];
    }
  | { readonly kind: "recover" | "nested" | "pass"; readonly part: Graph }
  | { readonly kind: "items"; readonly part: Graph; readonly count: number; readonly concurrency: number }
  | {
      readonly kind: "policy";
      readonly part: Graph;
      readonly timeoutMs: number | undefined;
      readonly attempts: number;
    };

const play: fc.Arbitrary<Play> = fc.record({
  delayMs: fc.option(fc.nat(60), { nil: undefined }),
  end: fc.constantFrom("output", "output", "output", "error", "error", "never", "deaf"),
});

const { graph } = fc.letrec<{ graph: Graph }>((tie) => {
  const parts = fc.array(tie("graph"), { minLength: 1, maxLength: 3 });
  const several = fc.constantFrom("pipeline", "parallel", "settled", "fallback", "branch");
  return {
    graph: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({ kind: fc.constant("leaf"), plays: fc.array(play, { minLength: 1, maxLength: 4 }) }),
      fc.record({ kind: several, parts }),
      fc.record({ kind: fc.constantFrom("recover", "nested", "pass"), part: tie("graph") }),
      fc.record({
        kind: fc.constant("items"),
        part: tie("graph"),
        count: fc.nat(6),
        concurrency: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        kind: fc.constant("policy"),
        part: tie("graph"),
        timeoutMs: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        attempts: fc.integer({ min: 1, max: 4 }),
      }),
    ),
  };
});

/** What a leaf saw of its context when it was called. */
interface Seen {
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal;
}

interface Built {
  readonly agent: AnyAgent;
  readonly leaves: ScriptedAgent<unknown, unknown>[];
  /** By leaf and call. */
  readonly seen: Map<object, Seen>;
}

function build(root: Graph): Built {
  const leaves: ScriptedAgent<unknown, unknown>[] = [];
  const seen = new Map<object, Seen>();
  let count = 0;
  const name = (kind: string) => `${kind}-${++count}`;
  const line =
    ({ delayMs, end }: Play): ScriptLine<unknown, unknown> =>
    (input, ctx, call) => {
      seen.set(call, { deadlineMs: ctx.deadline, signal: ctx.signal });
      const finish = () => {
        if (end === "error") throw new Error("scripted");
        return end === "output" ? input : hang(ctx, end === "deaf");
      };
      return delayMs === undefined ? finish() : sleep(delayMs, ctx).then(finish);
    };
  const make = (node: Graph): Agent<unknown, unknown> => {
    switch (node.kind) {
      case "leaf": {
        const leaf = scriptedAgent({ name: name("leaf"), script: node.plays.map(line) });
        leaves.push(leaf);
        return leaf;
      }
      case "pipeline":
        return pipelineOf(name("pipeline"), node.parts.map(make));
      case "parallel":
      case "settled": {
        const slots = Object.fromEntries(node.parts.map((part, index) => [`slot-${index}`, make(part)]));
        // Without the literal the compiler cannot choose an overload.
        return node.kind === "settled"
          ? parallel(slots, { name: name("settled"), concurrency: 2, settled: true })
          : parallel(slots, { name: name("parallel") });
      }
      case "fallback": {
        const [first, ...rest] = node.parts.map(make);
        if (first === undefined) throw new Error("unreachable: at least one part");
        return fallback([first, ...rest], { name: name("fallback") });
      }
      case "branch": {
        const cases = Object.fromEntries(node.parts.map((part, index) => [`case-${index}`, make(part)]));
        const choose = async (_input: unknown, ctx: Context) => {
          await sleep(1, ctx);
          return `case-${node.parts.length - 1}`;
        };
        return branch(choose, cases, { name: name("branch") });
      }
      case "recover":
        return recover(make(node.part), (error) => error.code, { name: name("recover") });
      case "nested": {
        const inner = make(node.part);
        return scriptedAgent({ name: name("nested"), script: [(input, ctx) => inner.run(input, ctx)] });
      }
      case "pass":
        return pipeline(name("pass")).stage(make(node.part), { onError: "pass" }).stage(make(node.part));
      case "items": {
        const items = mapItems(make(node.part), { name: name("items"), concurrency: node.concurrency });
        const list = scriptedAgent({
          name: name("list"),
          script: [(input) => Array.from({ length: node.count }, () => input)],
        });
        return pipelineOf(name("pipeline"), [list, items]);
      }
      case "policy": {
        const { timeoutMs, attempts } = node;
        const retry = { attempts, baseDelayMs: 5, maxDelayMs: 40 };
        return withPolicy(make(node.part), { timeoutMs, retry }, { name: name("policy") });
      }
    }
  };
  return { agent: make(root), leaves, seen };
}

function hang({ signal }: Context, isDeaf: boolean): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (isDeaf) return;
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** A random number generator that a failing case can be repeated with (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function statuses(stages: readonly StageReport[]): readonly string[] {
  return stages.flatMap((stage) => [stage.status, ...statuses(stage.stages ?? [])]);
}

/** Per stage path: how often it began less how often it ended. */
function openStages(events: readonly RunEvent[]): Readonly<Record<string, number>> {
  const open: Record<string, number> = {};
  const ends = ["stage-end", "stage-error", "stage-cancelled", "stage-pass"];
  for (const event of events) {
    if (!("stage" in event)) continue;
    const change = event.type === "stage-start" ? 1 : ends.includes(event.type) ? -1 : 0;
    open[event.stage] = (open[event.stage] ?? 0) + change;
  }
  return Object.fromEntries(Object.entries(open).filter(([, count]) => count !== 0));
}

interface Setting {
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly cancelAtMs: number | undefined;
  readonly by: "handle" | "signal";
  readonly seed: number;
}

const setting: fc.Arbitrary<Setting> = fc.record({
  timeoutMs: fc.integer({ min: 1, max: 400 }),
  maxRetries: fc.nat(6),
  cancelAtMs: fc.option(fc.nat(200), { nil: undefined }),
  by: fc.constantFrom("handle", "signal"),
  seed: fc.integer(),
});

/** Runs a graph to its end. */
async function runToTheEnd(root: Graph, { timeoutMs, maxRetries, cancelAtMs, by, seed }: Setting) {
  const clock = createVirtualClock({ startMs: 1_000 });
  const built = build(root);
  const controller = new AbortController();
  const run = untyped(built.agent).start("in", {
    clock,
    timeoutMs,
    maxRetries,
    signal: controller.signal,
    random: randomFrom(seed),
  });
  let wasPending = false;
  const cancelling =
    cancelAtMs === undefined
      ? undefined
      : clock.setTimer(() => {
          wasPending = run.status === "running";
          if (by === "handle") run.cancel("enough");
          else controller.abort(new Error("enough"));
        }, cancelAtMs);
  const result = await clock.until(run.result);
  const endMs = clock.now();
  cancelling?.cancel();
  await clock.settle();
  const calls = built.leaves.flatMap((leaf) => leaf.calls);
  const timersLeft = clock.pendingTimers;
  const callsAtEnd = calls.length;
  const eventsAtEnd = run.events.snapshot();
  await clock.advance(1_000);
  return {
    ...built,
    run,
    result,
    startMs: 1_000,
    endMs,
    calls,
    callsAtEnd,
    eventsAtEnd,
    timersLeft,
    wasPending,
  };
}

const holds = (
  check: (outcome: Awaited<ReturnType<typeof runToTheEnd>>, given: Setting, root: Graph) => void,
) =>
  fc.assert(
    fc.asyncProperty(graph, setting, async (root, given) =>
      check(await runToTheEnd(root, given), given, root),
    ),
  );

test("every run ends by its deadline, and at its deadline when it is TIMEOUT of the run", async () => {
  await holds(({ result, startMs, endMs }, { timeoutMs }) => {
    const tookMs = endMs - startMs;
    const metDeadline = !result.ok && result.error.code === "TIMEOUT" && result.error.details.scope === "run";
    expect(tookMs).toBeLessThanOrEqual(timeoutMs);
    expect(tookMs).toBeGreaterThanOrEqual(metDeadline ? timeoutMs : 0);
  });
});

test("every call is over, or aborted, by the deadline that its context named", async () => {
  await holds(({ calls, seen }) => {
    for (const call of calls) {
      const { deadlineMs = Number.NaN, signal } = seen.get(call) ?? {};
      expect(deadlineMs).toBeGreaterThan(0);
      expect(
        Math.min(call.endedAtMs ?? Number.POSITIVE_INFINITY, call.abortedAtMs ?? Number.POSITIVE_INFINITY),
      ).toBeLessThanOrEqual(deadlineMs);
      expect(call.outcome !== "running" || signal?.aborted).toBe(true);
    }
  });
});

test("no timer is left after a run", async () => {
  await holds(({ timersLeft }) => {
    expect(timersLeft).toBe(0);
  });
});

test("no call begins after the end or after a cancellation, and what listens has stopped", async () => {
  await holds(
    ({ run, result, calls, callsAtEnd, leaves, startMs, endMs, wasPending }, { cancelAtMs = 0 }) => {
      const after = leaves.flatMap((leaf) => leaf.calls);
      expect(after).toHaveLength(callsAtEnd);
      const expected = wasPending
        ? { code: "CANCELLED", status: "cancelled", endMs: startMs + cancelAtMs }
        : { code: result.ok ? undefined : result.error.code, status: run.status, endMs };
      expect({ code: result.ok ? undefined : result.error.code, status: run.status, endMs }).toEqual(
        expected,
      );
      for (const call of calls) {
        expect(call.startedAtMs).toBeLessThanOrEqual(endMs);
        // Only what is deaf is still running, and it was told.
        expect(call.endedAtMs !== undefined || call.aborted).toBe(true);
        expect(call.endedAtMs ?? endMs).toBeLessThanOrEqual(endMs);
      }
    },
  );
});

test("retries of all stages together keep within the run's budget", async () => {
  await holds(({ run }, { maxRetries }) => {
    const retries = run.events.snapshot().filter((event) => event.type === "stage-retry");
    expect(run.events.dropped).toBe(0);
    expect(retries.length).toBeLessThanOrEqual(maxRetries);
  });
});

test("events begin and end once, in order, and every stage that begins ends", async () => {
  await holds(({ run, eventsAtEnd, result }) => {
    const events = run.events.snapshot();
    expect(events).toEqual(eventsAtEnd);
    expect(events[0]?.type).toBe("run-start");
    expect(events.filter((event) => event.type === "run-start" || event.type === "run-end")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "run-end", status: run.status });
    const moments = events.map((event) => event.atMs);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(openStages(events)).toEqual({});
    expect(result.ok).toBe(run.status === "success" || run.status === "partial");
  });
});

test("the report of a run that has ended shows nothing as running", async () => {
  await holds(({ run, startMs, endMs }) => {
    const report = run.report();
    expect(report.durationMs).toBe(endMs - startMs);
    expect(statuses(report.stages)).not.toContain("running");
    expect(statuses(report.stages)).not.toContain("pending");
  });
});

const delays = fc.array(fc.option(fc.nat(30), { nil: undefined }), { maxLength: 20 });
const concurrencies = fc.integer({ min: 1, max: 6 });

/** An agent that gives its input back after the delay that stands at its place. */
const echo = (delaysMs: readonly (number | undefined)[]) =>
  scriptedAgent({
    name: "echo",
    script: [
      (input, ctx) => {
        const delayMs = delaysMs[input as number];
        return delayMs === undefined ? input : sleep(delayMs, ctx).then(() => input);
      },
    ],
  });

test("mapItems keeps the order, begins in order, and is as wide as allowed but never wider", async () => {
  await fc.assert(
    fc.asyncProperty(delays, concurrencies, async (delaysMs, concurrency) => {
      const clock = createVirtualClock();
      const agent = echo(delaysMs);
      const items = delaysMs.map((_, index) => index);
      expect(await clock.until(mapItems(agent, { concurrency }).run(items, { clock }))).toEqual(items);
      expect(agent.calls.map((call) => call.input)).toEqual(items);
      expect(agent.maxConcurrent).toBeLessThanOrEqual(concurrency);
      // Where all wait, the window is full; what does not wait is done before the next begins.
      const isFull = delaysMs.every((delayMs) => delayMs !== undefined);
      expect(agent.maxConcurrent).toBeGreaterThanOrEqual(isFull ? Math.min(concurrency, items.length) : 0);
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});

test("runAll keeps the order of its pairs whatever fails, within its concurrency", async () => {
  await fc.assert(
    fc.asyncProperty(delays, concurrencies, fc.nat(20), async (delaysMs, concurrency, failing) => {
      const clock = createVirtualClock();
      const good = echo(delaysMs);
      const bad = scriptedAgent({ name: "bad", script: [{ delayMs: 7, error: new Error("no") }] });
      const pairs = delaysMs.map((_, index) => [index === failing ? bad : good, index] as const);
      const results = await clock.until(runAll(pairs, { concurrency, run: { clock } }));
      expect(results.map((result) => (result.ok ? result.output : result.error.code))).toEqual(
        delaysMs.map((_, index) => (index === failing ? "EXECUTION" : index)),
      );
      expect(good.maxConcurrent).toBeLessThanOrEqual(concurrency);
      expect(clock.pendingTimers).toBe(0);
    }),
  );
});

test("attempts end at their timeout, and waits between them are within the policy", async () => {
  const cases = fc.record({
    timeoutMs: fc.integer({ min: 1, max: 50 }),
    attempts: fc.integer({ min: 1, max: 6 }),
    baseDelayMs: fc.nat(20),
    factor: fc.integer({ min: 1, max: 3 }),
    maxDelayMs: fc.nat(60),
    plays: fc.array(fc.record({ delayMs: fc.nat(60), isDeaf: fc.boolean() }), { minLength: 1, maxLength: 6 }),
    seed: fc.integer(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ timeoutMs, attempts, baseDelayMs, factor, maxDelayMs, plays, seed }) => {
      const clock = createVirtualClock();
      const agent = scriptedAgent({
        script: plays.map(({ delayMs, isDeaf }) => ({
          delayMs,
          ignoreAbort: isDeaf,
          error: new Error("no"),
        })),
      });
      const retry = { attempts, baseDelayMs, factor, maxDelayMs };
      const running = withPolicy(agent, { timeoutMs, retry }).tryRun("in", {
        clock,
        random: randomFrom(seed),
      });
      const result = await clock.until(running);
      expect(result.ok).toBe(false);
      expect(agent.calls).toHaveLength(attempts);
      const endsMs = agent.calls.map(({ index, startedAtMs }) => {
        const delayMs = plays[Math.min(index, plays.length - 1)]?.delayMs ?? Number.NaN;
        return startedAtMs + Math.min(delayMs, timeoutMs);
      });
      for (const [index, call] of agent.calls.slice(1).entries()) {
        const waitedMs = call.startedAtMs - (endsMs[index] ?? Number.NaN);
        expect(waitedMs).toBeGreaterThanOrEqual(0);
        expect(waitedMs).toBeLessThanOrEqual(Math.min(maxDelayMs, baseDelayMs * factor ** index) + 1e-6);
      }
      expect(clock.now()).toBe(endsMs.at(-1));
    }),
  );
});
