import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Context, sleep, startWork } from "@atomic-agents/core";
import { createVirtualClock, type VirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { History } from "../history/history.ts";
import { loadHistory } from "../history/load-history.ts";
import { fileSessions } from "./file-sessions.ts";
import { memorySessions } from "./memory-sessions.ts";
import type { SessionStore } from "./session-store.ts";
import { forgetSession, sessionKey, useSession, type UseSessionOptions } from "./use-session.ts";

/** Starts work on a session. */
function start<T>(
  store: SessionStore,
  sessionId: string,
  clock: VirtualClock,
  work: (history: History, ctx: Context) => T | PromiseLike<T>,
  options?: UseSessionOptions,
) {
  return startWork(
    "test",
    (ctx) => useSession(store, sessionId, ctx, (history) => work(history, ctx), options),
    { clock },
  );
}

const add = (history: History, content: unknown) => history.add([{ role: "user", content }]);

async function contentsOf(store: SessionStore, sessionId: string): Promise<readonly unknown[]> {
  const stored = await store.load(sessionId);
  if (stored === undefined) return [];
  return (await loadHistory(stored.dump)).messages.map(({ content }) => content);
}

/** A store that takes its time. */
function slowStore(clock: VirtualClock, delayMs: number, store = memorySessions()): SessionStore {
  const wait = (): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, delayMs));
  return {
    load: async (id) => {
      await wait();
      return store.load(id);
    },
    save: async (id, dump, options) => {
      await wait();
      return store.save(id, dump, options);
    },
    delete: async (id) => {
      await wait();
      return store.delete(id);
    },
  };
}

