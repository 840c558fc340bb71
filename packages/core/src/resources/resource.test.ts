import { anything } from "@atomic-agents/contracts";
import { createVirtualClock, type VirtualClock } from "@atomic-agents/testing";
import { describe, expect, test } from "vitest";
import {
  type AnyAgent,
  AtomicError,
  type Context,
  createResources,
  defineAgent,
  type Log,
  mapItems,
  parallel,
  pipeline,
  resource,
  type Resource,
  type RunOptions,
  sleep,
  untyped,
  withPolicy,
  withUndo,
} from "../index.ts";

const agent = (name: string, execute: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({ name, description: "Test.", input: anything(), output: anything(), execute });

/** An agent that gives what it gets of a resource. */
const using = (asked: Resource<unknown>, name = "using") => agent(name, (_input, ctx) => ctx.use(asked));

const bad = agent("bad", () => {
  throw new Error("refused");
});

/** A log that keeps what it is told. */
function keptLog() {
  const lines: string[] = [];
  const keep = (text: string) => void lines.push(text);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, with: () => log };
  return { lines, log };
}

/** Runs to the end on a virtual clock, and sees to it that no timer is left. */
async function outcome(
  tested: AnyAgent,
  options: RunOptions = {},
  clock: VirtualClock = createVirtualClock(),
) {
  const run = untyped(tested).start("in", { clock, random: () => 0, ...options });
  const result = await clock.until(run.result);
  expect(clock.pendingTimers).toBe(0);
  return { result, run, clock, report: run.report(), events: run.events.snapshot() };
}

/** A resource that notes what happens to it. */
function noted(lines: string[], name: string, createMs = 0, disposeMs = 0): Resource<string> {
  let count = 0;
  return resource(name, {
    create: async ({ clock, signal }) => {
      const value = `${name}${++count}`;
      lines.push(`create ${value}`);
      if (createMs > 0) await sleep(createMs, { clock, signal });
      return value;
    },
    dispose: async (value) => {
      lines.push(`dispose ${value}`);
      if (disposeMs > 0) await new Promise(() => {});
    },
  });
}

