import { anything } from "@atomic-agents/contracts";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import {
  type Context,
  createLog,
  defineAgent,
  type Log,
  pipeline,
  resource,
  type RunRecord,
  type RunStore,
  sleep,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });
const same = agent("same", (input) => input);
const slow = agent("slow", async (input, ctx) => {
  await sleep(10, ctx);
  return input;
});
const bad = agent("bad", () => {
  throw new Error("refused");
});

/** A store that does with a record what it is told to, and nothing else. */
function storing(save: (record: RunRecord) => unknown): RunStore {
  return {
    // A store in JavaScript may give anything.
    save: save as (record: RunRecord) => undefined,
    get: () => undefined,
    list: () => [],
    delete: () => false,
  };
}

function keptLines() {
  const lines: { readonly level: string; readonly message: string; readonly error?: unknown }[] = [];
  // The log's own lines are JSON objects.
  const log = createLog({ level: "debug", write: (line) => void lines.push(JSON.parse(line) as never) });
  return { lines, log };
}

describe("a run's record", () => {
  const ways = {
    run: (options: object) => pipeline("p").stage(slow).run("in", options),
    tryRun: (options: object) => pipeline("p").stage(slow).tryRun("in", options),
    start: (options: object) => pipeline("p").stage(slow).start("in", options).result,
  };
  test.each(Object.entries(ways))("is saved once, whole, by %s", async (_way, begin) => {
    const clock = createVirtualClock({ timestampMs: 5_000 });
    const records: RunRecord[] = [];
    const store = storing((record) => void records.push(record));
    const options = {
      clock,
      store,
      requestId: "r",
      userId: "ada",
      sessionId: "s",
      metadata: { tenant: "a" },
    };
    await clock.until(begin(options));
    expect(records).toMatchObject([
      {
        report: {
          requestId: "r",
          agent: "p",
          status: "success",
          startedAtMs: 5_000,
          durationMs: 10,
          stages: [{ id: "slow", status: "success" }],
          metadata: { tenant: "a" },
        },
        droppedEvents: 0,
        userId: "ada",
        sessionId: "s",
        metadata: { tenant: "a" },
      },
    ]);
    expect(records[0]?.events.map(({ type }) => type)).toEqual([
      "run-start",
      "stage-start",
      "stage-end",
      "run-end",
    ]);
    expect(records[0]?.report.runId).toBe(records[0]?.events[0]?.runId);
  });

  test("says nothing of what the run was not given", async () => {
    const records: RunRecord[] = [];
    await same.run("in", { store: storing((record) => void records.push(record)) });
    expect(Object.keys(records[0] ?? {})).toEqual(["report", "events", "droppedEvents"]);
  });

  test("has what failed, what was undone and what could not be disposed of", async () => {
    const records: RunRecord[] = [];
    const { log } = keptLines();
    const stuck = resource("stuck", {
      create: () => "made",
      dispose: () => {
        throw new Error("stuck");
      },
    });
    const chain = pipeline("p")
      .stage(
        withUndo(
          agent("using", (_input, ctx) => ctx.use(stuck)),
          () => {},
        ),
      )
      .stage(bad);
    const result = await chain.tryRun("in", { log, store: storing((record) => void records.push(record)) });
    const [record] = records;
    expect(record?.report).toMatchObject({
      status: "failed",
      error: { code: "EXECUTION", stage: "bad" },
      stages: [{ undone: true }, { status: "failed" }],
    });
    expect(record?.events.slice(-4).map(({ type }) => type)).toEqual([
      "stage-error",
      "stage-undo",
      "resource-error",
      "run-end",
    ]);
    expect(result.ok ? undefined : result.error.report).toEqual(record?.report);
  });

  test("is saved of cancelled runs, those that never began too, and not of runs inside a run", async () => {
    const clock = createVirtualClock();
    const records: RunRecord[] = [];
    const store = storing((record) => void records.push(record));
    const chain = pipeline("p").stage(slow);
    const run = chain.start("in", { clock, store });
    await clock.advance(5);
    run.cancel();
    chain.start("in", { clock, store }).cancel();
    const signal = AbortSignal.abort(new Error("no"));
    await chain.tryRun("in", { clock, store, signal });
    await chain.start("in", { clock, store, signal }).result;
    expect(records.map(({ report }) => report.status)).toEqual(Array(4).fill("cancelled"));
    records.length = 0;
    const outer = agent("outer", async (input, ctx) => {
      await chain.run(input, ctx);
      return (await chain.start(input, ctx).result).ok;
    });
    expect(await clock.until(outer.run("in", { clock, store }))).toBe(true);
    expect(records.map(({ report }) => report.agent)).toEqual(["outer"]);
  });
});

