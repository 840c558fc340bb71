/** Operators that are wrong in one way each, to show that each behaviour can fail. */
import { AssertionError } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineOperator, type Flow } from "@atomic-agents/flow";
import { expect, test } from "vitest";
import {
  expectOperatorConforms,
  operatorBehaviours,
  type OperatorConformanceOptions,
  type UseOperator,
} from "./operator-conformance.ts";

interface Entry {
  readonly key: string;
  value: number;
}

const entries = (): readonly Entry[] => [
  { key: "b", value: 3 },
  { key: "a", value: 1 },
  { key: "b", value: 2 },
  { key: "a", value: 5 },
  { key: "c", value: 4 },
];

const builtIn: readonly (readonly [
  name: string,
  use: UseOperator<Entry, unknown>,
  outputs: readonly unknown[],
  madeOf: readonly (readonly number[])[],
])[] = [
  [
    "sort",
    (flow) => flow.sort({ by: ["value"] }).map(({ value }) => value),
    [1, 2, 3, 4, 5],
    [[1], [2], [0], [4], [3]],
  ],
  [
    "deduplicate",
    (flow) => flow.deduplicate({ by: ["key"] }).map(({ value }) => value),
    [3, 1, 4],
    [[0], [1], [4]],
  ],
  ["batch", (flow) => flow.batch(2).map((pair) => pair.length), [2, 2, 1], [[0, 1], [2, 3], [4]]],
  [
    "aggregate",
    (flow) => flow.aggregate({ by: ["key"], calculate: { sum: { sum: "value" } } }),
    [
      { key: "b", sum: 5 },
      { key: "a", sum: 6 },
      { key: "c", sum: 4 },
    ],
    [[0, 2], [1, 3], [4]],
  ],
  [
    "split and batch",
    (flow) =>
      flow
        .split(({ value }) => Array.from({ length: value }, (_, part) => part))
        .batch(4)
        .map((parts) => parts.join("")),
    ["0120", "0101", "2340", "123"],
    [[0, 1], [2, 3], [3, 4], [4]],
  ],
];

test.each(builtIn)("%s conforms", async (_name, use, outputs, madeOf) => {
  const seen = await expectOperatorConforms(use, {
    records: entries(),
    outputs,
    madeOf: (_, index) => madeOf[index] ?? [],
  });
  expect(seen).toEqual(operatorBehaviours);
});

test("a sort through temporary files conforms", async () => {
  const directory = mkdtempSync(join(tmpdir(), "conformance-"));
  const seen = await expectOperatorConforms(
    (begun: Flow<Entry>) => begun.sort({ by: ["value"], maxInMemory: 2, directory }),
    { records: entries() },
  );
  expect(seen.map(({ id }) => id)).not.toContain("from-the-right");
  expect(seen).toHaveLength(operatorBehaviours.length - 1);
  rmSync(directory, { recursive: true });
});

/** What a wrong operator does otherwise. */
interface Fault {
  readonly loses?: boolean;
  readonly emitsOfNothing?: boolean;
  readonly sharesState?: "always" | "at-a-time";
  readonly isHasty?: boolean;
  readonly changes?: boolean;
  readonly names?: "nothing" | "the-last" | "too-many";
  readonly neverCloses?: boolean;
}

/** Sums of the values with one key that follow one another, by twos. */
function pairs(fault: Fault = {}): {
  readonly use: UseOperator<Entry, string>;
  readonly open: () => number;
} {
  let open = 0;
  let shared: Map<string, Entry> | undefined;
  const operator = defineOperator<Entry, string>({
    name: "pairs",
    start: () => {
      const waiting =
        fault.sharesState === undefined ? new Map<string, Entry>() : (shared ??= new Map<string, Entry>());
      open++;
      let lastAt = 0;
      return {
        take: (entry, { emit }) => {
          const first = waiting.get(entry.key);
          if (first === undefined) {
            waiting.set(entry.key, entry);
            return;
          }
          if (fault.loses === true && entry.key === "b") return;
          waiting.delete(entry.key);
          if (fault.changes === true) entry.value += first.value;
          const turn = fault.isHasty === true ? `, ${turnOf() === lastAt ? "soon" : "late"}` : "";
          lastAt = turnOf();
          const output = `${entry.key} ${first.value + entry.value}${turn}`;
          if (fault.names === "nothing") emit(output, { from: [] });
          else if (fault.names === "the-last") emit(output);
          else if (fault.names === "too-many") emit(output, { from: "all" });
          else emit(output, { from: [first, entry] });
        },
        end: ({ emit }) => {
          for (const entry of waiting.values()) emit(`${entry.key} ${entry.value}`, { from: [entry] });
          if (fault.emitsOfNothing === true && waiting.size === 0) throw new Error("there is nothing");
          if (fault.sharesState !== "always") waiting.clear();
        },
        close: () => {
          if (fault.neverCloses !== true) open--;
        },
      };
    },
  });
  return { use: (begun) => begun.operator(operator), open: () => open };
}

let turn = 0;
/** Goes up as the event loop turns. */
function turnOf(): number {
  setImmediate(() => {
    turn++;
  });
  return turn;
}

const options = (): OperatorConformanceOptions<Entry, string> => ({
  records: entries(),
  outputs: ["b 5", "a 6", "c 4"],
  madeOf: (output) => ({ b: [0, 2], a: [1, 3], c: [4] })[output[0] ?? ""] ?? [],
});

test("an operator of one's own conforms in all of them", async () => {
  const { use, open } = pairs();
  expect(await expectOperatorConforms(use, { ...options(), open })).toEqual(operatorBehaviours);
});

const mutants: readonly (readonly [id: string, fault: string, Fault])[] = [
  ["makes", "loses records", { loses: true }],
  ["makes-none", "fails when there is nothing", { emitsOfNothing: true }],
  ["again", "goes on with the state of before", { sharesState: "always" }],
  ["at-a-time", "has one state for all", { sharesState: "at-a-time" }],
  ["leaves-records-alone", "changes them", { changes: true }],
  ["from-records", "names none", { names: "nothing" }],
  ["from-the-right", "names the last alone", { names: "the-last" }],
  ["from-the-right", "names all that it holds", { names: "too-many" }],
  ["ends-when-cancelled", "is not closed", { neverCloses: true }],
  ["ends-when-failed", "is not closed", { neverCloses: true }],
];

test.each(mutants)("%s fails for an operator that %s", async (id, _fault, fault) => {
  const { use, open } = pairs(fault);
  const failure = expectOperatorConforms(use, { ...options(), open, only: [id] });
  await expect(failure).rejects.toThrow(AssertionError);
  await expect(failure).rejects.toThrow(`1 of 1 behaviours failed\n  ${id}: `);
});

test("records of which nothing is made, and wrong options, are refused", async () => {
  const nothing = (begun: Flow<Entry>) => begun.filter(() => false);
  await expect(expectOperatorConforms(nothing, { records: entries() })).rejects.toThrow(
    "nothing is made of the records",
  );
  for (const [use, wrong, path] of [
    [null, { records: entries() }, "use"],
    [nothing, { records: entries().slice(0, 1) }, "records"],
    [nothing, { records: entries(), only: ["make"] }, "only"],
    [nothing, { records: entries(), output: [] }, "output"],
  ] as const) {
    const given = wrong as OperatorConformanceOptions<Entry, Entry>;
    await expect(expectOperatorConforms(use as typeof nothing, given)).rejects.toMatchObject({
      code: "CONFIG",
      details: { path },
    });
  }
});