describe("useSession", () => {
  it("begins with a new history, and goes on with what was saved", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const options = { history: { initial: [[{ role: "user", content: "example" }]] as const, maxTurns: 3 } };
    for (const text of ["one", "two", "three"]) {
      await start(store, "a", clock, (history) => add(history, text), options).result;
    }
    expect(await contentsOf(store, "a")).toEqual(["one", "two", "three"]);
    await start(store, "a", clock, (history) => history.reset(), options).result;
    expect(await contentsOf(store, "a")).toEqual(["example"]);
  });

  it("has the limits of now, not those that the session was saved with", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const history = { maxTurns: 1 };
    for (const text of ["one", "two"]) {
      await start(store, "a", clock, (session) => add(session, text), { history }).result;
    }
    await start(store, "a", clock, (session) => add(session, "three")).result;
    expect(await contentsOf(store, "a")).toEqual(["two", "three"]);
  });

  it("checks contents by the schemas that it is given", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    await start(store, "a", clock, (history) =>
      history.add([{ role: "user", content: new Date(0), schema: "d" }]),
    ).result;
    const schemas = { d: z.coerce.date() };
    const { result } = start(store, "a", clock, (history) => history.messages[0]?.content, { schemas });
    expect(await result).toEqual({ ok: true, output: new Date(0) });
    expect(await start(store, "a", clock, () => 1).result).toMatchObject({
      ok: false,
      error: { code: "CONFIG" },
    });
  });

  it("saves nothing when the work fails or has changed nothing", async () => {
    const clock = createVirtualClock();
    let saves = 0;
    const inner = memorySessions();
    const store: SessionStore = {
      ...inner,
      save: (...given) => {
        saves++;
        return inner.save(...given);
      },
    };
    await start(store, "a", clock, (history) => add(history, "one")).result;
    const failed = await start(store, "a", clock, (history) => {
      add(history, "lost");
      throw new Error("no");
    }).result;
    expect(failed.ok).toBe(false);
    await start(store, "a", clock, (history) => history.turns.length).result;
    expect(saves).toBe(1);
    expect(await contentsOf(store, "a")).toEqual(["one"]);
  });

  it("does work on one session one after the other, in the order of the calls", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const log: string[] = [];
    const runs = [30, 10, 20].map((delayMs, index) =>
      start(store, "a", clock, async (history, ctx) => {
        log.push(`begin ${index}`);
        const before = history.turns.length;
        await sleep(delayMs, ctx);
        add(history, index);
        log.push(`end ${index}`);
        return before;
      }),
    );
    const results = await clock.until(Promise.all(runs.map(({ result }) => result)));
    expect(results.map((result) => result.ok && result.output)).toEqual([0, 1, 2]);
    expect(log).toEqual(["begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2"]);
    expect(await contentsOf(store, "a")).toEqual([0, 1, 2]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does work on several sessions at the same time", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const ids = Array.from({ length: 500 }, (_, index) => `session ${index}`);
    const runs = ids.map((id) =>
      start(store, id, clock, async (history, ctx) => {
        await sleep(1_000, ctx);
        add(history, id);
      }),
    );
    await clock.until(Promise.all(runs.map(({ result }) => result)));
    expect(clock.now()).toBe(1_000);
    for (const id of ids) expect(await contentsOf(store, id)).toEqual([id]);
  });

  it("lets no run wait longer than it may, nor more than may", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const options = { maxWaitMs: 100, maxWaiting: 2 };
    const wait = (_: History, ctx: Context): Promise<void> => sleep(1_000, ctx);
    const runs = [1, 2, 3, 4].map(() => start(store, "a", clock, wait, options));
    const results = await clock.until(Promise.all(runs.map(({ result }) => result)));
    expect(results.map((result) => (result.ok ? "ok" : result.error.message))).toEqual([
      "ok",
      expect.stringContaining("it was not free within 100 ms"),
      expect.stringContaining("it was not free within 100 ms"),
      expect.stringContaining("2 runs wait for it already"),
    ]);
    expect(results.every((result) => result.ok || result.error.code === "RATE_LIMITED")).toBe(true);
    // The session is free again.
    expect((await clock.until(start(store, "a", clock, wait, options).result)).ok).toBe(true);
  });

  it("frees a session at once when its run is cancelled, and saves nothing of it", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const deaf = start(store, "a", clock, async (history) => {
      // Does not listen to the signal.
      await new Promise<void>((resolve) => clock.setTimer(resolve, 1_000));
      add(history, "late");
    });
    const waiting = start(store, "a", clock, (history) => add(history, "waiting"));
    const next = start(store, "a", clock, (history) => add(history, "next"));
    await clock.settle();
    waiting.cancel();
    deaf.cancel();
    expect((await next.result).ok).toBe(true);
    expect(clock.now()).toBe(0);
    await clock.runAll();
    expect(await contentsOf(store, "a")).toEqual(["next"]);
  });

  it("saves nothing of a cancelled run, even when nobody else has worked on the session", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const deaf = start(store, "a", clock, async (history) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 1_000));
      add(history, "late");
    });
    await clock.settle();
    deaf.cancel();
    await clock.runAll();
    expect(await store.load("a")).toBeUndefined();
  });

  it("lets the next run wait for a save that is under way", async () => {
    const clock = createVirtualClock();
    const store = slowStore(clock, 50);
    const first = start(store, "a", clock, (history) => add(history, "first"));
    await clock.advance(75);
    first.cancel();
    const second = start(store, "a", clock, (history) => add(history, "second"));
    await clock.until(second.result);
    expect(clock.now()).toBe(200);
    expect(await clock.until(contentsOf(store, "a"))).toEqual(["first", "second"]);
  });

  it("gives up on a store that takes too long", async () => {
    const clock = createVirtualClock();
    const hanging = slowStore(clock, 5_000);
    const options = { storeTimeoutMs: 100 };
    const loading = await clock.until(start(hanging, "a", clock, () => 1, options).result);
    expect(loading).toMatchObject({
      ok: false,
      error: { code: "TIMEOUT", message: "Loading a session took longer than 100 ms" },
    });
    const store: SessionStore = { ...memorySessions(), save: () => new Promise(() => {}) };
    const saving = await clock.until(start(store, "a", clock, (history) => add(history, 1), options).result);
    expect(saving).toMatchObject({
      ok: false,
      error: { message: "Saving a session took longer than 100 ms" },
    });
  });

  it("hands on what a store throws, and frees the session", async () => {
    const clock = createVirtualClock();
    let isDown = true;
    const inner = memorySessions();
    const store: SessionStore = {
      ...inner,
      load: (id) => {
        if (isDown) throw new Error("down");
        return inner.load(id);
      },
    };
    expect(await start(store, "a", clock, () => 1).result).toMatchObject({
      ok: false,
      error: { details: { thrown: "down" } },
    });
    isDown = false;
    expect(await start(store, "a", clock, () => 1).result).toEqual({ ok: true, output: 1 });
  });

  it("says of a store that holds no history that it does not", async () => {
    for (const dump of [null, undefined, "x"] as never[]) {
      const store = { ...memorySessions(), load: () => ({ dump, revision: 1 }) };
      expect(await start(store, "a", createVirtualClock(), () => 1).result).toMatchObject({
        ok: false,
        error: { code: "CONFIG", message: expect.stringContaining("loadHistory") as string },
      });
    }
  });

  it("refuses ids and options that make no sense", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    for (const id of ["", "x".repeat(1_001), 3 as unknown as string]) {
      expect(await start(store, id, clock, () => 1).result).toMatchObject({
        ok: false,
        error: { code: "CONFIG" },
      });
    }
    expect(await start(store, "a", clock, () => 1, { maxWaitMs: -1 }).result).toMatchObject({ ok: false });
    expect(await start({} as SessionStore, "a", clock, () => 1).result).toMatchObject({ ok: false });
  });

  it("never mixes sessions, loses a turn or doubles one, whatever happens at the same time", async () => {
    const plan = fc.array(
      fc.record({
        session: fc.nat(3),
        beginMs: fc.nat(50),
        workMs: fc.nat(30),
        ends: fc.constantFrom("ok", "ok", "ok", "fails", "is cancelled"),
        cancelMs: fc.nat(60),
        store: fc.constantFrom(0 as const, 1 as const),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(plan, fc.nat(20), async (calls, storeMs) => {
        const clock = createVirtualClock();
        const stores = [slowStore(clock, storeMs), slowStore(clock, storeMs)] as const;
        const expected = new Map<string, number[]>();
        /** What runs found in their sessions, and what it has to be of. */
        const seen: (readonly [content: unknown, own: object])[] = [];
        /** Those whose save was under way when they were cancelled: in the session or not. */
        const open = new Set<number>();
        const runs = calls.map(async ({ session, beginMs, workMs, ends, cancelMs, store }, index) => {
          await new Promise<void>((resolve) => clock.setTimer(resolve, beginMs));
          const id = `session ${session}`;
          const run = start(stores[store], id, clock, async (history, ctx) => {
            seen.push(...history.messages.map(({ content }) => [content, { id, store }] as const));
            await sleep(workMs, ctx);
            add(history, { id, store, index });
            if (ends === "fails") throw new Error("no");
            open.add(index);
          });
          if (ends === "is cancelled") clock.setTimer(() => run.cancel(), cancelMs);
          const result = await run.result;
          if (!result.ok) return;
          open.delete(index);
          const key = `${store} ${id}`;
          expected.set(key, [...(expected.get(key) ?? []), index]);
        });
        await clock.until(Promise.all(runs));
        await clock.runAll();
        for (const [content, own] of seen) expect(content).toMatchObject(own);
        for (const [at, store] of stores.entries()) {
          for (let session = 0; session <= 3; session++) {
            const id = `session ${session}`;
            const contents = (await clock.until(contentsOf(store, id))) as readonly {
              readonly index: number;
            }[];
            const kept = contents.map(({ index }) => index);
            expect(
              contents.every((content) => JSON.stringify(content).includes(`"id":"${id}","store":${at}`)),
            ).toBe(true);
            expect(new Set(kept).size).toBe(kept.length);
            expect(kept.filter((index) => !open.has(index))).toEqual(expected.get(`${at} ${id}`) ?? []);
          }
        }
      }),
    );
  });

  it("keeps turns of one session in order over files, too", async () => {
    const directory = await mkdtemp(join(tmpdir(), "sessions-"));
    const clock = createVirtualClock();
    const store = fileSessions({ directory });
    const runs = Array.from({ length: 40 }, (_, index) =>
      start(store, `session ${index % 4}`, clock, (history) => add(history, index)),
    );
    const results = await Promise.all(runs.map(({ result }) => result));
    expect(results.every(({ ok }) => ok)).toBe(true);
    for (const session of [0, 1, 2, 3]) {
      expect(await contentsOf(store, `session ${session}`)).toEqual(
        Array.from({ length: 10 }, (_, turn) => turn * 4 + session),
      );
    }
    await rm(directory, { recursive: true });
  });
});