describe("a run that is given no resources", () => {
  test("makes what its agents ask for, once, and disposes of it in reverse before it tells its outcome", async () => {
    const lines: string[] = [];
    const [a, b, never] = [noted(lines, "a"), noted(lines, "b"), noted(lines, "never")];
    void never;
    const chain = pipeline("p")
      .stage("one", using(a))
      .stage("two", using(b))
      .stage("three", using(a))
      .stage(
        "last",
        agent("last", (input) => lines.push("last") && input),
      );
    const clock = createVirtualClock();
    const result = await clock.until(
      chain.tryRun("in", { clock }).then((told) => {
        lines.push("told");
        return told;
      }),
    );
    expect(result).toEqual({ ok: true, output: "a1" });
    expect(lines).toEqual(["create a1", "create b1", "last", "dispose b1", "dispose a1", "told"]);
    lines.length = 0;
    expect(await chain.run("in", { clock })).toBe("a2");
    expect(lines).toEqual(["create a2", "create b2", "last", "dispose b2", "dispose a2"]);
  });

  test.each([
    ["fails", bad, {}],
    ["times out", agent("hangs", () => new Promise(() => {})), { timeoutMs: 100 }],
  ] as const)("disposes of it when it %s", async (_how, end, options) => {
    const lines: string[] = [];
    const chain = pipeline("p")
      .stage(using(noted(lines, "a")))
      .stage(end);
    const { result, events } = await outcome(chain, options);
    expect(result.ok).toBe(false);
    expect(lines).toEqual(["create a1", "dispose a1"]);
    expect(events.at(-1)).toMatchObject({ type: "run-end", status: "failed" });
  });

  test("disposes of it when it is cancelled, and its events end with the run", async () => {
    const lines: string[] = [];
    const clock = createVirtualClock();
    const run = pipeline("p")
      .stage(using(noted(lines, "a")))
      .stage(agent("hangs", (_input, ctx) => sleep(1_000, ctx)))
      .start("in", { clock });
    await clock.settle();
    run.cancel();
    expect(run.status).toBe("running");
    expect(await clock.until(run.result)).toMatchObject({ error: { code: "CANCELLED" } });
    expect(lines).toEqual(["create a1", "dispose a1"]);
    expect(run.status).toBe("cancelled");
    expect(run.events.snapshot().map(({ type }) => type)).toEqual([
      "run-start",
      "stage-start",
      "stage-end",
      "stage-start",
      "stage-cancelled",
      "run-end",
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("shares it among all that runs inside it, made in one flight", async () => {
    const lines: string[] = [];
    const a = noted(lines, "a", 50);
    const own = agent("own", async (input, ctx) => {
      const run = untyped(using(a)).start(input, ctx);
      return [await ctx.use(a), await ctx.use(a), await untyped(using(a)).run(input, ctx), await run.result];
    });
    const items = agent("items", () => [1, 2, 3]);
    const each = pipeline("each")
      .stage(items)
      .stage(untyped(mapItems(using(a))));
    const { result } = await outcome(parallel({ x: using(a), y: using(a), own, each }));
    expect(result).toEqual({
      ok: true,
      output: {
        x: "a1",
        y: "a1",
        own: ["a1", "a1", "a1", { ok: true, output: "a1" }],
        each: ["a1", "a1", "a1"],
      },
    });
    expect(lines).toEqual(["create a1", "dispose a1"]);
  });

  test("lets what is undone use it, and disposes of it afterwards", async () => {
    const lines: string[] = [];
    const [a, b] = [noted(lines, "a"), noted(lines, "b")];
    const step = withUndo(using(a), async (_output, _input, ctx) => {
      lines.push(`undo with ${await ctx.use(a)} ${await ctx.use(b)}`);
    });
    await outcome(pipeline("p").stage(step).stage(bad));
    expect(lines).toEqual(["create a1", "create b1", "undo with a1 b1", "dispose b1", "dispose a1"]);
  });

  test("needs no dispose, and takes any value, nothing too", async () => {
    for (const value of [undefined, null, 0, "", Number.NaN]) {
      let count = 0;
      const odd = resource("odd", { create: () => (count++, value) });
      const { result } = await outcome(pipeline("p").stage("a", using(odd)).stage("b", using(odd)));
      expect(result).toEqual({ ok: true, output: value });
      expect(count).toBe(1);
    }
  });

  test("a stage that is tried again asks again, and what failed to be made is made anew", async () => {
    let count = 0;
    const flaky = resource("flaky", {
      create: () => {
        count++;
        if (count < 3) throw new Error(`refused ${count}`);
        return count;
      },
    });
    const { result } = await outcome(withPolicy(using(flaky), { retry: { attempts: 3 } }));
    expect(result).toEqual({ ok: true, output: 3 });
  });
});

describe("a resource that cannot be made", () => {
  const failures = {
    "throws at once": () => {
      throw new Error("no database");
    },
    rejects: async () => {
      await Promise.resolve();
      throw new Error("no database");
    },
    "rejects late": async (ctx: { clock: VirtualClock; signal: AbortSignal }) => {
      await sleep(1_000, ctx);
      throw new Error("no database");
    },
  };
  test.each(Object.entries(failures))("that %s: RESOURCE, which says which and why", async (_how, create) => {
    // The run's clock is a virtual one.
    const broken = resource("db", { create: create as () => Promise<string> });
    const { result } = await outcome(pipeline("p").stage("find", using(broken)));
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "RESOURCE",
        message: 'Resource "db" could not be made: no database',
        stage: "find",
        retryable: true,
        details: { resource: "db", phase: "create" },
        cause: { message: "no database" },
      },
    });
  });

  test("tells all who wait for it", async () => {
    let count = 0;
    const broken = resource("db", {
      create: async (ctx) => {
        count++;
        await sleep(10, ctx);
        throw new Error("no database");
      },
    });
    const { result } = await outcome(
      parallel({ x: using(broken), y: using(broken), z: using(broken) }, { settled: true }),
    );
    const failed = { ok: false, error: { code: "RESOURCE" } };
    expect(result).toMatchObject({ ok: true, output: { x: failed, y: failed, z: failed } });
    expect(count).toBe(1);
  });

  test("in its time is given up on, its signal aborts, and what comes afterwards is disposed of", async () => {
    const { lines, log } = keptLog();
    const clock = createVirtualClock();
    const slow = resource("slow", {
      create: ({ signal }) => {
        signal.addEventListener("abort", () => lines.push(`aborted: ${(signal.reason as Error).message}`));
        return new Promise<string>((resolve) => void clock.setTimer(() => resolve("late"), 500));
      },
      dispose: (value) => {
        lines.push(`dispose ${value}`);
        throw new Error("no");
      },
      timeoutMs: 100,
    });
    const resources = createResources({ clock, log });
    const run = using(slow).start("in", { clock, resources });
    expect(await clock.until(run.result)).toMatchObject({
      error: {
        code: "RESOURCE",
        message: 'Resource "slow" could not be made: create took longer than 100 ms',
      },
    });
    expect([clock.now(), resources.size]).toEqual([100, 0]);
    await clock.runAll();
    expect(lines).toEqual([
      "aborted: create took longer than 100 ms",
      "dispose late",
      'Resource "slow" could not be disposed of: no',
    ]);
    expect(resources.size).toBe(0);
    await resources.close();
    expect(lines).toHaveLength(3);
  });

  test("has 30 seconds unless it says otherwise", async () => {
    const hangs = resource("hangs", { create: () => new Promise<never>(() => {}) });
    const { clock } = await outcome(using(hangs));
    expect(clock.now()).toBe(30_000);
  });

  test("is no longer waited for by an attempt that was given up on; the others get it", async () => {
    const lines: string[] = [];
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const a = noted(lines, "a", 500);
    const hasty = using(a).start("in", { clock, resources, timeoutMs: 100 });
    const patient = using(a).start("in", { clock, resources });
    expect(await clock.until(hasty.result)).toMatchObject({ error: { code: "TIMEOUT" } });
    expect(clock.now()).toBe(100);
    expect(await clock.until(patient.result)).toEqual({ ok: true, output: "a1" });
    await resources.close();
    expect(lines).toEqual(["create a1", "dispose a1"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("because making it cancels the run tells of the cancellation", async () => {
    const clock = createVirtualClock();
    for (const pool of [undefined, { size: 1 }]) {
      const meddling = resource("meddling", {
        create: () => {
          run.cancel("enough");
          return "made";
        },
        pool,
      });
      const seen: unknown[] = [];
      const asking = agent("asking", async (_input, ctx) => {
        try {
          return await ctx.use(meddling);
        } catch (thrown) {
          seen.push((thrown as { readonly code: string }).code);
          throw thrown;
        }
      });
      const run = asking.start("in", { clock });
      expect(await clock.until(run.result)).toMatchObject({ error: { code: "CANCELLED" } });
      expect(seen).toEqual(["CANCELLED"]);
      expect([run.status, clock.pendingTimers]).toEqual(["cancelled", 0]);
    }
  });
});

describe("a resource that cannot be disposed of", () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("do not look");
      },
      getPrototypeOf: () => {
        throw new Error("do not look");
      },
    },
  );
  test("is told of by event and log; the others are disposed of, and the outcome stays", async () => {
    const { lines, log } = keptLog();
    const disposed: string[] = [];
    const broken = (name: string, dispose: () => unknown) =>
      // Anything may come out of a program in JavaScript.
      resource(name, { create: () => name, dispose: dispose as () => undefined, timeoutMs: 200 });
    const all = [
      noted(disposed, "first"),
      broken("throws", () => {
        throw new Error("stuck");
      }),
      broken("rejects", () => Promise.reject(new Error("stuck"))),
      broken("hangs", () => new Promise(() => {})),
      broken("odd", () => {
        throw hostile;
      }),
      broken("thenable", () => ({
        // biome-ignore lint/suspicious/noThenProperty: what is tested
        then: () => {
          throw new Error("stuck");
        },
      })),
      noted(disposed, "last"),
    ];
    let chain = pipeline("p").stage("0", using(all[0] as Resource<unknown>));
    for (const [index, each] of all.entries()) {
      if (index > 0) chain = chain.stage(String(index), using(each));
    }
    const { result, events, report, clock } = await outcome(chain, { log });
    expect(result).toEqual({ ok: true, output: "last1" });
    expect(disposed).toEqual(["create first1", "create last1", "dispose last1", "dispose first1"]);
    const told = ["thenable", "odd", "hangs", "rejects", "throws"];
    expect(events.filter(({ type }) => type === "resource-error")).toMatchObject(
      told.map((name) => ({ resource: name, error: { code: "RESOURCE", details: { phase: "dispose" } } })),
    );
    expect(lines).toEqual([
      'Resource "thenable" could not be disposed of: stuck',
      'Resource "odd" could not be disposed of: threw a value of type object',
      'Resource "hangs" could not be disposed of: dispose took longer than 200 ms',
      'Resource "rejects" could not be disposed of: stuck',
      'Resource "throws" could not be disposed of: stuck',
    ]);
    // It is the run's end that waits, not its stages.
    expect([report.durationMs, report.status, clock.now()]).toEqual([200, "success", 200]);
    expect(events.at(-1)).toMatchObject({ type: "run-end", atMs: 200, status: "success" });
  });

  test("does not keep a run from its end when the log throws, too", async () => {
    const log: Log = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: () => {
        throw new Error("the disk is full");
      },
      with: () => log,
    };
    const stuck = resource("stuck", {
      create: () => "made",
      dispose: () => {
        throw new Error("stuck");
      },
    });
    const undoable = withUndo(using(stuck), () => {
      throw new Error("cannot");
    });
    const { result, report } = await outcome(pipeline("p").stage(undoable).stage(bad), { log });
    expect(result).toMatchObject({ error: { code: "EXECUTION", stage: "bad" } });
    expect(report.stages[0]).toMatchObject({ undoError: { code: "EXECUTION" } });
  });
});

