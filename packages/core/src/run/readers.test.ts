import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AnyAgent,
  type Context,
  defineAgent,
  MemoryRunStore,
  parallel,
  pipeline,
  type Run,
  type RunEvent,
  sleep,
  untyped,
  withPolicy,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });
const keep = agent("keep", (input) => input);
const never = agent("never", () => new Promise(() => {}));

/** Says many things, without a wait between them. */
const speaking = (count: number) =>
  agent("speaking", (_input, ctx) => {
    for (let number = 0; number < count; number++) ctx.emit("said", number);
  });

type Reader<TValue> = AsyncIterator<TValue, unknown>;

const readerOf = <TValue>(values: AsyncIterable<TValue>): Reader<TValue> => values[Symbol.asyncIterator]();
const typeOf = (answer: IteratorResult<RunEvent, unknown>) =>
  answer.done === true ? "done" : answer.value.type;

describe("who asks first gets first", () => {
  test("also where the second asks while the first is given what it waited for", async () => {
    const reader = readerOf(keep.start("in").events);
    const first = reader.next();
    const third = first.then(() => reader.next());
    const second = reader.next();
    const types = (await Promise.all([first, second, third])).map(typeOf);
    expect(types).toEqual(["run-start", "stage-start", "stage-end"]);
  });

  test("also where the run is cancelled before it begins", async () => {
    const run = keep.start("in");
    const reader = readerOf(run.events);
    const early = [reader.next(), reader.next()];
    run.cancel();
    const types = (await Promise.all([...early, reader.next()])).map(typeOf);
    expect(types).toEqual(["run-start", "run-end", "done"]);
  });

  test("also of a run that has said more than is kept before anybody could be given something", async () => {
    const run = speaking(3_000).start("in");
    const readers = [readerOf(run.events), readerOf(run.events)];
    const early = readers.map((reader) => reader.next());
    await run.result;
    expect((await Promise.all(early)).map(typeOf)).toEqual(["run-start", "run-start"]);
    const [oldest] = run.events.snapshot();
    for (const reader of readers) expect(await reader.next()).toEqual({ done: false, value: oldest });
  });
});

test("who leaves while waiting waits no more, though the run goes on", async () => {
  const run = never.start("in");
  const events = readerOf(run.events);
  await events.next();
  await events.next();
  const drafts = readerOf(run.partials);
  const waiting = [events.next(), events.next(), drafts.next(), drafts.next()];
  const gone = { done: true, value: undefined };
  expect(await events.return?.()).toEqual(gone);
  expect(await drafts.return?.()).toEqual(gone);
  expect(await Promise.all(waiting)).toEqual([gone, gone, gone, gone]);
  expect(run.status).toBe("running");
  run.cancel();
  expect(await events.next()).toEqual(gone);
});

interface Deed {
  readonly deed: string;
  readonly times: number;
}

/** What an agent does, one after the other, or the agents that it is composed of. */
type Shape =
  | readonly Deed[]
  | { readonly kind: "chain" | "both" | "again"; readonly parts: readonly Shape[] };

const { shape: shapes } = fc.letrec<{ shape: Shape }>((tie) => {
  const leaf = fc.array(
    fc.oneof(
      fc.record({ deed: fc.constantFrom("say", "show", "wait"), times: fc.nat(4) }),
      fc.record({
        deed: fc.constantFrom("turn", "fail", "hang", "start", "call"),
        times: fc.constant(1),
      }),
      fc.record({ deed: fc.constant("say"), times: fc.constant(700) }),
    ),
    { maxLength: 6 },
  );
  const composed = fc.record({
    kind: fc.constantFrom("chain" as const, "both" as const, "again" as const),
    parts: fc.tuple(tie("shape"), tie("shape")),
  });
  return { shape: fc.oneof({ maxDepth: 2 }, leaf, composed) };
});

/** How many drafts were shown: each is of its own. */
let shown = 0;

function agentOf(shape: Shape): AnyAgent {
  if ("kind" in shape) {
    const [a, b] = shape.parts.map((part) => untyped(agentOf(part)));
    if (a === undefined || b === undefined) return keep;
    if (shape.kind === "chain") return pipeline("p").stage("a", a).stage("b", b);
    if (shape.kind === "both") return parallel({ a, b });
    return withPolicy(pipeline("p").stage("a", a).stage("b", b), { timeoutMs: 6, retry: { attempts: 2 } });
  }
  const doing = function* (ctx: Context) {
    for (const { deed, times } of shape) {
      for (let time = 0; time < times; time++) {
        if (deed === "say") ctx.emit("said");
        else if (deed === "show") ctx.partial(++shown);
        else if (deed === "turn") yield Promise.resolve();
        else if (deed === "hang") yield new Promise(() => {});
        else if (deed === "start") yield keep.start("inner", ctx).result;
        else if (deed === "call") yield keep.run("inner", ctx);
        else if (deed === "fail") throw new Error("busy");
      }
      if (deed === "wait") yield sleep(times, ctx);
    }
  };
  // One that never waits is not asynchronous.
  if (shape.every(({ deed }) => ["say", "show", "fail"].includes(deed))) {
    return agent("leaf", (_input, ctx) => Array.from(doing(ctx)));
  }
  return agent("leaf", async (_input, ctx) => {
    for (const pending of doing(ctx)) await pending;
  });
}

