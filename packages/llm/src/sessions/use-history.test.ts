import { type Context, sleep, startWork } from "@atomic-agents/core";
import { createVirtualClock, type VirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import { createHistory } from "../history/create-history.ts";
import type { History } from "../history/history.ts";
import { useHistory } from "./use-history.ts";

function start(
  history: History,
  clock: VirtualClock,
  work: (history: History, ctx: Context) => Promise<unknown>,
  options = {},
) {
  return startWork("test", (ctx) => useHistory(history, ctx, (own) => work(own, ctx), options), { clock });
}

const contentsOf = (history: History): readonly unknown[] => history.messages.map(({ content }) => content);

const addAfter =
  (content: string, delayMs: number) =>
  async (history: History, ctx: Context): Promise<number> => {
    const before = history.turns.length;
    await sleep(delayMs, ctx);
    history.add([{ role: "user", content }]);
    return before;
  };

describe("useHistory", () => {
  it("does work of several runs one after the other", async () => {
    const clock = createVirtualClock();
    const history = createHistory();
    const runs = [
      start(history, clock, addAfter("a", 30)),
      start(history, clock, addAfter("b", 10)),
      start(history, clock, addAfter("c", 20)),
    ];
    const results = await clock.until(Promise.all(runs.map(({ result }) => result)));
    expect(results.map((result) => result.ok && result.output)).toEqual([0, 1, 2]);
    expect(contentsOf(history)).toEqual(["a", "b", "c"]);
  });

  it("does not make other histories wait, copies neither", async () => {
    const clock = createVirtualClock();
    const history = createHistory();
    const runs = [history, history.copy(), createHistory()].map((one) =>
      start(one, clock, addAfter("a", 30)),
    );
    await clock.until(Promise.all(runs.map(({ result }) => result)));
    expect(clock.now()).toBe(30);
  });

  it("lets the next one begin when a run is cancelled, and the cancelled one change nothing any more", async () => {
    const clock = createVirtualClock();
    const history = createHistory({ initial: [[{ role: "user", content: "example" }]] });
    const late: unknown[] = [];
    const deaf = start(history, clock, async (own) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 1_000));
      for (const change of [
        () => own.add([{ role: "user", content: "late" }]),
        () => own.append([{ role: "user", content: "late" }]),
        () => own.deleteTurn("initial-1"),
        () => own.reset(),
      ]) {
        try {
          change();
        } catch (thrown) {
          late.push(thrown);
        }
      }
    });
    await clock.settle();
    const next = start(history, clock, addAfter("next", 0));
    deaf.cancel();
    await clock.until(next.result);
    expect(clock.now()).toBeLessThan(1_000);
    await clock.runAll();
    expect(late).toHaveLength(4);
    expect(contentsOf(history)).toEqual(["example", "next"]);
  });

  it("is as free after a failure as after a success", async () => {
    const clock = createVirtualClock();
    const history = createHistory();
    const failing = start(history, clock, () => Promise.reject(new Error("no")));
    expect((await failing.result).ok).toBe(false);
    expect((await clock.until(start(history, clock, addAfter("a", 1)).result)).ok).toBe(true);
  });

  it("lets no run wait longer than it may", async () => {
    const clock = createVirtualClock();
    const history = createHistory();
    void start(history, clock, addAfter("a", 1_000)).result;
    const waiting = start(history, clock, addAfter("b", 1), { maxWaitMs: 10 });
    expect(await clock.until(waiting.result)).toMatchObject({ ok: false, error: { code: "RATE_LIMITED" } });
    expect((await start(history, clock, addAfter("c", 1), { maxWaiting: 0 }).result).ok).toBe(false);
    await clock.runAll();
    expect(contentsOf(history)).toEqual(["a"]);
  });
});