describe("several processes that share files", () => {
  it("neither lose a turn nor double one: who comes too late is told, and may try again", async () => {
    const directory = await mkdtemp(join(tmpdir(), "sessions-"));
    const clock = createVirtualClock();
    // Each has a line of its own, as processes have.
    const stores = Array.from({ length: 4 }, () => fileSessions({ directory }));
    const kept: number[] = [];
    let refusals = 0;
    const work = async (store: SessionStore, index: number): Promise<void> => {
      for (;;) {
        const result = await start(store, "a", clock, (history) => add(history, index)).result;
        if (result.ok) break;
        expect(result.error).toMatchObject({ code: "EXECUTION", retryable: true });
        expect(result.error.message).toMatch(/was changed while it was worked on/);
        refusals++;
      }
      kept.push(index);
    };
    await Promise.all(
      stores.flatMap((store, at) => Array.from({ length: 10 }, (_, turn) => work(store, at * 10 + turn))),
    );
    const contents = await contentsOf(fileSessions({ directory }), "a");
    expect(contents).toHaveLength(40);
    expect(new Set(contents)).toEqual(new Set(kept));
    expect(refusals).toBeGreaterThan(0);
    await rm(directory, { recursive: true });
  });
});

describe("forgetSession", () => {
  it("waits for the work that is under way, so that nothing comes back", async () => {
    const clock = createVirtualClock();
    const store = memorySessions();
    const run = start(store, "a", clock, async (history, ctx) => {
      await sleep(100, ctx);
      add(history, "one");
    });
    const forgetting = startWork("forget", (ctx) => forgetSession(store, "a", ctx), { clock });
    await clock.until(Promise.all([run.result, forgetting.result]));
    expect(await store.load("a")).toBeUndefined();
  });
});

describe("sessionKey", () => {
  it("is another for every agent, user and session", () => {
    const part = fc.oneof(fc.constantFrom("a", "b", '","', "null"), fc.string());
    const parts = fc.record({ agent: part, sessionId: part, userId: fc.option(part, { nil: undefined }) });
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const isSame =
          left.agent === right.agent && left.sessionId === right.sessionId && left.userId === right.userId;
        expect(sessionKey(left) === sessionKey(right)).toBe(isSame);
      }),
    );
  });
});