/** When something is done: after so many milliseconds of the run's clock, and then so many turns of promises. */
const moment = fc.record({ ms: fc.constantFrom(0, 0, 1, 3, 7), turns: fc.nat(6) });
/** How one reads: how many it asks for at once, whether each answer has it ask again at once, and when it leaves. */
const manner = fc.record({
  start: moment,
  atOnce: fc.integer({ min: 1, max: 5 }),
  chains: fc.boolean(),
  leavesAfter: fc.option(fc.nat(8), { nil: Number.POSITIVE_INFINITY }),
});

interface Manner {
  readonly atOnce: number;
  readonly chains: boolean;
  readonly leavesAfter: number;
}

/** What a reader was given, in the order in which it asked, until the first end; after that it is given ends alone. */
async function readAs<TValue>(values: AsyncIterable<TValue>, manner: Manner): Promise<readonly TValue[]> {
  const reader = readerOf(values);
  const asked: Promise<IteratorResult<TValue, unknown>>[] = [];
  const ask = () => {
    const answer = reader.next();
    asked.push(answer);
    return answer;
  };
  let hasEnded = false;
  while (!hasEnded && asked.length < manner.leavesAfter) {
    const round = Array.from({ length: manner.atOnce }, () => {
      const answer = ask();
      // Asked before the others of this round have been given theirs.
      if (manner.chains) void answer.then(({ done }) => (done === true ? undefined : ask()));
      return answer;
    });
    hasEnded = (await Promise.all(round)).some(({ done }) => done);
  }
  if (!hasEnded) {
    const last = ask();
    await reader.return?.();
    await last;
  }
  void ask();
  const answers = await Promise.all(asked);
  const end = answers.findIndex(({ done }) => done);
  for (const { done } of answers.slice(end)) expect(done).toBe(true);
  // Those before the end are values.
  return answers.slice(0, end).map(({ value }) => value as TValue);
}

test("readers are given what the snapshot holds, in the order in which they ask, whenever they do", async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.array(manner, { minLength: 1, maxLength: 4 }),
      fc.option(moment, { nil: undefined }),
      fc.boolean(),
      fc.boolean(),
      async (shape, manners, cancelled, isInside, isSaved) => {
        const clock = createVirtualClock();
        // Also of those that hang there is an end.
        const tested = withPolicy(untyped(agentOf(shape)), { timeoutMs: 40 });
        const at = async ({ ms, turns }: { readonly ms: number; readonly turns: number }) => {
          if (ms > 0) await new Promise<void>((resolve) => void clock.setTimer(resolve, ms));
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        };
        const store = isSaved ? new MemoryRunStore({ clock }) : undefined;
        const options = { clock, random: () => 0, ...(store === undefined ? {} : { store }) };
        const looked: Promise<unknown>[] = [];
        const look = async (run: Run<unknown>) => {
          if (cancelled !== undefined) looked.push(at(cancelled).then(() => run.cancel()));
          const results: Promise<unknown>[] = [];
          const reading = manners.map(async (manner) => {
            // Some read at once, in the same turn as the run was started.
            if (manner.start.ms > 0 || manner.start.turns > 0) await at(manner.start);
            results.push(run.result);
            return [await readAs(run.events, manner), manner] as const;
          });
          const drafts = manners.map((manner) => readAs(run.partials, manner));
          const readings = await Promise.all(reading);
          await run.result;
          for (const result of results) expect(result).toBe(run.result);
          const kept = run.events.snapshot();
          const { dropped } = run.events;
          expect(kept[0]?.type).toBe(dropped === 0 ? "run-start" : "custom");
          expect(kept.at(-1)).toMatchObject({ type: "run-end", status: run.status });
          for (const [seen, { leavesAfter }] of readings) {
            // Whoever reads on gets all that is kept in the end; whoever leaves, the first of it, unless some was let go.
            const hasAll = leavesAfter === Number.POSITIVE_INFINITY || seen.length >= kept.length;
            if (dropped === 0) expect(seen).toEqual(hasAll ? kept : kept.slice(0, seen.length));
            else if (hasAll) expect(seen.slice(-kept.length)).toEqual(kept);
            expect(new Set(seen).size).toBe(seen.length);
          }
          // Whoever reads on gets the newest draft in the end.
          const newest = (await readAs(run.partials, { atOnce: 1, chains: false, leavesAfter: 1 })).at(-1);
          for (const [index, seen] of (await Promise.all(drafts)).entries()) {
            expect(seen).toEqual(seen.toSorted((a, b) => Number(a) - Number(b)));
            if (manners[index]?.leavesAfter === Number.POSITIVE_INFINITY) expect(seen.at(-1)).toBe(newest);
          }
          return kept;
        };
        if (isInside) {
          const outer = agent("outer", (_input, ctx) => look(tested.start("in", ctx)));
          const run = outer.start("in", options);
          expect(await clock.until(run.result)).toMatchObject({ ok: true });
        } else {
          const run = tested.start("in", options);
          const kept = await clock.until(look(run));
          const saved = store === undefined ? undefined : store.get(run.id);
          if (store !== undefined) expect(saved?.events).toEqual(kept);
        }
        await clock.until(Promise.all(looked));
      },
    ),
  );
});