describe("a store that fails", () => {
  const thrown = new Error("the disk is full");
  const failures: Readonly<Record<string, readonly [save: () => unknown, waitsMs: number, text: string]>> = {
    "throws at once": [
      () => {
        throw thrown;
      },
      0,
      "the disk is full",
    ],
    rejects: [() => Promise.reject(thrown), 0, "the disk is full"],
    hangs: [() => new Promise(() => {}), 5_000, "the store took longer than 5000 ms"],
    "throws when it is waited for": [
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: what is tested
        then: () => {
          throw thrown;
        },
      }),
      0,
      "the disk is full",
    ],
  };
  const agents = {
    "that needs no time": [same, 0],
    "that takes time": [slow, 10],
  } as const;
  const cases = Object.entries(failures).flatMap(([how, failure]) =>
    Object.entries(agents).map(([what, [tested, takesMs]]) => [how, what, failure, tested, takesMs] as const),
  );
  test.each(cases)(
    "(%s) is told in the log, and a run %s ends as it would",
    async (_how, _what, [save, waitsMs, text], tested, takesMs) => {
      for (const way of ["run", "tryRun", "start"] as const) {
        const clock = createVirtualClock();
        const { lines, log } = keptLines();
        const options = { clock, log, store: storing(save) };
        const outcome: Promise<unknown> =
          way === "start" ? tested.start("in", options).result : tested[way]("in", options);
        expect(await clock.until(outcome)).toEqual(way === "run" ? "in" : { ok: true, output: "in" });
        expect(clock.now()).toBe(takesMs + waitsMs);
        expect(lines).toMatchObject([
          {
            level: "error",
            message: "A run could not be saved",
            agent: tested.name,
            error: { message: text },
          },
        ]);
        expect(clock.pendingTimers).toBe(0);
      }
    },
  );

  test("does not hide why the run failed, nor that its log fails as well", async () => {
    const clock = createVirtualClock();
    const log: Log = {
      ...createLog(),
      error: () => {
        throw new Error("the log is full");
      },
      with: () => log,
    };
    for (const [save] of Object.values(failures)) {
      const failing = pipeline("p").stage(slow).stage(bad);
      const result = await clock.until(failing.tryRun("in", { clock, log, store: storing(save) }));
      expect(result).toMatchObject({ error: { code: "EXECUTION", stage: "bad" } });
    }
    expect(clock.pendingTimers).toBe(0);
  });

  test("may settle late: it is too late", async () => {
    const clock = createVirtualClock();
    const { lines, log } = keptLines();
    const late = storing(
      () =>
        new Promise((_resolve, reject) => {
          clock.setTimer(() => reject(thrown), 6_000);
        }),
    );
    await clock.until(same.run("in", { clock, log, store: late }));
    await clock.runAll();
    expect(lines).toHaveLength(1);
  });
});

test("every way to run waits until the record is saved", async () => {
  for (const tested of [same, slow]) {
    for (const way of ["run", "tryRun", "start"] as const) {
      for (const signal of [undefined, AbortSignal.abort(new Error("no"))]) {
        const clock = createVirtualClock();
        const steps: string[] = [];
        const store = storing(async () => {
          await new Promise<void>((resolve) => void clock.setTimer(resolve, 100));
          steps.push("saved");
        });
        const options = { clock, store, signal };
        const run = way === "start" ? tested.start("in", options).result : tested[way]("in", options);
        await clock.until(
          run.then(
            () => steps.push("told"),
            () => steps.push("told"),
          ),
        );
        expect(steps).toEqual(["saved", "told"]);
      }
    }
  }
});

test("a record stays as it was given", async () => {
  const records: RunRecord[] = [];
  const clock = createVirtualClock();
  const stubborn = withUndo(
    agent("stubborn", async (input, ctx) => {
      // Does not listen to the signal.
      await new Promise<void>((resolve) => void ctx.clock.setTimer(resolve, 500));
      return input;
    }),
    (_output, _input, ctx) => ctx.budget.spend({ calls: 1 }),
  );
  await clock.until(
    stubborn.tryRun("in", { clock, timeoutMs: 100, store: storing((record) => void records.push(record)) }),
  );
  const before = structuredClone(JSON.parse(JSON.stringify(records[0])) as unknown);
  await clock.runAll();
  expect(JSON.parse(JSON.stringify(records[0]))).toEqual(before);
});
