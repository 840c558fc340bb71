import { anything } from "@atomic-agents/contracts";
import { expect, test } from "vitest";
import {
  ConcurrencyLimit,
  defineAgent,
  pipeline,
  slidingWindow,
  withConcurrencyLimit,
  withPolicy,
} from "../index.ts";

const agent = (execute: () => unknown) =>
  defineAgent({
    name: "odd",
    description: "Gives an odd promise.",
    input: anything(),
    output: anything(),
    execute,
  });

const throwing = (): never => {
  throw new Error("not to be read");
};

/** Has a property read as usual once, and never again. */
function readableOnce(value: object, key: string): object {
  const given: unknown = Reflect.get(value, key);
  let reads = 0;
  return Object.defineProperty(value, key, {
    get: () => (++reads === 1 ? given : throwing()),
  });
}

const thenable = () => ({ then: (resolve: (value: unknown) => void) => resolve(1) });

/** Promises that no `then` of a native promise can be called on, and what is told of them. */
const promises: readonly (readonly [string, () => unknown, Readonly<Record<string, unknown>>])[] = [
  [
    "a promise whose constructor throws",
    () => Object.defineProperty(Promise.resolve(1), "constructor", { get: throwing }),
    { error: { code: "EXECUTION", agent: "odd", message: expect.stringContaining("not to be read") } },
  ],
  [
    "a promise whose constructor is none",
    () => Object.assign(Promise.resolve(1), { constructor: 5 }),
    { error: { code: "EXECUTION", agent: "odd", message: expect.stringContaining("constructor") } },
  ],
  [
    "a promise whose then can be read once",
    () => readableOnce(Promise.resolve(1), "then"),
    { error: { code: "EXECUTION", agent: "odd", message: expect.stringContaining("not to be read") } },
  ],
  [
    "a thenable that refuses its prototype",
    () => new Proxy(thenable(), { getPrototypeOf: throwing }),
    { ok: true, output: 1 },
  ],
];

test.each(promises)("%s is waited for like any other", async (_name, make, outcome) => {
  const odd = agent(make);
  expect(await odd.tryRun(1)).toMatchObject(outcome);
  expect(await odd.start(1).result).toMatchObject(outcome);
  expect(await pipeline("p").stage(odd).start(1).result).toMatchObject(outcome);
  const retried = withPolicy(odd, { retry: { attempts: 2, baseDelayMs: 0 } });
  expect(await retried.start(1).result).toMatchObject(outcome);
});

test.each(promises)("%s holds no place of a limit for ever", async (_name, make, outcome) => {
  const limit = new ConcurrencyLimit({ max: 1 });
  const limited = withConcurrencyLimit(agent(make), limit);
  expect(await limited.tryRun(1)).toMatchObject(outcome);
  expect(await limited.tryRun(1)).toMatchObject(outcome);
  expect(limit.active).toBe(0);
});

test("a window counts work once that says twice that it is done", async () => {
  const twice = (): PromiseLike<void> =>
    ({
      then: (resolve: () => void) => {
        resolve();
        resolve();
      },
    }) as never;
  let begun = 0;
  await slidingWindow(
    [1, 2, 3, 4, 5],
    () => {
      begun++;
      return twice();
    },
    { concurrency: 2 },
  );
  expect(begun).toBe(5);
});

test("a window takes an item once that comes twice", async () => {
  const items = [1, 2, 3];
  const taken: (number | undefined)[] = [];
  const next = () => {
    const value = items.shift();
    const result = value === undefined ? { done: true, value } : { done: false, value };
    return {
      then: (resolve: (result: object) => void) => {
        queueMicrotask(() => {
          resolve(result);
          resolve(result);
        });
      },
    };
  };
  const source = { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<number>;
  await slidingWindow(source, (item) => void taken.push(item), { concurrency: 2 });
  expect(taken).toEqual([1, 2, 3]);
});
