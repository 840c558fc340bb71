import { flow, type FlowSummary, fromIterable, toArray } from "@atomic-agents/flow";
import { expect, it } from "vitest";
import { redriveCommands, type RedriveFacts } from "./redrive-advice.ts";

const fails = (wanted: number) => (value: number) => {
  if (value === wanted) throw new Error("no luck");
  return value;
};
const onError = "dead-letter";
const plain = flow(fromIterable([1, 2, 3]))
  .map(fails(1), { id: "first", onError })
  .map(fails(2), { id: "not second", onError });
const sorted = flow(fromIterable([1, 2, 3]))
  .map(fails(1), { id: "first", onError })
  .sort({ by: [(value) => value] })
  .map(fails(2), { id: "third", onError });

function adviceOf(facts: RedriveFacts, problems: readonly (string | undefined)[] = []) {
  return redriveCommands({ ...facts, letters: problems.map((inputProblem) => ({ inputProblem })) });
}

const summaryOf = (some: typeof plain): Promise<FlowSummary> => some.to(toArray<number>([]));

it("says to do all again where all can be", async () => {
  const { stages } = await summaryOf(plain);
  expect(adviceOf({ runId: "r", stages, design: plain.stages, letters: [] })).toEqual(["atomic redrive r"]);
});

it("says to do those of each stage again where others cannot be read", async () => {
  const { stages } = await summaryOf(plain);
  const facts = { runId: "r", stages, design: plain.stages, letters: [] };
  expect(adviceOf(facts, [undefined, "cut"])).toEqual([
    "atomic redrive r --stage first",
    "atomic redrive r --stage 'not second'",
  ]);
  expect(adviceOf({ ...facts, stages: [] }, ["cut"])).toEqual([]);
});

it("leaves out what stands after an operator that needs all records", async () => {
  const { stages } = await summaryOf(sorted);
  const facts = { runId: "r", stages, design: sorted.stages, letters: [] };
  expect(adviceOf(facts)).toEqual(["atomic redrive r --stage first"]);
  const late = stages.map((stage) => (stage.id === "first" ? { ...stage, deadLettered: 0 } : stage));
  expect(adviceOf({ ...facts, stages: late })).toEqual([]);
});
