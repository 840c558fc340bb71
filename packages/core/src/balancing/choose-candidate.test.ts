import { describe, expect, test } from "vitest";
import { chooseCandidate, chooseResting, noneReady } from "./choose-candidate.ts";
import { roundRobin } from "./round-robin.ts";
import type { BalancingStrategy, Candidate } from "./strategy.ts";

const candidate = (id: string, parts: Partial<Candidate> = {}): Candidate => ({
  id,
  active: 0,
  capacity: 2,
  latencyMs: undefined,
  measuredMs: 0,
  restingUntilMs: Number.NEGATIVE_INFINITY,
  ...parts,
});
const full = { active: 2 };
const resting = { restingUntilMs: 500 };
const half = () => 0.5;

/** Takes the last that it is offered, and remembers what that was. */
function last(): BalancingStrategy & { readonly offered: string[] } {
  const offered: string[] = [];
  return {
    name: "last",
    offered,
    choose: (candidates) => {
      offered.push(candidates.map(({ id }) => id).join(" "));
      return candidates.length - 1;
    },
  };
}

describe("a strategy is offered", () => {
  test.each<[string, readonly Candidate[], readonly string[], string, number]>([
    ["all", [candidate("a"), candidate("b")], [], "a b", 1],
    ["what has room", [candidate("a"), candidate("b"), candidate("c", full)], [], "a b", 1],
    ["what does not rest", [candidate("a", resting), candidate("b"), candidate("c", resting)], [], "b", 1],
    ["what has not failed this call", [candidate("a"), candidate("b"), candidate("c")], ["c"], "a b", 1],
    [
      "what has failed it, when there is nothing else",
      [candidate("a"), candidate("b")],
      ["a", "b"],
      "a b",
      1,
    ],
    [
      "what has failed it, when the others are full or rest",
      [candidate("a"), candidate("b", full), candidate("c", resting)],
      ["a"],
      "a",
      0,
    ],
  ])("%s", (_what, candidates, avoided, offered, chosen) => {
    const strategy = last();
    expect(chooseCandidate(strategy, candidates, 100, half, new Set(avoided))).toBe(chosen);
    expect(strategy.offered).toEqual([offered]);
  });
});

describe("no strategy is asked", () => {
  test.each<[string, readonly Candidate[], number]>([
    ["when all are full", [candidate("a", full), candidate("b", full)], noneReady],
    ["when those that do not rest are full", [candidate("a", full), candidate("b", resting)], noneReady],
    ["when all rest", [candidate("a", { restingUntilMs: 600 }), candidate("b", resting)], 1],
    [
      "when all rest and some are full",
      [candidate("a", { restingUntilMs: 600 }), candidate("b", { ...resting, ...full })],
      0,
    ],
    ["when all rest and are full", [candidate("a", { ...resting, ...full })], noneReady],
    ["when there is none", [], noneReady],
  ])("%s", (_what, candidates, chosen) => {
    const strategy = last();
    expect(chooseCandidate(strategy, candidates, 100, half)).toBe(chosen);
    expect(strategy.offered).toEqual([]);
  });
});

test("a rest is over when its time has come", () => {
  expect(chooseCandidate(last(), [candidate("a"), candidate("b", resting)], 499, half)).toBe(0);
  expect(chooseCandidate(last(), [candidate("a"), candidate("b", resting)], 500, half)).toBe(1);
});

test("among those that rest equally long chance decides", () => {
  const candidates = [
    candidate("a", resting),
    candidate("b", resting),
    candidate("c", { ...resting, ...full }),
  ];
  expect(chooseResting(candidates, () => 0.1)).toBe(1);
  expect(chooseResting(candidates, () => 0.9)).toBe(0);
  expect(chooseResting([candidate("c", full)], half)).toBe(noneReady);
});

test.each([-1, 2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, undefined, "0", null])(
  "a strategy that chooses %s is wrong",
  (index) => {
    const strategy = { name: "odd", choose: () => index as number };
    expect(() => chooseCandidate(strategy, [candidate("a"), candidate("b")], 0, half)).toThrow(
      expect.objectContaining({
        code: "CONFIG",
        details: expect.objectContaining({ path: "what choose gives" }) as unknown,
      }),
    );
  },
);

describe("roundRobin", () => {
  const idsOf = (strategy: BalancingStrategy, candidates: readonly Candidate[], times: number) =>
    Array.from({ length: times }, () => candidates[strategy.choose(candidates, 0, half)]?.id).join("");

  test("spreads the turns of the larger over the round", () => {
    const candidates = [
      candidate("a", { capacity: 5 }),
      candidate("b", { capacity: 1 }),
      candidate("c", { capacity: 1 }),
    ];
    expect(idsOf(roundRobin(), candidates, 14)).toBe("aabacaaaabacaa");
  });

  test("goes on in turn after thousands have come and gone", () => {
    const strategy = roundRobin();
    const stays = candidate("s");
    let turns = 0;
    for (let count = 0; count < 5_000; count++) {
      const candidates = [candidate(`n${count}`), stays, candidate(`m${count}`)];
      if (candidates[strategy.choose(candidates, 0, half)] === stays) turns++;
    }
    expect(turns).toBeGreaterThan(1_500);
    expect(idsOf(strategy, [candidate("a"), candidate("b"), candidate("c")], 6)).toBe("abcabc");
  });
});
