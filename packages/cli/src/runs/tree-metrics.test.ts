import { expect, it } from "vitest";
import { TreeMetrics } from "./tree-metrics.ts";

/** What ended, in order: the pipeline, the stage, and the agent in it. */
function namesOf(ended: readonly (readonly [pipeline: string, stage: string, agent: string])[]): string[] {
  const metrics = new TreeMetrics();
  for (const [pipeline, stage, agent] of ended) {
    metrics.stage({ pipeline, stage, agent, status: "success", durationMs: 1, attempts: 1 });
  }
  const { stages } = metrics.summary();
  expect(Object.values(stages).reduce((sum, { executions }) => sum + executions, 0)).toBe(ended.length);
  return Object.keys(stages);
}

it("gives the stages of an agent beneath the stage that it stands in, though they end before it", () => {
  expect(
    namesOf([
      ["tickets", "clean", "clean"],
      ["ask", "prompt", "prompt"],
      ["ask", "parse", "parse"],
      ["triage", "question", "ask"],
      ["triage", "label", "label"],
      ["tickets", "triage", "triage"],
      ["tickets", "clean", "clean"],
      ["tickets", "again", "triage"],
    ]),
  ).toEqual([
    "tickets/clean",
    "tickets/triage",
    "triage/question",
    "ask/prompt",
    "ask/parse",
    "triage/label",
    "tickets/again",
  ]);
});

it("leaves out none: of agents that are called by their own names, by one another, or by nobody", () => {
  expect(
    namesOf([
      ["alone", "alone", "alone"],
      ["b", "to-a", "a"],
      ["a", "to-b", "b"],
    ]),
  ).toEqual(["alone/alone", "b/to-a", "a/to-b"]);
});

it("gives those at the end that are too many to have a place", () => {
  const many = Array.from({ length: 1_001 }, (_, index) => ["p", `s${index}`, `a${index}`] as const);
  expect(namesOf(many).slice(999)).toEqual(["p/s999", "(other)"]);
});
