import { createVirtualClock } from "@atomic-agents/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slidingWindow, type SlidingWindowOptions } from "./index.ts";

const loose = slidingWindow as (...given: readonly unknown[]) => unknown;

async function* later<TItem>(items: readonly TItem[]) {
  for (const item of items) yield await Promise.resolve(item);
}

describe("wrong options", () => {
  test.each([
    ["no options", undefined],
    ["null", null],
    ["no concurrency", {}],
    ["none at a time", { concurrency: 0 }],
    ["half an item", { concurrency: 1.5 }],
    ["NaN", { concurrency: Number.NaN }],
    ["Infinity", { concurrency: Number.POSITIVE_INFINITY }],
    ["a text", { concurrency: "2" }],
    ["a misspelt key", { concurrency: 1, sginal: undefined }],
  ])("%s is CONFIG", (_name, options) => {
    expect(() => loose([1], () => {}, options)).toThrow(expect.objectContaining({ code: "CONFIG" }));
  });

  test.each([undefined, null, 5, {}])("a source that is %s is CONFIG", (source) => {
    expect(() => loose(source, () => {}, { concurrency: 1 })).toThrow(
      expect.objectContaining({ code: "CONFIG" }),
    );
  });
});

test("work that needs no waiting is done when the call returns", () => {
  const done: string[] = [];
  const result = slidingWindow(["a", "b"], (item, index) => void done.push(`${index}${item}`), {
    concurrency: 1,
  });
  expect(result).toBeUndefined();
  expect(done).toEqual(["0a", "1b"]);
  expect(slidingWindow([], () => {}, { concurrency: 3 })).toBeUndefined();
});

test("each item is begun once, in order, with its index, never more at a time than allowed, and all end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      async (delays, concurrency, isAsync) => {
        const clock = createVirtualClock();
        const begun: number[] = [];
        let running = 0;
        let most = 0;
        let ended = 0;
        const work = (delayMs: number | undefined, index: number) => {
          begun.push(index);
          running++;
          most = Math.max(most, running);
          const end = () => {
            running--;
            ended++;
          };
          if (delayMs === undefined) return end();
          return new Promise<void>((resolve) => {
            clock.setTimer(() => resolve(end()), delayMs);
          });
        };
        await clock.until(
          Promise.resolve(slidingWindow(isAsync ? later(delays) : delays, work, { concurrency })),
        );
        expect(begun).toEqual(delays.map((_delay, index) => index));
        expect(ended).toBe(delays.length);
        expect(most).toBeLessThanOrEqual(concurrency);
        if (delays.every((delay) => delay !== undefined)) {
          expect(most).toBe(Math.min(concurrency, delays.length));
        }
      },
    ),
  );
});

test("items are taken from the source only when there is room", async () => {
  const clock = createVirtualClock();
  let taken = 0;
  let begun = 0;
  function* source() {
    for (;;) yield taken++;
  }
  const controller = new AbortController();
  const work = () => {
    begun++;
    return new Promise<void>((resolve) => {
      clock.setTimer(resolve, 10);
    });
  };
  const working = Promise.resolve(
    slidingWindow(source(), work, { concurrency: 3, signal: controller.signal }),
  );
  working.catch(() => {});
  expect([taken, begun]).toEqual([3, 3]);
  await clock.advance(10);
  expect([taken, begun]).toEqual([6, 6]);
  controller.abort("enough");
  await clock.advance(10);
  await expect(working).rejects.toBe("enough");
  expect(begun).toBe(6);
});

describe("the first failure", () => {
  test("rejects at once, begins nothing more, and closes the source", async () => {
    const clock = createVirtualClock();
    const begun: number[] = [];
    let closed = false;
    function* source() {
      try {
        for (let item = 0; ; item++) yield item;
      } finally {
        closed = true;
      }
    }
    const work = (item: number) => {
      begun.push(item);
      return new Promise<void>((resolve, reject) => {
        clock.setTimer(() => (item === 1 ? reject(new Error("one")) : resolve()), 10 * (3 - item));
      });
    };
    const working = slidingWindow(source(), work, { concurrency: 2 });
    await expect(clock.until(Promise.resolve(working))).rejects.toThrow("one");
    await clock.runAll();
    expect(begun).toEqual([0, 1]);
    expect(closed).toBe(true);
  });

  test("is thrown where nothing was waited for", () => {
    const work = () => {
      throw new Error("work");
    };
    expect(() => slidingWindow([1], work, { concurrency: 1 })).toThrow("work");
    const next = (): never => {
      throw new Error("source");
    };
    const source = { [Symbol.iterator]: () => ({ next }) };
    expect(() => slidingWindow(source, () => {}, { concurrency: 1 })).toThrow("source");
  });

  test("of an async source rejects", async () => {
    async function* source() {
      yield 1;
      throw new Error("source");
    }
    await expect(slidingWindow(source(), async () => {}, { concurrency: 2 })).rejects.toThrow("source");
  });

  test("is told, whatever closing the source says", async () => {
    const source = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false as const, value: 1 }),
        return: () => {
          throw new Error("closing");
        },
      }),
    };
    const work = () => Promise.reject(new Error("work"));
    await expect(slidingWindow(source, work, { concurrency: 1 })).rejects.toThrow("work");
  });

  test("of several is the one that is told", async () => {
    const work = async (item: string) => {
      throw new Error(item);
    };
    await expect(slidingWindow(["a", "b", "c"], work, { concurrency: 3 })).rejects.toThrow("a");
  });
});

describe("a signal", () => {
  const options = (signal: AbortSignal): SlidingWindowOptions => ({ concurrency: 2, signal });

  test("that has aborted begins nothing", () => {
    const begun: number[] = [];
    const work = (item: number) => void begun.push(item);
    expect(() => slidingWindow([1], work, options(AbortSignal.abort(new Error("no"))))).toThrow("no");
    expect(begun).toEqual([]);
  });

  test("that aborts while the source is asked keeps what comes from being begun", async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    async function* source() {
      yield 1;
      await Promise.resolve();
      controller.abort(new Error("stop"));
      yield 2;
    }
    const working = slidingWindow(
      source(),
      async (item) => void begun.push(item),
      options(controller.signal),
    );
    await expect(working).rejects.toThrow("stop");
    expect(begun).toEqual([1]);
  });

  test("that aborts after the last item has begun changes nothing", async () => {
    const controller = new AbortController();
    const work = async () => {
      await Promise.resolve();
      controller.abort(new Error("late"));
    };
    await expect(slidingWindow([1], work, options(controller.signal))).resolves.toBeUndefined();
  });
});