describe("bind", () => {
  test("makes what an attempt gets, with its deadline and run, each time it asks", async () => {
    const clock = createVirtualClock({ startMs: 1_000 });
    let disposed: unknown;
    const db = resource("db", {
      create: () => ({ name: "db" }),
      bind: (value, ctx) => ({
        of: value.name,
        leftMs: (ctx.deadline ?? 0) - ctx.clock.now(),
        runId: ctx.runId,
        user: ctx.userId,
      }),
      dispose: (value) => {
        disposed = value;
      },
    });
    const asking = agent("asking", async (_input, ctx) => {
      const first = await ctx.use(db);
      await sleep(100, ctx);
      return [first, await ctx.use(db)];
    });
    const chain = pipeline("p").stage(asking, { timeoutMs: 500 });
    const { result, run } = await outcome(chain, { userId: "ada" }, clock);
    const bound = { of: "db", runId: run.id, user: "ada" };
    expect(result).toEqual({
      ok: true,
      output: [
        { ...bound, leftMs: 500 },
        { ...bound, leftMs: 400 },
      ],
    });
    expect(disposed).toEqual({ name: "db" });
  });

  test("may take its time, but no longer than timeoutMs, and is left when the attempt is given up on", async () => {
    const clock = createVirtualClock();
    const waits = (delayMs: number) =>
      resource("db", {
        create: () => "db",
        bind: (value, ctx) =>
          new Promise<string>((resolve) => void ctx.clock.setTimer(() => resolve(`${value} bound`), delayMs)),
        timeoutMs: 100,
      });
    expect(await clock.until(using(waits(50)).run("in", { clock }))).toBe("db bound");
    const late = await clock.until(using(waits(150)).tryRun("in", { clock }));
    expect(late).toMatchObject({
      error: {
        code: "RESOURCE",
        message: 'Resource "db" could not be bound to the run: bind took longer than 100 ms',
        details: { resource: "db", phase: "bind" },
      },
    });
    await clock.runAll();
    const seen: unknown[] = [];
    const hangs = resource("db", { create: () => "db", bind: () => new Promise<never>(() => {}) });
    const asking = agent("asking", (_input, ctx) =>
      ctx.use(hangs).catch((thrown: { readonly code: string }) => seen.push(thrown.code)),
    );
    const run = asking.start("in", { clock });
    await clock.advance(10);
    expect(run.status).toBe("waiting");
    run.cancel();
    expect(await run.result).toMatchObject({ error: { code: "CANCELLED" } });
    expect([seen, clock.pendingTimers]).toEqual([["CANCELLED"], 0]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no session");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no session"))],
  ])("that %s: RESOURCE, and the resource stays as it is", async (_how, bind) => {
    let made = 0;
    let calls = 0;
    const db = resource<number, number>("db", {
      create: () => ++made,
      bind: (value) => (++calls === 1 ? bind() : value),
    });
    const { result } = await outcome(
      parallel(
        { first: using(db), again: withPolicy(using(db), { retry: { attempts: 2 } }) },
        { settled: true },
      ),
    );
    expect(result).toMatchObject({
      output: {
        first: {
          error: {
            code: "RESOURCE",
            message: 'Resource "db" could not be bound to the run: no session',
            details: { phase: "bind" },
          },
        },
        again: { ok: true, output: 1 },
      },
    });
  });
});

