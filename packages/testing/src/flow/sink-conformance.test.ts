/** Sinks that are wrong in one way each, to show that each behaviour can fail. */
import { AssertionError } from "node:assert";
import { defineSink, toArray } from "@atomic-agents/flow";
import { expect, test } from "vitest";
import { expectSinkConforms, sinkBehaviours, type SinkCase } from "./sink-conformance.ts";
import type { FlowConformanceOptions } from "./suite.ts";

const ids = sinkBehaviours.map(({ id }) => id);

test("an array conforms as far as what is shown at once can", async () => {
  const seen = await expectSinkConforms(() => {
    const shown: number[] = [];
    return { sink: toArray(shown), record: (number) => number, shown: () => shown, isDirect: true };
  });
  expect(seen.map(({ id }) => id)).toEqual([
    "shows-all",
    "shows-none",
    "again",
    "at-a-time",
    "hides-failed",
    "hides-cancelled",
  ]);
});

/** What a wrong sink does otherwise. */
interface Fault {
  readonly loses?: (count: number) => number;
  readonly isShownAt?: "open" | "write" | "prepare";
  readonly shows?: "nothing-of-nothing" | "parts";
  readonly discards?: "nothing" | "nothing-prepared" | "all-shown";
  readonly opensTwice?: boolean;
  readonly place?: { shown: readonly number[] | undefined };
  readonly swallows?: boolean;
  readonly isCareless?: boolean;
}

/** A sink to a store of drafts, of which one is made the shown one. */
function storeCase(fault: Fault = {}): SinkCase<number> {
  const place = fault.place ?? { shown: undefined };
  const drafts = new Map<string, number[]>();
  let made = 0;
  let isFull = false;
  const sink = defineSink<number>({
    name: "store",
    encode: (record) => {
      if (typeof record === "number" || fault.isCareless === true) return record;
      throw new TypeError("not a number");
    },
    open: async () => {
      made++;
      const name = `draft-${made}`;
      // Of a second one it takes the first part for its own.
      const draft: number[] = made === 2 && fault.opensTwice === false ? [-1] : [];
      drafts.set(name, draft);
      let isPrepared = false;
      const show = () => {
        place.shown = draft;
      };
      if (fault.isShownAt === "open") show();
      return {
        write: async (numbers) => {
          await Promise.resolve();
          if (isFull && fault.swallows !== true) throw new Error("full");
          for (const number of numbers) draft.push(number);
          draft.length = fault.loses?.(draft.length) ?? draft.length;
          if (fault.isShownAt === "write") show();
        },
        prepare: async () => {
          await Promise.resolve();
          if (fault.isCareless === true && draft.some((number) => typeof number !== "number")) {
            throw new TypeError("not a number");
          }
          isPrepared = true;
          if (fault.isShownAt === "prepare") show();
        },
        publish: async () => {
          await Promise.resolve();
          drafts.delete(name);
          if (fault.shows !== "nothing-of-nothing" || draft.length > 0) show();
        },
        discard: async () => {
          await Promise.resolve();
          const { discards } = fault;
          if (discards === "all-shown") place.shown = undefined;
          if (discards !== "nothing" && (discards !== "nothing-prepared" || !isPrepared)) drafts.delete(name);
        },
      };
    },
  });
  return {
    sink,
    record: (number) => number,
    shown: () => place.shown,
    leftovers: () => [...drafts.keys()],
    badRecord: "one",
    fail: () => {
      isFull = true;
    },
  };
}

test("a sink of one's own conforms in all of them", async () => {
  expect(await expectSinkConforms(() => storeCase())).toEqual(sinkBehaviours);
});

const sharedPlace = (): Fault => ({ place: { shown: undefined } });
const mutants: readonly (readonly [id: string, fault: string, create: () => Fault])[] = [
  ["shows-all", "loses what is beyond a thousand", () => ({ loses: (count) => Math.min(count, 1_000) })],
  ["shows-all", "leaves its drafts", () => ({ discards: "nothing", loses: (count) => count - 1 })],
  ["shows-none", "shows nothing of nothing", () => ({ shows: "nothing-of-nothing" })],
  ["again", "shows something else the second time", () => ({ opensTwice: false })],
  ["hides", "publishes when it is opened", () => ({ isShownAt: "open" })],
  ["hides", "publishes while it writes", () => ({ isShownAt: "write" })],
  ["hides", "publishes when it is prepared", () => ({ isShownAt: "prepare" })],
  ["takes-back", "leaves temporary files", () => ({ discards: "nothing" })],
  ["takes-back", "leaves what was prepared", () => ({ discards: "nothing-prepared" })],
  ["hides-failed", "leaves temporary files", () => ({ discards: "nothing" })],
  ["hides-cancelled", "shows what it writes", () => ({ isShownAt: "write" })],
  ["waits-for-others", "publishes when it is prepared", () => ({ isShownAt: "prepare" })],
  ["keeps-shown", "removes what is shown", () => ({ discards: "all-shown" })],
  ["tells-failure", "loses what does not fit", () => ({ swallows: true })],
  ["refuses-record", "finds out at the end", () => ({ isCareless: true })],
];

test("every behaviour has a mutant", () => {
  expect([...new Set([...mutants.map(([id]) => id), "at-a-time"])].toSorted()).toEqual(ids.toSorted());
});

test.each(mutants)("%s fails for a sink that %s", async (id, _fault, create) => {
  const failure = expectSinkConforms(() => storeCase(create()), { only: [id] });
  await expect(failure).rejects.toThrow(AssertionError);
  await expect(failure).rejects.toThrow(`1 of 1 behaviours failed\n  ${id}: `);
});

test("at-a-time fails for sinks that go to one place", async () => {
  const fault = sharedPlace();
  const failure = expectSinkConforms(() => storeCase(fault), { only: ["at-a-time"] });
  await expect(failure).rejects.toThrow("1 of 1 behaviours failed\n  at-a-time: ");
});

test.each([
  [null, {}, "createSink"],
  [storeCase, { only: [] }, "only"],
  [storeCase, { maxAhead: 1 }, "maxAhead"],
])("%o with %j is refused", async (create, options, path) => {
  await expect(
    expectSinkConforms(create as typeof storeCase, options as FlowConformanceOptions),
  ).rejects.toMatchObject({
    code: "CONFIG",
    details: { path },
  });
});