describe("a set of resources", () => {
  test("is shared by its runs, and disposes of everything when it is closed", async () => {
    const lines: string[] = [];
    const clock = createVirtualClock();
    const resources = createResources({ clock });
    const [a, b] = [noted(lines, "a", 10), noted(lines, "b")];
    const chain = pipeline("p").stage("a", using(a)).stage("b", using(b));
    const runs = [1, 2, 3].map(() => chain.run("in", { clock, resources }));
    expect(await clock.until(Promise.all(runs))).toEqual(["b1", "b1", "b1"]);
    expect(await chain.run("in", { clock, resources })).toBe("b1");
    expect(resources.size).toBe(2);
    expect(lines).toEqual(["create a1", "create b1"]);
    await Promise.all([resources.close(), resources.close()]);
    expect(lines).toEqual(["create a1", "create b1", "dispose b1", "dispose a1"]);
    expect([resources.size, clock.pendingTimers]).toEqual([0, 0]);
    expect(await chain.tryRun("in", { clock, resources })).toMatchObject({
      error: {
        code: "RESOURCE",
        message: 'Resource "a" could not be made: the set of resources is closed',
        hint: "Close it when its runs have ended.",
      },
    });
  });

  test("is closed as what is async disposable", async () => {
    const lines: string[] = [];
    const resources = createResources();
    await using(noted(lines, "a")).run("in", { resources });
    await resources[Symbol.asyncDispose]();
    expect(lines).toEqual(["create a1", "dispose a1"]);
  });

  test("tells what could not be disposed of, all of it", async () => {
    const stuck = (name: string) =>
      resource(name, {
        create: () => name,
        dispose: () => {
          throw new Error(`${name} is stuck`);
        },
      });
    const one = createResources();
    await using(stuck("a")).run("in", { resources: one });
    await expect(one.close()).rejects.toMatchObject({
      code: "RESOURCE",
      message: 'Resource "a" could not be disposed of: a is stuck',
      cause: { message: "a is stuck" },
    });
    const several = createResources();
    const chain = pipeline("p")
      .stage("a", using(stuck("a")))
      .stage("b", using(stuck("b")));
    await chain.run("in", { resources: several });
    const error: unknown = await several.close().catch((thrown: unknown) => thrown);
    if (!AtomicError.isInstance(error)) throw new Error("it should have failed");
    expect(error.details).toEqual({ resource: "b", phase: "dispose" });
    expect((error.cause as AggregateError).errors).toMatchObject([
      { details: { resource: "b" } },
      { details: { resource: "a" } },
    ]);
  });

  test.each(["listens", "does not listen"])(
    "that is closed while something is made that %s to its signal: nobody gets it, and nothing stays",
    async (how) => {
      const lines: string[] = [];
      const clock = createVirtualClock();
      const resources = createResources({ clock });
      const slow = resource("slow", {
        create: async (ctx) => {
          if (how === "listens") await sleep(500, ctx);
          else await new Promise<void>((resolve) => void clock.setTimer(resolve, 500));
          return "made";
        },
        dispose: (value) => void lines.push(`dispose ${value}`),
      });
      const run = using(slow).start("in", { clock, resources });
      await clock.advance(10);
      const closing = resources.close().then(() => lines.push("closed"));
      const closed = {
        code: "RESOURCE",
        message: expect.stringContaining("the set of resources is closed") as string,
      };
      expect(await clock.until(run.result)).toMatchObject({ error: closed });
      await clock.until(closing);
      expect(lines).toEqual(how === "listens" ? ["closed"] : ["dispose made", "closed"]);
      expect([clock.now(), clock.pendingTimers, resources.size]).toEqual([
        how === "listens" ? 10 : 500,
        0,
        0,
      ]);
    },
  );

  test("does not abort what it has made: that is for dispose", async () => {
    const lines: string[] = [];
    const resources = createResources();
    const listening = resource("listening", {
      create: ({ signal }) => {
        signal.addEventListener("abort", () => lines.push("aborted"));
        return "made";
      },
      dispose: () => void lines.push("disposed"),
    });
    await using(listening).run("in", { resources });
    await resources.close();
    expect(lines).toEqual(["disposed"]);
  });

  test("gives an override in a resource's place as it is, and leaves it alone", async () => {
    const lines: string[] = [];
    const db = resource<{ find: () => string }>("db", {
      create: () => {
        throw new Error("no database here");
      },
      bind: () => {
        throw new Error("not bound");
      },
      dispose: () => void lines.push("disposed"),
    });
    const nothing = noted(lines, "nothing");
    const fake = { find: () => "faked" };
    const resources = createResources({
      overrides: [
        [db, fake],
        // As a program in JavaScript would.
        [nothing, undefined as never],
      ],
    });
    const find = agent("find", async (_input, ctx) => [(await ctx.use(db)).find(), await ctx.use(nothing)]);
    expect(await find.run("in", { resources })).toEqual(["faked", undefined]);
    expect(resources.size).toBe(0);
    await resources.close();
    expect(lines).toEqual([]);
    // What somebody gave stays there, also when the set is closed.
    expect(await find.run("in", { resources })).toEqual(["faked", undefined]);
  });

  test("keeps resources of one name apart", async () => {
    const one = resource("db", { create: () => 1 });
    const two = resource("db", { create: () => 2 });
    const both = agent("both", async (_input, ctx) => [await ctx.use(one), await ctx.use(two)]);
    expect(await both.run("in")).toEqual([1, 2]);
  });
});

describe("ctx.use", () => {
  test("of what is no resource is CONFIG", async () => {
    // What a program in JavaScript may give.
    for (const asked of [undefined, null, {}, "db"] as unknown as Resource<unknown>[]) {
      expect(await using(asked).tryRun("in")).toMatchObject({
        error: { code: "CONFIG", message: expect.stringContaining("ctx.use: its argument") as string },
      });
    }
  });

  test("after the attempt is over makes nothing", async () => {
    const lines: string[] = [];
    const a = noted(lines, "a");
    let kept: Context | undefined;
    const keeping = agent("keeping", (input, ctx) => {
      kept = ctx;
      void ctx.signal;
      return input;
    });
    await pipeline("p").stage(keeping).run("in");
    await expect(kept?.use(a)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(lines).toEqual([]);
  });

  test("makes the run wait as long as it waits, and no longer", async () => {
    const clock = createVirtualClock();
    const a = noted([], "a", 100);
    const asking = agent("asking", async (_input, ctx) => {
      await sleep(50, ctx);
      await ctx.use(a);
      await sleep(50, ctx);
      await ctx.use(a);
      return "out";
    });
    const run = pipeline("p")
      .stage("x", parallel({ asking, other: using(a) }))
      .start("in", { clock });
    const seen: string[] = [run.status];
    const look = () => {
      expect(run.report().status).toBe(run.status);
      seen.push(run.status);
    };
    await clock.settle();
    look();
    for (const ms of [60, 60, 60]) {
      await clock.advance(ms);
      look();
    }
    expect(await clock.until(run.result)).toMatchObject({ ok: true });
    expect(seen).toEqual(["pending", "waiting", "waiting", "running", "success"]);
  });
});

test("a resource that fails after its agent has, which did not wait for it, harms nobody", async () => {
  const strays: unknown[] = [];
  const onStray = (reason: unknown) => void strays.push(reason);
  process.on("unhandledRejection", onStray);
  const late = resource("late", {
    create: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("no such host");
    },
  });
  const careless = agent("careless", (_input, ctx) => {
    void ctx.use(late);
    throw new Error("refused");
  });
  const result = await careless.tryRun("in");
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onStray);
  expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION" } });
  expect(strays).toEqual([]);
});
